"""Small feeds with every kind of fault, and how they get into a broker and a database."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import get_args

from kafka import KafkaProducer

from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore, MapEntry
from clickhouse.orgs import Org, OrgStore
from simulators.manifest import Manifest
from simulators.messages import Message, Shape
from simulators.province import Province
from simulators.scenarios import make_feed, scenario
from standard.model import MapKind
from streams.kafka_clients import open_client

END = date(2026, 11, 19)


@dataclass(frozen=True, slots=True)
class Sample:
    """A whole feed in memory, with its expected result."""

    province: Province
    messages: Sequence[Message]
    manifest: Manifest
    stamp: int  # time stamp of the first message, ms; each one after it a millisecond later, however often it is sent

    def register(self, clickhouse: ClickHouse) -> None:
        """Make the institutions and their code maps known."""
        OrgStore(clickhouse).save(Org(**asdict(org)) for org in self.province.orgs)
        maps = CodeMapStore(clickhouse)
        for org, own in zip(self.province.orgs, self.province.maps, strict=True):
            for kind in get_args(MapKind):
                entries = [MapEntry(**entry) for entry in own.entries() if entry["map"] == kind]
                maps.save(org.org, kind, entries, "test")

    def send(
        self, bootstrap: str, topic: str, messages: Sequence[Message] | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:  # fmt: skip
        """Produce the messages (all of them by default); returns when the broker has them."""
        producer = open_client(KafkaProducer, [bootstrap], "test", acks="all", max_request_size=16 << 20)
        places = {id(message): place for place, message in enumerate(self.messages)}
        sent = [
            producer.send(
                topic,
                key=message.key,
                value=message.value,
                timestamp_ms=self.stamp + places[id(message)],
                headers=list(headers),
            )
            for message in (self.messages if messages is None else messages)
        ]
        producer.flush()
        for future in sent:
            future.get(timeout=30)
        producer.close()


def sample(name: str = "faults", *, orgs: int = 4, days: int = 3, seed: int = 11, shape: Shape = "batch") -> Sample:
    """The feed of a scenario, small."""
    feed = make_feed(scenario(name), END, seed, orgs=orgs, days=days, volume=0.2, shape=shape)
    messages = list(feed)
    return Sample(feed.province, messages, feed.manifest, int(time.time() * 1000))
