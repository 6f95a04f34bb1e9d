"""``sanjian simulate --ledger-only``: the ledger of a province over a long time, without its rows.

For trying out how fast reports are, a year of 116 institutions is written straight into ClickHouse, by ClickHouse: the
ledger and findings as the pipeline would have landed them, then the sums (by the real rollup), and facts, results of
store rules, expected days and judgements of the same size and shape as real ones. Rows themselves, and so record views,
there are none. Everything is made from hashes: the same arguments give the same numbers, and writing twice changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore, MapEntry
from clickhouse.declarations import QUANTITIES
from clickhouse.migrate import migrate
from clickhouse.orgs import Org as StoredOrg
from clickhouse.orgs import OrgStore
from simulators import volume_sql
from simulators.orgs import Org, make_orgs
from standard.model import MapKind, Standard
from streams.rollup import Months, Rollup

#: A province as the issue that asked for it counts it.
ORGS, DAYS = 116, 365
#: Of the year so much is written by one statement, which bounds its memory.
DAYS_AT_ONCE = 30
#: Partitions of the topic that the ledger claims to come from: the default of ``SANJIAN_PARTITIONS``.
PARTITIONS = 6


@dataclass(frozen=True, slots=True)
class Year:
    """What is written: institutions, days, factor on the rows, and messages a cell (a message is a row of the ledger).

    With ``messages`` ten times as many the ledger is ten times as long for the same days.
    """

    orgs: Sequence[Org]
    first: date
    days: int
    volume: float
    messages: int
    seed: int

    @classmethod
    def until(
        cls, end: date, orgs: int = ORGS, days: int = DAYS, volume: float = 1.0, messages: int = 1, seed: int = 1
    ) -> Year:
        """The days up to and with ``end``."""
        return cls(make_orgs(orgs, seed), end - timedelta(days=days - 1), days, volume, messages, seed)

    @property
    def topic_id(self) -> str:
        """The id of the topic that the ledger claims to come from."""
        return f"volume-{self.seed}"

    def parameters(self) -> dict[str, Any]:
        """Parameters of every statement."""
        return {
            "topic_id": self.topic_id, "orgs": [org.org for org in self.orgs],
            "visits": [org.daily_visits for org in self.orgs], "inpatient": [org.inpatient for org in self.orgs],
            "first": self.first, "volume": self.volume, "messages": self.messages, "partitions": PARTITIONS,
        }  # fmt: skip

    def chunks(self) -> Iterator[dict[str, Any]]:
        """Parameters of the statements for DAYS_AT_ONCE days each."""
        for start in range(0, self.days, DAYS_AT_ONCE):
            yield self.parameters() | {"from": start, "to": min(start + DAYS_AT_ONCE, self.days)}


def write(
    clickhouse: ClickHouse, standard: Standard, year: Year, seen: Callable[[int], None] = lambda _: None,
) -> dict[str, int]:  # fmt: skip
    """Write the year into a database that may hold other data; the rows of each table that was written, afterwards.

    ``seen`` is called with the days that were done.
    """
    migrate(clickhouse)
    OrgStore(clickhouse).save(StoredOrg(**asdict(org)) for org in year.orgs)
    maps = volume_sql.code_maps(standard)
    store = CodeMapStore(clickhouse)
    for org in year.orgs:
        for kind, entries in maps.items():
            _save_map(store, org.org, kind, entries)
    rollup = Rollup(clickhouse)
    statements = volume_sql.statements(standard)
    for chunk in year.chunks():
        for sql in statements.of_ledger:
            clickhouse.command(sql, chunk)
        rollup.refresh(datetime.now(UTC))
        for sql in statements.of_sums:
            clickhouse.command(sql, chunk)
        seen(chunk["to"] - chunk["from"])
    Months(clickhouse).mend(datetime.now(UTC))
    _declare(clickhouse, year)
    written = [
        "ledger",
        "findings",
        "ledger_days",
        "day_facts",
        "code_months",
        "store_days",
        "expected_days",
        "judgements",
    ]
    return {table: clickhouse.rows(f"SELECT count() AS n FROM {table} FINAL")[0]["n"] for table in written}


def _save_map(store: CodeMapStore, org: str, kind: MapKind, entries: Sequence[tuple[str, str]]) -> None:
    known = [MapEntry(org=org, map=kind, local_code=local, standard_code=code) for local, code in entries]
    store.save(org, kind, known, "simulate")


def _declare(clickhouse: ClickHouse, year: Year) -> None:
    months = sorted({(year.first + timedelta(days=day)).replace(day=1) for day in range(year.days)})
    rows = [(org.org, month, quantity) for org in year.orgs for month in months for quantity in QUANTITIES]
    frame = pl.DataFrame(rows, schema={"org": pl.String, "month": pl.Date, "quantity": pl.String}, orient="row")
    value = (pl.col("month").dt.month() * 1000).cast(pl.Decimal(20, 4))
    now = pl.lit(datetime.now(UTC)).dt.cast_time_unit("ms")
    clickhouse.insert("declarations", frame.with_columns(value=value, updated_at=now, changed_by=pl.lit("simulate")))
