"""The centre's report on a month: who submitted what and when, on time or late, and how good it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl

from api.front_pages.contacts import missing
from api.front_pages.score import TABLE, score
from api.front_pages.terms import GRADES
from api.indicators import columns as of
from api.indicators.figures import Figures, rate
from api.indicators.filters import Filters
from api.services import Services
from api.sheets import SheetColumn
from api.submissions.rules import Rules
from api.submissions.submission import NEVER, Submission, of_row
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from streams.watch.thresholds import Thresholds

#: State of an institution's month → Chinese, English, from what needs a call.
STATES: Mapping[str, tuple[str, str]] = {
    "missing": ("未上报", "not submitted"), "late": ("逾期上报", "late"), "working": ("上报中", "under way"),
    "waiting": ("未到截止", "not due yet"), "on_time": ("按时上报", "on time"),
}  # fmt: skip
_COLUMNS = (
    of.MONTH, of.ORG, of.NAME, SheetColumn("state_zh", "状态", "state", "text", 10),
    SheetColumn("submissions", "上报次数", "submissions", "int", 9),
    SheetColumn("attempts", "未成功次数", "attempts that did not count", "int", 11),
    SheetColumn("first_at", "首次上报", "first submitted", "time", 20),
    SheetColumn("last_at", "最近上报", "last submitted", "time", 20),
    SheetColumn("rows", "首页数", "front pages", "int", 10),
    SheetColumn("accepted", "入库", "accepted", "int", 10), SheetColumn("rejected", "拒收", "rejected", "int", 10),
    SheetColumn("error_rate", "错误率", "error rate", "percent", 10, ratio=("rejected", "rows")),
    SheetColumn("score", "质量得分", "quality score", "number", 10, summed=False),
    SheetColumn("grade_zh", "等级", "grade", "text", 10),
    SheetColumn("rank", "名次", "rank", "int", 8, summed=False),
    SheetColumn("contact_zh", "联系人", "contact sheet", "text", 10),
)  # fmt: skip
_MOMENT = pl.Datetime("ms", "UTC")
_SCHEMA: dict[str, Any] = {
    "month": pl.String, "org": pl.String, "name": pl.String, "city": pl.String, "level": pl.UInt8, "state": pl.String,
    "state_zh": pl.String, "state_en": pl.String, "submissions": pl.UInt32, "attempts": pl.UInt32, "first_at": _MOMENT,
    "last_at": _MOMENT, "rows": pl.UInt32, "accepted": pl.UInt32, "rejected": pl.UInt32, "flagged": pl.UInt32,
    "findings": pl.UInt32, "error_rate": pl.Float64, "score": pl.Float64, "grade": pl.String, "grade_zh": pl.String,
    "grade_en": pl.String, "rank": pl.UInt32, "contact": pl.Boolean, "contact_zh": pl.String, "contact_en": pl.String,
}  # fmt: skip


def month_report(parts: Services, seen: Reader, asked: Filters) -> Figures:
    """Every institution with inpatients, for the month in which the period begins; what needs a call first. Blocks."""
    month = asked.first.replace(day=1)
    submissions = _of_month(seen, month)
    points = {row["org"]: row for row in score(parts, seen, asked, "", "any").frame.iter_rows(named=True)}
    sheets, given, now = parts.accounts.contacts.all(), Thresholds(parts.thresholds.all()), parts.now()
    scope = {row["org"] for row in seen.rows(load_query("org_scope"), asked.parameters())}
    rows = [
        _row(org, month, submissions.get(org.org, ()), Rules.of(lambda name, of: given.value(name, of, TABLE), org.org),
             points.get(org.org, {}), now, contact=not missing(sheets.get(org.org)))
        for org in parts.orgs.all()
        if org.org in scope and org.active and (org.inpatient or org.org in submissions)
    ]  # fmt: skip
    order = list(STATES)
    rows.sort(key=lambda row: (order.index(row["state"]), -(row["score"] or 0), row["org"]))
    frame = pl.DataFrame(rows, schema=_SCHEMA)
    return Figures("front_page_month", "病案首页上报月报", "Front pages of a month", _COLUMNS, frame, _totals(rows))


def _of_month(seen: Reader, month: date) -> dict[str, list[Submission]]:
    """Submissions of a month by institution, oldest first. None begins before its month does."""
    wanted = {"id": "", "org": "", "since": datetime(month.year, month.month, 1, tzinfo=NEVER.tzinfo)}
    found: dict[str, list[Submission]] = defaultdict(list)
    for row in seen.rows(load_query("submissions_now"), wanted):
        if row["month"] == month:
            found[row["org"]].append(of_row(row))
    for known in found.values():
        known.sort(key=lambda one: one.started_at)
    return found


def state_of(counted: Iterable[Submission], *, under_way: bool, over: bool) -> str:
    """The state of an institution's month: its first submission that counted says whether it was in time."""
    first = min(counted, key=lambda one: one.number, default=None)
    if first is not None:
        return "late" if first.late else "on_time"
    if under_way:
        return "working"
    return "missing" if over else "waiting"


def _row(
    org: Any, month: date, known: Iterable[Submission], rules: Rules, points: Mapping[str, Any], now: datetime, *,
    contact: bool,
) -> dict[str, Any]:  # fmt: skip
    mine = list(known)
    counted = [one for one in mine if one.number]
    last = max(counted, key=lambda one: one.number, default=None)
    under_way = any(not one.ended for one in mine)
    state = state_of(counted, under_way=under_way, over=now >= rules.window(month).closes)
    sheet = ("已填写", "filled in") if contact else ("未填全", "incomplete")
    grade = GRADES.get(points.get("grade", ""), ("", ""))
    return {
        "month": f"{month:%Y-%m}", "org": org.org, "name": org.name, "city": org.city, "level": org.level,
        "state": state, "state_zh": STATES[state][0], "state_en": STATES[state][1], "submissions": len(counted),
        "attempts": sum(one.ended and not one.number for one in mine),
        "first_at": min((one.sent_at for one in counted), default=None), "last_at": last.sent_at if last else None,
        "rows": last.rows if last else 0, "accepted": last.accepted if last else 0,
        "rejected": last.rejected if last else 0, "flagged": last.flagged if last else 0,
        "findings": last.findings if last else 0, "error_rate": rate(last.rejected, last.rows) if last else None,
        "score": points.get("score"), "grade": points.get("grade", ""), "grade_zh": grade[0], "grade_en": grade[1],
        "rank": points.get("rank"), "contact": contact, "contact_zh": sheet[0], "contact_en": sheet[1],
    }  # fmt: skip


def _totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    states = {state: sum(row["state"] == state for row in rows) for state in STATES}
    sums = {
        name: sum(row[name] for row in rows) for name in ("submissions", "attempts", "rows", "accepted", "rejected")
    }
    return states | sums | {
        "orgs": len(rows), "contacts": sum(row["contact"] for row in rows),
        "error_rate": rate(sums["rejected"], sums["rows"]),
    }  # fmt: skip
