"""A case as it is after its newest step. What changes is a new step with the next version; nothing is overwritten."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from streams.watch.conditions import SEVERITIES, Severity

State = Literal["open", "acknowledged", "snoozed", "resolved"]
STATES: tuple[State, ...] = ("open", "acknowledged", "snoozed", "resolved")
#: Who hears of a step: nobody; who listens to the stream of alerts (websockets, pages); everybody, channels too.
Told = Literal["nobody", "stream", "all"]
#: The actor of what Sanjian does by itself; people are ``role:label`` of their token.
ITSELF = "sanjian"


@dataclass(frozen=True, slots=True)
class Case:
    """One step of a case, with the whole state after it; the columns of ``case_steps``.

    ``firing``: what is wrong is still seen; ``turned_at``: when it last came, went or got worse; ``returns``: when it
    came back or got worse within the flapping window; ``reminded_at``: when people were last told. ``details`` is JSON.
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

    @property
    def live(self) -> bool:
        """Whether it is not resolved."""
        return self.state != "resolved"

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


def worse(one: Severity, other: Severity) -> bool:
    """Whether ``one`` is graver than ``other``."""
    return SEVERITIES.index(one) > SEVERITIES.index(other)


def same_figure(one: float, other: float) -> bool:
    """Equal, or both not there."""
    return one == other or (math.isnan(one) and math.isnan(other))
