"""A scene for the watch: what came and what people keep, put into ClickHouse, and the watch run at set times."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from clickhouse.query import load_query
from clickhouse.steps import MOMENT
from sanjian.settings import Settings
from standard.load import load
from streams.cases.cases import Cases
from streams.cases.store import CaseStore
from streams.topics import Topic
from streams.watch.bugs import Bugs
from streams.watch.calendar import NEVER
from streams.watch.conditions import Condition
from streams.watch.leading import make_watch
from streams.watch.stored_thresholds import StoredThresholds
from streams.watch.watch import Ran, Watch
from tests.streams.watch.build import CHARGES, HOSPITAL, at

STANDARD = load()
#: Tables of an institution without beds.
OUTPATIENT = [name for name, table in STANDARD.tables.items() if table.domain != "inpatient"]
_COUNTS = ("received", "accepted", "rejected", "flagged", "unreadable")
_TYPES: Mapping[str, Any] = {
    **dict.fromkeys((*_COUNTS, "stretch", "messages"), pl.UInt64), "declared_empty": pl.UInt8, "partition": pl.UInt32,
    **dict.fromkeys(("first_arrived_at", "last_arrived_at", "changed_at", "summed_at"), MOMENT),
}  # fmt: skip


@dataclass
class Ingest:
    """How far our own ingest is, as a test says: up to date unless ``stuck_at`` is set."""

    stuck_at: datetime | None = None
    watermark: datetime = NEVER
    lag: int = 0
    missing: int | None = 0

    def look(self, now: datetime) -> None:
        self.watermark = self.stuck_at or now
        self.lag = 5 if self.stuck_at else 0


@dataclass
class Scene:
    """See the methods."""

    clickhouse: ClickHouse
    ingest: Ingest = field(default_factory=Ingest)
    every: float = 86400.0  # seconds between runs: no pause of a test is an outage, but where it says otherwise
    outage_minutes: float = 60.0
    written: int = 0

    def orgs(self, *orgs: Org, now: datetime | None = None) -> None:
        """Register institutions, ``now`` or when the test runs."""
        OrgStore(self.clickhouse, *([lambda: now] if now else [])).save(orgs)

    def came(
        self, day: date, received: int = 100, *, org: str = HOSPITAL, table: str = CHARGES, bad: int = 0,
        arrived: datetime | None = None, empty: bool = False, stretch: int = 0,
    ) -> None:  # fmt: skip
        """Rows of a day came (``bad`` of them rejected), by default at two in the following night."""
        self.put([self.cell(day, received, org, table, bad, arrived, empty, stretch)])

    def cell(
        self, day: date, received: int = 100, org: str = HOSPITAL, table: str = CHARGES, bad: int = 0,
        arrived: datetime | None = None, empty: bool = False, stretch: int = 0,
    ) -> dict[str, Any]:  # fmt: skip
        """A row of ledger_days."""
        moment = arrived or at(f"{day + timedelta(days=1)} 02:00")
        return {
            "biz_date": day, "org": org, "table": table, "arrival_day": moment.date(), "topic_id": "T", "partition": 0,
            "stretch": stretch, "received": received, "accepted": received - bad, "rejected": bad, "flagged": 0,
            "unreadable": 0, "messages": 1, "declared_empty": int(empty), "first_arrived_at": moment,
            "last_arrived_at": moment, "changed_at": moment,
        }  # fmt: skip

    def put(self, cells: Sequence[dict[str, Any]]) -> None:
        """Write rows of ledger_days, each write later than the one before."""
        self.written += 1
        stamp = at("2035-01-01 00:00") + timedelta(seconds=self.written)
        frame = pl.DataFrame([cell | {"summed_at": stamp} for cell in cells], schema_overrides=_TYPES)
        self.clickhouse.insert("ledger_days", frame)

    def state(
        self, now: datetime, day: date, table: str = CHARGES, org: str = HOSPITAL, watermark: datetime | None = None
    ) -> tuple[str, str]:
        """State and reason as readers see them."""
        parameters = {"org": org, "table": table, "biz_from": day, "biz_to": day, "now": now}
        rows = self.clickhouse.rows(load_query("day_states"), parameters | {"watermark": watermark or now})
        return (rows[0]["state"], rows[0]["reason"]) if rows else ("", "")

    def judgement(self, day: date, detector: str, table: str = CHARGES, org: str = HOSPITAL) -> dict[str, Any]:
        """The judgement of a day; empty when there is none."""
        rows = self.clickhouse.rows(load_query("watch_judged"), {"days": [day], "detectors": [detector]})
        found = [row for row in rows if (row["table"], row["org"]) == (table, org)]
        return found[0] if found else {}

    def watch(self) -> Runs:
        """A watch as a worker that has just started has it."""
        return Runs(self)


class Runs:
    """A watch with real cases; ``run`` tells what holds then, by key."""

    def __init__(self, scene: Scene, *, sums: bool = False) -> None:
        thresholds = StoredThresholds(scene.clickhouse)
        self.notices: list[Any] = []
        self.cases = Cases(
            scene.clickhouse, lambda notices, now: self.notices.extend(notices), thresholds=thresholds.value
        )
        self.bugs = Bugs()
        settings = Settings(watch_seconds=scene.every, outage_minutes=scene.outage_minutes)
        topic = Topic("his.changes", "T", 1)
        self.watch: Watch = make_watch(
            settings, scene.clickhouse, STANDARD, [], topic, self.cases, thresholds, "w1", self.bugs
        )
        self.watch.progress = scene.ingest  # type: ignore[assignment]
        if not sums:
            self.watch.refresh_sums = lambda now: None
        self.store = CaseStore(scene.clickhouse)

    def run(self, now: datetime) -> dict[str, Condition]:
        """What holds at ``now``."""
        return {one.key: one for one in self.ran(now).firing}

    def ran(self, now: datetime) -> Ran:
        """A run; the clock is in UTC, like a server's."""
        return self.watch.run(now.astimezone(UTC))

    def open_cases(self, now: datetime) -> Collection[str]:
        """Keys of the cases that are not resolved."""
        return {key for key, case in self.store.current(now).items() if case.live}


def same(one: Any, other: Any) -> bool:
    """Equal, NaN too."""
    return one == other or (isinstance(one, float) and math.isnan(one) and math.isnan(other))
