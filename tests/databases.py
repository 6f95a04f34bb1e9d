"""Databases for tests: each test gets one that is migrated and empty, over an engine that a folder shares."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from standard.model import Table

_numbers = itertools.count(1)
#: Name of a table → its definition and how many rows are in it (None: a view).
_State = dict[str, tuple[str, int | None]]


class Databases:
    """``with databases.migrated(tables) as clickhouse``. A database that a test has left is emptied for the next one,
    which takes a twentieth of the time of migrating a new one; one whose tables are other ones now is dropped."""

    def __init__(self, engine: ClickHouse) -> None:
        self._engine = engine
        self._free: dict[tuple[str, ...] | None, list[tuple[str, _State]]] = defaultdict(list)

    @contextmanager
    def migrated(self, tables: Sequence[Table] | None = ()) -> Iterator[ClickHouse]:
        """The engine, in a database of the caller's own; ``tables``: those of the standard that it has, None: all."""
        engine, free = self._engine, self._free[None if tables is None else tuple(table.name for table in tables)]
        before = engine.database
        if free:
            name, new = free.pop()
            engine.use(name)
        else:
            name = f"t{next(_numbers)}"
            engine.use(name)
            migrate(engine, tables)
            new = self._state(name)
        try:
            yield engine
        finally:
            engine.use(before)
            if self._emptied(name, new):
                free.append((name, new))
            else:
                engine.command(f"DROP DATABASE {name} SYNC")

    @contextmanager
    def empty(self) -> Iterator[ClickHouse]:
        """The engine, in a new database without tables."""
        before, name = self._engine.database, f"t{next(_numbers)}"
        self._engine.use(name)
        yield self._engine
        self._engine.use(before)
        self._engine.command(f"DROP DATABASE {name} SYNC")

    def _emptied(self, name: str, new: _State) -> bool:
        """Whether the database is again what it was when it was new."""
        for table, (_, rows) in self._state(name).items():
            if rows and table != "migrations":
                self._engine.command(f"TRUNCATE TABLE {name}.{table} SYNC")
        return self._state(name) == new

    def _state(self, name: str) -> _State:
        rows = self._engine.rows(
            "SELECT name, create_table_query AS definition, total_rows "
            "FROM system.tables WHERE database = {name:String}",
            {"name": name},
        )
        return {row["name"]: (row["definition"], row["total_rows"]) for row in rows}


@contextmanager
def an_engine(directory: Path) -> Iterator[ClickHouse]:
    """An embedded engine; to be closed before the next one is opened, because a process can have one directory open."""
    with ClickHouse(f"chdb://{directory}", memory_mb=2048) as client:
        yield client
