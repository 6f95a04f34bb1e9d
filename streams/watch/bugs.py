"""Bugs of the watch: logged and counted, and kept as a condition until the part works again. They stop nothing else.

Landing rows must go on when a detector is broken, so a bug here does not end the worker as one of the pipeline does.
"""

from __future__ import annotations

import traceback
from datetime import datetime

import structlog

from sanjian import metrics

log = structlog.get_logger(__name__)


class Bugs:
    """Which parts do not work now, and since when."""

    def __init__(self) -> None:
        self.failing: dict[str, datetime] = {}

    def note(self, part: str, error: Exception, now: datetime) -> None:
        """A part failed. Of the error its kind and place are told: what libraries say may quote a patient's row."""
        metrics.WATCH_BUGS.labels(part=part).inc()
        frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        log.error("watch_bug", part=part, error=type(error).__name__, frames=frames[-8:])
        self.failing.setdefault(part, now)

    def clear(self, part: str) -> None:
        """A part works."""
        self.failing.pop(part, None)
