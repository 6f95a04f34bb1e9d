"""A case as it is after its newest step. What changes is a new step with the next version; nothing is overwritten."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from streams.watch.conditions import SEVERITIES, Severity

State = Literal["open", "acknowledged", "snoozed", "resolved"]
STATES: tuple[State, ...] = ("open", "acknowledged", "snoozed", "resolved")
#: Where a case is in the closed loop: clue, verify, handle, review, closed (``loop.py``).
Stage = Literal["clue", "verify", "handle", "review", "closed"]
STAGES: tuple[Stage, ...] = ("clue", "verify", "handle", "review", "closed")
#: Who has to act: the institution, those who oversee it, nobody.
Side = Literal["hospital", "overseer", ""]
#: The institution says that it is not its fault; nobody has answered yet, or somebody has.
Appeal = Literal["", "waiting", "accepted", "refused"]
#: How a case ended: what was wrong is gone, reviewed after it was handled, an appeal was accepted, closed by hand with
#: a reason, or it has become a graver case (late: a gap).
Ending = Literal["", "by_itself", "handled", "not_a_fault", "by_hand", "superseded"]
ENDINGS: tuple[Ending, ...] = ("by_itself", "handled", "not_a_fault", "by_hand", "superseded")
#: Who hears of a step: nobody; who listens to the stream of alerts (websockets, pages); everybody, channels too.
Told = Literal["nobody", "stream", "all"]
#: The actor of what Sanjian does by itself; people are ``role:label`` of their token.
ITSELF = "sanjian"


@dataclass(frozen=True, slots=True)
class Case:
    """One step of a case, with the whole state after it; the columns of ``case_steps``.

    ``firing``: what is wrong is still seen; ``turned_at``: when it last came, went or got worse; ``returns``: when it
    came back or got worse within the flapping window; ``reminded_at``: when people were last told. ``details`` is JSON.
    ``actor_of``: the institution or region for which the actor acts. ``due_at``: until when the stage should be done.
    """

    id: str
    version: int
    at: datetime
    key: str
    kind: str
    org: str
    table: str
    biz_date: date | None
    severity: Severity
    state: State
    action: str
    told: Told
    actor: str
    note: str
    opening: int
    opened_at: datetime
    snoozed_until: datetime | None
    reminded_at: datetime
    firing: bool
    turned_at: datetime
    returns: tuple[datetime, ...]
    reopened: int
    flapping: bool
    numerator: float
    denominator: float
    threshold: float
    baseline: float
    zh: str
    en: str
    fix_zh: str
    fix_en: str
    details: str
    stage: Stage = "clue"
    appeal: Appeal = ""
    ending: Ending = ""
    due_at: datetime | None = None
    closed_at: datetime | None = None
    actor_of: str = ""

    @property
    def live(self) -> bool:
        """Whether it is not resolved."""
        return self.state != "resolved"

    @property
    def side(self) -> Side:
        """Who has to act."""
        if self.stage == "closed":
            return ""
        if self.stage == "verify":
            return "overseer" if self.appeal == "waiting" else "hospital"
        return "hospital" if self.stage == "handle" else "overseer"

    def overdue(self, now: datetime) -> bool:
        """Whether the stage should have been done."""
        return self.due_at is not None and self.due_at <= now

    @property
    def public_actor(self) -> str:
        """The actor without the name: the role, and for which institution or region."""
        role, named, _ = self.actor.partition(":")
        return f"{role}:{self.actor_of}" if named and self.actor_of else role

    @property
    def notice(self) -> str:
        """Id of the notice about this step: the same step gives the same one."""
        return f"{self.id}-{self.version}"


def case_id(key: str, biz_date: date | None, opening: int) -> str:
    """The same key and opening number give the same id: of two that open it at once one has its first step.

    Its business day comes first (zeros: none): cases of one time lie together, which spares reading the others.
    """
    day = biz_date.strftime("%Y%m%d") if biz_date else "0" * 8
    return day + hashlib.blake2b(f"{key}/{opening}".encode(), digest_size=8).hexdigest()


def ended(ending: Ending, now: datetime) -> dict[str, Any]:
    """What changes when a case ends."""
    return {"state": "resolved", "snoozed_until": None, "stage": "closed", "ending": ending, "due_at": None,
            "closed_at": now}  # fmt: skip


def anew() -> dict[str, Any]:
    """What changes when an ended case is open again: it is a clue like a new one."""
    return {"stage": "clue", "appeal": "", "ending": "", "due_at": None, "closed_at": None}


def worse(one: Severity, other: Severity) -> bool:
    """Whether ``one`` is graver than ``other``."""
    return SEVERITIES.index(one) > SEVERITIES.index(other)


def same_figure(one: float, other: float) -> bool:
    """Equal, or both not there."""
    return one == other or (math.isnan(one) and math.isnan(other))
