"""Comparison of the submissions of a month: how many, what changed from one to the next, and whether errors fall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import polars as pl

from api.errors import ApiError
from api.front_pages.submitted import submission_of
from api.indicators.figures import CHUNK, Figures, Listing, rate
from api.indicators.filters import Filters
from api.services import Services
from api.sheets import SheetColumn
from api.submissions.submission import Submission
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

Change = Literal["added", "removed", "changed"]
#: Change → Chinese, English.
CHANGES: Mapping[str, tuple[str, str]] = {
    "added": ("新增", "added"), "removed": ("删除", "removed"), "changed": ("修改", "changed"),
    "same": ("不变", "same"),
}  # fmt: skip
_COLUMNS = (
    SheetColumn("number", "第几次", "submission", "int", 8), SheetColumn("file", "文件", "file", "text", 28),
    SheetColumn("ended_at", "完成时间", "done at", "time", 20), SheetColumn("rows", "行数", "rows", "int", 10),
    *(SheetColumn(name, zh, en, "int", 10) for name, (zh, en) in CHANGES.items()),
    SheetColumn("rejected", "拒收", "rejected", "int", 10),
    SheetColumn("error_rate", "错误率", "error rate", "percent", 10),
    SheetColumn("findings", "问题", "findings", "int", 10),
    SheetColumn("findings_per_page", "每份问题数", "findings a front page", "number", 12),
)  # fmt: skip
_CHANGED = (
    SheetColumn("key", "病案号|住院次数", "record number|admission", "text", 22),
    SheetColumn("change_zh", "变化", "change", "text", 8),
    SheetColumn("row", "本次文件行号", "row of this file", "int", 14, summed=False),
    SheetColumn("before_row", "上次文件行号", "row of the file before", "int", 14, summed=False),
)  # fmt: skip
_SCHEMA: dict[str, Any] = {
    "number": pl.UInt32, "submission": pl.String, "file": pl.String, "sent_at": pl.Datetime("ms", "UTC"),
    "ended_at": pl.Datetime("ms", "UTC"), "late": pl.Boolean, "rows": pl.UInt32, "accepted": pl.UInt32,
    "rejected": pl.UInt32, "flagged": pl.UInt32, "findings": pl.UInt32, "error_rate": pl.Float64,
    "findings_per_page": pl.Float64, **dict.fromkeys(CHANGES, pl.UInt32),
}  # fmt: skip


def comparison(parts: Services, seen: Reader, asked: Filters) -> Figures:
    """The submissions of an institution's month that counted, each beside the one before. Blocks. Raises ApiError
    one_org."""
    rows: list[dict[str, Any]] = []
    counted = counted_of(seen, asked)
    for place, one in enumerate(counted):
        before = counted[place - 1] if place else None
        rows.append(_row(one) | _changes(seen, one, before))
    frame = pl.DataFrame(rows, schema=_SCHEMA)
    return Figures("front_page_comparison", "病案首页上报对比", "Submissions compared", _COLUMNS, frame, summed=False)


def counted_of(seen: Reader, asked: Filters) -> list[Submission]:
    """Submissions that counted for the month, in their order. Raises ApiError one_org."""
    if not asked.org:
        raise ApiError("one_org")
    month = asked.first.replace(day=1)
    found = seen.rows(load_query("submissions_of_month"), {"org": asked.org, "month": month})
    return [submission_of(seen, row["submission"]) for row in found]


def _row(one: Submission) -> dict[str, Any]:
    return {
        "number": one.number, "submission": one.id, "file": one.file, "sent_at": one.sent_at, "ended_at": one.ended_at,
        "late": bool(one.late), "rows": one.rows, "accepted": one.accepted, "rejected": one.rejected,
        "flagged": one.flagged, "findings": one.findings, "error_rate": rate(one.rejected, one.rows),
        "findings_per_page": rate(one.findings, one.rows),
    }  # fmt: skip


def _changes(seen: Reader, one: Submission, before: Submission | None) -> dict[str, int | None]:
    """How many rows were added and so on; None for the first one, which has nothing to be held against."""
    if before is None:
        return dict.fromkeys(CHANGES)
    given = {"org": one.org, "submission": one.id, "before": before.id}
    counts = {row["change"]: row["rows"] for row in seen.rows(load_query("front_page_changes_count"), given)}
    return {name: counts.get(name, 0) for name in CHANGES}


def changed_rows(parts: Services, seen: Reader, asked: Filters, number: int, change: Change) -> Listing:
    """The rows of a month's submission ``number`` that are otherwise than in the one before. Blocks. Raises ApiError
    one_org, unknown_submission."""
    by_number = {one.number: one for one in counted_of(seen, asked)}
    if number not in by_number or number - 1 not in by_number:
        raise ApiError("unknown_submission")
    given = {"org": asked.org, "submission": by_number[number].id, "before": by_number[number - 1].id}
    counts = {row["change"]: row["rows"] for row in seen.rows(load_query("front_page_changes_count"), given)}
    total = counts.get(change, 0)

    def page(limit: int, offset: int) -> list[dict[str, Any]]:
        wanted = given | {"change": change, "limit": limit, "offset": offset}
        zh, en = CHANGES[change]
        rows = seen.rows(load_query("front_page_changes_page"), wanted)
        return [row | {"change_zh": zh, "change_en": en} for row in rows]

    def chunks() -> Iterator[list[dict[str, Any]]]:
        for offset in range(0, total, CHUNK):
            yield page(CHUNK, offset)

    return Listing("front_page_changes", "病案首页变化明细", "Rows that changed", _CHANGED, total, page, chunks)
