"""The ledger, read: where each partition starts, and which messages were done before. Calls block.

What the ledger says is done is done, whatever Kafka's committed offsets say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import structlog

from clickhouse.client import ClickHouse
from clickhouse.leftovers import drop_leftovers
from clickhouse.query import load_query
from streams.message import Message
from streams.redriven import settle_unfinished, taken_over
from streams.shape import COUNTS, instant

log = structlog.get_logger(__name__)

#: Messages of these kinds have rows or reasons; a tombstone has nothing to repeat.
REPEATABLE = ("batch", "debezium", "unreadable")


class Ledger:
    """The ledger's rows of one topic, known by its id."""

    def __init__(self, clickhouse: ClickHouse, topic_id: str) -> None:
        self._clickhouse = clickhouse
        self._topic_id = topic_id

    def starts(self, earliest: Mapping[int, int]) -> dict[int, int]:
        """The first offset of each partition that the ledger lacks.

        :param earliest: the first offset that the topic still holds, by partition.
        Rows that an attempt left behind without reaching the ledger are removed, and rows that a redriven message took
        over are taken out where they were. Raises NotNow.
        """
        settle_unfinished(self._clickhouse)
        reached = {
            row["partition"]: row["last"]
            for row in self._clickhouse.rows(load_query("ledger_frontier"), {"topic_id": self._topic_id})
        }
        starts = {}
        for partition, first in earliest.items():
            parameters = {"topic_id": self._topic_id, "partition": partition, "from": first}
            start = int(self._clickhouse.rows(load_query("ledger_offsets"), parameters)[0]["first_missing"])
            if partition in reached and reached[partition] + 1 < first:
                log.error(
                    "records_lost_to_retention", partition=partition, first=reached[partition] + 1, last=first - 1
                )
            dropped = drop_leftovers(self._clickhouse, self._topic_id, partition, start)
            if any(dropped.values()):
                log.info("leftovers_dropped", partition=partition, start=start, **dropped)
            starts[partition] = start
        return starts

    def repeats(self, messages: Sequence[Message]) -> frozenset[int]:
        """Indexes of the messages whose bytes were met before, in the ledger or earlier in this batch.

        A message at the same place is the same message, not a repeat. A message that is redriven is a repeat only of
        one that could be read; one with rejected rows also where others have taken them over. Raises NotNow.
        """
        asked = [message for message in messages if message.kind in REPEATABLE]
        if not asked:
            return frozenset()
        found = self._clickhouse.rows(
            load_query("repeats"),
            {
                "ids": [message.message_id for message in asked],
                "from": instant(min(message.source_ms for message in asked)),
                "to": instant(max(message.source_ms for message in asked)),
            },
        )
        before: dict[int, list[tuple[str, int, int, bool]]] = {}
        for row in found:
            place = (row["topic_id"], row["partition"], row["offset"], bool(row["done"]))
            before.setdefault(row["message_id"], []).append(place)
        repeats: set[int] = set()
        met: dict[int, bool] = {}
        for index, message in enumerate(messages):
            if message.kind not in REPEATABLE:
                continue
            if self._met(message, before.get(message.message_id, ())) or _counts(message, met.get(message.message_id)):
                repeats.add(index)
            readable = message.kind != "unreadable"
            met[message.message_id] = met.get(message.message_id, False) or readable
        return frozenset(repeats | taken_over(self._clickhouse, self._topic_id, messages))

    def redriven(self, messages: Sequence[Message], lines: pl.DataFrame) -> pl.DataFrame:
        """The lines of dead letters that are sent once more with these messages, with zeros: their rows count where
        they are now, be they read this time or not, and not twice. Raises NotNow.

        A message that is done twice at its own place (a restart behind a hole of the ledger) writes the same lines
        again, because its bytes name the same days. Only where its institution was registered in between, a line
        without a date stays beside those with one; that is told as unreadable, and is not worth a look at every run.

        :param lines: the lines of the ledger that are about to be landed.
        """
        sizes = {message.letter: message.size for message in messages if message.letter is not None}
        if not sizes:
            return lines.clear()
        topic_ids, partitions, offsets = zip(*sizes, strict=True)
        places = {"topic_ids": list(topic_ids), "partitions": list(partitions), "offsets": list(offsets)}
        old = self._clickhouse.query(load_query("ledger_redriven"), places)
        # the same bytes, as far as one can tell
        same = [
            sizes[topic_id, partition, offset] == size
            for topic_id, partition, offset, size in old.select("topic_id", "partition", "offset", "bytes").iter_rows()
        ]
        zeros = [pl.lit(0).alias(name) for name in (*COUNTS, "bytes")]
        void = old.filter(pl.Series(same, dtype=pl.Boolean)).with_columns(
            *zeros, pl.lit("").alias("reason"), pl.lit(lines["landed_at"][0]).alias("landed_at")
        )
        return void.select(lines.columns).cast(lines.schema)

    def _met(self, message: Message, places: Sequence[tuple[str, int, int, bool]]) -> bool:
        return any(
            _counts(message, done)
            for topic_id, partition, offset, done in places
            if (topic_id, partition) != (self._topic_id, message.partition) or offset < message.offset
        )


def _counts(message: Message, done: bool | None) -> bool:
    """Whether an earlier message with the same bytes makes this one a repeat; None: there is none."""
    return done is not None and (done or not message.redriven)
