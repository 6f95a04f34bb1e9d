"""What the leader does, in order: sums, facts, rules that need other rows, the watch; and beside it the deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from clickhouse.channels import ChannelStore
from clickhouse.client import ClickHouse
from sanjian.settings import Settings
from standard.model import Standard
from streams.audit import Auditor
from streams.cases.cases import Cases
from streams.cases.stream import publish_on
from streams.outbox.dispatch import Dispatch
from streams.outbox.mail import mail_server
from streams.outbox.sender import Sender
from streams.outbox.store import OutboxStore
from streams.positions import Publisher
from streams.rollup import Facts, Rollup
from streams.store_checks.run import StoreChecks
from streams.topics import Topic
from streams.watch.bugs import Bugs
from streams.watch.duties import MORE, Duties, Duty, in_thread
from streams.watch.expectations import Expectations
from streams.watch.found import Names
from streams.watch.heartbeat import Heartbeat
from streams.watch.judge import Judge, Judged
from streams.watch.look import Look
from streams.watch.measures import Mappings, associations, rates_and_volumes
from streams.watch.progress import Progress
from streams.watch.stored_thresholds import StoredThresholds
from streams.watch.unmapped import Unmapped
from streams.watch.watch import Watch

#: Cells of which facts are computed, and rules run, before other duties have their turn again: some seconds.
FACTS_AT_ONCE, CHECKS_AT_ONCE = 500, 200
#: After a change of the rules all days are checked again, beside the daily work: about ten seconds of a minute.
RECHECKS_AT_ONCE, RECHECKS_EVERY = 500, 60.0
#: Facts cost about 0.1 s a table, however many days are computed together: less often than sums.
FACTS_EVERY = 3


@dataclass(slots=True)
class Leading:
    """The duties of the leader. ``working`` come one after the other; ``delivering`` waits for other people's servers
    and so goes beside them."""

    working: Duties
    delivering: Duties
    dispatch: Dispatch
    watch: Watch
    _stopped: bool = False

    async def stop(self) -> None:
        """Begin nothing more; what is under way is waited for a little. Once is enough."""
        if self._stopped:
            return
        self._stopped = True
        await asyncio.gather(self.working.stop(), self.delivering.stop())
        await asyncio.to_thread(self.watch.close)
        await self.dispatch.close()


def make_leading(
    settings: Settings, clickhouse: ClickHouse, standard: Standard, bootstrap: list[str],
    topics: Mapping[str, Topic], publisher: Publisher, watcher: str, now: Callable[[], datetime],
) -> Leading:  # fmt: skip
    """The duties of one worker, for when it leads. Call inside the running loop."""
    bugs = Bugs()
    thresholds = StoredThresholds(clickhouse)
    publish = publish_on(asyncio.get_running_loop(), publisher, clickhouse, topics[settings.alerts_topic])
    cases = Cases(clickhouse, publish, thresholds=thresholds.value, public_url=settings.public_url)
    watch = make_watch(
        settings, clickhouse, standard, bootstrap, topics[settings.changes_topic], cases, thresholds, watcher, bugs
    )
    facts, checks = Facts(clickhouse, standard), StoreChecks(clickhouse, standard, now)
    working = [
        Duty("sums", settings.rollup_seconds, in_thread(watch.refresh_sums)),
        Duty("facts", FACTS_EVERY * settings.rollup_seconds, in_thread(partial(_facts, facts))),
        Duty("store_checks", settings.rollup_seconds, in_thread(partial(_checks, checks))),
        Duty("store_rechecks", RECHECKS_EVERY, in_thread(partial(_rechecks, checks))),
        Duty("watch", settings.watch_seconds, in_thread(watch.run)),
    ]
    dispatch = Dispatch(mail_server(settings.smtp, settings.smtp_from), now)
    sender = Sender(OutboxStore(clickhouse), ChannelStore(clickhouse, now), dispatch, now)
    delivering = [Duty("delivery", settings.delivery_seconds, lambda _: sender.step())]
    return Leading(Duties(working, bugs, now), Duties(delivering, bugs, now), dispatch, watch)


def make_watch(
    settings: Settings, clickhouse: ClickHouse, standard: Standard, bootstrap: list[str], changes: Topic,
    cases: Cases, thresholds: StoredThresholds, watcher: str, bugs: Bugs,
) -> Watch:  # fmt: skip
    """A watch with all its parts."""
    return Watch(
        thresholds=thresholds,
        heartbeat=Heartbeat(
            clickhouse, watcher, timedelta(seconds=settings.watch_seconds), settings.outage_minutes
        ),
        progress=Progress(clickhouse, Auditor(clickhouse, bootstrap, changes), changes),
        refresh_sums=Rollup(clickhouse).refresh,
        expectations=Expectations(clickhouse, standard, settings.outage_minutes),
        judge=Judge(
            clickhouse,
            (
                Judged(("ledger", "expected"), ("anomaly_rate", "volume"), rates_and_volumes, baseline=True),
                Judged(("store",), ("association",), associations),
                Judged(("facts", "maps"), ("mapping",), Mappings(standard)),
            ),
        ),
        unmapped=Unmapped(clickhouse, standard),
        look=partial(Look, clickhouse),
        live=lambda now: {key: case for key, case in cases.store.current(now).items() if case.live},
        apply=cases.apply,
        names=Names.of(standard),
        bugs=bugs,
    )  # fmt: skip


def _facts(facts: Facts, now: datetime) -> str:
    cells = facts.pending(now)
    if cells:
        facts.compute(cells[:FACTS_AT_ONCE], now)
    return MORE if len(cells) > FACTS_AT_ONCE else ""


def _checks(checks: StoreChecks, now: datetime) -> str:
    cells = checks.pending()
    if cells:
        checks.run(cells[:CHECKS_AT_ONCE], now)
    return MORE if len(cells) > CHECKS_AT_ONCE else ""


def _rechecks(checks: StoreChecks, now: datetime) -> None:
    cells = checks.outdated(RECHECKS_AT_ONCE)
    if cells:
        checks.run(cells, now)
