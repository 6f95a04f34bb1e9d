"""The registered institutions, as the workers know them: read at the start and again when an unknown one sends."""

from __future__ import annotations

import threading

from clickhouse.client import ClickHouse
from clickhouse.orgs import OrgStore


class KnownOrgs:
    """A set of institution codes. ``refresh`` blocks for a few milliseconds."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._store = OrgStore(clickhouse)
        self._lock = threading.Lock()
        self.known: frozenset[str] = frozenset()

    def refresh(self) -> frozenset[str]:
        """Read the table again; the institutions that are active now. Raises NotNow."""
        with self._lock:
            self.known = frozenset(org.org for org in self._store.all() if org.active)
            return self.known
