"""A simulated province landed without a broker: decoded, decided and shaped by the pipeline's own steps.

The ledger's sums by day, which the rollup writes when the program runs, are made here by a plain sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import get_args

from clickhouse.client import ClickHouse
from simulators.messages import Message
from simulators.province import Province
from standard.model import MapKind
from streams.decode import decode, read_rows
from streams.maps import CodeMaps
from streams.shape import Landing, landing
from tests.streams.unit.build import LIMIT, PLACE, Sent, decider, standard

#: So many messages are decided together.
TOGETHER = 200

SUMS = """
INSERT INTO ledger_days (biz_date, org, table, arrival_day, topic_id, partition, stretch, received, accepted, rejected,
    flagged, unreadable, findings, unmapped, messages, declared_empty, first_arrived_at, last_arrived_at, changed_at,
    summed_at)
SELECT biz_date, org, table, toDate32(arrived_at), topic_id, partition, intDiv(offset, 10000), sum(received),
    sum(accepted), sum(rejected), sum(flagged), sum(unreadable), sum(findings), sum(unmapped), count(),
    max(declared_empty), min(arrived_at), max(arrived_at), max(landed_at), max(landed_at)
FROM ledger FINAL
GROUP BY biz_date, org, table, toDate32(arrived_at), topic_id, partition, intDiv(offset, 10000)
"""


class Lands:
    """Lands messages one after the other, each call at a later offset."""

    def __init__(self, clickhouse: ClickHouse, province: Province) -> None:
        self.clickhouse = clickhouse
        self.orgs = frozenset(org.org for org in province.orgs)
        self.maps = CodeMaps(standard())
        for org, own in zip(province.orgs, province.maps, strict=True):
            for kind in get_args(MapKind):
                self.maps.apply(org.org, kind, [entry for entry in own.entries() if entry["map"] == kind], 1)
        self.offset = 0

    def land(self, messages: Iterable[Message], landed_at: datetime | None = None) -> None:
        """Land them; ``landed_at``: by default two hours after each was sent."""
        waiting = iter(messages)
        while some := tuple(islice(waiting, TOGETHER)):
            shaped = self._shaped(some, landed_at)
            for table, rows in shaped.records.items():
                self.clickhouse.insert(table, rows)
            self.clickhouse.insert("ledger", shaped.ledger)

    def _shaped(self, messages: tuple[Message, ...], landed_at: datetime | None) -> Landing:
        now = landed_at or max(message.sent_at for message in messages) + timedelta(hours=2)
        sent = list(self._sent(messages))
        decoded = decode(sent, decider().tables, self.orgs, LIMIT)
        read_rows(decoded, decider().tables)
        decision = decider().decide(decoded, self.maps)
        return landing(decoded, decision, standard(), PLACE, self.maps.versions, frozenset(), now.astimezone(UTC))

    def _sent(self, messages: tuple[Message, ...]) -> Iterator[Sent]:
        for message in messages:
            self.offset += 1
            stamp = int(message.sent_at.timestamp() * 1000) + 1000
            yield Sent(message.value, self.offset, timestamp=stamp, key=message.key)


def sum_up(clickhouse: ClickHouse) -> None:
    """The sums of the ledger by day, as they are now."""
    clickhouse.command(SUMS)
