"""What the detectors look at in one run: read once, when the first one asks. Blocks; raises NotNow."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.query import load_query
from streams.watch.detectors.anomaly_rate import Rules
from streams.watch.detectors.unreadable import OPEN_FOR
from streams.watch.expectations import watched

#: Bad figures of business days of the last month open cases; older ones stay in the reports only.
QUALITY_DAYS = 31
#: Days before those watched of which cases are still open; of more the oldest stay as they are.
MOST_OLD_DAYS = 60


@dataclass
class Look:
    """The state of things at ``now``. ``old_days``: days before those watched of which cases are open."""

    clickhouse: ClickHouse
    now: datetime
    watermark: datetime
    old_days: Collection[date]

    def __post_init__(self) -> None:
        """Times in the zone of the columns: Polars compares only times of one zone."""
        self.now, self.watermark = self.now.astimezone(SHANGHAI), self.watermark.astimezone(SHANGHAI)

    @property
    def first_day(self) -> date:
        """The first day that is watched."""
        return watched(self.now)[0]

    @property
    def today(self) -> date:
        """In Shanghai."""
        return watched(self.now)[-1]

    @property
    def first_quality_day(self) -> date:
        """The first day whose bad figures open cases."""
        return self.today - timedelta(days=QUALITY_DAYS - 1)

    @cached_property
    def states(self) -> pl.DataFrame:
        """Rows of day_states: the days watched and ``old_days``."""
        spans = [(self.first_day, self.today), *((day, day) for day in self.old_days)]
        query, same = load_query("day_states"), {"org": "", "table": "", "now": self.now, "watermark": self.watermark}
        return pl.concat(
            self.clickhouse.query(query, same | {"biz_from": first, "biz_to": last}) for first, last in spans
        )  # fmt: skip

    @cached_property
    def bad(self) -> pl.DataFrame:
        """Judgements that are a warning or critical, but for days that are marked as incidents."""
        first = min([self.first_quality_day, *self.old_days])
        found = self.clickhouse.query(load_query("watch_bad"), {"biz_from": first, "biz_to": self.today})
        incidents = self.states.filter(pl.col("incident") == 1).select("org", "table", "biz_date")
        return found.join(incidents, on=["org", "table", "biz_date"], how="anti")

    @cached_property
    def rules(self) -> Rules:
        """The rules that days with a bad anomaly rate violate most."""
        days = self.bad.filter(pl.col("detector") == "anomaly_rate")["biz_date"].unique().to_list()
        rows = self.clickhouse.rows(load_query("watch_rules"), {"days": days}) if days else []
        return {(row["org"], row["table"], row["biz_date"]): row["rules"] for row in rows}

    @cached_property
    def standing(self) -> pl.DataFrame:
        """Rows of watch_standing of the days watched."""
        return self.clickhouse.query(load_query("watch_standing"), {"biz_from": self.first_day})

    @cached_property
    def undated(self) -> pl.DataFrame:
        """Rows of watch_undated that came on the days watched."""
        return self.clickhouse.query(load_query("watch_undated"), {"day_from": self.first_day})

    @cached_property
    def letters(self) -> pl.DataFrame:
        """Rows of watch_letters."""
        return self.clickhouse.query(load_query("watch_letters"), {"since": self.now - OPEN_FOR})

    @cached_property
    def letters_last_hour(self) -> int:
        """Dead letters of the last hour."""
        parameters = {"since": self.now - timedelta(hours=1)}
        return int(self.clickhouse.rows(load_query("watch_letters_count"), parameters)[0]["letters"])

    @cached_property
    def drift(self) -> pl.DataFrame:
        """Rows of watch_drift of the last week."""
        return self.clickhouse.query(load_query("watch_drift"), {"since": self.now - timedelta(days=7)})
