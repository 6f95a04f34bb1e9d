"""What the endpoints for the history of schedule, quiet times, declarations and thresholds answer."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.models import Answer, Moment


class SettingChange(Answer):
    """One change. ``before`` and ``after`` hold the entry; null: there was none, or it was taken away."""

    at: Moment
    key: str = Field(description="of the entry; parts joined by |")
    org: str = Field(description="* for every institution")
    table: str = Field(description="* for every table; empty for declarations")
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    changed_by: str


class SettingHistoryAnswer(Answer):
    """One page of changes, newest first; ``next_offset`` is null on the last."""

    total: int
    limit: int
    offset: int
    next_offset: int | None
    changes: list[SettingChange]
