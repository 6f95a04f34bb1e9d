"""What the endpoints for cases, channels and deliveries take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.models import ORG, Answer, Moment
from api.models_admin import OrgCode
from clickhouse.channels import ChannelKind
from streams.cases.people import NOTE_CHARACTERS

CaseState = Literal["open", "acknowledged", "snoozed", "resolved"]
CaseSeverity = Literal["info", "warning", "critical"]
CaseStage = Literal["clue", "verify", "handle", "review", "closed"]
CaseSide = Literal["hospital", "overseer", ""]
CaseEnding = Literal["", "by_itself", "handled", "not_a_fault", "by_hand", "superseded"]
CaseSort = Literal["opened_at", "changed_at", "due_at", "severity"]
CaseKind = Literal[
    "rejection", "unreadable", "gap", "late", "anomaly_rate", "volume", "mapping", "association", "schema_drift",
    "pipeline", "grafana",
]  # fmt: skip
ChannelName = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[\w.-]+$", examples=["值班群"])]
Note = Annotated[str, Field(max_length=NOTE_CHARACTERS, examples=["已电话联系信息科"])]


class Measure(Answer):
    """What was measured; null: there is no such figure."""

    numerator: float | None
    denominator: float | None
    threshold: float | None
    baseline: float | None


class CaseAnswer(Answer):
    """An alert through its life, as it is now. ``firing``: what is wrong is still seen; ``flapping``: it comes and
    goes, nobody is told; ``actor`` and ``note`` are those of the last step."""

    id: str
    version: int
    key: str
    kind: str
    severity: CaseSeverity
    state: CaseState
    action: str
    org: str = Field(examples=[ORG])
    org_name: str
    table: str
    biz_date: str | None
    zh: str
    en: str
    fix_zh: str
    fix_en: str
    measure: Measure
    details: dict[str, Any]
    opened_at: Moment
    changed_at: Moment
    snoozed_until: Moment | None
    firing: bool
    flapping: bool
    reopened: int
    actor: str
    note: str
    stage: CaseStage
    side: CaseSide = Field(description="who has to act; empty: nobody any more")
    appeal: Literal["", "waiting", "accepted", "refused"]
    ending: CaseEnding = Field(description="how it ended; empty: it has not")
    due_at: Moment | None = Field(description="until when the stage should be done")
    overdue: bool
    closed_at: Moment | None
    actions: list[str] = Field(description="what you may do with it now: names of POST /api/v1/cases/{id}/…")


class CasesAnswer(Answer):
    """One page of cases, in the order that was asked for."""

    total: int
    limit: int
    offset: int
    next_offset: int | None
    cases: list[CaseAnswer]


class CaseStep(Answer):
    """One step: who did what when, and how it stood then. ``actor`` is role and name, for institutions role and
    ``actor_of`` (institution or region) only; ``actor_name`` is empty then."""

    version: int
    at: Moment
    action: str
    actor: str
    actor_role: str
    actor_name: str
    actor_of: str
    note: str
    state: CaseState
    stage: CaseStage
    side: CaseSide
    due_at: Moment | None
    severity: CaseSeverity
    measure: Measure


class CaseFullAnswer(Answer):
    """A case with all its steps, the first one first."""

    case: CaseAnswer
    steps: list[CaseStep]


class ActBody(BaseModel):
    """What somebody does with a case. With ``version`` it is refused (409) when the case has changed since."""

    model_config = ConfigDict(extra="forbid")

    note: Note = ""
    version: int | None = Field(None, ge=1)


class NoteBody(ActBody):
    """With a reason."""

    note: Note = Field(min_length=1)


class SnoozeBody(ActBody):
    """Until when; a time without zone is Shanghai time."""

    until: datetime = Field(examples=["2026-11-22T08:00:00+08:00"])


class SummaryRow(Answer):
    """What became of the cases of one institution, one kind, or both; empty where not asked for. Those raised are those
    closed in one way or another and the ``open`` ones. ``overdue``: of which a stage was not done in time, at least
    once; ``median_hours``: from raising to closing, null when none is closed."""

    org: str
    name: str
    kind: str
    raised: int
    closed_by_itself: int
    closed_handled: int
    closed_not_a_fault: int
    closed_by_hand: int
    superseded: int
    open: int
    appeals: int
    appeals_accepted: int
    appeals_refused: int
    overdue: int
    median_hours: float | None


class CaseSummaryAnswer(Answer):
    """The cases raised in a month, as they stand at ``at``."""

    month: str = Field(examples=["2026-11"])
    group: Literal["org", "kind", "org_kind"]
    at: Moment
    rows: list[SummaryRow]
    total: SummaryRow


class LoopBody(BaseModel):
    """A step of the closed loop, on the case as somebody saw it: refused (409) when others have acted since."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, description="version of the case that you have seen")
    note: Note = ""


