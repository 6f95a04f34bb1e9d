"""From the answers of ClickHouse to rows of ``store_days`` and ``store_findings``. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from standard.model import Personal, Table
from streams.masking import masked
from streams.rollup.cells import Cell
from streams.store_checks.compiled import Group, StoreRule

MOMENT = pl.Datetime("ms", "Asia/Shanghai")
_DAYS: dict[str, pl.DataType | type[pl.DataType]] = {
    "biz_date": pl.Date, "org": pl.String, "table": pl.String, "rule_id": pl.String, "kind": pl.String,
    "severity": pl.String, "checked": pl.UInt64, "failed": pl.UInt64, "run_at": MOMENT,
}  # fmt: skip
_FINDINGS: dict[str, pl.DataType | type[pl.DataType]] = {
    "biz_date": pl.Date, "org": pl.String, "table": pl.String, "rule_id": pl.String, "run_at": MOMENT,
    "row_key": pl.String, "visit": pl.String, "column": pl.String, "value": pl.String, "severity": pl.String,
    "topic_id": pl.String, "partition": pl.UInt32, "offset": pl.UInt64, "row": pl.UInt32,
}  # fmt: skip
DAYS_SCHEMA, FINDINGS_SCHEMA = pl.Schema(_DAYS), pl.Schema(_FINDINGS)
#: Names of the parts of a tuple in ``found_i``, in their order.
_FOUND = ("check", "row_key", "visit", "value", "topic_id", "partition", "offset", "row")


@dataclass(slots=True)
class Outcome:
    """What a run found: (checked, failed) by (table, rule, institution, day), and frames of findings."""

    run_at: datetime
    counts: dict[tuple[str, str, str, date], tuple[int, int]] = field(default_factory=dict)
    findings: list[pl.DataFrame] = field(default_factory=list)

    def add(self, group: Group, answer: pl.DataFrame) -> None:
        """The answer of a group's statement."""
        for number, rule in enumerate(group.rules):
            key = (rule.rule.table, rule.rule.id)
            names = ("org", "biz_date", f"checked_{number}", f"failed_{number}")
            for org, day, checked, failed in answer.select(names).iter_rows():
                self.counts[(*key, org, day)] = (checked, failed)
            found = answer.select("org", "biz_date", pl.col(f"found_{number}").alias("found"))
            found = found.filter(pl.col("found").list.len() > 0)
            if found.height:
                self.findings.append(self._findings(rule, group.table, found))

    def add_days(self, rule: StoreRule, answer: pl.DataFrame) -> None:
        """The answer of a check of whole days."""
        for one in answer.iter_rows(named=True):
            key = (rule.rule.table, rule.rule.id, one["org"], one["biz_date"])
            self.counts[key] = (one["checked"], one["failed"])
        failed = answer.filter(pl.col("failed") > 0)
        if failed.height:
            none = {"row_key": "", "visit": "", "topic_id": "", "partition": 0, "offset": 0, "row": 0}
            frame = failed.select("org", "biz_date", "value").with_columns(
                pl.lit(value).alias(name) for name, value in none.items()
            )
            self.findings.append(
                self._complete(rule, frame.with_columns(pl.lit(rule.checks[0].column).alias("column")))
            )

    def days(self, cells: Sequence[Cell], rules: Mapping[str, Sequence[StoreRule]]) -> pl.DataFrame:
        """A row of ``store_days`` for every cell and every rule of its table, zeros too."""
        rows: list[tuple[Any, ...]] = []
        for cell in cells:
            for rule in rules[cell.table]:
                checked, failed = self.counts.get((cell.table, rule.rule.id, cell.org, cell.biz_date), (0, 0))
                own = (cell.biz_date, cell.org, cell.table, rule.rule.id, rule.kind, rule.severity, checked, failed)
                rows.append((*own, self.run_at))
        return pl.DataFrame(rows, schema=DAYS_SCHEMA, orient="row")

    def _findings(self, rule: StoreRule, table: Table, found: pl.DataFrame) -> pl.DataFrame:
        frame = found.explode("found")
        places = [field.name for field in frame.schema["found"].fields]  # type: ignore[attr-defined]
        frame = frame.unnest("found").rename(dict(zip(places, _FOUND, strict=True)))
        columns = pl.Series([check.column for check in rule.checks], dtype=pl.String)
        frame = frame.with_columns(columns.gather(frame["check"].cast(pl.UInt32) - 1).alias("column")).drop("check")
        values = [_masked(part, table) for part in frame.partition_by("column", maintain_order=True)]
        return self._complete(rule, pl.concat(values))

    def _complete(self, rule: StoreRule, frame: pl.DataFrame) -> pl.DataFrame:
        whole = frame.with_columns(
            pl.lit(rule.rule.table).alias("table"), pl.lit(rule.rule.id).alias("rule_id"),
            pl.lit(rule.severity).alias("severity"), pl.lit(self.run_at).alias("run_at"),
        )  # fmt: skip
        return whole.select(FINDINGS_SCHEMA.names()).cast(FINDINGS_SCHEMA)


def _masked(part: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Values of one column as others may see them."""
    personal: Personal = table.by_name[part["column"][0]].personal
    return part.with_columns(masked(part["value"].cast(pl.String), personal).alias("value"))
