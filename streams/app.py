"""The Faust app: one agent on ``his.changes``, one event a run of records, acknowledged when the ledger has it."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from sanjian import metrics
from sanjian.settings import Settings
from streams.pipeline import Pipeline

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of the consumer group, in seconds."""

    session: float
    heartbeat: float
    rebalance: float


#: A Kafka server: what its documentation recommends.
SERVER_TIMING = Timing(session=30, heartbeat=3, rebalance=60)
#: The embedded broker completes a group's join only after half of the rebalance time-out.
EMBEDDED_TIMING = Timing(session=6, heartbeat=1, rebalance=2)
#: What is fetched of a partition at once, as it is on the wire (compressed to a fifth or less); a larger message comes
#: all the same. More would only wait in memory.
FETCH_BYTES = 1024 * 1024
#: A step that waits for ClickHouse does not poll; being away for a day is no reason to be thrown out of the group.
LONGEST_POLL_SECONDS = 24 * 3600.0
#: How often the leader looks whether there is something to do.
LEADING_SECONDS = 0.5

#: Something to be done again and again.
Work = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Agent:
    """The app and what became of it: ``failed`` is set, with the exception, by a bug."""

    app: Any
    failed: asyncio.Future[BaseException]
    busy: bool = False
    runs: int = 0


def build(
    settings: Settings, bootstrap: list[str], pipeline: Pipeline, client_id: str, leading: Sequence[Work] = ()
) -> Agent:
    """The Faust app with its agent. Call inside the running loop; start it with ``agent.app.start()``.

    :param leading: what the leader does besides, each by itself, every LEADING_SECONDS; may take long, must not raise.
    """
    argv, sys.argv = sys.argv, sys.argv[:1]  # importing faust reads the command line for flags of its own
    try:
        import faust

        from streams.leader import leader_assignor
        from streams.transport import RUNS_WAITING, RunSchema, run_transport
    finally:
        sys.argv = argv

    timing = EMBEDDED_TIMING if settings.embedded_broker else SERVER_TIMING
    app: Any = faust.App(
        settings.group,
        broker=[f"kafka://{address}" for address in bootstrap],
        broker_client_id=client_id,
        broker_session_timeout=timing.session,
        broker_heartbeat_interval=timing.heartbeat,
        broker_rebalance_timeout=timing.rebalance,
        broker_request_timeout=max(20.0, timing.session + 5),
        broker_max_poll_interval=LONGEST_POLL_SECONDS,
        broker_max_poll_records=settings.run_max_messages,
        broker_commit_interval=1.0,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=FETCH_BYTES,
        producer_max_request_size=settings.max_message_bytes,
        stream_buffer_maxsize=RUNS_WAITING,
        stream_wait_empty=False,  # a run under way is not lost: the next owner of the partition asks the ledger
        topic_allow_declare=False,
        LeaderAssignor=leader_assignor(settings.changes_topic),
        web_enabled=False,
        value_serializer="raw",
        key_serializer="raw",
    )  # fmt: skip
    app.transport = run_transport(
        app, settings.changes_topic, settings.run_max_messages, settings.run_max_bytes, _starts(pipeline),
        pipeline.prepare,
    )  # fmt: skip
    agent = Agent(app, asyncio.get_running_loop().create_future())
    topic = app.topic(settings.changes_topic, schema=RunSchema())

    @app.agent(topic, concurrency=1, name="changes")  # type: ignore[untyped-decorator]
    async def changes(stream: Any) -> None:
        async for event in stream.events():
            await _work(agent, pipeline, event)

    for number, work in enumerate(leading):
        app.timer(interval=LEADING_SECONDS, on_leader=True, name=f"leading-{number}")(work)
    return agent


def _starts(pipeline: Pipeline) -> Callable[[Any], Awaitable[Any]]:
    async def starts(earliest: Any) -> Any:
        return await asyncio.to_thread(pipeline.ledger.starts, earliest)

    return starts


async def _work(agent: Agent, pipeline: Pipeline, event: Any) -> None:
    """One run. A bug stops everything: nothing after it is acknowledged, and the process ends."""
    if event.message.generation_id != agent.app.consumer_generation_id:
        return  # handed over before a rebalance; whoever owns the partition now reads it again
    agent.busy = True
    try:
        await pipeline.work(event.value.records, event.value.prepared)
    except Exception as error:
        metrics.BUGS.inc()
        # the place, not the message: what libraries say of a failure may quote a patient's row
        frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        log.error("bug", error=type(error).__name__, partition=event.message.partition,
                  offset=event.message.offset, frames=frames[-8:])  # fmt: skip
        if not agent.failed.done():
            agent.failed.set_result(error)
        await asyncio.Event().wait()  # until the process ends
    finally:
        agent.busy = False
    agent.runs += 1
