"""``sanjian up``: broker, ClickHouse, worker, API and pages in one process (the broker beside it).

What the embedded broker holds is in memory only. So stopping first works off what has arrived; and where that does not
succeed (ClickHouse out of order, a kill -9), the broker is left running and the next start takes it over.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI

from api.accounts.accounts import Accounts
from api.app import create_app
from api.console.install import install as install_console
from api.ports import Ports, WorkerState
from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from sanjian import datadir
from sanjian.broker import EmbeddedBroker
from sanjian.demo import Demo
from sanjian.errors import Misconfigured, NotNow
from sanjian.first import ADMIN, first_admin, runtime_client
from sanjian.serving import Server
from sanjian.settings import Settings
from standard.load import load
from standard.model import Standard
from streams.audit import Auditor
from streams.deadletters import DeadLetters
from streams.producer import Producer
from streams.topics import Topic, ensure_topics
from streams.worker import Worker, running_worker

log = structlog.get_logger(__name__)

#: Together with stopping the rest this stays below the ten seconds that people wait for Ctrl-C.
DRAIN_SECONDS = 4.0
#: How often the embedded broker is looked at.
WATCH_SECONDS = 2.0
#: How often the log says how much it holds.
TELL_SECONDS = 300.0
#: The stream, the leader with two duties, and people who look at pages: none of them should wait for the others.
READERS = 4
EXIT_BUG, EXIT_NOT_NOW = 70, 75


@dataclass(slots=True)
class Runtime:
    """What of the worker the API asks for; filled while the worker runs."""

    clickhouse: ClickHouse
    accounts: Accounts
    broker: EmbeddedBroker | None
    bootstrap: list[str]
    changes: Topic
    worker: Worker | None = None
    worked_off: bool = False
    broker_ended: bool = False

    def state(self) -> WorkerState:
        """Whether the worker runs."""
        running = self.worker is not None and self.worker.running
        return WorkerState(running, running, "" if running else "the worker is not running")

    def waiting(self) -> int:
        """Messages that are not in the ledger yet. Raises NotNow."""
        with contextlib.closing(Auditor(self.clickhouse, self.bootstrap, self.changes)) as auditor:
            found = auditor.audit()
        return sum(partition.waiting + len(partition.missing) for partition in found)


def run(settings: Settings, demo: bool = False) -> int:
    """Run until stopped; the exit code. Raises Misconfigured when it cannot start as set up."""
    with ExitStack() as stack:
        stack.enter_context(datadir.locked(settings.data_dir))
        listener = stack.enter_context(_listener(settings))
        standard = load(settings.standard_settings)
        clickhouse = ClickHouse(
            settings.clickhouse_dsn, readers=READERS, memory_mb=settings.clickhouse_memory_mb,
            cluster=settings.clickhouse_replicated,
        )  # fmt: skip
        stack.callback(clickhouse.close)
        migrate(clickhouse)
        accounts = stack.enter_context(_accounts(settings))
        broker = _broker(settings)
        bootstrap = [broker.bootstrap] if broker else settings.bootstrap
        topics = ensure_topics(settings, bootstrap)
        runtime = Runtime(clickhouse, accounts, broker, bootstrap, topics[settings.changes_topic])
        shown = Demo(settings, standard) if demo else None
        if shown:
            shown.register(clickhouse, accounts)
        code = asyncio.run(_serve(settings, standard, runtime, topics, listener, shown))
        _end_broker(runtime, settings.data_dir)
        datadir.remove(settings.data_dir, datadir.RUNTIME)
        return code


@contextlib.contextmanager
def _accounts(settings: Settings) -> Iterator[Accounts]:
    """The accounts, up to date; at the very first start with an administrator, whose password is printed."""
    accounts = Accounts.open(settings)
    try:
        accounts.database.migrate()
        accounts.purge()
        password = first_admin(accounts)
        if password is not None:
            print(f"管理员 administrator: {ADMIN}  一次性密码 one-time password: {password}", flush=True)
        yield accounts
    finally:
        accounts.close()


def _listener(settings: Settings) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise Misconfigured(
            f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}); choose another with --port."
        ) from error
    return listener


def _broker(settings: Settings) -> EmbeddedBroker | None:
    """The embedded broker: the one that an earlier process left behind, or a new one. None with a Kafka server."""
    if not settings.embedded_broker:
        return None
    log_file = settings.data_dir / "broker.log"
    left = datadir.read(settings.data_dir, datadir.BROKER)
    broker = EmbeddedBroker.still_there(log_file, int(left.get("pid", 0)), int(left.get("port", 0))) if left else None
    if broker is not None:
        log.info("broker_taken_over", port=broker.port, held_mb=broker.memory_bytes() >> 20)
        return broker
    broker = EmbeddedBroker(log_file)
    broker.start()
    datadir.write(settings.data_dir, datadir.BROKER, {"pid": broker.pid, "port": broker.port})
    return broker


async def _serve(
    settings: Settings, standard: Standard, runtime: Runtime, topics: dict[str, Topic], listener: socket.socket,
    demo: Demo | None,
) -> int:  # fmt: skip
    ports = Ports(worker=runtime.state, broker_memory=runtime.broker.memory_bytes if runtime.broker else None)
    ports.newest = lambda: runtime.worker.newest() if runtime.worker is not None else {}

    @asynccontextmanager
    async def worker(app: FastAPI) -> AsyncIterator[None]:
        async with running_worker(settings, runtime.clickhouse, standard, runtime.bootstrap, topics) as running:
            producer = Producer(
                runtime.bootstrap, idempotent=not settings.embedded_broker, max_bytes=settings.max_message_bytes
            )
            loop = asyncio.get_running_loop()
            runtime.worker = running
            auditor = Auditor(runtime.clickhouse, runtime.bootstrap, runtime.changes, running.pipeline, loop)
            ports.auditor = auditor
            ports.dead_letters = DeadLetters(runtime.clickhouse, producer, settings.changes_topic, loop)
            try:
                yield
                stops = [asyncio.to_thread(demo.stop)] if demo is not None else []
                await asyncio.gather(running.rest(), *stops)
                await _work_off(runtime)
            finally:
                await asyncio.to_thread(auditor.close)
                await producer.close()

    app = create_app(
        settings, runtime.clickhouse, runtime.accounts, bootstrap=runtime.bootstrap, topics=topics,
        lifespan_hooks=[worker], ports=ports, standard=standard,
    )  # fmt: skip
    install_console(app, settings)
    server = Server(app)
    watching = asyncio.create_task(_watch(settings, runtime, server, listener, demo))
    try:
        await server.serve([listener])
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    if runtime.broker_ended:
        return EXIT_NOT_NOW
    if not server.started:
        return EXIT_BUG
    return EXIT_BUG if runtime.worker is not None and runtime.worker.failed.done() else 0


async def _watch(
    settings: Settings, runtime: Runtime, server: uvicorn.Server, listener: socket.socket, demo: Demo | None
) -> None:
    """Say where we are once we serve, start the demo, and end the server when a bug has stopped the worker."""
    while not server.started:
        await asyncio.sleep(0.05)
    url = f"http://{settings.host}:{listener.getsockname()[1]}"
    kafka = f"kafka://{runtime.bootstrap[0]}"
    client = await asyncio.to_thread(runtime_client, runtime.accounts)
    datadir.write(settings.data_dir, datadir.RUNTIME, {"url": url, "kafka": kafka, **client})
    log.info("serving", url=url, broker=kafka, clickhouse=settings.clickhouse_dsn.split("@")[-1])
    print(f"三监 Sanjian: {url}", flush=True)  # the one line that people look for
    if demo:
        demo.start(kafka)
    try:
        assert runtime.worker is not None
        told = time.monotonic() - TELL_SECONDS
        while not runtime.worker.failed.done():
            if runtime.broker is not None and not runtime.broker.running:
                log.error("broker_ended", hint="what it held and was not landed is lost; start again")
                runtime.broker_ended = True
                break
            if runtime.broker is not None and time.monotonic() - told >= TELL_SECONDS:
                told = time.monotonic()
                log.info("broker_holds", mb=runtime.broker.memory_bytes() >> 20, hint="in memory, until it is stopped")
            await asyncio.wait([runtime.worker.failed], timeout=WATCH_SECONDS)
        server.should_exit = True
    finally:
        if demo:
            demo.stop()


async def _work_off(runtime: Runtime) -> None:
    """Land what has arrived before stopping; then the memory broker can go."""
    deadline = time.monotonic() + DRAIN_SECONDS
    waiting = -1
    while time.monotonic() < deadline and runtime.state().running:
        try:
            waiting = await asyncio.to_thread(runtime.waiting)
        except NotNow:
            break
        if waiting == 0:
            break
        await asyncio.sleep(0.1)
    log.info("worked_off" if waiting == 0 else "not_worked_off", waiting=waiting)
    runtime.worked_off = waiting == 0


def _nothing_came_since(runtime: Runtime) -> bool:
    """A sender of its own may have produced while the worker stopped; it was told that the broker has it."""
    try:
        waiting = runtime.waiting()
    except NotNow:
        return False
    log.info("broker_empty" if waiting == 0 else "more_came", waiting=waiting)
    return waiting == 0


def _end_broker(runtime: Runtime, directory: Path) -> None:
    """End the embedded broker if nothing in it is waiting; called when everything that talks to it has stopped."""
    if runtime.broker is None:
        return
    if runtime.broker_ended or (runtime.worked_off and _nothing_came_since(runtime)):
        runtime.broker.stop()
        datadir.remove(directory, datadir.BROKER)
    else:
        log.warning("broker_left_running", pid=runtime.broker.pid, hint="what waits in it is landed at the next start")
