"""Tells people about steps of cases, in an order that loses nothing whatever happens in between.

The step itself is taken before (``store.take``). Then:

1. keep the notices in ``alerts`` · 2. put a delivery for every channel that wants them into the outbox
3. publish them to ``sanjian.alerts`` · 4. note them as whole

A crash leaves steps whose notice is not whole; the next run does all four again. Notices and deliveries have ids made
from the step, so only 3 can happen twice, and then both messages carry the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from clickhouse.channels import ChannelStore
from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from clickhouse.query import load_query
from clickhouse.steps import MOMENT
from streams.cases.case import Case
from streams.cases.notice import ALERT_SEVERITY, Notice, notice_of
from streams.cases.store import NO_DAY
from streams.cases.stream import Publish
from streams.outbox.delivery import pending, wants
from streams.outbox.store import OutboxStore

#: Called after each numbered step with its number; tests crash here.
OnStep = Callable[[int], None]


def no_step(number: int) -> None:
    """Nothing happens between the steps."""


@dataclass(slots=True)
class Teller:
    """Makes notices and hands them on. Calls block and raise NotNow."""

    clickhouse: ClickHouse
    publish: Publish
    public_url: str
    on_step: OnStep = no_step

    def tell(self, steps: Sequence[Case], now: datetime) -> None:
        """Tell about those of ``steps`` that people should hear of."""
        heard = [step for step in steps if step.told != "nobody"]
        if heard:
            orgs = self.orgs()
            names = {org.org: org.name for org in orgs.values()}
            self.hand_on([notice_of(step, names.get(step.org, ""), self.public_url) for step in heard], orgs, now)

    def orgs(self) -> dict[str, Org]:
        """The institutions by code."""
        return {org.org: org for org in OrgStore(self.clickhouse).all()}

    def hand_on(self, notices: Sequence[Notice], orgs: Mapping[str, Org], now: datetime, *more: str) -> None:
        """Steps 1 to 4. Digests are for channels only: neither kept nor published.

        :param more: what is whole together with these notices.
        """
        tests = {org.org for org in orgs.values() if org.test}
        channels = ChannelStore(self.clickhouse).all()
        shown = [notice for notice in notices if notice.told != "digest"]
        if shown:
            self.clickhouse.insert("alerts", _frame(shown, now))
        self.on_step(1)
        OutboxStore(self.clickhouse).put(
            [pending(notice, channel.name) for notice in notices for channel in channels
             if wants(channel, notice, tests)]
        )  # fmt: skip
        self.on_step(2)
        if shown:
            self.publish(shown, now)
        self.on_step(3)
        done = pl.DataFrame({"id": [*(notice.id for notice in notices), *more]}).with_columns(at=pl.lit(now))
        self.clickhouse.insert("notices_done", done.cast({"at": MOMENT}))
        self.on_step(4)

    def is_done(self, notice: str) -> bool:
        """Whether this notice is whole."""
        return bool(self.clickhouse.rows(load_query("notices_done"), {"id": notice}))


def _frame(notices: Sequence[Notice], now: datetime) -> pl.DataFrame:
    """Rows of the table ``alerts``."""
    return pl.DataFrame(
        {
            "id": [one.id for one in notices], "org": [one.org for one in notices],
            "kind": [one.kind for one in notices], "table": [one.table for one in notices],
            "biz_date": [one.biz_date or NO_DAY for one in notices], "batch": [""] * len(notices),
            "severity": [ALERT_SEVERITY[one.severity] for one in notices],
            "payload": [one.payload.decode() for one in notices], "raised_at": [one.raised_at for one in notices],
            "landed_at": [now] * len(notices),
        },
        schema_overrides={"raised_at": MOMENT, "landed_at": MOMENT},
    )  # fmt: skip
