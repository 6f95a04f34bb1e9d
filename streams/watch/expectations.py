"""Keeps ``expected_days`` as the schedule, the institutions and the quiet times say. Blocks; raises NotNow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.orgs import OrgStore
from clickhouse.query import load_query
from clickhouse.schedule import QuietTime, QuietTimeStore, ScheduleStore
from clickhouse.steps import now_ms
from standard.model import Standard
from streams.watch.expected import Facts, expected_days
from streams.watch.outages import Outage

#: Business days that are watched, with today: two months, so that a month can still be put right when its report is
#: made. What was expected on earlier days stays as it was worked out last.
WATCHED_DAYS = 62
#: First days change when an institution begins to send, or sends earlier days later; to look reads all of ledger_days.
FIRST_DAYS_EVERY = timedelta(minutes=5)


def watched(now: datetime) -> Sequence[date]:
    """The business days that are watched now, today last."""
    today = now.astimezone(SHANGHAI).date()
    return [today - timedelta(days=back) for back in range(WATCHED_DAYS - 1, -1, -1)]


class Expectations:
    """``refresh`` writes the days that have to be written; without a change it costs three small queries."""

    def __init__(self, clickhouse: ClickHouse, standard: Standard, outage_minutes: float) -> None:
        self._clickhouse = clickhouse
        self._tables = {table: spec.domain for table, spec in standard.daily.items()}
        self._outage_minutes = outage_minutes
        self._orgs = OrgStore(clickhouse)
        self._schedule = ScheduleStore(clickhouse)
        self._quiet = QuietTimeStore(clickhouse)
        self._first_days: dict[str, date] = {}
        self._first_days_at: datetime | None = None
        self._done: tuple[Facts, date] | None = None

    def refresh(self, now: datetime) -> int:
        """How many rows were written."""
        quiet = self._quiet.all()
        facts = Facts(
            orgs=tuple(self._orgs.all()),
            first_days=self._first(now),
            entered={org: at.astimezone(SHANGHAI).date() for org, at in self._orgs.entered().items()},
            schedule=tuple(self._schedule.all()),
            quiet=tuple(one for one in quiet if one.kind != "outage"),
            outages=tuple(self._outage(one) for one in quiet if one.kind == "outage"),
            tables=self._tables,
        )
        days = watched(now)
        if self._done == (facts, days[-1]):
            return 0
        made = expected_days(facts, days)
        parameters = {"biz_from": days[0], "biz_to": days[-1]}
        stored = self._clickhouse.query(load_query("watch_expected"), parameters)
        new = made.join(stored, on=made.columns, how="anti")
        if new.height:
            stamp = pl.lit(now_ms(now.astimezone(SHANGHAI))).dt.cast_time_unit("ms").alias("updated_at")
            self._clickhouse.insert("expected_days", new.with_columns(stamp))
        self._done = facts, days[-1]
        return new.height

    def _outage(self, one: QuietTime) -> Outage:
        return Outage(one.starts_at, one.ends_at, one.ends_at + timedelta(minutes=self._outage_minutes))

    def _first(self, now: datetime) -> dict[str, date]:
        if self._first_days_at is None or now - self._first_days_at >= FIRST_DAYS_EVERY:
            rows = self._clickhouse.rows(load_query("watch_first_days"))
            self._first_days = {row["org"]: row["first_day"] for row in rows}
            self._first_days_at = now
        return self._first_days
