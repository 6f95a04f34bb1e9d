"""Outages of our own: times in which the watch did not run. Whoever had to send then is not blamed. Pure.

We do not know what was down while we were away; so whatever was due then, or soon after, may come until people had
``outage_minutes`` to send again (setting). See ``docs/decisions/0007-our-own-outages.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from streams.watch.calendar import NEVER, Span

#: Runs of the watch that may fail to come before it counts as away: a restart, a new leader, a slow minute.
MISSED_RUNS = 6
#: … and never less than this.
SHORTEST = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Outage:
    """We were away from ``start`` to ``end``; nobody is blamed until ``until``."""

    start: datetime
    end: datetime
    until: datetime

    @property
    def id(self) -> str:
        """Two watchers that find the same outage give it the same id."""
        return f"outage-{int(self.start.timestamp() * 1000)}"


def find_outage(last: datetime | None, now: datetime, every: timedelta, minutes: float) -> Outage | None:
    """The outage that ends now; None when the last run (``last``; None: there was none) is not long ago."""
    if last is None or now - last < max(SHORTEST, every * MISSED_RUNS):
        return None
    return Outage(last, now, now + timedelta(minutes=minutes))


def blind_span(due: datetime, grace_until: datetime, outages: Sequence[Outage]) -> Span:
    """From when to when nobody can tell whether these data are late or missing; (NEVER, NEVER): one always can."""
    hit = [one for one in outages if one.start <= due < one.until or one.start <= grace_until < one.until]
    if not hit:
        return NEVER, NEVER
    return min(one.start for one in hit), max(one.until for one in hit)
