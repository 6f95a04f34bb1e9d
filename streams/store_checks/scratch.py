"""Tables in memory that live as long as they are needed, and are cleared away when a process died with one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from clickhouse.client import ClickHouse

PREFIX = "store_own_"
#: No portion takes so long: whoever made a table this old is gone.
LEFT_HOURS = 2


class Scratch:
    """Makes tables in memory on the server of ``clickhouse``; several processes may do so at a time."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    @contextmanager
    def table(self, create: str, parameters: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
        """A table made by ``create``, which names it ``{own_in:Identifier}.{own:Identifier}``; the two parameters.

        Raises NotNow."""
        own = f"{PREFIX}{uuid.uuid4().hex}"
        place = {"own_in": self._clickhouse.local_database, "own": own}
        if place["own_in"] != self._clickhouse.database:  # this server may be another one than the last time
            self._clickhouse.command("CREATE DATABASE IF NOT EXISTS {own_in:Identifier}", {"own_in": place["own_in"]})
        try:
            self._clickhouse.command(create, {**parameters, **place})
            yield place
        finally:
            self._drop(own)

    def drop_leftovers(self) -> None:
        """Drop what a process left that did not live to drop it. Raises NotNow."""
        left = self._clickhouse.rows(
            "SELECT name FROM system.tables WHERE database = {database:String} AND startsWith(name, {prefix:String}) "
            "AND metadata_modification_time < now() - toIntervalHour({hours:UInt8})",
            {"database": self._clickhouse.local_database, "prefix": PREFIX, "hours": LEFT_HOURS},
        )
        for row in left:
            self._drop(row["name"])

    def _drop(self, name: str) -> None:
        self._clickhouse.command(
            "DROP TABLE IF EXISTS {own_in:Identifier}.{own:Identifier} SYNC",
            {"own_in": self._clickhouse.local_database, "own": name},
        )
