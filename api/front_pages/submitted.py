"""What is in a submission: what was found in it, with the row of the sender's own file, and its rows, masked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from api.errors import ApiError
from api.front_pages.score import TABLE
from api.indicators import columns as of
from api.indicators.figures import CHUNK, Figures, Listing
from api.indicators.filters import Filters, month_days
from api.indicators.names import SEVERITIES, named
from api.services import Services
from api.sheets import SheetColumn
from api.submissions.submission import Submission, of_row
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from clickhouse.schedule import ALWAYS
from streams.masking import mask

_FILE_ROW = SheetColumn("file_row", "文件行号", "row of the file", "int", 10, summed=False)
_FINDINGS = (
    _FILE_ROW, SheetColumn("row_key", "病案号|住院次数", "record number|admission", "text", 22),
    SheetColumn("column", "列代码", "column", "text", 10), of.COLUMN_ZH, of.VALUE, of.RULE, of.SEVERITY_ZH, of.RULE_ZH,
    of.FIX_ZH, SheetColumn("outcome_zh", "结果", "outcome", "text", 8),
)  # fmt: skip
_RULES = (
    of.RULE, of.RULE_ZH, of.SEVERITY_ZH, SheetColumn("column", "列代码", "column", "text", 10), of.COLUMN_ZH,
    SheetColumn("rows", "行数", "rows", "int", 10), of.FIX_ZH,
)  # fmt: skip
_ROWS = (
    _FILE_ROW, SheetColumn("record", "病案号", "record number", "text", 18),
    SheetColumn("admission", "住院次数", "admission", "text", 9),
    SheetColumn("name", "姓名（脱敏）", "name, masked", "text", 12),
    SheetColumn("sex", "性别", "sex", "text", 6), SheetColumn("age", "年龄", "age", "text", 6),
    SheetColumn("admitted", "入院日期", "admitted", "text", 17),
    SheetColumn("discharged", "出院日期", "discharged", "text", 17),
    SheetColumn("department", "出院科别", "department", "text", 10),
    SheetColumn("diagnosis", "主要诊断编码", "main diagnosis", "text", 14),
    SheetColumn("diagnosis_name", "主要诊断", "diagnosis", "text", 24),
    SheetColumn("cost", "住院总费用", "cost", "text", 12), SheetColumn("outcome_zh", "结果", "outcome", "text", 8),
)  # fmt: skip
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "accepted": ("入库", "accepted"), "flagged": ("有警告", "flagged"), "rejected": ("拒收", "rejected"),
}  # fmt: skip
_TEXTS = ("rule_zh", "rule_en", "fix_zh", "fix_en", "column_zh")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings or rows of a submission; empty and 0: no filter."""

    rule_id: str = ""
    column: str = ""
    severity: str = ""
    record: str = ""
    file_row: int = 0
    outcome: str = ""


def submission_of(seen: Reader, ident: str) -> Submission:
    """A submission that one may see, as it stands. Blocks. Raises ApiError unknown_submission."""
    rows = seen.rows(load_query("submissions_now"), {"id": ident, "org": "", "since": ALWAYS})
    if not rows or not ident:
        raise ApiError("unknown_submission")
    return of_row(rows[0])


def within(one: Submission, asked: Filters) -> Filters:
    """The page and form that are asked for, of the submission's institution and month."""
    first, last = month_days(f"{one.month:%Y-%m}")
    return replace(asked, first=first, last=last, org=one.org, table=TABLE)


def submitted_findings(parts: Services, seen: Reader, asked: Filters, one: Submission, wanted: Wanted) -> Listing:
    """Every finding of a submission, in the order of the file. Blocks."""
    given = _findings_of(one, wanted)

    def told(row: dict[str, Any]) -> dict[str, Any]:
        outcome = OUTCOMES[row["outcome"]]
        more = {"severity_zh": SEVERITIES[row["severity"]][0], "severity_en": SEVERITIES[row["severity"]][1]}
        words = parts.wording.of(TABLE, row["rule_id"], row["column"])
        return {**row, **more, **words, "outcome_zh": outcome[0], "outcome_en": outcome[1]}

    return _listing(seen, "front_page_found", "病案首页错误明细", "Findings of a submission", _FINDINGS, given, told)


def submitted_rules(parts: Services, seen: Reader, asked: Filters, one: Submission, wanted: Wanted) -> Figures:
    """The rules that a submission violates, those of most rows first. Blocks."""
    frame = seen.query(load_query("front_page_found_rules"), _findings_of(one, wanted))
    found = frame.select("rule_id", "column").iter_rows()
    texts = [dict(parts.wording.of(TABLE, rule, column)) for rule, column in found]
    frame = frame.with_columns(
        *named("severity", SEVERITIES),
        *(pl.Series(name, [text[name] for text in texts], pl.String) for name in _TEXTS),
    )
    return Figures("front_page_found_rules", "病案首页违反的规则", "Rules violated", _RULES, frame, summed=False)


def submitted_rows(parts: Services, seen: Reader, asked: Filters, one: Submission, wanted: Wanted) -> Listing:
    """The rows of a submission, names masked, in the order of the file. Blocks."""
    given = {"org": one.org, "submission": one.id, "record": wanted.record, "outcome": wanted.outcome,
             "file_row": wanted.file_row}  # fmt: skip

    def told(row: dict[str, Any]) -> dict[str, Any]:
        outcome = OUTCOMES[row["outcome"]]
        return {**row, "name": mask(row["name"], "name"), "outcome_zh": outcome[0], "outcome_en": outcome[1]}

    return _listing(seen, "front_page_submitted", "病案首页上报记录", "Rows of a submission", _ROWS, given, told)


def _findings_of(one: Submission, wanted: Wanted) -> dict[str, Any]:
    return {
        "org": one.org, "submission": one.id, "rule_id": wanted.rule_id, "column": wanted.column,
        "severity": wanted.severity, "record": wanted.record, "file_row": wanted.file_row,
    }  # fmt: skip


def _listing(
    seen: Reader, query: str, zh: str, en: str, columns: tuple[SheetColumn, ...], given: dict[str, Any],
    told: Callable[[dict[str, Any]], dict[str, Any]],
) -> Listing:  # fmt: skip
    [count] = seen.rows(f"SELECT count() AS rows FROM ({load_query(query)})", given)

    def page(limit: int, offset: int) -> list[dict[str, Any]]:
        rows = seen.rows(load_query(f"{query}_page"), given | {"limit": limit, "offset": offset})
        return [told(row) for row in rows]

    def chunks() -> Iterator[list[dict[str, Any]]]:
        for offset in range(0, count["rows"], CHUNK):
            yield page(CHUNK, offset)

    return Listing(query, zh, en, columns, count["rows"], page, chunks)
