"""How far a submission is: what has arrived, been read, sent and validated, how fast, and how long it will take.
Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.submissions.store import Outcome
from api.submissions.submission import NEVER, Submission


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts until now. ``validated``: rows that have an outcome; ``rows_per_second`` since the file was whole, of rows
    read while it is checked and of rows validated then; ``seconds_left`` is None where nothing can be said."""

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


def progress(one: Submission, received: int, outcome: Outcome, now: datetime) -> Progress:
    """:param received: bytes of the file that have arrived. :param outcome: of the ledger; of one that is done its
    own."""
    if one.state == "done":
        outcome = Outcome(
            accepted=one.accepted, rejected=one.rejected, flagged=one.flagged, findings=one.findings,
        )  # fmt: skip
    until = one.ended_at if one.ended else now
    seconds = max(0.0, (until - (one.sent_at if one.sent_at != NEVER else one.started_at)).total_seconds())
    counted = one.read_rows if one.state == "checking" else outcome.rows
    rate = counted / seconds if counted and seconds and one.sent_at != NEVER else None
    left = one.rows - outcome.rows
    return Progress(
        bytes=one.size if one.sent_at != NEVER else received, size=one.size, rows=one.rows, read_rows=one.read_rows,
        sent_rows=one.sent_rows, validated=outcome.rows, accepted=outcome.accepted, rejected=outcome.rejected,
        flagged=outcome.flagged, unreadable=outcome.unreadable, findings=outcome.findings,
        rows_per_second=round(rate, 1) if rate else None,
        seconds_left=_left(one, left, rate), seconds=round(seconds, 3),
    )  # fmt: skip


def _left(one: Submission, left: int, rate: float | None) -> float | None:
    if one.ended:
        return 0.0
    if not rate or not one.rows or one.state == "checking":
        return None
    return round(left / rate, 1)
