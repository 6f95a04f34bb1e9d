"""What the list of batches answers."""

from __future__ import annotations

from pydantic import Field

from api.models import Answer, Moment


class Batch(Answer):
    """A batch as it landed. ``receipt_id`` is empty when it did not come through the gateway."""

    org: str
    table: str
    batch: str
    op: str
    receipt_id: str
    first_day: str = Field(description="first business date of its rows; 1970-01-01: not readable")
    last_day: str
    received: int
    accepted: int
    rejected: int
    flagged: int
    unreadable: int
    findings: int
    declared_empty: bool
    replay: bool
    reasons: list[str] = Field(description="why rows or all of it could not be read")
    arrived_at: Moment
    landed_at: Moment


class BatchesAnswer(Answer):
    """A page of batches, the last that arrived first."""

    total: int
    limit: int
    offset: int
    next_offset: int | None
    batches: list[Batch]
