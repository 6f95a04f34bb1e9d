"""The institutions' code maps as they are stored: local code → standard code."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from standard.model import MapKind


@dataclass(frozen=True, slots=True)
class MapEntry:
    """One local code. An empty ``standard_code`` unmaps it; the four fields of a drug must agree with the catalogue.

    The fields after ``manufacturer`` are set by :meth:`CodeMapStore.save` and filled when read.
    """

    local_code: str
    local_name: str = ""
    standard_code: str = ""
    generic_name: str = ""
    dosage_form: str = ""
    specification: str = ""
    manufacturer: str = ""
    org: str = ""
    map: str = ""
    version: int = 0
    changed_by: str = ""


_NAMES = tuple(field.name for field in fields(MapEntry))


class CodeMapStore:
    """Reads and writes code maps. ``clock`` gives the zoned time of a change."""

    def __init__(self, client: ClickHouse, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._client = client
        self._clock = clock
        # Two changes at once would both count on from the same version. Across processes that can still happen; then
        # both carry the same number, and of one local code the change that was written last counts.
        self._counting = threading.Lock()

    def save(self, org: str, map: MapKind, entries: Iterable[MapEntry], changed_by: str) -> int:
        """Adds entries or replaces those with the same local code; other entries stay. Returns the maps' new version.

        The version counts the changes of all maps of the institution. Without entries nothing changes.
        """
        latest = {entry.local_code: entry for entry in entries}
        with self._counting:
            version = self.version(org)
            if not latest:
                return version
            version += 1
            frame = pl.DataFrame([asdict(entry) for entry in latest.values()]).with_columns(
                pl.lit(org).alias("org"),
                pl.lit(map).alias("map"),
                pl.lit(version, pl.UInt32).alias("version"),
                pl.lit(changed_by).alias("changed_by"),
                pl.lit(self._clock()).dt.cast_time_unit("ms").alias("updated_at"),
            )
            self._client.insert("code_maps", frame)
            return version

    def all(self) -> list[MapEntry]:
        """Every entry as it is now, by institution, map and local code; unmapped ones (empty standard code) too."""
        parameters = {"org": "", "map": "", "limit": 0, "offset": 0}
        rows = self._client.rows(load_query("code_map_entries"), parameters)
        return [MapEntry(**{name: row[name] for name in _NAMES}) for row in rows]

    def version(self, org: str) -> int:
        """How often the institution's maps were changed; 0 when never."""
        rows = self._client.rows(load_query("code_map_version"), {"org": org})
        return int(rows[0]["version"])
