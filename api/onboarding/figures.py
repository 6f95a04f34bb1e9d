"""The figures of test institutions, read with the questions of the indicators; the thresholds that hold for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from api.indicators.association import association
from api.indicators.calendar import calendar_frame
from api.indicators.filters import Filters, shanghai_day
from api.indicators.mapping import mapping
from api.onboarding.conditions import Condition, Day, Figures, Needed, Share, conditions
from api.services import Services
from clickhouse.narrowed import Narrowed, Reader
from clickhouse.query import load_query
from standard.model import MapKind
from streams.watch.thresholds import Thresholds

#: Yesterday is due at noon, days over a holiday later: so many days may not be due yet before those that count.
OPEN_DAYS = 7
#: More than a quarter of a year in a row is asked of nobody; thresholds above it count as this.
MOST_DAYS = 92
_MAPS: tuple[MapKind, ...] = ("department", "fee", "drug", "item")


def needed_of(thresholds: Thresholds, org: str) -> Needed:
    """What is asked of a test institution."""
    return Needed(
        days=min(max(int(thresholds.value("onboarding_days", org)), 1), MOST_DAYS),
        mapping_rate=thresholds.value("onboarding_mapping_rate", org),
        success_rate=partial(thresholds.value, "onboarding_success_rate", org),
        association_rate=partial(thresholds.value, "onboarding_association_rate", org),
    )


def thresholds(parts: Services) -> Thresholds:
    """The thresholds as they are set. Blocks."""
    return Thresholds(parts.thresholds.all())


def checklists(parts: Services, orgs: Collection[str]) -> dict[str, list[Condition]]:
    """The conditions of several test institutions; each question is asked once for all of them. Blocks."""
    if not orgs:
        return {}
    set_, now = thresholds(parts), parts.now()
    wanted = {org: needed_of(set_, org) for org in orgs}
    found = figures(parts, orgs, max(needed.days for needed in wanted.values()))
    return {
        org: conditions(_newest(found[org], needed.days), needed, parts.standard, now) for org, needed in wanted.items()
    }


def period(parts: Services, days: int) -> Filters:
    """The business days up to yesterday of which ``days`` count, test institutions among them."""
    today = shanghai_day(parts.now())
    first = today - timedelta(days=days + OPEN_DAYS)
    return Filters(first=first, last=today - timedelta(days=1), test=True)


def figures(parts: Services, orgs: Collection[str], days: int) -> dict[str, Figures]:
    """What is known of these institutions over the days that count. Blocks."""
    seen, asked = Narrowed(parts.clickhouse, orgs), period(parts, days)
    known = {org.org: org for org in parts.orgs.all()}
    calendar: dict[str, dict[str, list[Day]]] = {}
    for row in calendar_frame(parts, seen, asked, "business").iter_rows(named=True):
        calendar.setdefault(row["org"], {})[row["table"]] = [_day(day) for day in row["days"]]
    sent = _sent(seen, orgs)
    used = _used(parts, orgs)
    recent = replace(asked, first=asked.last - timedelta(days=days - 1))
    mapped = _shares(mapping(parts, seen, recent, "mapping", _MAPS).frame.to_dicts(), "map", "mapped_rows", "rows")
    failed = association(parts, seen, recent, "parent").frame.to_dicts()
    found = _shares([row | {"found": row["checked"] - row["failed"]} for row in failed], "table", "found", "checked")
    return {
        org: Figures(
            outpatient=org not in known or known[org].outpatient, inpatient=org not in known or known[org].inpatient,
            days=calendar.get(org, {}), sent=frozenset(sent.get(org, ())), mapping=mapped.get(org, {}),
            association=found.get(org, {}), used_at=used.get(org),
        )
        for org in orgs
    }  # fmt: skip


def _newest(figures: Figures, days: int) -> Figures:
    """Without the days that are older than any that could count."""
    shortest = {
        table: sorted(all_, key=lambda one: one.day)[-(days + OPEN_DAYS) :] for table, all_ in figures.days.items()
    }
    return replace(figures, days=shortest)


def _day(day: Mapping[str, Any]) -> Day:
    return Day(day["day"], day["state"], day["reason"], day["received"], day["accepted"])


def _sent(seen: Reader, orgs: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in seen.rows(load_query("tables_sent"), {"orgs": sorted(orgs)}):
        found.setdefault(row["org"], set()).add(row["table"])
    return found


def _used(parts: Services, orgs: Collection[str]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for client in parts.accounts.clients.all():
        if client.org in orgs and client.used_at is not None:
            found[client.org] = max(client.used_at, found.get(client.org, client.used_at))
    return found


def _shares(rows: Sequence[Mapping[str, Any]], name: str, good: str, all_: str) -> dict[str, dict[str, Share]]:
    """By institution and ``name``, added up over months and rules."""
    found: dict[str, dict[str, Share]] = {}
    for row in rows:
        of_org = found.setdefault(row["org"], {})
        before = of_org.get(row[name], Share(0, 0))
        of_org[row[name]] = Share(before.good + row[good], before.all + row[all_])
    return found
