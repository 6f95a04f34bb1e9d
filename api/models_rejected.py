"""What the endpoints for rejected rows take and answer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

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
