"""The closed loop of a case: clue → verification → handling → review → closed. Pure.

======== ================== ===========================================================================================
stage    whose turn         ways out
======== ================== ===========================================================================================
clue     overseers          ``assign`` → verify; an institution that sees it may ``confirm`` or ``appeal`` at once
verify   institution        ``confirm`` → handle; ``appeal`` (with reasons): verify still, but the overseers' turn:
                            ``accept`` → closed as not a fault, ``refuse`` → handle; ``handled`` → review
handle   institution        ``handled`` → review; ``appeal``, unless one was refused before
review   overseers          ``passed`` → closed, ``send_back`` → handle
======== ================== ===========================================================================================

What is not wrong any more ends by itself in any stage, and a case that nobody takes up stays a clue. No step changes a
figure: an accepted appeal says that it is not the institution's fault, not that the rows were right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sanjian.errors import Invalid
from streams.cases.case import Appeal, Case, Side, Stage, ended
from streams.cases.limits import Thresholds
from streams.cases.people import PersonStep, live, step_of

Action = Literal["assign", "confirm", "appeal", "accept", "refuse", "handled", "pass", "send_back"]
#: Until when a stage that begins now should be done: of the case, the stage, now.
Due = Callable[[Case, Stage, datetime], datetime]


@dataclass(frozen=True, slots=True)
class Way:
    """A way from stage to stage: who takes it, from where, in which state of an appeal."""

    side: Side
    stages: frozenset[Stage]
    appeals: frozenset[Appeal]


_ANSWERED: frozenset[Appeal] = frozenset({"", "refused"})
WAYS: Mapping[Action, Way] = {
    "assign": Way("overseer", frozenset({"clue"}), _ANSWERED),
    "confirm": Way("hospital", frozenset({"clue", "verify"}), _ANSWERED),
    "appeal": Way("hospital", frozenset({"clue", "verify", "handle"}), frozenset({""})),
    "accept": Way("overseer", frozenset({"verify"}), frozenset({"waiting"})),
    "refuse": Way("overseer", frozenset({"verify"}), frozenset({"waiting"})),
    "handled": Way("hospital", frozenset({"verify", "handle"}), _ANSWERED),
    "pass": Way("overseer", frozenset({"review"}), _ANSWERED),
    "send_back": Way("overseer", frozenset({"review"}), _ANSWERED),
}


def possible(case: Case, side: Side) -> list[Action]:
    """What this side may do with the case as it is; nothing with one that is about no institution."""
    if not case.org:
        return []
    return [
        action for action, way in WAYS.items()
        if way.side == side and case.stage in way.stages and case.appeal in way.appeals
    ]  # fmt: skip


def due_by(thresholds: Thresholds, asked: datetime | None = None) -> Due:
    """What was asked for, else as the thresholds say for the stage and the severity."""

    def due(case: Case, stage: Stage, now: datetime) -> datetime:
        name = f"{stage}_days_critical" if case.severity == "critical" else f"{stage}_days"
        return asked or now + timedelta(days=thresholds(name, case.org, case.table))

    return due


def assign(actor: str, note: str, due: Due) -> PersonStep:
    """Handed over to the institution."""
    return _onward("assign", actor, note, "verify", due)


def confirm(actor: str, note: str, due: Due) -> PersonStep:
    """The institution says that it is so. It stays its turn: only who listens hears of it."""
    return _onward("confirm", actor, note, "handle", due, told="stream")


def appeal(actor: str, note: str, due: Due) -> PersonStep:
    """The institution says that it is not its fault."""
    return _onward("appeal", actor, note, "verify", due, appeal="waiting")


def refuse(actor: str, note: str, due: Due) -> PersonStep:
    """It is its fault."""
    return _onward("refuse", actor, note, "handle", due, appeal="refused")


def handled(actor: str, note: str, due: Due) -> PersonStep:
    """The institution has mended it."""
    return _onward("handled", actor, note, "review", due)


def send_back(actor: str, note: str, due: Due) -> PersonStep:
    """It is not mended."""
    return _onward("send_back", actor, note, "handle", due)


def accept(actor: str, note: str) -> PersonStep:
    """Not its fault: over, as if closed by hand."""
    return lambda case, now: step_of(
        _on_the_way(case, "accept"), now, "accept", actor, note, appeal="accepted", flapping=False, told="all",
        reminded_at=now, **ended("not_a_fault", now),
    )  # fmt: skip


def passed(actor: str, note: str) -> PersonStep:
    """It is mended: over, as if closed by hand."""
    return lambda case, now: step_of(
        _on_the_way(case, "pass"), now, "pass", actor, note, flapping=False, told="all", reminded_at=now,
        **ended("handled", now),
    )  # fmt: skip


def _onward(action: Action, actor: str, note: str, stage: Stage, due: Due, **changes: str) -> PersonStep:
    def step(case: Case, now: datetime) -> Case:
        _on_the_way(case, action)
        # somebody takes care: only its due date reminds of it from now on, until it gets worse
        onward = {
            "told": "all", "state": "acknowledged", "snoozed_until": None, "stage": stage,
            "due_at": due(case, stage, now), **changes,
        }  # fmt: skip
        if onward["told"] == "all":
            onward["reminded_at"] = now
        return step_of(case, now, action, actor, note, **onward)

    return step


def _on_the_way(case: Case, action: Action) -> Case:
    if action not in possible(live(case), WAYS[action].side):
        raise Invalid("stage", "the case is not where this could be done")
    return case
