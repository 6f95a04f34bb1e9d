"""What the endpoints for rejected rows take and answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.models import ORG, Answer, Moment, RuleText


class RejectedRule(RuleText):
    """One rule that a rejected row violates; ``value`` is masked when it is personal. Rules of severity ``error`` are
    why it was rejected."""

    rule_id: str = Field(examples=["SF-W-YLJGDM"])
    column: str
    column_zh: str
    value: str
    severity: Literal["error", "warning"]


class RejectedAnswer(Answer):
    """One rejected row: where it is, and what is wrong with it."""

    org: str = Field(examples=[ORG])
    org_name: str
    table: str
    table_zh: str
    biz_date: str = Field(description="1970-01-01: the row has no readable business date")
    batch: str
    row: int = Field(description="line of the batch, from 1")
    row_key: str
    op: Literal["upsert", "delete"]
    rules: list[RejectedRule]
    arrived_at: Moment
    topic_id: str
    partition: int
    offset: int


class RejectedPage(Answer):
    """One page of rejected rows; ``next_offset`` is null on the last."""

    total: int
    limit: int
    offset: int
    next_offset: int | None
    rejected: list[RejectedAnswer]


class RedriveBody(BaseModel):
    """Which rejected rows are validated again; left out: all that one may see. Both days are included."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    org: Annotated[str, Field(max_length=22)] = ""
    table: Annotated[str, Field(max_length=64)] = ""
    rule_id: Annotated[str, Field(max_length=100)] = ""
    biz_from: date | None = Field(None, alias="from")
    biz_to: date | None = Field(None, alias="to")
    dry_run: bool = Field(False, description="only say how many there are")


class NotPossible(Answer):
    """Rejected rows that cannot be redriven, and why."""

    reason: Literal["gone", "unknown_org", "unknown_table", "too_large", "repeats"]
    reason_zh: str
    reason_en: str
    messages: int
    rows: int


class RedriveJobAnswer(Answer):
    """A redrive, or what one would be (``dry_run``). A message is redriven with all its rejected rows: ``rows`` counts
    them, ``matching`` those that were asked for. Of the rows sent ``waiting`` are not validated yet, ``accepted``,
    ``rejected`` (again) and ``unreadable`` are, ``repeated`` ones another redrive had taken over. ``more``: there are
    more than one redrive takes; start another when this one is done."""

    id: str = Field(description="empty when nothing was to be sent")
    dry_run: bool
    state: Literal["planned", "running", "done", "stopped"] = Field(
        description="done: all is sent; stopped: a server was away or the process ended, start another for the rest"
    )
    messages: int
    rows: int
    matching: int | None
    sent_messages: int
    sent_rows: int
    waiting: int
    accepted: int
    rejected: int
    unreadable: int
    repeated: int
    not_possible: list[NotPossible]
    more: bool
    started_at: Moment | None
    changed_at: Moment | None
