"""A submission as it stands: the columns of ``submission_steps``; and what can happen to it next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from clickhouse.steps import MOMENT, now_ms

NEVER = datetime(1970, 1, 1, tzinfo=UTC)

#: State → Chinese, English.
STATES: Mapping[str, tuple[str, str]] = {
    "uploading": ("上传中", "uploading"),
    "queued": ("等待检查", "waiting"),
    "checking": ("检查文件", "checking the file"),
    "sending": ("送入校验", "sending rows"),
    "validating": ("逐行校验", "validating rows"),
    "switching": ("切换版本", "switching"),
    "done": ("已完成", "done"),
    "refused": ("文件未通过检查", "refused"),
    "cancelled": ("已取消", "cancelled"),
    "expired": ("未上传完，已过期", "expired"),
    "failed": ("失败", "failed"),
}
#: A process works on it, or will.
WORKING = ("queued", "checking", "sending", "validating", "switching")
#: Nothing more happens.
ENDED = ("done", "refused", "cancelled", "expired", "failed")


@dataclass(frozen=True, slots=True)
class Submission:
    """One file. Times that were not reached are NEVER; ``number`` is 0 unless the file counts, or counted, for its
    month."""

    id: str
    version: int
    at: datetime
    org: str
    month: date
    variant: str
    state: str
    file: str
    size: int
    sha256: str
    actor: str
    started_at: datetime
    format: str = ""
    encoding: str = ""
    missing: tuple[str, ...] = ()
    rows: int = 0
    parts: int = 0
    read_rows: int = 0
    sent_rows: int = 0
    accepted: int = 0
    rejected: int = 0
    flagged: int = 0
    findings: int = 0
    reason: str = ""
    line: int = 0
    zh: str = ""
    en: str = ""
    number: int = 0
    late: int = 0
    sent_at: datetime = NEVER
    ended_at: datetime = NEVER
    holder: str = ""
    held_until: datetime = NEVER

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ENDED

    @property
    def may_be_cancelled(self) -> bool:
        """Until everything is there and the month is being switched."""
        return not self.ended and self.state != "switching"

    def step(self, now: datetime, **changes: Any) -> Submission:
        """The next step, later than this one whatever the clock says."""
        moment = max(now_ms(now), self.at + timedelta(milliseconds=1))
        if changes.get("state") in ENDED:
            changes |= {"ended_at": moment, "holder": "", "held_until": NEVER}
        return replace(self, version=self.version + 1, at=moment, **changes)


SCHEMA: dict[str, Any] = {
    "month": pl.Date, "size": pl.UInt64, "missing": pl.List(pl.String), "line": pl.UInt32, "number": pl.UInt8,
    "late": pl.UInt8, "started_at": MOMENT, "sent_at": MOMENT, "ended_at": MOMENT, "held_until": MOMENT,
    **dict.fromkeys(
        ("rows", "parts", "read_rows", "sent_rows", "accepted", "rejected", "flagged", "findings"), pl.UInt32
    ),
}  # fmt: skip


def row_of(submission: Submission) -> dict[str, Any]:
    """The row of ``submission_steps`` but its writer."""
    row = {field.name: getattr(submission, field.name) for field in fields(Submission)}
    return row | {"missing": list(submission.missing)}


def of_row(row: Mapping[str, Any]) -> Submission:
    """The submission of a row."""
    values = {field.name: row[field.name] for field in fields(Submission)}
    return Submission(**values | {"missing": tuple(values["missing"])})
