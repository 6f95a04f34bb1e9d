"""Which institutions somebody may see: read from the table orgs, kept for a moment, shared by all callers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from api.accounts.manage import may_manage
from api.accounts.principal import Assignment
from api.accounts.region import EVERYWHERE, covers, region_of
from clickhouse.orgs import Org, OrgStore
from sanjian.errors import NotNow

log = structlog.get_logger("api.accounts")

#: A new institution is seen by the people of its region after so long, in other processes than the one that took it.
REFRESH_SECONDS = 30.0


class Directory:
    """The institutions by region. ``clock`` counts seconds. Blocks; raises NotNow only when it never could read."""

    def __init__(self, orgs: OrgStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._orgs = orgs
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Org] = {}
        self._read_at: float | None = None

    def visible(self, assignment: Assignment) -> frozenset[str] | None:
        """The institutions that somebody with this assignment may see; None for all."""
        role, scope = assignment.role, assignment.scope
        if role == "admin" or (role in ("regulator", "operator") and scope == EVERYWHERE):
            return None
        if role == "hospital":
            return frozenset({assignment.org})
        known = self._all().values()
        if role == "tester":
            return frozenset(org.org for org in known if org.test and assignment.org in ("", org.org))
        return frozenset(org.org for org in known if covers(scope, region_of(org.city, org.county)))

    def region(self, org: str) -> str:
        """The region of an institution; empty when it is not known."""
        found = self._all().get(org)
        return region_of(found.city, found.county) if found else ""

    def manages(self, who: Assignment, target: Assignment) -> bool:
        """Whether ``who`` looks after such a ``target``; see ``manage.may_manage``."""
        return may_manage(who, target, self.region(target.org) if target.org and who.role != "admin" else "")

    def forget(self) -> None:
        """Read again at the next call: institutions have changed."""
        self._read_at = None

    def _all(self) -> dict[str, Org]:
        with self._lock:
            if self._read_at is None or self._clock() - self._read_at >= REFRESH_SECONDS:
                begun = self._clock()
                try:
                    self._known = {org.org: org for org in self._orgs.all()}
                except NotNow as error:
                    if self._read_at is None and not self._known:
                        raise
                    log.warning("orgs_not_read", reason=str(error))  # the ones we know are better than nobody
                self._read_at = begun
            return self._known
