"""The thresholds as they are stored now, read again with every run of the watch."""

from __future__ import annotations

from clickhouse.client import ClickHouse
from clickhouse.thresholds import ThresholdStore
from streams.watch.thresholds import Thresholds


class StoredThresholds:
    """``now`` are those of the last ``refresh``; ``value`` asks them."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._store = ThresholdStore(clickhouse)
        self.now = Thresholds()

    def refresh(self) -> None:
        """Read them again. Blocks; raises NotNow."""
        self.now = Thresholds(self._store.all())

    def value(self, name: str, org: str = "", table: str = "") -> float:
        """The threshold that holds there."""
        return self.now.value(name, org, table)
