"""Where ``sanjian listen`` stopped reading, kept in a file: the cursor, and what was printed last.

The file is replaced in one step after every message. An alert that was printed in the very moment of a kill -9 is
printed once more after it, with the same id.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sanjian import datadir

#: Alerts whose ids are remembered: a worker that crashed publishes those of its last batches again.
REMEMBERED = 1000


@dataclass(slots=True)
class Bookmark:
    """Without a ``path`` it is remembered as long as the process lives. ``since``: when the newest alert was raised."""

    path: Path | None = None
    cursor: str = ""
    since: str = ""
    ids: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def is_new(self, ident: str, raised_at: str) -> bool:
        """Whether this alert was not there before; it is from now on."""
        if ident in self.ids:
            return False
        self.ids.append(ident)
        self.since = max(self.since, raised_at)
        return True

    def move(self, cursor: str) -> None:
        """Everything before the cursor is printed."""
        self.cursor = cursor
        if self.path is not None:
            content = {"cursor": cursor, "since": self.since, "ids": list(self.ids)}
            datadir.write(self.path.parent, self.path.name, content)


@contextmanager
def held(path: Path) -> Iterator[Bookmark]:
    """The bookmark of a file, for this process alone. Raises Misconfigured when another one has it, or it cannot be
    written."""
    refused = f"The cursor file {path} cannot be written ({{}}); choose another with --cursor."
    taken = f"Another sanjian listen keeps its cursor in {path}; choose another file with --cursor."
    with datadir.lock_file(path.with_name(f".{path.name}.lock"), refused, taken):
        kept = datadir.read(path.parent, path.name)
        ids = deque(map(str, kept.get("ids", [])), maxlen=REMEMBERED)
        yield Bookmark(path, str(kept.get("cursor", "")), str(kept.get("since", "")), ids)
