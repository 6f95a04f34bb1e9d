"""Steps 3 to 6: land what was decided, in an order that loses nothing whatever happens in between.

The order of work for a batch of messages:

1. decode (``streams.decode``) · 2. decide (``streams.decide``)
3. land accepted rows in the standard's tables
4. land findings, rejected rows, unmapped codes, dead letters and alerts
5. publish alerts and dead letters, and wait until the broker has them; land the places of the alerts there
6. land the ledger rows: from now on the messages are done; then take out of other messages the rejected rows that
   redriven ones took over (a crash in between: done when a worker starts)
7. acknowledge (``streams.worker``)

The inserts of one step are made at the same time; the next step begins when all of them are acknowledged. A crash
before 6 repeats all of it. Every write carries a key that is the same the second time, so repeating changes
nothing; rows of an attempt that decided otherwise (another map, another rule) are removed when a worker starts.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
import polars as pl

from clickhouse.client import ClickHouse
from streams.alerts import Alert, alerts_frame
from streams.decode import Decoded
from streams.message import Letter
from streams.positions import TABLE as POSITIONS
from streams.positions import Publisher, positions_frame
from streams.producer import Headers, Sent
from streams.redriven import settle
from streams.retry import until_done
from streams.shape import Landing, Place
from streams.topics import Topic

#: Key, value and headers of a message to publish.
Outgoing = tuple[str, bytes, Headers]

#: Called after each step with its number; tests crash here.
OnStep = Callable[[int], None]


def no_step(number: int) -> None:
    """Nothing happens between the steps."""


@dataclass(slots=True)
class Lander:
    """Lands batches. One at a time."""

    clickhouse: ClickHouse
    publisher: Publisher
    alerts_topic: Topic
    deadletters_topic: str
    longest_pause: float
    on_step: OnStep = no_step

    async def land(
        self, landing: Landing, alerts: Sequence[Alert], decoded: Decoded, letters: Sequence[Letter], place: Place,
        now: datetime,
    ) -> None:  # fmt: skip
        """Steps 3 to 6. Returns when the messages are done; waits as long as a server is away."""
        await asyncio.gather(*(self._insert(table, rows) for table, rows in landing.records.items()))
        self.on_step(3)
        await asyncio.gather(
            self._insert("findings", landing.findings),
            self._insert("rejected_rows", landing.rejected_rows),
            self._insert("unmapped_codes", landing.unmapped_codes),
            self._insert("dead_letters", landing.dead_letters),
            self._insert("alerts", alerts_frame(alerts, place, now) if alerts else pl.DataFrame()),
        )
        self.on_step(4)
        await self._publish(alerts, decoded, letters, place, now)
        self.on_step(5)
        await self._insert("ledger", landing.ledger)
        self.on_step(6)
        origins = [message.origin for message in decoded.messages if message.origin is not None]
        if origins:
            await until_done("settle", lambda: asyncio.to_thread(settle, self.clickhouse, origins), self.longest_pause)

    async def _insert(self, table: str, rows: pl.DataFrame) -> None:
        if rows.height:
            token = content_token(table, rows)

            async def insert() -> None:
                await asyncio.to_thread(self.clickhouse.insert, table, rows, token)

            await until_done(f"insert {table}", insert, self.longest_pause)

    async def _publish(
        self, alerts: Sequence[Alert], decoded: Decoded, letters: Sequence[Letter], place: Place, now: datetime
    ) -> None:
        live = [alert for alert in alerts if not alert.replay]
        if live:
            sent = await self._sent(self.alerts_topic.name, [(alert.org, alert.payload, []) for alert in live])
            # before the ledger: what is in the ledger is not done again, and a place could not be told later
            await self._insert(POSITIONS, positions_frame(live, sent, self.alerts_topic.id, now))
        if letters:
            await self._sent(self.deadletters_topic, [_letter_message(letter, decoded, place) for letter in letters])

    async def _sent(self, topic: str, messages: list[Outgoing]) -> list[Sent]:
        async def publish() -> list[Sent]:
            return await self.publisher.publish(topic, messages)

        return await until_done(f"publish {topic}", publish, self.longest_pause)


#: Any constant: the token is compared with tokens of this process only.
SEED = 1


def content_token(table: str, rows: pl.DataFrame) -> str:
    """A deduplication token from the rows themselves: only a retry in place has the same one."""
    digest = hashlib.blake2b(table.encode(), digest_size=16)
    digest.update(rows.hash_rows(seed=SEED).to_numpy().tobytes())
    return digest.hexdigest()


def _letter_message(letter: Letter, decoded: Decoded, place: Place) -> Outgoing:
    message = decoded.messages[letter.message]
    origin = {
        "topic": place.topic, "topic_id": place.topic_id, "partition": message.partition, "offset": message.offset,
        "row": letter.row, "reason": letter.reason, "detail": letter.detail,
    }  # fmt: skip
    return message.org, letter.content, [("sanjian-origin", orjson.dumps(origin))]
