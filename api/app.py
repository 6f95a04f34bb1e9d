"""The API as one application: ``create_app`` puts the parts together; each route is in ``api/routes``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

from api import errors, openapi, page
from api.accounts.accounts import Accounts
from api.accounts.standing import standing
from api.accounts.upkeep import upkeep
from api.accounts.visible import Directory
from api.audit_log import AuditLog
from api.casework import casework
from api.gateway import Gateway, Places
from api.hub import AlertHub
from api.live.history import History
from api.live.seats import Seats
from api.middleware import BodyLimit, RequestLog
from api.ports import Ports
from api.redrive.jobs import Redrives
from api.routes import (
    alerts,
    audit_log,
    batches,
    browse,
    case_loop,
    case_summary,
    cases,
    changes,
    channels,
    checks,
    clients,
    contacts,
    declarations,
    findings,
    front_page_reports,
    front_pages,
    grafana,
    health,
    history,
    indicators,
    maps,
    me,
    oauth,
    onboarding,
    operations,
    orgs,
    receipts,
    records,
    redrive,
    registrations,
    rejected,
    schedule,
    session,
    status,
    submission_live,
    submission_months,
    submissions,
    thresholds,
    users,
    watch,
)
from api.services import Services
from api.snapshot import Snapshot
from api.submissions.desk import Desk
from api.submissions.disk import Disk
from api.submissions.live import Watched
from api.submissions.store import SubmissionStore
from api.submissions.work import Tools
from api.texts import Wording
from api.uploads import UploadLog
from api.wire import OrjsonResponse, utc_now
from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore
from clickhouse.declarations import DeclarationStore
from clickhouse.orgs import OrgStore
from clickhouse.schedule import QuietTimeStore, ScheduleStore
from clickhouse.tables import by_submission
from clickhouse.thresholds import ThresholdStore
from sanjian.settings import Settings
from standard.load import load
from standard.model import Standard
from streams.producer import Producer
from streams.topics import Topic

LifespanHook = Callable[[FastAPI], AbstractAsyncContextManager[object]]

#: Of every application of this process: FastAPI works each of them out at the first request, which takes a second.
_ROUTES = APIRouter(default_response_class=OrjsonResponse)
for _module in (
    changes, checks, receipts, batches, findings, rejected, redrive, submission_months,
    submission_live, submissions, alerts, case_summary, cases, case_loop, channels,
    indicators, records, status, orgs, maps, schedule, thresholds, watch, declarations, operations, health, session,
    me, oauth, users, registrations, clients, audit_log, browse, onboarding, history, grafana,
    front_pages, front_page_reports, contacts,
):  # fmt: skip
    _ROUTES.include_router(_module.router)


def create_app(
    settings: Settings,
    clickhouse: ClickHouse,
    accounts: Accounts,
    *,
    bootstrap: list[str],
    topics: Mapping[str, Topic],
    lifespan_hooks: Sequence[LifespanHook] = (),
    ports: Ports | None = None,
    standard: Standard | None = None,
    now: Callable[[], datetime] = utc_now,
) -> FastAPI:
    """The application. It starts the producer and the alert hub in its lifespan, then enters ``lifespan_hooks`` in
    order (and leaves them first), for instance the stream worker of the embedded runtime.

    ``bootstrap`` and ``topics`` describe the broker as it is now (``streams.topics.ensure_topics``); both databases are
    migrated already; closing ``clickhouse`` and ``accounts`` is the caller's. ``now`` gives UTC.
    """
    services = _services(
        settings, clickhouse, accounts, bootstrap=bootstrap, topics=topics, ports=ports or Ports(),
        standard=standard or load(settings.standard_settings), now=now,
    )  # fmt: skip

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(services.producer.close)
            stack.push_async_callback(services.casework.dispatch.close)
            stack.push_async_callback(services.redrives.close)
            await stack.enter_async_context(services.audit_log.running())
            await stack.enter_async_context(upkeep(accounts))
            await stack.enter_async_context(services.hub.running())
            await stack.enter_async_context(services.desk.running())
            for hook in lifespan_hooks:
                await stack.enter_async_context(hook(app))
            yield

    app = FastAPI(
        title="三监 Sanjian", version=services.version, lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url=None,
    )  # fmt: skip
    app.state.services = services
    app.router.routes.extend(_ROUTES.routes)
    page.install(app)
    errors.install(app)
    openapi.describe(app)
    app.add_middleware(BodyLimit, limit=settings.max_message_bytes)
    app.add_middleware(RequestLog)
    return app


def _services(
    settings: Settings,
    clickhouse: ClickHouse,
    accounts: Accounts,
    *,
    bootstrap: list[str],
    topics: Mapping[str, Topic],
    ports: Ports,
    standard: Standard,
    now: Callable[[], datetime],
) -> Services:
    changes_topic = topics[settings.changes_topic]
    org_store = OrgStore(clickhouse, now)
    directory = Directory(org_store)
    hub = AlertHub(bootstrap, topics[settings.alerts_topic], partial(standing, accounts, directory), now)
    uploads = UploadLog(clickhouse)
    thresholds = ThresholdStore(clickhouse, now)
    producer = Producer(bootstrap, idempotent=not settings.embedded_broker, max_bytes=settings.max_message_bytes)
    tools = Tools(
        SubmissionStore(clickhouse, now), Disk(settings.submissions_dir or settings.data_dir / "submissions"), producer,
        bootstrap, changes_topic, next(table for table in standard.tables.values() if by_submission(table)),
        settings.max_message_bytes,
    )  # fmt: skip
    desk = Desk(
        tools, thresholds, settings.submission_max_mb * 1024 * 1024, settings.submission_quota_mb * 1024 * 1024, now
    )
    return Services(
        settings=settings, clickhouse=clickhouse, standard=standard, wording=Wording(standard), topics=topics,
        bootstrap=bootstrap, accounts=accounts, directory=directory, producer=producer, uploads=uploads,
        gateway=Gateway(
            uploads, producer, clickhouse, topic=changes_topic, max_bytes=settings.max_message_bytes, now=now
        ),
        places=Places(), hub=hub, history=History(clickhouse, now),
        seats=Seats(settings.alert_clients, settings.alert_clients_per_account),
        snapshot=Snapshot(clickhouse, hub, changes_topic, ports, now),
        schedule=ScheduleStore(clickhouse, now), quiet_times=QuietTimeStore(clickhouse, now),
        thresholds=thresholds, declarations=DeclarationStore(clickhouse, now),
        orgs=org_store, code_maps=CodeMapStore(clickhouse, now),
        audit_log=AuditLog(accounts.outbox, clickhouse, settings.proxies),
        redrives=Redrives(clickhouse, producer, changes_topic.name, settings.max_message_bytes, now),
        casework=casework(settings, clickhouse, producer, topics[settings.alerts_topic], now),
        desk=desk, watched=Watched(desk, settings.max_message_bytes),
        ports=ports, version=version("sanjian"), now=now,
    )  # fmt: skip
