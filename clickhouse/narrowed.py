"""ClickHouse as somebody may read it who may see some institutions only.

The engine itself leaves out the rows of every other institution, of each table that has an institution's column and is
named in the statement, whatever the statement says (``additional_table_filters``; it holds for joins, subqueries and
FINAL). So no query can forget it, and none has to be written twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import polars as pl

from clickhouse.client import ClickHouse, Parameters

#: The institution's column: of our own tables, of the standard's, of its front pages.
_NAMES = ("org", "yljgdm", "p900")
#: Here ``*`` stands for every institution.
_WITH_DEFAULTS = frozenset({"schedule", "quiet_times", "thresholds", "setting_changes", "submission_openings"})


class Reader(Protocol):
    """What reports need of ClickHouse."""

    def query(self, sql: str, parameters: Parameters | None = None) -> pl.DataFrame:
        """The result as a frame."""
        ...

    def rows(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """The result as one dictionary a row."""
        ...


class Narrowed:
    """Reads rows of ``orgs`` only. As a :class:`ClickHouse` otherwise; there is nothing to write with."""

    def __init__(self, clickhouse: ClickHouse, orgs: Collection[str]) -> None:
        self._clickhouse = clickhouse
        self._orgs = tuple(sorted(orgs))

    def query(self, sql: str, parameters: Parameters | None = None) -> pl.DataFrame:
        """See :meth:`ClickHouse.query`."""
        filters = [
            f"{_text(table)}: {_text(self._filter(table, column))}"
            for table, column in institution_columns(self._clickhouse).items()
            if re.search(rf"\b{re.escape(table)}\b", sql)
        ]
        if not filters:
            return self._clickhouse.query(sql, parameters)
        return self._clickhouse.query(sql, parameters, {"additional_table_filters": "{" + ", ".join(filters) + "}"})

    def rows(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """See :meth:`ClickHouse.rows`."""
        return self.query(sql, parameters).to_dicts()

    def _filter(self, table: str, column: str) -> str:
        wanted = [*self._orgs, *(("*",) if table in _WITH_DEFAULTS else ())]
        return f"`{column}` IN ({', '.join(_text(org) for org in wanted)})" if wanted else "1 = 0"


def reader(clickhouse: ClickHouse, orgs: Collection[str] | None) -> Reader:
    """How somebody reads who may see ``orgs``; None: all of them."""
    return clickhouse if orgs is None else Narrowed(clickhouse, orgs)


_known: WeakKeyDictionary[ClickHouse, dict[str, dict[str, str]]] = WeakKeyDictionary()


def institution_columns(clickhouse: ClickHouse) -> dict[str, str]:
    """Table → its institution's column; read once, because migrations make tables, and they run before we serve."""
    known = _known.setdefault(clickhouse, {})
    if clickhouse.database not in known:
        rows = clickhouse.rows(
            "SELECT table, name FROM system.columns "
            "WHERE database = {database:String} AND name IN {names:Array(String)}",
            {"database": clickhouse.database, "names": list(_NAMES)},
        )
        known[clickhouse.database] = {str(row["table"]): str(row["name"]) for row in rows}
    return known[clickhouse.database]


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
