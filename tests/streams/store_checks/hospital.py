"""Rows of one institution as they have landed, and what the rules say of them.

A test says only what matters to it: ``put("TB_MZ_JZMXB", JZMXID="1", JZLSH="V1")`` is a row of DAY with nothing else.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.tables import decimal_size
from standard.load import load
from standard.model import Column
from streams.rollup.cells import Cell
from streams.store_checks.run import Ran, StoreChecks

DAY = date(2026, 11, 20)
#: Saturday noon in Shanghai: DAY is over.
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
MOMENT = pl.Datetime("ms", "Asia/Shanghai")
_versions = itertools.count(1)


def at(text: str) -> datetime:
    """A Shanghai time: ``08:30`` on DAY, or ``2026-11-19 08:30``."""
    return datetime.fromisoformat(text if "-" in text else f"{DAY} {text}").replace(tzinfo=SHANGHAI)


@dataclass
class Hospital:
    """An institution and its rows."""

    clickhouse: ClickHouse
    checks: StoreChecks
    org: str
    runs: int = 0
    keys: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def put(self, table: str, day: date = DAY, deleted: bool = False, copies: int = 1, **values: Any) -> str:
        """One row has landed; returns its key. Times are texts for :func:`at`; a key that is not said is new.

        ``copies``: so many rows that differ in their keys only.
        """
        spec = load().tables[table]
        version = next(_versions)
        row: dict[str, Any] = {spec.org: self.org} | ({"XGBZ": "0"} if "XGBZ" in spec.by_name else {})
        row |= {key: f"{key}{next(self.keys)}" for key in spec.key[1:] if key not in values}
        row |= values
        frame = {}
        for name, value in row.items():
            if name.endswith("_std"):
                frame[name] = pl.Series([value])
            else:
                frame[name.lower()] = _series(spec.by_name[name], value)
        frame |= {
            "_biz_date": pl.Series([day]), "_version": pl.Series([version], dtype=pl.UInt64),
            "_deleted": pl.Series([int(deleted)], dtype=pl.UInt8), "_topic_id": pl.Series(["T"]),
            "_offset": pl.Series([version], dtype=pl.UInt64), "_row": pl.Series([1], dtype=pl.UInt32),
        }  # fmt: skip
        rows = pl.DataFrame(frame)
        if copies > 1:
            key = spec.key[-1].lower()
            number = pl.int_range(pl.len()).cast(pl.String)
            rows = pl.concat([rows] * copies).with_columns(pl.concat_str(pl.col(key), pl.lit("-"), number).alias(key))
        self.clickhouse.insert(table.lower(), rows)
        return "|".join(str(row[key]) for key in spec.key[1:])

    def arrived(self, table: str, changed_at: datetime, day: date = DAY, rows: int = 1) -> None:
        """The rollup has summed this day of a table."""
        place = {"topic_id": "T", "partition": 0, "stretch": 0, "arrival_day": day, "messages": 1, "accepted": rows}
        times = dict.fromkeys(("first_arrived_at", "last_arrived_at", "changed_at", "summed_at"), changed_at)
        frame = pl.DataFrame(
            [{"biz_date": day, "org": self.org, "table": table, **place, **times}],
            schema_overrides=dict.fromkeys(times, pl.Datetime("ms", "UTC")),
        )
        self.clickhouse.insert("ledger_days", frame)

    def run(self, table: str, *days: date, now: datetime = NOW) -> Ran:
        """Run the rules of a table; each run is a second after the one before."""
        self.runs += 1
        cells = [Cell(self.org, table, day) for day in days or (DAY,)]
        return self.checks.run(cells, now + timedelta(seconds=self.runs))

    def outcome(self, rule_id: str, day: date = DAY) -> tuple[int, int]:
        """(checked, failed) of a rule, as it was run last."""
        found = self.clickhouse.rows(
            "SELECT checked, failed FROM store_days FINAL WHERE org = {org:String} AND rule_id = {rule:String} "
            "AND biz_date = {day:Date32}",
            {"org": self.org, "rule": rule_id, "day": day},
        )
        return found[0]["checked"], found[0]["failed"]

    def findings(self, rule_id: str) -> list[dict[str, Any]]:
        """The findings of a rule that count, by row key."""
        return self.clickhouse.rows(
            "SELECT f.* FROM store_findings AS f FINAL INNER JOIN store_days AS d FINAL "
            "ON f.org = d.org AND f.table = d.table AND f.rule_id = d.rule_id AND f.biz_date = d.biz_date "
            "WHERE f.org = {org:String} AND f.rule_id = {rule:String} AND f.run_at >= d.run_at ORDER BY f.row_key",
            {"org": self.org, "rule": rule_id},
        )

    def failed(self, rule_id: str, *, run: bool = True, days: tuple[date, ...] = (DAY,)) -> list[str]:
        """Keys of the rows that violate a rule now, sorted. The counts must say the same."""
        if run:
            table = next(rule.table for rule in load().rules.values() if rule.id == rule_id)
            self.run(table, *days)
        found = [finding["row_key"] for finding in self.findings(rule_id)]
        assert sum(self.outcome(rule_id, day)[1] for day in days) == len(found)
        return found


def _series(column: Column, value: Any) -> pl.Series:
    if column.type == "number":
        return pl.Series([None if value is None else Decimal(value)], dtype=pl.Decimal(*decimal_size(column)))
    if column.type == "timestamp":
        return pl.Series([None if value is None else at(value)], dtype=MOMENT)
    return pl.Series([value], dtype=pl.String)
