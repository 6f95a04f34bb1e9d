"""Send a feed at a rate, with a progress bar where there is a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from simulators.messages import Message
from simulators.targets import Target


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent and acknowledged."""

    messages: int
    rows: int
    bytes: int
    seconds: float


@dataclass(slots=True)
class Pace:
    """Keeps a rate of rows a second by pausing before a message; time and pauses can be injected."""

    rows_per_second: float | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _due: float | None = None

    def wait(self, rows: int) -> None:
        """Pause until ``rows`` more rows are due. What was lost to a slow receiver is not caught up in a rush."""
        if not self.rows_per_second:
            return
        now = self.clock()
        due = now if self._due is None else max(self._due, now - 1.0)
        if due > now:
            self.sleep(due - now)
        self._due = due + rows / self.rows_per_second


@dataclass(frozen=True, slots=True)
class History:
    """What was sent before ``before`` (with zone) goes at a pace of its own."""

    before: datetime
    pace: Pace


def send(
    messages: Iterable[Message], target: Target, pace: Pace | None = None,
    seen: Callable[[Message], None] | None = None, history: History | None = None,
) -> Sent:  # fmt: skip
    """Hand every message to the target and wait for the last acknowledgement. ``seen`` is called after each."""
    pace = pace or Pace()
    started = pace.clock()
    count = rows = size = 0
    for message in messages:
        of_history = history is not None and message.sent_at < history.before
        (history.pace if history is not None and of_history else pace).wait(message.rows)
        target.put(message)
        count, rows, size = count + 1, rows + message.rows, size + len(message.value)
        if seen is not None:
            seen(message)
    target.close()
    return Sent(count, rows, size, pace.clock() - started)


@contextmanager
def shown(what: str, total: int | None, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, nothing elsewhere; yields a function that takes the advance in units."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(what, total=total)
        yield lambda advance: progress.advance(task, advance)
