"""Code maps kept up to date while working: ClickHouse has the truth, the topic ``sanjian.codemaps`` has the changes.

Every worker reads the whole topic by itself (no group), from the moment before it read ClickHouse, so that no change
falls between the two. A change counts only when it is newer than what is known of that map.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict

import orjson
import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore
from streams.consumers import close_consumer
from streams.maps import CodeMaps
from streams.retry import until_done

log = structlog.get_logger(__name__)

#: Between tries while the broker is away.
PAUSE_SECONDS = 1.0
#: The embedded broker answers a poll only when it is over.
WAIT_MS = 200


class MapFeed:
    """Fills ``maps`` and keeps it up to date until it is stopped."""

    def __init__(self, maps: CodeMaps, clickhouse: ClickHouse, bootstrap: list[str], topic: str) -> None:
        self._maps = maps
        self._store = CodeMapStore(clickhouse)
        self._bootstrap = bootstrap
        self._topic = topic
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        # By institution and map: versions count all maps of an institution, and the change of one map may be published
        # after a later one of another.
        self._seen: dict[tuple[str, str], int] = {}

    async def start(self) -> None:
        """Returns when the maps are loaded and changes are followed."""
        self._task = asyncio.create_task(self._follow())
        await self._ready.wait()

    async def stop(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self) -> None:
        while True:
            consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, fetch_max_wait_ms=WAIT_MS)
            try:
                await consumer.start()
                places = [TopicPartition(self._topic, 0)]
                consumer.assign(places)
                await consumer.seek_to_end(*places)
                await self._load()
                self._ready.set()
                async for record in consumer:
                    self._take(record.value)
            except (KafkaError, OSError) as error:
                log.warning("code_maps_not_followed", reason=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)
            finally:
                await close_consumer(consumer)

    async def _load(self) -> None:
        entries = await until_done("code maps", lambda: asyncio.to_thread(self._store.all), PAUSE_SECONDS * 5)
        grouped: dict[tuple[str, str], list[dict[str, object]]] = {}
        versions: dict[str, int] = {}
        for entry in entries:
            grouped.setdefault((entry.org, entry.map), []).append(asdict(entry))
            versions[entry.org] = max(entry.version, versions.get(entry.org, 0))
            kind_seen = self._seen.get((entry.org, entry.map), 0)
            self._seen[entry.org, entry.map] = max(entry.version, kind_seen)
        for (org, kind), rows in grouped.items():
            self._maps.apply(org, kind, rows, versions[org])
        log.info("code_maps_loaded", institutions=len(versions), codes=len(entries))

    def _take(self, value: bytes | None) -> None:
        if not value:
            return
        change = orjson.loads(value)
        if change["version"] > self._seen.get((change["org"], change["map"]), 0):
            self._seen[change["org"], change["map"]] = change["version"]
            self._maps.apply(change["org"], change["map"], change["entries"], change["version"])
            log.info("code_map_changed", org=change["org"], map=change["map"], version=change["version"])
