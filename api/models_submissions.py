"""What the endpoints of submissions take and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.models import ORG, Answer, Moment
from api.models_accounts import Body
from api.models_admin import OrgCode

SUBMISSION = "5d0c1f7a9b3e4c62a8d1e0f4b7c95a31"
State = Literal[
    "uploading", "queued", "checking", "sending", "validating", "switching", "done", "refused", "cancelled", "expired",
    "failed",
]  # fmt: skip
MonthText = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", examples=["2026-10"])]
Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$", examples=[""])]


class SubmissionBody(Body):
    """A file that is about to be uploaded. ``org``: only for who belongs to no institution; ``sha256`` of the whole
    file, left out: it is not compared."""

    month: MonthText
    file: str = Field(min_length=1, max_length=200, examples=["202610.csv"])
    size: int = Field(ge=1, examples=[6291456])
    variant: Literal["western", "tcm"] = "western"
    org: OrgCode | Literal[""] = ""
    sha256: Digest = ""


class OffsetAnswer(Answer):
    """How much of the file has arrived: where the next piece begins."""

    offset: int = Field(examples=[4194304])
    size: int = Field(examples=[6291456])


class ProgressOut(Answer):
    """Counts until now. ``validated`` rows have an outcome; ``seconds_left`` is null where nothing can be said yet;
    ``seconds`` since the file was whole."""

    bytes: int
    size: int
    rows: int
    read_rows: int
    sent_rows: int
    validated: int
    accepted: int
    rejected: int
    flagged: int
    unreadable: int
    findings: int
    rows_per_second: float | None
    seconds_left: float | None
    seconds: float


class SubmissionOut(Answer):
    """One submission. ``number``: which one of its month; 0: it does not count. ``current``: its rows count now.
    ``line``: the row of the file that ``reason`` is about, as a spreadsheet counts; 0: the whole file."""

    id: str = Field(examples=[SUBMISSION])
    org: str = Field(examples=[ORG])
    month: MonthText
    variant: Literal["western", "tcm"]
    state: State
    state_zh: str
    state_en: str
    file: str
    size: int
    sha256: str
    format: str
    encoding: str
    missing: list[str] = Field(description="文件没有的可选字段 optional columns that the file does not have")
    rows: int
    accepted: int
    rejected: int
    flagged: int
    findings: int
    number: int
    current: bool
    late: bool | None = Field(description="null：文件尚未传完 the file is not whole yet")
    reason: str
    line: int
    reason_zh: str
    reason_en: str
    started_at: Moment
    sent_at: Moment | None
    ended_at: Moment | None
    actor: str


class SubmissionAnswer(Answer):
    """A submission and how far it is. ``piece_bytes``: most bytes of one piece of its file."""

    submission: SubmissionOut
    progress: ProgressOut
    offset: int
    piece_bytes: int


class SubmissionsAnswer(Answer):
    """Submissions, the newest first."""

    submissions: list[SubmissionOut]
    total: int


class WindowAnswer(Answer):
    """When front pages of a month may be submitted, and whether they may now. ``refusal``: why not, a code of
    errors."""

    org: str
    month: MonthText
    opens: Moment
    closes: Moment
    opened_until: Moment | None
    used: int
    allowed: int
    may_submit: bool
    refusal: str
    refusal_zh: str
    refusal_en: str


class OpeningBody(Body):
    """Open a month outside of its window; ``org`` ``*``: for every institution. ``more``: submissions beyond the
    ordinary number."""

    org: OrgCode | Literal["*"]
    month: MonthText
    until: Moment
    more: int = Field(0, ge=0, le=20)
    note: str = Field("", max_length=500)


class OpeningOut(Answer):
    """A month that was opened; ``open``: it still is."""

    org: str
    month: MonthText
    until: Moment
    more: int
    note: str
    changed_by: str
    open: bool


class OpeningsAnswer(Answer):
    """Months that were opened, the newest first."""

    openings: list[OpeningOut]
