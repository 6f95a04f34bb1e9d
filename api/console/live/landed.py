"""What landed lately: steps of time, what is to be counted again, what today's totals have to be raised by. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from api.console.live.board import Counts, Step

#: A stretch of 10 000 offsets of the ledger: topic id, partition, number.
Place = tuple[str, int, int]


class Key(NamedTuple):
    """What a row of live_landed is about."""

    org: str
    day: date
    place: Place
    step: int


class Landed(NamedTuple):
    """And what it says."""

    step: Step
    today: Counts


def read(rows: Iterable[Mapping[str, Any]]) -> dict[Key, Landed]:
    """Rows of the query live_landed."""
    found = {}
    for row in rows:
        place = row["topic_id"], int(row["partition"]), int(row["stretch"])
        step = Step(*(int(row[name]) for name in ("received", "accepted", "rejected", "slowest_ms")))
        today = Counts(*(int(row[f"{name}_today"]) for name in Counts._fields))
        found[Key(row["org"], row["biz_date"], place, int(row["step"]))] = Landed(step, today)
    return found


def new(before: Mapping[Key, Landed], after: Mapping[Key, Landed]) -> set[Key]:
    """What has come between two readings."""
    return {key for key, one in after.items() if before.get(key) != one}


def raised(today: Mapping[str, Counts], before: Mapping[Key, Landed], after: Mapping[Key, Landed]) -> dict[str, Counts]:
    """Today's totals with what came between two readings. A row that landed twice counts twice here, until the totals
    are asked for again."""
    found = dict(today)
    nothing = Counts(0, 0, 0, 0, 0)
    for key in new(before, after):
        old = before[key].today if key in before else nothing
        gained = (now - then for now, then in zip(after[key].today, old, strict=True))
        found[key.org] = Counts(*map(sum, zip(found.get(key.org, nothing), gained, strict=True)))
    return {org: counts for org, counts in found.items() if any(counts)}


def stepped(
    steps: Mapping[str, Mapping[int, Step]], after: Mapping[Key, Landed], oldest: int, since: int
) -> dict[str, dict[int, Step]]:
    """Steps by institution: those before ``since`` as they were, from ``oldest`` on; the others as they were read."""
    found = {org: {n: one for n, one in mine.items() if oldest <= n < since} for org, mine in steps.items()}
    for key, one in after.items():
        mine = found.setdefault(key.org, {})
        mine[key.step] = _sum(mine[key.step], one.step) if key.step in mine else one.step
    return {org: mine for org, mine in found.items() if mine}


def _sum(one: Step, other: Step) -> Step:
    return Step(
        one.received + other.received, one.accepted + other.accepted, one.rejected + other.rejected,
        max(one.slowest, other.slowest),
    )  # fmt: skip
