"""Thresholds as people set them, and every change; which one holds where is decided by the watch
(``streams/watch/thresholds.py``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from clickhouse.schedule import stamp

ThresholdKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A figure that was set; ``org`` and ``table`` can be ``*``. The key is (org, table, name)."""

    org: str
    table: str
    name: str
    value: float
    changed_by: str = ""


class ThresholdStore:
    """Reads and writes thresholds. ``clock`` gives the zoned time of a change. Every call blocks; raises NotNow."""

    def __init__(self, client: ClickHouse, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._client = client
        self._clock = clock

    def all(self) -> list[Threshold]:
        """Every threshold that is set, by institution, table and name."""
        rows = self._client.rows(load_query("thresholds_now"))
        return [Threshold(**{field.name: row[field.name] for field in fields(Threshold)}) for row in rows]

    def save(self, thresholds: Iterable[Threshold], changed_by: str) -> None:
        """Sets thresholds, in place of those with the same institution, table and name."""
        self._write(thresholds, changed_by, deleted=False)

    def delete(self, keys: Iterable[ThresholdKey], changed_by: str) -> None:
        """Takes thresholds away by (institution, table, name); the next less specific one holds then."""
        self._write([Threshold(*key, value=0.0) for key in keys], changed_by, deleted=True)

    def _write(self, thresholds: Iterable[Threshold], changed_by: str, *, deleted: bool) -> None:
        latest = {(one.org, one.table, one.name): asdict(one) for one in thresholds}
        if not latest:
            return
        frame = pl.DataFrame(list(latest.values())).with_columns(
            pl.col("value").cast(pl.Float64), *stamp(self._clock(), changed_by, deleted=deleted)
        )
        self._client.insert("thresholds", frame)
