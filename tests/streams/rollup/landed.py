"""Messages landed without a broker, by the pipeline's own steps; and the rollup done after them at a set time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import polars as pl

from clickhouse.client import ClickHouse
from simulators.messages import Message
from simulators.province import Province
from standard.model import MapKind
from streams.decode import decode, read_rows
from streams.maps import CodeMaps
from streams.rollup import Cell, Facts, Rollup
from streams.rollup.facts import QUIET
from streams.shape import Place, landing
from tests.streams.unit.build import ARRIVED_MS, LIMIT, ORGS, Sent, decider, standard

TOPIC = "topic-1"
#: When the first refresh of a test happens; each later one ten minutes after the one before.
START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
#: A run of the pipeline.
TOGETHER = 200


class Lands:
    """Lands messages, by default each at the next offset, a second after the one before."""

    def __init__(self, clickhouse: ClickHouse, province: Province | None = None) -> None:
        self.clickhouse = clickhouse
        self.rollup = Rollup(clickhouse)
        self.facts = Facts(clickhouse, standard())
        self.orgs = ORGS
        self.maps = CodeMaps(standard())
        self.next = 0
        self.now = START
        if province is not None:
            self.orgs = frozenset(org.org for org in province.orgs)
            for org, own in zip(province.orgs, province.maps, strict=True):
                for kind in get_args(MapKind):
                    self.maps.apply(org.org, kind, [entry for entry in own.entries() if entry["map"] == kind], 1)

    def land(
        self, *values: bytes, offset: int | None = None, partition: int = 0, topic_id: str = TOPIC, steps: int = 6,
        landed_at: datetime | None = None, repeats: frozenset[int] = frozenset(),
    ) -> None:  # fmt: skip
        """Land messages. ``steps``: 3 only the records, 4 all but the ledger, 6 everything."""
        first = self.next if offset is None else offset
        sent = [
            Sent(value, place, partition, ARRIVED_MS + place * 1000) for place, value in enumerate(values, first)
        ]  # fmt: skip
        self.next = max(self.next, first + len(values))
        self._land(sent, topic_id, steps, landed_at or START, repeats)

    def land_feed(self, messages: Iterable[Message]) -> None:
        """Land a feed as the transport would: runs of one partition, stamped when the institution sent them."""
        sent: dict[int, list[Sent]] = {}
        offsets: dict[int, int] = {}
        partitions: dict[str, int] = {}
        for message in messages:
            partition = partitions.setdefault(message.org, len(partitions) % 3)
            offset = offsets.get(partition, 0)
            offsets[partition] = offset + 1
            stamp = int(message.sent_at.timestamp() * 1000) + 1000
            sent.setdefault(partition, []).append(Sent(message.value, offset, partition, stamp, message.key))
        for run in sent.values():
            for start in range(0, len(run), TOGETHER):
                self._land(run[start : start + TOGETHER], TOPIC, 6, START, frozenset())

    def roll(self) -> list[Cell]:
        """A refresh, ten minutes after the one before; the cells that changed."""
        self.now += timedelta(minutes=10)
        return self.rollup.refresh(self.now)

    def settle(self) -> list[list[Cell]]:
        """Refresh, and compute facts until none are pending; what was computed, round by round."""
        self.roll()
        rounds = []
        while cells := self.pending():
            self.facts.compute(cells, self.now)
            rounds.append(cells)
            assert len(rounds) < 20, "the facts never come to rest"
        return rounds

    def pending(self) -> list[Cell]:
        """What is due once nothing has come for a while."""
        self.now += 2 * QUIET
        return self.facts.pending(self.now)

    def sums(self) -> dict[tuple[str, str, date], dict[str, Any]]:
        """The sums of the ledger by cell, as readers add them up."""
        rows = self.clickhouse.rows(
            "SELECT org, table, biz_date, sum(d.received) AS received, sum(d.accepted) AS accepted, "
            "sum(d.rejected) AS rejected, sum(d.flagged) AS flagged, sum(d.unreadable) AS unreadable, "
            "sum(d.findings) AS findings, sum(d.unmapped) AS unmapped, sum(d.messages) AS messages "
            "FROM ledger_days AS d FINAL GROUP BY org, table, biz_date HAVING messages > 0"
        )
        return {(row.pop("org"), row.pop("table"), row.pop("biz_date")): row for row in rows}

    def fact(self, table: str, day: str, org: str = min(ORGS)) -> dict[str, Any]:
        """The facts of a day; empty when there are none."""
        rows = self.clickhouse.rows(
            "SELECT * FROM day_facts FINAL WHERE org = {org:String} AND table = {table:String} "
            "AND biz_date = {day:Date32}",
            {"org": org, "table": table, "day": day},
        )
        return rows[0] if rows else {}

    def _land(
        self, sent: Sequence[Sent], topic_id: str, steps: int, landed_at: datetime, repeats: frozenset[int]
    ) -> None:
        decoded = decode(sent, decider().tables, self.orgs, LIMIT)
        decoded.letters = [letter for letter in decoded.letters if letter.message not in repeats]
        read_rows(decoded, decider().tables, repeats)
        decision = decider().decide(decoded, self.maps)
        place = Place("his.changes", topic_id, "worker-1", "standard-1")
        shaped = landing(decoded, decision, standard(), place, self.maps.versions, repeats, landed_at)
        for table, rows in shaped.records.items():
            self.clickhouse.insert(table, rows)
        if steps >= 4:
            for table in ("findings", "rejected_rows", "unmapped_codes", "dead_letters"):
                frame: pl.DataFrame = getattr(shaped, table)
                if frame.height:
                    self.clickhouse.insert(table, frame)
        if steps >= 6:
            self.clickhouse.insert("ledger", shaped.ledger)
