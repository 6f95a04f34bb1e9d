"""Which institutions somebody sees on the monitor: those that the principal may see, of them those that were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from api.accounts.principal import Principal
from api.indicators.filters import month_days
from clickhouse.orgs import Org

#: On the first days of a month those before belong to the picture: what is due today is about yesterday.
DAYS_BEFORE = 7


@dataclass(frozen=True, slots=True)
class Wish:
    """What is chosen; an empty text is no filter, ``level`` too. ``month`` like 2026-11, empty: this one."""

    month: str = ""
    city: str = ""
    county: str = ""
    level: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Circle:
    """``orgs`` are counted and listed. ``strangers``: so are senders that are in no list (or cannot be read)."""

    orgs: frozenset[str]
    strangers: bool
    month: str


def circle(known: Mapping[str, Org], who: Principal, wish: Wish, month: str) -> Circle:
    """The circle of ``who`` in ``month``. Test institutions are seen by those only who have nothing else to see."""
    test = who.role in ("hospital", "tester")
    chosen = frozenset(
        org.org
        for org in known.values()
        if who.sees(org.org)
        and (test or not org.test)
        and wish.city in ("", org.city)
        and wish.county in ("", org.county)
        and wish.level in ("", str(org.level))
        and wish.type in ("", org.type)
    )
    everything = not (wish.city or wish.county or wish.level or wish.type)
    if who.role == "hospital" and everything:
        chosen |= {who.org}  # also while it is in no list
    return Circle(chosen, who.sees_all and everything, wish.month or month)


def window(month: str, today: date) -> tuple[date, date]:
    """First and last day of the calendar of a month."""
    first, last = month_days(month)
    if first <= today <= last and today.day <= DAYS_BEFORE:
        first = today - timedelta(days=DAYS_BEFORE)
    return first, last
