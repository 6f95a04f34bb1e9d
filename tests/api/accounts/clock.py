"""Time that only moves when a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


class Clock:
    """``clock()`` is now; ``clock.pass_(minutes=5)`` lets time pass."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        """Let time pass; as ``timedelta`` takes it."""
        self.now += timedelta(**time)
