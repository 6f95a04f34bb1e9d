"""Production: ``sanjian worker`` and ``sanjian api`` as processes of their own; Kafka and ClickHouse are servers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NoReturn

import structlog
from fastapi import FastAPI
from prometheus_client import start_http_server

from api.accounts.accounts import Accounts
from api.app import create_app
from api.console.install import install as install_console
from api.ports import Ports
from clickhouse.client import ClickHouse
from clickhouse.migrate import pending
from sanjian import metrics
from sanjian.demo import Demo
from sanjian.errors import Misconfigured
from sanjian.serving import Server
from sanjian.settings import Settings
from sanjian.up import EXIT_BUG, READERS
from standard.load import load
from streams.audit import Auditor
from streams.deadletters import DeadLetters
from streams.mapfeed import MapFeed
from streams.maps import CodeMaps
from streams.producer import Producer
from streams.topics import Topic, ensure_topics
from streams.worker import make_pipeline, running_worker

log = structlog.get_logger(__name__)


def _servers(settings: Settings) -> tuple[ClickHouse, dict[str, Topic]]:
    if settings.embedded_broker or not settings.clickhouse:
        raise Misconfigured(
            "sanjian worker and sanjian api need SANJIAN_KAFKA and SANJIAN_CLICKHOUSE; sanjian up needs neither."
        )
    clickhouse = ClickHouse(settings.clickhouse_dsn, readers=READERS, cluster=settings.clickhouse_replicated)
    missing = pending(clickhouse)
    if missing:
        raise Misconfigured(f"The database lacks migrations ({', '.join(missing[:3])} …); run sanjian migrate first.")
    return clickhouse, ensure_topics(settings, settings.bootstrap)


def run_worker(settings: Settings) -> int:
    """Work until SIGTERM or SIGINT; the exit code."""
    clickhouse, topics = _servers(settings)
    start_http_server(settings.metrics_port, registry=metrics.REGISTRY)
    try:
        return asyncio.run(_work(settings, clickhouse, topics))
    finally:
        clickhouse.close()


async def _work(settings: Settings, clickhouse: ClickHouse, topics: dict[str, Topic]) -> int:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    standard = load(settings.standard_settings)
    async with running_worker(settings, clickhouse, standard, settings.bootstrap, topics) as worker:
        stopping = asyncio.create_task(stop.wait())
        pending: list[asyncio.Future[Any]] = [stopping, worker.failed]
        await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await stopping
        return EXIT_BUG if worker.failed.done() else 0


def run_demo(settings: Settings) -> NoReturn:
    """Register the simulated province on the servers, then become the process that sends its data."""
    clickhouse, _ = _servers(settings)
    with clickhouse as store, _accounts(settings) as accounts:
        demo = Demo(settings, load(settings.standard_settings))
        demo.register(store, accounts)
    os.execv(sys.executable, demo.command(settings.kafka))


@contextmanager
def _accounts(settings: Settings) -> Iterator[Accounts]:
    accounts = Accounts.open(settings)
    try:
        if accounts.database.pending():
            raise Misconfigured("The accounts database is not up to date; run sanjian migrate first.")
        yield accounts
    finally:
        accounts.close()


def run_api(settings: Settings) -> int:
    """Serve until stopped; the exit code."""
    clickhouse, topics = _servers(settings)
    with clickhouse, _accounts(settings) as accounts:
        accounts.purge()
        if not accounts.users.all():
            log.warning("no_users", hint="sanjian user add <name> --role admin")
        return _serve(settings, clickhouse, accounts, topics)


def _serve(settings: Settings, clickhouse: ClickHouse, accounts: Accounts, topics: dict[str, Topic]) -> int:
    standard = load(settings.standard_settings)
    changes = topics[settings.changes_topic]
    ports = Ports()

    @asynccontextmanager
    async def tools(app: FastAPI) -> AsyncIterator[None]:
        """What audits repair and dead letters are redriven with; the stream itself is the workers'."""
        loop = asyncio.get_running_loop()
        producer = Producer(settings.bootstrap, idempotent=True, max_bytes=settings.max_message_bytes)
        maps = CodeMaps(standard)
        feed = MapFeed(maps, clickhouse, settings.bootstrap, settings.codemaps_topic)
        await feed.start()
        pipeline = await make_pipeline(settings, clickhouse, standard, topics, producer, maps)
        auditor = Auditor(clickhouse, settings.bootstrap, changes, pipeline, loop)
        ports.auditor = auditor
        ports.dead_letters = DeadLetters(clickhouse, producer, settings.changes_topic, loop)
        try:
            yield
        finally:
            await feed.stop()
            await asyncio.to_thread(auditor.close)
            await producer.close()

    app = create_app(
        settings, clickhouse, accounts, bootstrap=settings.bootstrap, topics=topics, lifespan_hooks=[tools],
        ports=ports, standard=standard,
    )  # fmt: skip
    install_console(app, settings)
    server = Server(app, settings.host, settings.port)
    asyncio.run(server.serve())
    return 0 if server.started else EXIT_BUG
