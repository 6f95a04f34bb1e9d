"""Indicator 2, check report (数据检查报告): what came, what was wrong with it, by which rules, in which rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import polars as pl

from api.indicators import columns as of
from api.indicators.figures import CHUNK, Figures, Listing, month_text, rate, total_of
from api.indicators.filters import Filters
from api.indicators.names import SEVERITIES, named, tables
from api.services import Services
from api.sheets import SheetColumn
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

By = Literal["business", "arrival"]
Step = Literal["day", "month"]

_SUMS = ("received", "accepted", "rejected", "flagged", "anomalies", "unreadable", "findings")
_COLUMNS = (
    of.MONTH, of.ORG, of.NAME, of.TABLE, of.TABLE_ZH,
    SheetColumn("received", "接收", "received", "int", 10), SheetColumn("accepted", "入库", "accepted", "int", 10),
    SheetColumn("rejected", "拒收", "rejected", "int", 10), SheetColumn("flagged", "有警告", "flagged", "int", 10),
    SheetColumn("anomalies", "异常（拒收+警告）", "anomalies", "int", 14),
    SheetColumn("unreadable", "无法读取", "unreadable", "int", 10),
    SheetColumn("standing", "拒收未改正", "rejected, not sent again", "int", 12),
    SheetColumn("findings", "问题数", "findings", "int", 10),
    SheetColumn("rejection_rate", "拒收率", "rejection rate", "percent", 10, ratio=("rejected", "received")),
    SheetColumn("anomaly_rate", "异常率", "anomaly rate", "percent", 10, ratio=("anomalies", "received")),
)  # fmt: skip
_TREND_COLUMNS = (
    SheetColumn("day", "日期", "day", "date", 12),
    SheetColumn("orgs", "机构数", "institutions", "int", 10, summed=False),
    *(column for column in _COLUMNS if column.name in (*_SUMS, "rejection_rate", "anomaly_rate")),
)  # fmt: skip
_RULE_COLUMNS = (
    SheetColumn("scope", "检查时机", "scope", "text", 10), of.TABLE, of.TABLE_ZH, of.RULE, of.RULE_ZH, of.SEVERITY_ZH,
    SheetColumn("findings", "问题数", "findings", "int", 10),
    SheetColumn("orgs", "机构数", "institutions", "int", 10, summed=False),
    SheetColumn("days", "机构日数", "institution-days", "int", 10, summed=False), of.FIX_ZH,
)  # fmt: skip
_FINDING_COLUMNS = (
    of.ORG, of.NAME, of.TABLE, of.TABLE_ZH, of.DAY, SheetColumn("batch", "批次", "batch", "text", 26),
    SheetColumn("row", "行号", "row", "int", 8), of.ROW_KEY, of.VISIT, of.COLUMN, of.COLUMN_ZH, of.VALUE, of.RULE,
    of.SEVERITY_ZH, of.RULE_ZH, of.FIX_ZH, SheetColumn("outcome_zh", "结果", "outcome", "text", 8),
    SheetColumn("arrived_at", "到达时间", "arrived at", "time", 20),
)  # fmt: skip
_TEXTS = ("rule_zh", "rule_en", "fix_zh", "fix_en")
_OUTCOMES = {"accepted": "入库", "rejected": "拒收"}


def check_report(parts: Services, seen: Reader, asked: Filters, by: By) -> Figures:
    """Counts and rates by month, institution and table. Blocks."""
    frame = seen.query(load_query("indicator_check_report"), asked.parameters() | {"by": by})
    frame = frame.with_columns(month_text(), *named("table", tables(parts.standard)))
    totals = _totals(frame) | {"standing": total_of(frame, "standing") if by == "business" else None}
    return Figures("check_report", "数据检查报告", "Check report", _COLUMNS, frame, totals)


def check_trend(parts: Services, seen: Reader, asked: Filters, by: By, step: Step) -> Figures:
    """Counts and rates by day or month (then of its first day). Blocks."""
    frame = seen.query(load_query("indicator_check_trend"), asked.parameters() | {"by": by, "step": step})
    return Figures("check_trend", "数据检查走势", "Check trend", _TREND_COLUMNS, frame, _totals(frame))


def _totals(frame: pl.DataFrame) -> dict[str, Any]:
    totals: dict[str, Any] = {name: total_of(frame, name) for name in _SUMS}
    totals["rejection_rate"] = rate(totals["rejected"], totals["received"])
    totals["anomaly_rate"] = rate(totals["anomalies"], totals["received"])
    return totals


def check_rules(parts: Services, seen: Reader, asked: Filters, severity: str) -> Figures:
    """Which rules were violated how often, most first. ``severity`` empty: both. Blocks."""
    frame = seen.query(load_query("indicator_check_rules"), asked.parameters())
    if severity:
        frame = frame.filter(pl.col("severity") == severity)
    texts = [dict(parts.wording.of(table, rule, "")) for table, rule in frame.select("table", "rule_id").iter_rows()]
    frame = frame.with_columns(
        *named("table", tables(parts.standard)),
        *named("severity", SEVERITIES),
        *(pl.Series(name, [text[name] for text in texts], pl.String) for name in _TEXTS),
    )
    totals = {"findings": total_of(frame, "findings")}
    return Figures("check_rules", "违反的规则", "Rules violated", _RULE_COLUMNS, frame, totals)


def check_findings(parts: Services, seen: Reader, asked: Filters, rule_id: str, severity: str) -> Listing:
    """Every finding with row key, column, masked value, rule and what to do. Blocks."""
    wanted = asked.parameters() | {"rule_id": rule_id, "severity": severity}
    counts = seen.rows(load_query("indicator_check_findings_count"), wanted)
    names = {org.org: org.name for org in parts.orgs.all()}

    def page(limit: int, offset: int, **more: Any) -> list[dict[str, Any]]:
        asking = wanted | {"limit": limit, "offset": offset} | more
        return [_finding(parts, row, names) for row in seen.rows(load_query("indicator_check_findings"), asking)]

    def chunks() -> Iterator[list[dict[str, Any]]]:
        # by institution: the table is sorted by it, so that no question reads what another one has read
        for one in counts:
            for offset in range(0, one["findings"], CHUNK):
                yield page(CHUNK, offset, org=one["org"])

    total = sum(one["findings"] for one in counts)
    return Listing("check_findings", "错误明细", "Findings", _FINDING_COLUMNS, total, page, chunks)


def _finding(parts: Services, row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    table = parts.standard.table(row["table"])
    return {name: value for name, value in row.items() if name not in ("replay", "landed_at")} | {
        "name": names.get(row["org"], ""), "table_zh": table.name_zh if table else row["table"],
        "table_en": table.name_en if table else row["table"],
        "severity_zh": SEVERITIES[row["severity"]][0], "outcome_zh": _OUTCOMES.get(row["outcome"], row["outcome"]),
        **parts.wording.of(row["table"], row["rule_id"], row["column"]),
    }  # fmt: skip
