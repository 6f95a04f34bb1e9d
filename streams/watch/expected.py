"""Who owes which table for which day, and until when: worked out from institutions, schedule and quiet times. Pure.

For an institution, a table and a business day the first of these that applies says that nothing is expected:

1. ``inactive``: the institution does not send any more
2. ``no_inpatient``, ``no_outpatient``: it has no such care; whatever the schedule says
3. ``before_start``: the day is before its first one: ``starts_on``, or without it the day on which the institution was
   entered (one that never sends anything is missing from then on), or the first day that it sent if that is earlier
4. ``schedule``: the entry of the schedule that holds there says so
5. ``holiday``: the day is a holiday

Otherwise it is due when the entry says (without one: T+1 at 08:00, 4 hours of grace), moved past quiet times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import polars as pl

from clickhouse.client import SHANGHAI
from clickhouse.orgs import Org
from clickhouse.schedule import EVERY, QuietTime, ScheduleEntry
from streams.watch.calendar import NEVER, Span, covers, due_times, merged, touches
from streams.watch.outages import Outage, blind_span

#: Without an entry in the schedule: every table, T+1 at 08:00, 4 hours of grace, as the provincial platform asks for.
DEFAULT = ScheduleEntry()
#: In an institution: no such day.
NO_DAY = date(1970, 1, 1)

MOMENT = pl.Datetime("ms", SHANGHAI.key)
SCHEMA: Mapping[str, Any] = {
    "biz_date": pl.Date, "org": pl.String, "table": pl.String, "expected": pl.UInt8, "reason": pl.String,
    "due_at": MOMENT, "grace_until": MOMENT, "blind_from": MOMENT, "blind_until": MOMENT, "incident": pl.UInt8,
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What expectations are made of. ``first_days``: the first day that an institution sent, where it sent at all;
    ``entered``: the day on which it was entered.

    ``tables``: table → domain (``patient``, ``outpatient``, ``inpatient``).
    """

    orgs: tuple[Org, ...]
    first_days: Mapping[str, date]
    entered: Mapping[str, date]
    schedule: tuple[ScheduleEntry, ...]
    quiet: tuple[QuietTime, ...]
    outages: tuple[Outage, ...]
    tables: Mapping[str, str]


def expected_days(facts: Facts, days: Sequence[date]) -> pl.DataFrame:
    """A row for every institution, table and day (columns SCHEMA); times are 1970-01-01 where nothing is expected."""
    schedule, quiet = _by_place(facts.schedule), _by_place(facts.quiet)
    made: dict[_Rules, pl.DataFrame] = {}  # most tables of most institutions have the same days
    parts = [pl.DataFrame(schema=SCHEMA)]
    for org in facts.orgs:
        for table, domain in facts.tables.items():
            places = [(place_org, place_table) for place_org in (org.org, EVERY) for place_table in (table, EVERY)]
            rules = _rules(
                org, domain, _first_day(facts, org),
                [entry for place in places for entry in schedule.get(place, ())],
                [one for place in places for one in quiet.get(place, ())],
            )  # fmt: skip
            if rules not in made:
                made[rules] = _days(rules, facts.outages, days)
            names = (pl.lit(org.org).alias("org"), pl.lit(table).alias("table"))
            parts.append(made[rules].with_columns(names).select(*SCHEMA))
    return pl.concat(parts)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What holds for one table of one institution. ``never``: why nothing is expected on any day; empty: it is."""

    never: str
    start: date | None
    entries: tuple[ScheduleEntry, ...]  # the one that holds comes first
    holidays: tuple[Span, ...]
    incidents: tuple[Span, ...]
    quiet: tuple[Span, ...]

    def entry(self, day: date) -> ScheduleEntry:
        return next((entry for entry in self.entries if entry.valid_from <= day <= entry.valid_to), DEFAULT)


Placed = TypeVar("Placed", ScheduleEntry, QuietTime)


def _by_place(given: Iterable[Placed]) -> dict[tuple[str, str], list[Placed]]:
    found: dict[tuple[str, str], list[Placed]] = {}
    for one in given:
        found.setdefault((one.org, one.table), []).append(one)
    return found


def _rules(
    org: Org, domain: str, first_day: date | None, entries: Sequence[ScheduleEntry], quiet: Sequence[QuietTime]
) -> _Rules:
    holidays, incidents = _spans(quiet, "holiday"), _spans(quiet, "incident")
    return _Rules(
        never=_never(org, domain),
        start=first_day,
        # the most specific first; of two of a kind the one that began later
        entries=tuple(
            sorted(entries, key=lambda one: (one.org != EVERY, one.table != EVERY, one.valid_from), reverse=True)
        ),
        holidays=holidays,
        incidents=incidents,
        quiet=merged([*holidays, *incidents, *_spans(quiet, "maintenance")]),
    )


def _first_day(facts: Facts, org: Org) -> date | None:
    if org.starts_on > NO_DAY:
        return org.starts_on
    known = (days.get(org.org) for days in (facts.first_days, facts.entered))
    return min((day for day in known if day is not None), default=None)


def _spans(quiet: Iterable[QuietTime], kind: str) -> tuple[Span, ...]:
    return merged((one.starts_at, one.ends_at) for one in quiet if one.kind == kind)


def _never(org: Org, domain: str) -> str:
    if not org.active:
        return "inactive"
    if domain == "inpatient" and not org.inpatient:
        return "no_inpatient"
    return "no_outpatient" if domain == "outpatient" and not org.outpatient else ""


def _days(rules: _Rules, outages: Sequence[Outage], days: Sequence[date]) -> pl.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for day in days:
        entry = rules.entry(day)
        reason = rules.never or _not_then(rules, entry, day)
        due, until, blind = NEVER, NEVER, (NEVER, NEVER)
        if not reason:
            due, until = due_times(day, entry.due_days, entry.due_hour, entry.grace_hours, rules.quiet)
            blind = blind_span(due, until, outages)
        incident = any(touches(span, day) for span in rules.incidents)
        rows.append((day, int(not reason), reason, due, until, *blind, int(incident)))
    schema = {name: kind for name, kind in SCHEMA.items() if name not in ("org", "table")}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _not_then(rules: _Rules, entry: ScheduleEntry, day: date) -> str:
    if rules.start is None or day < rules.start:
        return "before_start"
    if not entry.expected:
        return "schedule"
    return "holiday" if any(covers(span, day) for span in rules.holidays) else ""
