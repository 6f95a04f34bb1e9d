"""One table of a visit as HTML: everything from the data is escaped here, and nowhere else is HTML made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal

from api.console.words import SEVERITIES, Look

#: Parts of a visit in the order of a patient's way: Chinese, English.
PARTS: Mapping[str, tuple[str, str]] = {
    "patient": ("患者", "Patient"), "visit": ("就诊", "Visit"), "diagnoses": ("诊断", "Diagnoses"),
    "prescriptions": ("处方与医嘱", "Prescriptions"), "charges": ("费用", "Charges"),
    "settlements": ("结算", "Settlements"), "front_page": ("病案首页", "Front pages"),
}  # fmt: skip
STATES: Mapping[str, Look] = {
    "accepted": Look("入库", "accepted", "#0072B2", "#ffffff", "✓"),
    "revoked": Look("撤销", "revoked", "#7b868f", "#ffffff", "∅"),
    "rejected": Look("拒收", "rejected", "#D55E00", "#ffffff", "✕"),
}
Lang = Literal["zh", "en"]
#: Columns that every row of a record shares.
_SAME = frozenset({"YLJGDM"})
#: A time of Shanghai as the API writes it; its zone and milliseconds say nothing to a reader.
_TIME = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.000\+08:00$")


def html_of(section: Mapping[str, Any], lang: Lang, limit: int, marked: str = "") -> str:
    """The first ``limit`` rows of a section; columns that no row has are left out. Below a row stand its findings, and
    the cells that they are about are marked. ``marked``: the key of the row that is looked for."""
    rows = section["rows"][:limit]
    columns = shown(section["columns"], rows)
    head = "".join(_header(one, lang) for one in columns)
    body = "".join(_row(row, columns, lang, marked) for row in rows)
    state, day = ("状态", "业务日期") if lang == "zh" else ("State", "Business date")
    return (
        f'<table class="sj-record"><thead><tr><th scope="col">{state}</th><th scope="col">{day}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def shown(columns: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The columns to show: those that findings are about first, then those with a value in any row, then what was sent
    and is not in the standard. The institution is the same in all of them."""
    wrong = {one["column"] for row in rows for one in row["findings"]}
    filled = {name for row in rows for name, value in row["values"].items() if value not in (None, "")} - _SAME
    known = [one for one in columns if one["name"] in filled | wrong]
    extra = sorted(filled - {one["name"] for one in columns})
    return [
        *(one for one in known if one["name"] in wrong),
        *(one for one in known if one["name"] not in wrong),
        *({"name": name, "zh": "", "en": "", "personal": False} for name in extra),
    ]


def _header(column: Mapping[str, Any], lang: Lang) -> str:
    masked = ("（个人信息）" if lang == "zh" else " (personal)") if column["personal"] else ""
    return f'<th scope="col">{escape(column[lang])}{masked}<small>{escape(column["name"])}</small></th>'


def _row(row: Mapping[str, Any], columns: list[Mapping[str, Any]], lang: Lang, marked: str) -> str:
    look = STATES[row["state"]]
    worst = {one["column"]: one["severity"] for one in sorted(row["findings"], key=_errors_last)}
    cells = "".join(_cell(row["values"].get(one["name"]), worst.get(one["name"]), lang) for one in columns)
    here = ' class="sj-record-here"' if marked and _is(row, marked) else ""
    name = look.zh if lang == "zh" else look.en
    return (
        f'<tr{here}><td><span class="sj-sign" style="background:{look.colour};color:{look.ink}" aria-hidden="true">'
        f"{look.sign}</span>{name}</td><td>{escape(row['biz_date'])}</td>{cells}</tr>"
        + "".join(told(one, len(columns) + 2, lang) for one in row["findings"])
    )


def _errors_last(finding: Mapping[str, Any]) -> bool:
    return bool(finding["severity"] == "error")


def _is(row: Mapping[str, Any], key: str) -> bool:
    """Whether every part of a row key is one of the row's values."""
    values = {str(value) for value in row["values"].values()}
    return all(part in values for part in key.split("|"))


def _cell(value: Any, severity: str | None, lang: Lang) -> str:
    text = "" if value is None else escape(_TIME.sub(r"\1 \2", str(value)))
    if severity is None:
        return f"<td>{text}</td>"
    look = SEVERITIES[severity]
    name = look.zh if lang == "zh" else look.en
    empty = "（空）" if lang == "zh" else "(empty)"
    return f'<td class="sj-record-{severity}"><span title="{name}">{look.sign}</span> {text or empty}</td>'


def told(finding: Mapping[str, Any], wide: int, lang: Lang) -> str:
    """A finding as a row of ``wide`` columns: column, rule and what to do."""
    look = SEVERITIES[finding["severity"]]
    column = f"{finding['column_zh']} {finding['column']}" if lang == "zh" else finding["column"]
    said = f"{finding[f'rule_{lang}']} [{finding['rule_id']}]"
    fix, name = ("改正：", look.zh) if lang == "zh" else ("To do: ", look.en)
    return (
        f'<tr class="sj-record-finding"><td colspan="{wide}"><div>'
        f'<span class="sj-sign" style="background:{look.colour};color:{look.ink}" title="{name}">{look.sign}</span>'
        f"<b>{escape(column.strip())}</b> {escape(said)} "
        f"<span>{fix}{escape(finding[f'fix_{lang}'])}</span></div></td></tr>"
    )
