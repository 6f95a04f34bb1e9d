"""What the routes work with, made once by ``create_app`` and kept in ``app.state.services``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from api.accounts.accounts import Accounts
from api.accounts.visible import Directory
from api.audit_log import AuditLog
from api.casework import Casework
from api.gateway import Gateway, Places
from api.hub import AlertHub
from api.live.history import History
from api.live.seats import Seats
from api.ports import Ports
from api.redrive.jobs import Redrives
from api.snapshot import Snapshot
from api.submissions.desk import Desk
from api.submissions.live import Watched
from api.texts import Wording
from api.uploads import UploadLog
from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore
from clickhouse.declarations import DeclarationStore
from clickhouse.orgs import OrgStore
from clickhouse.schedule import QuietTimeStore, ScheduleStore
from clickhouse.thresholds import ThresholdStore
from sanjian.settings import Settings
from standard.model import Standard
from streams.producer import Producer
from streams.topics import Topic


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the API. ``now`` gives UTC."""

    settings: Settings
    clickhouse: ClickHouse
    standard: Standard
    wording: Wording
    topics: Mapping[str, Topic]
    bootstrap: list[str]
    accounts: Accounts
    directory: Directory
    producer: Producer
    uploads: UploadLog
    gateway: Gateway
    places: Places
    hub: AlertHub
    history: History
    seats: Seats
    snapshot: Snapshot
    orgs: OrgStore
    code_maps: CodeMapStore
    schedule: ScheduleStore
    quiet_times: QuietTimeStore
    thresholds: ThresholdStore
    declarations: DeclarationStore
    audit_log: AuditLog
    casework: Casework
    redrives: Redrives
    desk: Desk
    watched: Watched
    ports: Ports
    version: str
    now: Callable[[], datetime]
