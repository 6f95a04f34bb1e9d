"""Cases for those who work with them: the watch says what is wrong now, people say what they do about it.

Every step is taken by compare and set on the newest one. Of two watchers that see the same, one has the step and tells
people; the other one does nothing. Calls block and raise NotNow; what was taken and not told yet is told by the next
run of the watch, here or in another process.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.steps import now_ms
from sanjian import metrics
from sanjian.errors import Invalid, NotNow
from streams.cases import life
from streams.cases.case import Case
from streams.cases.digest import digest, digests_id
from streams.cases.limits import LONGEST_WINDOW, Limits, Thresholds, default_thresholds, limits_of
from streams.cases.outside import OUTSIDE, Report, next_step
from streams.cases.people import PersonStep
from streams.cases.store import CaseStore
from streams.cases.stream import Publish
from streams.cases.tell import OnStep, Teller, no_step
from streams.watch.conditions import Condition, condition_key

log = structlog.get_logger(__name__)

#: A step whose notice is not whole after so long was left behind by somebody who crashed; until then its taker may
#: still be at it. Telling a few hundred takes seconds.
LEFT_BEHIND = timedelta(seconds=30)
#: What nobody could tell for so long is no news any more.
OLDEST_NEWS = timedelta(days=30)
#: Steps by which the watch says that it still looks: for people the case is as they saw it.
QUIET = frozenset({"measure", "gone", "back", "remind", "overdue", "settle", "clear"})
#: Somebody else took a step of the same case at the same moment; so often in a row does not happen.
TRIES = 5


class Cases:
    """The life cycle of alerts.

    :param publish: see ``streams.cases.stream.publish_on``.
    :param thresholds: ``value(name, org, table)``, asked for the names of ``limits.DEFAULTS``.
    :param on_step: called with 0 after the steps of a run are taken, then with the numbers of ``tell``.
    """

    def __init__(
        self, clickhouse: ClickHouse, publish: Publish, *, thresholds: Thresholds = default_thresholds,
        public_url: str = "", on_step: OnStep = no_step,
    ) -> None:  # fmt: skip
        self.store = CaseStore(clickhouse)
        self.thresholds = thresholds
        self._teller = Teller(clickhouse, publish, public_url, on_step)
        self._public_url = public_url
        self._on_step = on_step

    def apply(self, firing: Sequence[Condition], unknown: Collection[str], now: datetime) -> None:
        """One run of the watch: open, change and end cases, remind, and tell people. Digests, too, when it is time.

        :param firing: everything that is wrong now; what is not here and not in ``unknown`` is not wrong any more.
        :param unknown: keys that cannot be judged now; their cases stay as they are.
        """
        now = now_ms(now)
        taken = [step for step in self._steps(firing, unknown, now) if self._take(step)]
        self._on_step(0)
        left = self.store.untold(now - OLDEST_NEWS, now - LEFT_BEHIND)
        self._teller.tell([*left, *taken], now)
        self._digests(now)

    def act(
        self, ident: str, step: PersonStep, now: datetime, *, version: int | None = None, of: str = ""
    ) -> Case | None:  # fmt: skip
        """A person's step on whatever the case is now; None when there is no such case.

        :param step: one of ``streams.cases.people`` with actor and note: the case and the time in, the next step out.
        :param version: since then nothing but QUIET steps. Raises Invalid("changed"), and what ``step`` raises.
        :param of: the institution or region for which the person acts.
        """
        now = now_ms(now)
        for _ in range(TRIES):
            case = self.store.find(ident)
            if case is None:
                return None
            if version not in (None, case.version) and self._changed(ident, version):
                raise Invalid("changed", "somebody else has changed the case")
            taken = replace(step(case, max(now, case.at)), actor_of=of)
            if self._take(taken):
                self._tell_or_leave(taken, now)
                return taken
        raise NotNow("others work on the same case")

    def hear(self, reports: Sequence[Report], now: datetime) -> list[Case]:
        """What others watch and report: each opens, changes or ends a case, or says nothing new. The steps taken."""
        now = now_ms(now)
        taken: list[Case] = []
        for report in reports:
            step = self._heard(report, now)
            if step is not None:
                taken.append(step)
                self._tell_or_leave(step, now)
        return taken

    def _heard(self, report: Report, now: datetime) -> Case | None:
        of = report.condition
        limits = self._limits(of.kind, of.org, of.table)
        for _ in range(TRIES):
            case = self.store.current(now - LONGEST_WINDOW).get(report.key)
            openings = 0 if case else self.store.openings([report.key]).get(report.key, 0)
            step = next_step(case, report, limits, max(now, case.at) if case else now, openings)
            if step is None or self._take(step):
                return step
        raise NotNow("others work on the same case")

    def _changed(self, ident: str, version: int) -> bool:
        steps = self.store.steps(ident)
        since = [step.action for step in steps if step.version > version]
        return version > len(steps) or not QUIET.issuperset(since)

    def _steps(self, firing: Sequence[Condition], unknown: Collection[str], now: datetime) -> list[Case]:
        conditions = {condition.key: condition for condition in firing}
        since = now - LONGEST_WINDOW
        current = self.store.current(since)
        openings: dict[str, int] = {}
        if new := [key for key in conditions if key not in current]:
            # In this order: what another watcher opens between the two is a current case, not one of long ago.
            openings = self.store.openings(new)
            current = self.store.current(since)
        steps: list[Case | None] = []
        for key, condition in conditions.items():
            limits = self._limits(condition.kind, condition.org, condition.table)
            steps.append(life.seen(current.get(key), condition, limits, now, openings.get(key, 0)))
        for key, case in current.items():
            if key not in conditions and key not in unknown and case.kind not in OUTSIDE:
                step = life.not_seen(case, self._limits(case.kind, case.org, case.table), now)
                worse = condition_key("gap", case.org, "", case.biz_date) in conditions
                steps.append(life.superseded(step) if step and worse and case.kind == "late" else step)
        return [step for step in steps if step is not None]

    def _limits(self, kind: str, org: str, table: str) -> Limits:
        return limits_of(self.thresholds, kind, org, table)

    def _take(self, step: Case) -> bool:
        taken = self.store.take(step)
        if taken:
            metrics.CASE_STEPS.labels(action=step.action).inc()
        return taken

    def _tell_or_leave(self, step: Case, now: datetime) -> None:
        """The step is taken whatever happens here; what cannot be told now is told by the next run of the watch."""
        try:
            self._teller.tell([step], now)
        except NotNow as error:
            log.warning("told_later", case=step.id, version=step.version, reason=str(error))

    def _digests(self, now: datetime) -> None:
        """The digests of today, from their hour on; those of days on which we were away are not made up for."""
        local = now.astimezone(SHANGHAI)
        at = local.replace(hour=int(self.thresholds("digest_hour", "", "")), minute=0, second=0, microsecond=0)
        if local >= at and not self._teller.is_done(digests_id(at.date())):
            by_org: dict[str, list[Case]] = {}
            for case in self.store.current(at - timedelta(days=1)).values():
                by_org.setdefault(case.org, []).append(case)
            orgs = self._teller.orgs()
            names = {org.org: org.name for org in orgs.values()}
            made = [digest(org, names.get(org, ""), cases, at, self._public_url) for org, cases in by_org.items()]
            self._teller.hand_on([one for one in made if one is not None], orgs, now, digests_id(at.date()))