class ReasonBody(LoopBody):
    """With a reason, or with what was done."""

    note: Note = Field(min_length=1, pattern=r"\S")


class AssignBody(LoopBody):
    """``due_at``: until when; left out: as the thresholds say. A time without zone is Shanghai time."""

    due_at: datetime | None = Field(None, examples=["2026-11-23T18:00:00+08:00"])


class AnswerBody(AssignBody):
    """Whether the appeal is accepted, and why; ``due_at``: until when it is to be handled, when refused."""

    accepted: bool
    note: Note = Field(min_length=1, pattern=r"\S")


class ReviewBody(AssignBody):
    """Whether the review is passed; sent back only with a reason, ``due_at``: until when then."""

    passed: bool


class ChannelBody(BaseModel):
    """A channel. Address and secret that are left out stay as they are; a plain webhook without a secret gets one."""

    model_config = ConfigDict(extra="forbid")

    kind: ChannelKind
    target: str | None = Field(
        None, max_length=2000, description="网址，或以逗号分隔的收件人 address, or recipients separated by commas",
        examples=["https://receiver.example/sanjian"],
    )  # fmt: skip
    secret: str | None = Field(None, max_length=200, description="签名密钥，不再显示 signs; never shown again")
    orgs: list[OrgCode] = Field([], max_length=500, description="空为全部机构（测试机构除外）empty: all but test ones")
    kinds: list[CaseKind] = Field([], description="空为全部种类 empty: every kind")
    least_severity: CaseSeverity = "info"
    digest: bool = Field(False, description="每日每机构一条摘要 one message an institution and day instead")
    active: bool = True


class ChannelAnswer(Answer):
    """A channel. Of an address the part after ``?`` is hidden: robots keep their key there."""

    name: str
    kind: ChannelKind
    target: str
    has_secret: bool
    orgs: list[str]
    kinds: list[str]
    least_severity: CaseSeverity
    digest: bool
    active: bool
    changed_by: str


class ChannelsAnswer(Answer):
    """All channels by name."""

    channels: list[ChannelAnswer]


class ChannelSavedAnswer(Answer):
    """The channel as it is kept; ``secret`` is shown this once when it was made here."""

    channel: ChannelAnswer
    secret: str | None


class ChannelTestAnswer(Answer):
    """What became of a test message."""

    delivered: bool
    reason: str
    reason_zh: str
    reason_en: str
    took_ms: int


class DeliveryAnswer(Answer):
    """One notice to one channel. ``not_before``: the next attempt of a failed one, the end of the lease of a leased
    one."""

    id: str
    channel: str
    org: str
    notice: str
    kind: str
    state: Literal["pending", "leased", "delivered", "failed", "dead"]
    attempts: int
    at: Moment
    not_before: Moment
    reason: str
    reason_zh: str
    reason_en: str


class OutboxAnswer(Answer):
    """One page of deliveries, the newest notice first."""

    total: int
    limit: int
    offset: int
    next_offset: int | None
    deliveries: list[DeliveryAnswer]
