"""The institutions' code maps as they are stored: local code → standard code, and every change of them.

A change is one *version* of the institution's maps and is taken by compare and set, because several API processes may
change maps at once. The order of work:

1 finish what another writer recorded and did not get to apply · 2 read the version and the entries as they are ·
3 record the next version with what was before and what is after (one insert under a token made of institution and
version: of several writers the first one's rows are stored) · 4 read back who has the version; somebody else: start
again · 5 apply it to ``code_maps``, which keeps the row with the highest version: applying again changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

import orjson
import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from sanjian.errors import NotNow
from standard.model import MapKind

#: Every attempt that is lost means that another writer's change went through; more at once than this is no accident.
ATTEMPTS = 100


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
#: What people say of a local code; the rest is about the change.
CONTENT = _NAMES[: _NAMES.index("org")]

Entries = Mapping[str, MapEntry]


class CannotUndo(Exception):
    """A version cannot be taken back: ``codes`` were changed by a later one; without any there is no such version."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(f"{len(codes)} codes")
        self.codes = codes


class CodeMapStore:
    """Reads and writes code maps. ``clock`` gives the zoned time of a change. Every call blocks; raises NotNow."""

    def __init__(self, client: ClickHouse, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._client = client
        self._clock = clock

    def save(self, org: str, map: MapKind, entries: Iterable[MapEntry], changed_by: str) -> int:
        """Adds entries or replaces those with the same local code; other entries stay. Returns the maps' new version.

        The version counts the changes of all maps of the institution. Without entries nothing changes.
        """
        latest = list({entry.local_code: entry for entry in entries}.values())
        return self._change(org, map, lambda _: latest, changed_by) if latest else self.version(org)

    def undo(self, org: str, map: MapKind, version: int, changed_by: str) -> int:
        """Takes one version of a map back: its local codes are as they were before it. That is a new version, which is
        returned. Raises CannotUndo when there is no such version, or a later one changed one of its codes.
        """

        def before(now: Entries) -> list[MapEntry]:
            changes = self.changes(org, map, version)
            later = [code for code, _, _ in changes if code in now and now[code].version > version]
            if later or not changes:
                raise CannotUndo(later)
            return [earlier or MapEntry(code) for code, earlier, _ in changes]

        return self._change(org, map, before, changed_by, undoes=version)

    def entries(self, org: str, map: MapKind) -> dict[str, MapEntry]:
        """One map as it is now, by local code; unmapped codes (empty standard code) too."""
        return {entry.local_code: entry for entry in self._entries(org, map)}

    def all(self) -> list[MapEntry]:
        """Every entry as it is now, by institution, map and local code; unmapped ones (empty standard code) too."""
        return self._entries("", "")

    def version(self, org: str) -> int:
        """How often the institution's maps were changed; 0 when never."""
        rows = self._client.rows(load_query("code_map_version"), {"org": org})
        return int(rows[0]["version"])

    def history(self, org: str, map: MapKind) -> list[dict[str, Any]]:
        """Versions of one map, newest first: version, at, changed_by, undoes (version taken back, 0 none), undone_by
        (0 not), codes, added, unmapped."""
        return self._client.rows(load_query("code_map_history"), {"org": org, "map": map, "after": 0})

    def changes(self, org: str, map: MapKind, version: int) -> list[tuple[str, MapEntry | None, MapEntry]]:
        """What one version changed: local code, entry before (None: there was none), entry after."""
        return [
            (row["local_code"], _entry(row["before"]) if row["before"] else None, _entry(row["after"]))
            for row in self._recorded(org, map, version - 1)
            if row["version"] == version
        ]

    def _change(
        self, org: str, map: MapKind, make: Callable[[Entries], list[MapEntry]], changed_by: str, undoes: int = 0
    ) -> int:
        for _ in range(ATTEMPTS):
            version, now = self._finish(org) + 1, self.entries(org, map)
            place: dict[str, Any] = {"org": org, "map": map, "version": version, "changed_by": changed_by}
            made = [replace(entry, **place) for entry in make(now)]
            if self._record(made, now, undoes):
                self._apply(made)
                return version
        raise NotNow("the institution's code maps are changed by too many at once")

    def _record(self, made: list[MapEntry], now: Entries, undoes: int) -> bool:
        """Steps 3 and 4: whether the version is ours."""
        writer, org, version = uuid.uuid4().hex, made[0].org, made[0].version
        rows = [
            {"org": org, "map": one.map, "version": version, "local_code": one.local_code, "after": _text(one),
             "before": _text(now[one.local_code]) if one.local_code in now else "", "changed_by": one.changed_by}
            for one in made
        ]  # fmt: skip
        frame = pl.DataFrame(rows).with_columns(
            pl.col("version").cast(pl.UInt32), pl.lit(undoes, pl.UInt32).alias("undoes"),
            pl.lit(writer).alias("writer"), self._now().alias("at"),
        )  # fmt: skip
        self._client.insert_once("code_map_changes", frame, f"code_map_changes:{org}:{version}")
        held = self._client.rows(load_query("code_map_holder"), {"org": org, "version": version})
        return bool(held) and held[0]["writer"] == writer

    def _finish(self, org: str) -> int:
        """Step 1: apply what is recorded and newer than what is applied. Returns the version (step 2)."""
        state = self._client.rows(load_query("code_map_version"), {"org": org})[0]
        if state["version"] > state["applied"]:
            self._apply([
                replace(_entry(row["after"]), **{name: row[name] for name in ("org", "map", "version", "changed_by")})
                for row in self._recorded(org, "", state["applied"])
            ])  # fmt: skip
        return int(state["version"])

    def _recorded(self, org: str, map: str, after: int) -> list[dict[str, Any]]:
        return self._client.rows(load_query("code_map_changes"), {"org": org, "map": map, "after": after})

    def _apply(self, made: list[MapEntry]) -> None:
        if made:
            frame = pl.DataFrame([asdict(entry) for entry in made])
            stamped = frame.with_columns(pl.col("version").cast(pl.UInt32), self._now().alias("updated_at"))
            self._client.insert("code_maps", stamped)

    def _now(self) -> pl.Expr:
        return pl.lit(self._clock()).dt.cast_time_unit("ms")

    def _entries(self, org: str, map: str) -> list[MapEntry]:
        parameters = {"org": org, "map": map, "limit": 0, "offset": 0}
        rows = self._client.rows(load_query("code_map_entries"), parameters)
        return [MapEntry(**{name: row[name] for name in _NAMES}) for row in rows]


def _text(entry: MapEntry) -> str:
    return orjson.dumps({name: value for name in CONTENT if (value := getattr(entry, name))}).decode()


def _entry(text: str) -> MapEntry:
    return MapEntry(**orjson.loads(text))
