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
    """Makes tables in memory in the database of ``clickhouse``; several processes may do so at a time."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    @contextmanager
    def table(self, create: str, parameters: Mapping[str, Any]) -> Iterator[str]:
        """A table made by ``create``, which names it ``{own:Identifier}``. Raises NotNow."""
        own = f"{PREFIX}{uuid.uuid4().hex}"
        try:
            self._clickhouse.command(create, {**parameters, "own": own})
            yield own
        finally:
            self._drop(own)

    def drop_leftovers(self) -> None:
        """Drop what a process left that did not live to drop it. Raises NotNow."""
        left = self._clickhouse.rows(
            "SELECT name FROM system.tables WHERE database = {database:String} AND startsWith(name, {prefix:String}) "
            "AND metadata_modification_time < now() - toIntervalHour({hours:UInt8})",
            {"database": self._clickhouse.database, "prefix": PREFIX, "hours": LEFT_HOURS},
        )
        for row in left:
            self._drop(row["name"])

    def _drop(self, name: str) -> None:
        self._clickhouse.command("DROP TABLE IF EXISTS {own:Identifier} SYNC", {"own": name})
