"""A front page as HTML: its columns in groups, as on paper. All that comes from the data is escaped here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from api.console.pages.data.record_table import STATES, Lang, told
from api.console.words import SEVERITIES

#: Groups in the order of the interface: first column, Chinese, English. A group goes up to the next one's first column.
GROUPS: tuple[tuple[str, str, str], ...] = (
    ("P900", "机构与付款", "Institution, payment"), ("P3", "患者", "Patient"), ("P22", "住院经过", "Stay"),
    ("P28", "诊断", "Diagnoses"), ("P689", "感染、病理、损伤", "Infection, pathology, injury"),
    ("P371", "过敏、血清学、诊断符合", "Allergy, serology, agreement of diagnoses"), ("P421", "抢救", "Rescue"),
    ("P431", "医务人员与质控", "Staff, quality control"), ("P490", "手术与操作", "Procedures"),
    ("P561", "护理与重症监护", "Nursing, intensive care"),
    ("P57", "尸检、随诊、输血", "Autopsy, follow-up, transfusion"),
    ("P66", "新生儿", "Newborns"), ("P731", "昏迷与呼吸机", "Coma, ventilator"), ("P830", "离院", "Discharge"),
    ("P782", "费用", "Costs"), ("ZLLB", "中医治疗", "Chinese medicine"), ("MZZD_ZYZD", "中医诊断", "Chinese diagnoses"),
    ("ZYBZLZF", "中医费用", "Costs of Chinese medicine"),
)  # fmt: skip
#: A time of Shanghai as the API writes it; midnight stands for a day without a time.
_TIME = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.000\+08:00$")
_MIDNIGHT = " 00:00:00"
#: A number as the store keeps it, with four decimals whatever was sent.
_NUMBER = re.compile(r"^-?\d+\.\d{4}$")


def grouped(
    columns: Sequence[Mapping[str, Any]], row: Mapping[str, Any]
) -> list[tuple[str, str, list[Mapping[str, Any]]]]:  # fmt: skip
    """(Chinese, English, columns) of each group that has a value or a finding; what is filled in and is not in the
    standard comes last."""
    wrong = {one["column"] for one in row["findings"]}
    filled = {name for name, value in row["values"].items() if value not in (None, "")}
    begins = {first: (zh, en) for first, zh, en in GROUPS}
    found: list[tuple[str, str, list[Mapping[str, Any]]]] = []
    for column in columns:
        if column["name"] in begins or not found:
            zh, en = begins.get(column["name"], ("其他", "Other"))
            found.append((zh, en, []))
        if column["name"] in filled | wrong:
            found[-1][2].append(column)
    extra = sorted(filled - {column["name"] for column in columns})
    unknown: list[Mapping[str, Any]] = [{"name": name, "zh": name, "en": name, "personal": False} for name in extra]
    return [one for one in [*found, ("标准以外的列", "Not in the standard", unknown)] if one[2]]


def sheet_of(columns: Sequence[Mapping[str, Any]], row: Mapping[str, Any], lang: Lang) -> str:
    """One front page: its state, its findings with what to do, then its groups."""
    look = STATES[row["state"]]
    worst = {
        one["column"]: one["severity"] for one in sorted(row["findings"], key=lambda one: one["severity"] == "error")
    }
    findings = "".join(f"<tbody>{told(one, 1, lang)}</tbody>" for one in row["findings"])
    groups = "".join(
        f'<h3 class="sj-sheet-name">{escape(zh if lang == "zh" else en)}</h3><dl class="sj-sheet">'
        + "".join(_pair(column, row["values"].get(column["name"]), worst.get(column["name"]), lang) for column in known)
        + "</dl>"
        for zh, en, known in grouped(columns, row)
    )
    name = look.zh if lang == "zh" else look.en
    return (
        f'<p><span class="sj-sign" style="background:{look.colour};color:{look.ink}" aria-hidden="true">'
        f"{look.sign}</span>"
        f"<b>{name}</b> {escape(row['biz_date'])}</p>"
        + (f'<table class="sj-record">{findings}</table>' if findings else "")
        + groups
    )


def written(value: Any) -> str:
    """A value as a person would have written it."""
    text = "" if value is None else _TIME.sub(r"\1 \2", str(value)).removesuffix(_MIDNIGHT)
    return text.rstrip("0").rstrip(".") if _NUMBER.match(text) else text


def _pair(column: Mapping[str, Any], value: Any, severity: str | None, lang: Lang) -> str:
    text = escape(written(value))
    head = f"{escape(column[lang])}<small>{escape(column['name'])}</small>"
    if severity is None:
        return f"<div><dt>{head}</dt><dd>{text}</dd></div>"
    look = SEVERITIES[severity]
    empty = "（空）" if lang == "zh" else "(empty)"
    word = look.zh if lang == "zh" else look.en
    return (
        f'<div><dt>{head}</dt><dd class="sj-record-{severity}"><span title="{word}">{look.sign}</span> '
        f"{text or empty}</dd></div>"
    )
