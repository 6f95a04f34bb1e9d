"""The way of an onboarding: what may be done in which state, and what comes of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["testing", "applied", "approved", "refused"]
Action = Literal["start", "apply", "withdraw", "approve", "refuse"]

STATES: Mapping[State, tuple[str, str]] = {
    "testing": ("测试中", "testing"), "applied": ("已申请", "applied"), "approved": ("已批准", "approved"),
    "refused": ("未通过", "refused"),
}  # fmt: skip
ACTIONS: Mapping[Action, tuple[str, str]] = {
    "start": ("开始接入", "start"), "apply": ("申请接入", "apply"), "withdraw": ("撤回申请", "withdraw"),
    "approve": ("批准", "approve"), "refuse": ("不通过", "refuse"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """From which states an action leads to which one."""

    before: frozenset[State]
    after: State


_WAITING: frozenset[State] = frozenset({"applied"})
#: Who was refused may mend what was wrong and apply again; an approval is final.
MOVES: Mapping[Action, Move] = {
    "apply": Move(frozenset({"testing", "refused"}), "applied"),
    "withdraw": Move(_WAITING, "testing"),
    "approve": Move(_WAITING, "approved"),
    "refuse": Move(_WAITING, "refused"),
}
