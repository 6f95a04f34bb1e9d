"""Indicator 3, association (数据关联性检验): rows whose patient, visit or other parent is not there, and every other
rule that looks at several rows. What was resolved later is not failed any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from api.indicators import columns as of
from api.indicators.figures import CHUNK, Figures, Listing, month_text, rate, total_of
from api.indicators.filters import Filters
from api.indicators.names import SEVERITIES, named, tables
from api.services import Services
from api.sheets import SheetColumn
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

_COLUMNS = (
    of.MONTH, of.ORG, of.NAME, of.TABLE, of.TABLE_ZH, of.RULE, of.RULE_ZH, of.SEVERITY_ZH,
    SheetColumn("checked", "检验行数", "rows checked", "int", 12),
    SheetColumn("failed", "不通过行数", "rows failed", "int", 12),
    SheetColumn("failed_rate", "不通过率", "failure rate", "percent", 10, ratio=("failed", "checked")),
)  # fmt: skip
_ROW_COLUMNS = (
    of.ORG, of.NAME, of.TABLE, of.TABLE_ZH, of.DAY, of.ROW_KEY, of.VISIT, of.COLUMN, of.COLUMN_ZH, of.VALUE, of.RULE,
    of.SEVERITY_ZH, of.RULE_ZH, of.FIX_ZH,
)  # fmt: skip


def association(parts: Services, seen: Reader, asked: Filters, kind: str) -> Figures:
    """Checked and failed rows by month, institution, table and rule. ``kind`` empty: all kinds. Blocks."""
    frame = seen.query(load_query("indicator_association"), asked.parameters() | {"kind": kind})
    keys = list(frame.select("table", "rule_id").iter_rows())
    texts = {(table, rule): dict(parts.wording.of(table, rule, "")) for table, rule in set(keys)}
    frame = frame.with_columns(
        month_text(),
        *named("table", tables(parts.standard)),
        *named("severity", SEVERITIES),
        *(pl.Series(name, [texts[key][name] for key in keys], pl.String) for name in ("rule_zh", "rule_en")),
    )
    totals: dict[str, Any] = {name: total_of(frame, name) for name in ("checked", "failed")}
    totals["failed_rate"] = rate(totals["failed"], totals["checked"])
    return Figures("association", "数据关联性检验", "Association", _COLUMNS, frame, totals)


def association_rows(parts: Services, seen: Reader, asked: Filters, kind: str, rule_id: str) -> Listing:
    """The rows that failed, with their keys. Blocks."""
    wanted = asked.parameters() | {"kind": kind, "rule_id": rule_id}
    total = seen.rows(load_query("indicator_association_count"), wanted)[0]["failed"]
    names = {org.org: org.name for org in parts.orgs.all()}

    def page(limit: int, offset: int) -> list[dict[str, Any]]:
        rows = seen.rows(load_query("indicator_association_rows"), wanted | {"limit": limit, "offset": offset})
        return [_row(parts, row, names) for row in rows]

    def chunks() -> Iterator[list[dict[str, Any]]]:
        for offset in range(0, total, CHUNK):
            yield page(CHUNK, offset)

    return Listing("association_rows", "关联性不通过明细", "Rows that failed", _ROW_COLUMNS, total, page, chunks)


def _row(parts: Services, row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    table = parts.standard.table(row["table"])
    return row | {
        "name": names.get(row["org"], ""), "table_zh": table.name_zh if table else row["table"],
        "table_en": table.name_en if table else row["table"],
        "severity_zh": SEVERITIES[row["severity"]][0],
        **parts.wording.of(row["table"], row["rule_id"], row["column"]),
    }  # fmt: skip
