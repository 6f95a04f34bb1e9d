"""The registered institutions, as the workers know them: read at the start and again when an unknown one sends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from clickhouse.client import ClickHouse
from clickhouse.orgs import OrgStore

#: An institution that is not registered may send thousands of messages; the table is not read for each of them.
SECONDS_BETWEEN = 2.0


class KnownOrgs:
    """A set of institution codes. ``refresh`` blocks."""

    def __init__(self, clickhouse: ClickHouse, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = OrgStore(clickhouse)
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self.known: frozenset[str] = frozenset()

    def refresh(self, force: bool = False) -> bool:
        """Read the table again unless that was done a moment ago; tells whether anything is new. Raises NotNow."""
        with self._lock:
            if not force and self._clock() - self._read_at < SECONDS_BETWEEN:
                return False
            before, self.known = self.known, frozenset(org.org for org in self._store.all() if org.active)
            self._read_at = self._clock()
            return self.known != before
