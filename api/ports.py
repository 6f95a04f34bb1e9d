"""What the API needs from other parts, as the shapes it relies on; ``create_app`` takes whatever fits.

All methods block and are called from threads. Raise ``NotNow`` while a server is away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WorkerState:
    """``running``: the stream worker lives; ``progressing``: it also lands, or has nothing to do."""

    running: bool
    progressing: bool
    detail: str = ""


class PartitionAudit(Protocol):
    """One partition compared with the ledger. Offsets: ``first`` ≤ offset < ``end`` are in the topic."""

    @property
    def topic_id(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def first(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def missing(self) -> Sequence[int]:
        """Offsets below the ledger's newest one that it lacks, ascending."""
        ...

    @property
    def waiting(self) -> int:
        """How many come after the ledger's newest one."""
        ...


class Auditor(Protocol):
    """Compares the ledger with the topic."""

    def audit(self) -> Sequence[PartitionAudit]:
        """Every partition of his.changes."""
        ...

    def repair(self) -> Sequence[PartitionAudit]:
        """Read exactly the missing offsets again and land them; what is still missing afterwards."""
        ...


class DeadLetter(Protocol):
    """One unreadable message (row 0) or row. ``bytes_`` is cut at 64 KiB, ``size`` is the whole length."""

    @property
    def topic_id(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def row(self) -> int: ...
    @property
    def org(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def batch(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def arrived_at(self) -> datetime: ...
    @property
    def bytes_(self) -> bytes: ...


class DeadLetters(Protocol):
    """The dead letters."""

    def list(
        self, *, orgs: Collection[str] | None, table: str, reason: str, limit: int, offset: int
    ) -> tuple[int, Sequence[DeadLetter]]:
        """How many there are and one page, newest first, of these institutions (None: of all and of nobody); empty
        texts do not filter."""
        ...

    def show(self, topic_id: str, partition: int, offset: int) -> Sequence[DeadLetter]:
        """All of one message, by row; empty when there is none."""
        ...

    def redrive(self, topic_id: str, partition: int, offset: int) -> int:
        """Send the message through the pipeline again; its new offset. Raises Invalid when its bytes are not whole."""
        ...


@dataclass(slots=True)
class Ports:
    """What this process has beside the API; None: it is not here (yet: a lifespan hook may put it in)."""

    worker: Callable[[], WorkerState] | None = None
    auditor: Auditor | None = None
    dead_letters: DeadLetters | None = None
    broker_memory: Callable[[], int] | None = None  # bytes that the embedded broker holds
    newest: Callable[[], Mapping[int, int]] | None = None  # end offset by partition, as the worker here has seen it
