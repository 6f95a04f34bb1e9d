"""Submissions as they are answered. Pure."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from api.models_submissions import ProgressOut, SubmissionAnswer, SubmissionOut
from api.submissions.progress import Progress
from api.submissions.submission import NEVER, STATES, Submission

_NAMES = {field.name for field in fields(Submission)} & set(SubmissionOut.model_fields)


def shown(one: Submission, current: bool) -> SubmissionOut:
    """:param current: whether its rows count now."""
    zh, en = STATES[one.state]
    values: dict[str, Any] = {name: getattr(one, name) for name in _NAMES}
    return SubmissionOut.model_validate(
        values
        | {
            "month": f"{one.month:%Y-%m}", "state_zh": zh, "state_en": en, "missing": list(one.missing),
            "current": current, "late": bool(one.late) if one.sent_at != NEVER else None, "reason_zh": one.zh,
            "reason_en": one.en, "sent_at": _reached(one.sent_at), "ended_at": _reached(one.ended_at),
        }
    )  # fmt: skip


def answer(one: Submission, current: bool, found: Progress, piece_bytes: int) -> SubmissionAnswer:
    """A submission with its progress."""
    return SubmissionAnswer(
        submission=shown(one, current), progress=ProgressOut(**asdict(found)), offset=found.bytes,
        piece_bytes=piece_bytes,
    )  # fmt: skip


def month_of(text: str) -> date:
    """The first day of ``2026-10``."""
    return date.fromisoformat(f"{text}-01")


def _reached(moment: datetime) -> datetime | None:
    return None if moment == NEVER else moment
