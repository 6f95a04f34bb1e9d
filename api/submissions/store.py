"""Submissions in ClickHouse: their steps, which one counts for a month, and openings. Calls block and raise NotNow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from api.submissions.parts import RowKey
from api.submissions.rules import Opening
from api.submissions.submission import SCHEMA, WORKING, Submission, of_row, row_of
from clickhouse.client import ClickHouse
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from clickhouse.schedule import ALWAYS, EVERY, stamp
from clickhouse.steps import MOMENT, now_ms, take_step

#: What has not ended within so long has been given up; looking further back would read every step there ever was.
LOOK_BACK = timedelta(days=3)
LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)
#: Keys of so many rows are one insert: some megabytes.
KEYS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the rows until now; ``batches``: messages that have landed."""

    batches: frozenset[str] = frozenset()
    accepted: int = 0
    rejected: int = 0
    flagged: int = 0
    unreadable: int = 0
    findings: int = 0

    @property
    def rows(self) -> int:
        """Rows that have an outcome."""
        return self.accepted + self.rejected + self.unreadable


class SubmissionStore:
    """``now`` gives UTC."""

    def __init__(self, clickhouse: ClickHouse, now: Callable[[], datetime]) -> None:
        self._clickhouse = clickhouse
        self._now = now
        #: How our own work reads; whoever calls from outside brings a reader of its own.
        self.everybody: Reader = clickhouse

    def take(self, step: Submission) -> bool:
        """Write a step, made by :meth:`Submission.step`, and say whether we have it."""
        return take_step(self._clickhouse, "submission_steps", row_of(step), SCHEMA)

    def find(self, reader: Reader, ident: str) -> Submission | None:
        """A submission as it stands, if it is of an institution that ``reader`` reads."""
        rows = reader.rows(load_query("submissions_now"), {"id": ident, "org": "", "since": LONG_AGO})
        return of_row(rows[0]) if ident and rows else None

    def page(
        self, reader: Reader, *, ident: str = "", org: str = "", month: date = ALWAYS, limit: int = 1, offset: int = 0,
    ) -> tuple[list[tuple[Submission, bool]], int]:  # fmt: skip
        """Submissions as ``reader`` reads them, the newest first, each with whether it counts now; and how many there
        are."""
        asked = {"id": ident, "org": org, "month": month, "since": LONG_AGO, "limit": limit, "offset": offset}
        rows = reader.rows(load_query("submissions_page"), asked)
        return [(of_row(row), bool(row["current"])) for row in rows], rows[0]["total"] if rows else 0

    def get(self, ident: str) -> Submission | None:
        """A submission as it stands."""
        return self.find(self._clickhouse, ident)

    def open(self) -> list[Submission]:
        """Those that have not ended, the oldest first."""
        rows = self._clickhouse.rows(
            load_query("submissions_now"), {"id": "", "org": "", "since": self._now() - LOOK_BACK}
        )
        found = [of_row(row) for row in rows]
        return sorted((one for one in found if not one.ended), key=lambda one: one.started_at)

    def outcome(self, submission: Submission) -> Outcome:
        """What became of its rows."""
        asked = {"id": submission.id, "org": submission.org, "sent_at": submission.sent_at}
        frame = self._clickhouse.query(load_query("submission_outcome"), asked)
        sums = {name: int(frame[name].sum()) for name in frame.columns if name != "batch"}
        return Outcome(frozenset(frame["batch"]), **sums)

    def keep_rows(self, submission: Submission, keys: list[RowKey]) -> None:
        """Keep which rows the file has; doing it again changes nothing."""
        for start in range(0, len(keys), KEYS_AT_ONCE):
            frame = pl.DataFrame(
                keys[start : start + KEYS_AT_ONCE],
                schema={"key": pl.String, "row": pl.UInt32, "hash": pl.UInt64}, orient="row",
            ).with_columns(pl.lit(submission.org).alias("org"), pl.lit(submission.id).alias("submission"))  # fmt: skip
            self._clickhouse.insert("submission_rows", frame)

    def counted(self, org: str, month: date) -> dict[int, str]:
        """Number → submission of those that counted for a month; the greatest counts now."""
        rows = self._clickhouse.rows(load_query("submissions_of_month"), {"org": org, "month": month})
        return {row["number"]: row["submission"] for row in rows}

    def switch(self, submission: Submission, most: int) -> int | None:
        """Let the submission count for its month from now on; its number there. None when there may not be one more.

        One row, and the only place where it is decided; done again it says the same.
        """
        while True:
            counted = self.counted(submission.org, submission.month)
            mine = next((number for number, ident in counted.items() if ident == submission.id), None)
            if mine is not None:
                return mine
            number = max(counted, default=0) + 1
            if number > most:
                return None
            step: dict[str, Any] = {
                "id": f"{submission.org}|{submission.month}", "version": number, "at": now_ms(self._now()),
                "org": submission.org, "month": submission.month, "submission": submission.id,
            }  # fmt: skip
            if take_step(self._clickhouse, "submission_switches", step, {"month": pl.Date()}):
                return number

    def under_way(self, org: str, month: date) -> bool:
        """Whether a submission of the month has not ended."""
        return any((one.org, one.month) == (org, month) for one in self.open())

    def waiting(self) -> list[Submission]:
        """Those that a process has to work on."""
        return [one for one in self.open() if one.state in WORKING]

    def openings(self) -> list[Opening]:
        """Months that were opened, over or not."""
        rows = self._clickhouse.rows(load_query("submission_openings_now"))
        return [Opening(**{name: row[name] for name in Opening.__slots__}) for row in rows]

    def opening(self, org: str, month: date) -> Opening | None:
        """What was opened for an institution: its own, else the one for all."""
        found = {one.org: one for one in self.openings() if one.month == month}
        return found.get(org) or found.get(EVERY)

    def save_opening(self, opening: Opening, changed_by: str, *, deleted: bool = False) -> None:
        """Open a month, or take that back."""
        row = {name: value for name, value in asdict(opening).items() if name != "changed_by"}
        frame = pl.DataFrame(
            [row], schema_overrides={"month": pl.Date, "until": MOMENT, "more": pl.UInt8}
        ).with_columns(*stamp(self._now(), changed_by, deleted=deleted))
        self._clickhouse.insert("submission_openings", frame)
