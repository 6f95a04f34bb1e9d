"""What an alert holds beside its sentence, as a readable list, and where to look further. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from api.console.parts.figures import count, moment

#: Table → its names.
Names = Mapping[str, tuple[str, str]]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what, how many of it (may be empty), and where it leads (may be nowhere)."""

    zh: str
    en: str
    figure: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A titled list."""

    zh: str
    en: str
    lines: tuple[Line, ...]


def parts(case: Row, tables: Names) -> list[Part]:
    """The details of a case as the API gives it; what is not known here is left out."""
    held: Row = case["details"]
    made = [
        _part("未上传的表", "Tables not uploaded", held.get("tables"), lambda one: _table(str(one), tables)),
        _part("违反最多的规则", "Rules violated most", held.get("rules"), lambda one: _rule(one, tables)),
        _part("未对码的代码（用得最多的在前）", "Unmapped codes, the most used first", held.get("unmapped"), _code),
        _part("标准之外的列", "Columns that the standard lacks", held.get("columns"),
              lambda one: Line(str(one), str(one))),
    ]  # fmt: skip
    return [part for part in (*made, _times(held)) if part.lines]


def _part(zh: str, en: str, entries: Any, line: Callable[[Any], Line]) -> Part:
    return Part(zh, en, tuple(line(one) for one in entries or ()))


def _table(name: str, tables: Names) -> Line:
    zh, en = tables.get(name, ("", ""))
    return Line(f"{zh} {name}".strip(), f"{name} {en}".strip(), href=f"/standard/tables/{quote(name)}")


def _rule(rule: Row, tables: Names) -> Line:
    ident, table = str(rule["rule_id"]), str(rule.get("table", ""))
    zh, en = tables.get(table, ("", ""))
    figure = count(rule["findings"]) if "findings" in rule else f"{count(rule['failed'])} / {count(rule['checked'])}"
    return Line(f"{ident} {zh}".strip(), f"{ident} {en}".strip(), figure, f"/standard/rules/{quote(ident)}")


def _code(code: Row) -> Line:
    since = str(code.get("first_day", ""))
    return Line(f"{code['code']}（{since} 起）", f"{code['code']} (since {since})", count(code["rows"]))


def _times(held: Row) -> Part:
    named = (
        ("due_at", "截止", "due"), ("grace_until", "宽限至", "grace until"), ("since", "首次出现", "first seen"),
        ("last_at", "最近一次", "last time"),
    )  # fmt: skip
    lines = [Line(zh, en, moment(held[name])) for name, zh, en in named if held.get(name)]
    if held.get("first_day"):
        lines.append(Line("涉及日期", "days", _days(held)))
    return Part("时间", "Times", tuple(lines))


@dataclass(frozen=True, slots=True)
class Way:
    """A page where more can be seen: ``page`` is its registered address, ``href`` the filled one."""

    zh: str
    en: str
    page: str
    href: str


def ways(case: Row) -> list[Way]:
    """Where to look further, the most telling first; the page leaves out what its reader may not see."""
    org, table, day = str(case["org"]), str(case["table"]), str(case["biz_date"] or "")
    if not org:
        return [_way("平台管道", "Our pipeline", "/admin/pipeline")]
    place = {"org": org, "table": table}
    days = {"from": day, "to": day}
    month = {"month": day[:7]}
    findings = _way("问题明细", "Findings", "/findings", **place, **days)
    rejected = _way("拒收的行", "Rejected rows", "/rejected", **place, **days)
    special = {
        "rejection": [rejected, findings], "anomaly_rate": [findings, rejected],
        "mapping": [_way("对码情况", "Code mapping", "/reports/mapping", org=org, **month)],
        "association": [_way("关联性检验", "Association", "/reports/association", **place, **month)],
        "unreadable": [_way("平台管道", "Our pipeline", "/admin/pipeline")],
        "schema_drift": [_way("表结构", "The table's columns", "/standard", table=table)],
    }.get(str(case["kind"]), [])  # fmt: skip
    own = Way("机构上传日历", "Institution and its calendar", "/orgs/{org}", _href(f"/orgs/{quote(org)}", month))
    return [*special, own, _way("数据检查报告", "Check report", "/reports/check", **place, **month)]


def _way(zh: str, en: str, page: str, **query: str) -> Way:
    return Way(zh, en, page, _href(page, query))


def _href(path: str, query: Mapping[str, str]) -> str:
    given = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{given}" if given else path


def _days(held: Mapping[str, Any]) -> str:
    first, last = held["first_day"], held["last_day"]
    return f"{first} – {last}" if first != last else str(first)
