"""What the endpoints of onboarding take and answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from api.models import Answer, Moment, RuleText
from api.models_accounts import Body, SecretAnswer
from api.models_admin import OrgCode
from api.onboarding.conditions import State as ConditionState
from api.onboarding.life import Action, State
from api.onboarding.words import ConditionId

_Region = Annotated[str, Field(pattern=r"^\d{6}$", examples=["370112"])]
Note = Annotated[str, Field(max_length=500)]


class StartBody(Body):
    """A test institution. ``formal``: the code of the real institution, where it is known already. ``registration``:
    the id of one that waits; it is approved as a tester of the new test institution. ``client``: the label of the
    machine's credentials that are made with it; empty: none are."""

    name: str = Field(min_length=1, max_length=180, examples=["历城区示范医院"])
    formal: OrgCode | Literal[""] = ""
    city: _Region
    county: _Region | Literal[""] = ""
    level: int = Field(0, ge=0, le=3)
    type: str = Field("hospital", pattern=r"^[a-z][a-z_]{0,39}$")
    outpatient: bool = True
    inpatient: bool = True
    contact: str = Field("", max_length=100)
    phone: str = Field("", max_length=40)
    registration: str = Field("", max_length=32)
    client: str = Field("", max_length=80)


class ApplyBody(Body):
    """``formal`` where it is not known yet; ``version`` as it was looked at, left out: as it is now."""

    formal: OrgCode | Literal[""] = ""
    note: Note = ""
    version: int | None = Field(None, ge=1)


class WithdrawBody(Body):
    """Why, and the version as it was looked at."""

    note: Note = ""
    version: int | None = Field(None, ge=1)


class ApproveBody(Body):
    """``starts_on``: the first business day that the real institution has to send; left out: tomorrow."""

    starts_on: date | None = Field(None, ge=date(2000, 1, 1), le=date(2100, 12, 31))
    note: Note = ""
    version: int | None = Field(None, ge=1)


class RefuseBody(Body):
    """What has to be mended before applying again."""

    note: str = Field(min_length=1, max_length=500)
    version: int | None = Field(None, ge=1)


class OnboardingAnswer(Answer):
    """An onboarding. ``org`` is the test institution, ``formal`` the real one (empty: not known yet). ``met`` of
    ``conditions`` hold; null once it is approved."""

    org: str = Field(examples=["TEST0001837011211A1001"])
    name: str
    formal: str
    region: str
    state: State
    state_zh: str
    version: int
    ready: bool
    met: int | None
    conditions: int | None
    starts_on: date | None
    created_at: Moment
    created_by: str
    changed_at: Moment


class OnboardingsAnswer(Answer):
    """Those that one may see, the newest first."""

    onboardings: list[OnboardingAnswer]


class StartedAnswer(Answer):
    """``credentials`` are shown once; null when none were made now."""

    onboarding: OnboardingAnswer
    credentials: SecretAnswer | None


class ItemAnswer(Answer):
    """A table or map of a condition. ``rate``: the share in the days asked for, null without rows."""

    name: str
    zh: str
    en: str
    state: ConditionState
    figure: float | None
    needed: float
    rate: float | None


class ConditionAnswer(Answer):
    """A condition: met, unmet, or waiting (nothing to judge yet). ``figure`` against ``needed`` in ``unit``; the figure
    is that of the worst item. Unit ``days`` of ``credentials`` are days since the last use: the fewer the better."""

    id: ConditionId
    state: ConditionState
    figure: float | None
    needed: float
    unit: Literal["tables", "days", "share"]
    zh: str
    en: str
    fix_zh: str = Field(description="what to do; empty when met")
    fix_en: str
    items: list[ItemAnswer] = Field(description="the worst first")


class StepAnswer(Answer):
    """A step; ``figures``: the conditions as they were when it was applied for (id → figure, needed)."""

    version: int
    at: Moment
    actor: str
    action: Action
    action_zh: str
    state: State
    note: str
    figures: dict[str, Any]


class MachineAnswer(Answer):
    """Credentials of the test institution, without the secret."""

    client_id: str
    label: str
    allow: str
    created_at: Moment
    used_at: Moment | None


class ProgressAnswer(Answer):
    """Everything about one onboarding. ``days``: business days in a row that are asked for. ``actions``: what the
    caller may do now."""

    onboarding: OnboardingAnswer
    days: int
    conditions: list[ConditionAnswer]
    steps: list[StepAnswer]
    clients: list[MachineAnswer]
    actions: list[Action]


class LogRule(RuleText):
    """A rule that rows of a message violate."""

    rule_id: str
    severity: Literal["error", "warning"]
    column: str
    column_zh: str
    rows: int


class LogMessage(Answer):
    """What became of one message. ``id`` is also its cursor."""

    id: str
    arrived_at: Moment
    landed_at: Moment
    table: str
    table_zh: str
    batch: str
    kind: str
    received: int
    accepted: int
    rejected: int
    flagged: int
    unreadable: int
    repeated: int
    findings: int
    biz_from: date = Field(description="1970-01-01: no readable business date")
    biz_to: date
    declared_empty: bool
    reason: str
    unknown_columns: list[str]
    rules: list[LogRule]


class SuccessCounts(Answer):
    """Counts of what arrived; ``rate``: accepted of received, null when nothing came."""

    received: int
    accepted: int
    rejected: int
    flagged: int
    unreadable: int
    rate: float | None


class SuccessAnswer(Answer):
    """How a table does, by day of arrival."""

    table: str
    table_zh: str
    table_en: str
    today: SuccessCounts
    lately: SuccessCounts


class LogAnswer(Answer):
    """The newest messages first; ``next_cursor`` is null on the last page. ``tables`` come with the first page only;
    ``days``: how many days ``lately`` are, today among them."""

    org: str
    messages: list[LogMessage]
    next_cursor: str | None
    days: int
    tables: list[SuccessAnswer]
