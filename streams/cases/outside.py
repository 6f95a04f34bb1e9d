"""Cases of what somebody else watches (Grafana's alert rules): they say when it is wrong and when it is well again.

Our own watch leaves these cases alone. A report is told by a fingerprint and the time since when it holds, and may come
again, late or out of order: what began before the case's last report began says nothing new. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from streams.cases import life
from streams.cases.case import Case
from streams.cases.limits import Limits
from streams.watch.conditions import Condition

#: Kinds of cases that our own watch neither opens nor ends.
OUTSIDE = frozenset({"grafana"})


@dataclass(frozen=True, slots=True)
class Report:
    """Something is wrong since ``since``, or (``over``) is not any more."""

    condition: Condition
    since: datetime
    over: bool

    @property
    def key(self) -> str:
        """What it is about."""
        return self.condition.key


def details_of(since: datetime, more: Mapping[str, str]) -> dict[str, str]:
    """The details of the condition: what later reports are held against, and what people may want to know."""
    return {**more, "since": since.isoformat()}


def next_step(case: Case | None, report: Report, limits: Limits, now: datetime, openings: int = 0) -> Case | None:
    """The next step of the newest case of this key; None: the report says nothing new."""
    known = _since(case)
    if report.over:
        return None if case is None or (known and report.since < known) else life.not_seen(case, limits, now)
    if case is not None and known and (report.since < known or (report.since == known and not case.firing)):
        return None  # of a time that is over
    return life.seen(case, report.condition, limits, now, openings)


def _since(case: Case | None) -> datetime | None:
    if case is None:
        return None
    since = orjson.loads(case.details or "{}").get("since")
    return datetime.fromisoformat(since) if since else None
