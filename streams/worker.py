"""A worker: the standard, the maps, the ledger, the agent; started and stopped as one."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from clickhouse.client import ClickHouse
from sanjian import metrics
from sanjian.settings import Settings
from standard.model import Standard
from streams import app as streams_app
from streams.decide import Decider
from streams.land import Lander, OnStep, no_step
from streams.ledger import Ledger
from streams.mapfeed import MapFeed
from streams.maps import CodeMaps
from streams.orgs import KnownOrgs
from streams.pipeline import Pipeline
from streams.producer import Producer
from streams.retry import until_done
from streams.shape import Place
from streams.topics import Topic
from streams.watch.leading import Leading, make_leading

log = structlog.get_logger(__name__)

#: What is under way is finished before a worker stops; after that it is left for the next one.
STOP_SECONDS = 8.0


@dataclass(slots=True)
class Worker:
    """A running worker."""

    agent: streams_app.Agent
    pipeline: Pipeline
    leading: Leading

    async def rest(self) -> None:
        """Lead no more: before a stop the machine is for what still has to be landed."""
        await self.leading.stop()

    @property
    def failed(self) -> asyncio.Future[BaseException]:
        """Done when a bug has stopped the work."""
        return self.agent.failed

    def newest(self) -> dict[int, int]:
        """The offset behind the newest record of each partition that it reads, as far as it has fetched."""
        consumer = self.agent.app.consumer
        ends = {tp.partition: consumer.highwater(tp) for tp in consumer.assignment()}
        return {partition: int(end) for partition, end in ends.items() if end is not None}

    @property
    def running(self) -> bool:
        """Whether it takes messages."""
        return not self.agent.failed.done() and not self.agent.app.should_stop


def worker_name() -> str:
    """Host and process: says in the ledger who did it."""
    return f"{socket.gethostname()}-{os.getpid()}"


async def make_pipeline(
    settings: Settings, clickhouse: ClickHouse, standard: Standard, topics: Mapping[str, Topic], producer: Producer,
    maps: CodeMaps, on_step: OnStep = no_step,
) -> Pipeline:  # fmt: skip
    """A pipeline for ``his.changes`` with the registered institutions known."""
    topic = topics[settings.changes_topic]
    orgs = KnownOrgs(clickhouse)
    await until_done("orgs", lambda: asyncio.to_thread(orgs.refresh), settings.retry_max_seconds)
    lander = Lander(
        clickhouse,
        producer,
        topics[settings.alerts_topic],
        settings.deadletters_topic,
        settings.retry_max_seconds,
        on_step,
    )
    place = Place(topic.name, topic.id, worker_name(), standard.version)
    return Pipeline(
        Decider(standard), maps, orgs, Ledger(clickhouse, topic.id), lander, place, settings.max_message_bytes, on_step
    )


@asynccontextmanager
async def running_worker(
    settings: Settings, clickhouse: ClickHouse, standard: Standard, bootstrap: list[str],
    topics: Mapping[str, Topic], on_step: OnStep = no_step,
) -> AsyncIterator[Worker]:  # fmt: skip
    """A worker that takes messages while the context is open. What was opened is closed, the last first, also when the
    start fails or is cut off."""
    async with AsyncExitStack() as opened:
        producer = Producer(bootstrap, idempotent=not settings.embedded_broker, max_bytes=settings.max_message_bytes)
        opened.push_async_callback(producer.close)
        maps = CodeMaps(standard)
        feed = MapFeed(maps, clickhouse, bootstrap, settings.codemaps_topic)
        opened.push_async_callback(feed.stop)
        await feed.start()
        pipeline = await make_pipeline(settings, clickhouse, standard, topics, producer, maps, on_step)
        leading = make_leading(
            settings, clickhouse, standard, bootstrap, topics, producer, worker_name(), lambda: datetime.now(UTC)
        )
        duties = (leading.working.step, leading.delivering.step)
        agent = streams_app.build(settings, bootstrap, pipeline, worker_name(), duties)
        await _start(agent)
        opened.push_async_callback(_stop, agent)
        opened.push_async_callback(leading.stop)
        metrics.LEADER.set_function(lambda: int(agent.app.is_leader()))
        log.info("worker_ready", worker=pipeline.place.worker, standard=standard.version)
        try:
            yield Worker(agent, pipeline, leading)
        finally:
            metrics.LEADER.set_function(lambda: 0)
    log.info("worker_stopped", runs=agent.runs)


async def _start(agent: streams_app.Agent) -> None:
    try:
        await agent.app.start()
    except BaseException:
        with suppress(Exception):  # what went wrong before is told
            async with asyncio.timeout(STOP_SECONDS):
                await agent.app.stop()
        raise


async def _stop(agent: streams_app.Agent) -> None:
    """Take no more, finish the run under way, leave the group."""
    agent.app.consumer.stop_flow()
    for _ in range(int(STOP_SECONDS * 20)):
        if not agent.busy or agent.failed.done():
            break
        await asyncio.sleep(0.05)
    await agent.app.stop()
