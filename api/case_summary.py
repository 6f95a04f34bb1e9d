"""What became of the cases of a month 月度汇总, by institution and kind: as an answer and as a sheet. Blocks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from api.indicators.filters import month_days, shanghai_day
from api.models_cases import CaseSummaryAnswer, SummaryRow
from api.sheets import Lang, Sheet, SheetColumn
from api.wire import SHANGHAI
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from streams.cases.texts import KINDS

Group = Literal["org", "kind", "org_kind"]

_ORG = (SheetColumn("org", "机构代码", "institution", "text", 24), SheetColumn("name", "机构名称", "name", "text", 28))
_KIND = (SheetColumn("kind", "种类", "kind", "text", 14),)
_COUNTS = tuple(
    SheetColumn(name, zh, en, "int", 10)
    for name, zh, en in (
        ("raised", "发生", "raised"), ("closed_by_itself", "自动恢复", "closed by itself"),
        ("closed_handled", "处理后办结", "closed after handling"),
        ("closed_not_a_fault", "申诉成立办结", "closed as not a fault"),
        ("closed_by_hand", "手工关闭", "closed by hand"), ("superseded", "转为漏传", "became a gap"),
        ("open", "未办结", "still open"), ("appeals", "申诉", "appeals"),
        ("appeals_accepted", "申诉成立", "appeals accepted"), ("appeals_refused", "申诉不成立", "appeals refused"),
        ("overdue", "有逾期", "overdue"),
    )
)  # fmt: skip
_HOURS = (
    SheetColumn("median_hours", "办结用时中位数（小时）", "median hours until closed", "number", 14, summed=False),
)
_COLUMNS = {"org": (*_ORG, *_COUNTS, *_HOURS), "kind": (*_KIND, *_COUNTS, *_HOURS),
            "org_kind": (*_ORG, *_KIND, *_COUNTS, *_HOURS)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases: raised in ``month`` (like 2026-11; empty: this month). Empty texts are no filter."""

    month: str
    group: Group
    org: str
    kind: str
    test: bool


def summary(seen: Reader, wanted: Wanted, names: dict[str, str], now: datetime) -> CaseSummaryAnswer:
    """The rows, and the same over all of them. Raises ApiError invalid for a month that there is not; NotNow."""
    first, last = month_days(wanted.month or f"{shanghai_day(now):%Y-%m}")
    parameters = {
        "opened_from": datetime.combine(first, time.min, SHANGHAI), "now": now,
        "opened_to": datetime.combine(last + timedelta(days=1), time.min, SHANGHAI), "org": wanted.org,
        "kind": wanted.kind, "test": int(wanted.test),
    }  # fmt: skip
    query = load_query("cases_summary")

    def rows(group: str) -> list[SummaryRow]:
        asked = parameters | {"by_org": int("org" in group), "by_kind": int("kind" in group)}
        return [_row(row, names) for row in seen.rows(query, asked)]

    total = rows("") or [_nothing()]
    return CaseSummaryAnswer(
        month=f"{first:%Y-%m}", group=wanted.group, at=now, rows=rows(wanted.group), total=total[0]
    )  # fmt: skip


def sheet(found: CaseSummaryAnswer, lang: Lang) -> Sheet:
    """The rows and their total; medians cannot be added, so the total's is its own."""
    columns = _COLUMNS[found.group]
    total = found.total.model_dump() | {columns[0].name: {"zh": "合计", "en": "Total"}[lang]}
    rows = [_named(row.model_dump(), lang) for row in found.rows]
    title = f"月度汇总 {found.month}" if lang == "zh" else f"Cases {found.month}"
    return Sheet(title, columns, [[row[column.name] for column in columns] for row in [*rows, total]])


def _named(row: dict[str, Any], lang: Lang) -> dict[str, Any]:
    return row | {"kind": KINDS[row["kind"]][lang == "en"] if row["kind"] else ""}


def _row(row: dict[str, Any], names: dict[str, str]) -> SummaryRow:
    hours = row["median_hours"]
    return SummaryRow(
        **row | {"median_hours": round(hours, 2) if math.isfinite(hours) else None}, name=names.get(row["org"], "")
    )  # fmt: skip


def _nothing() -> SummaryRow:
    return SummaryRow(org="", name="", kind="", median_hours=None, **{column.name: 0 for column in _COUNTS})
