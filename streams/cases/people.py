"""What people do with a case. Pure. Each gives a function for ``Cases.act``, which raises Invalid("resolved") where the
case is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sanjian.errors import Invalid
from streams.cases.case import Case, ended

#: Longer notes belong into a letter.
NOTE_CHARACTERS = 500

#: The case as it is and the time in, the next step out.
PersonStep = Callable[[Case, datetime], Case]


def acknowledge(actor: str, note: str) -> PersonStep:
    """Somebody takes care: no more reminders until it gets worse or comes back."""
    return lambda case, now: step_of(
        live(case), now, "acknowledge", actor, note, state="acknowledged", snoozed_until=None
    )  # fmt: skip


def snooze(actor: str, note: str, until: datetime) -> PersonStep:
    """Nobody is reminded until ``until`` (or until it gets worse); then it is open again. Raises Invalid("past")."""

    def step(case: Case, now: datetime) -> Case:
        if until <= now:
            raise Invalid("past", "until has to be in the future")
        return step_of(live(case), now, "snooze", actor, note, state="snoozed", snoozed_until=until)

    return step


def resolve(actor: str, note: str) -> PersonStep:
    """Over, though the condition may still be seen; it counts anew only after it has been away, or when it is worse."""
    return lambda case, now: step_of(
        live(case), now, "resolve", actor, note, flapping=False, told="all", reminded_at=now, **ended("by_hand", now)
    )  # fmt: skip


def remark(actor: str, note: str) -> PersonStep:
    """A note, also after its end."""
    return lambda case, now: step_of(case, now, "note", actor, note)


def live(case: Case) -> Case:
    """The case, if it is not over. Raises Invalid("resolved")."""
    if not case.live:
        raise Invalid("resolved", "the case is resolved")
    return case


def step_of(case: Case, now: datetime, action: str, actor: str, note: str, **changes: Any) -> Case:
    """The next step: somebody did something."""
    changes = {"told": "stream", "actor_of": "", **changes}
    return replace(case, version=case.version + 1, at=now, action=action, actor=actor, note=note, **changes)
