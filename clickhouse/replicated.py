"""The same statements for a cluster: tables with copies on every server of it (``SANJIAN_CLICKHOUSE_REPLICATED``).

The database's engine is ``Replicated``: what one server defines, all of them define, also those that come later. It
does not make the tables' engines replicated, and what it holds has to be: so each engine gets its prefix here, in one
place, and the memory for deduplication tokens is the one that replicated tables have.
"""

from __future__ import annotations

import re

#: Tables of one server only (in memory, for a moment); the engine Replicated does not fill a table from a query.
LOCAL_SUFFIX = "_local"
#: Tokens count as seen for as many as a table keeps, however old they are, as without replication; the server's own
#: limit would be an hour or a week.
TOKEN_SECONDS = 10 * 365 * 24 * 3600

_DEFINES = re.compile(r"\s*(CREATE|ALTER)\s+TABLE\b", re.IGNORECASE)
_ENGINE = re.compile(r"\bENGINE\s*=\s*(\w*MergeTree)\b")
_WINDOW = re.compile(r"\bnon_replicated_deduplication_window\s*=\s*(\d+)")


def replicated(statement: str) -> str:
    """``statement`` as a cluster needs it; everything but definitions of tables stays as it is."""
    if not _DEFINES.match(statement):
        return statement
    statement = _ENGINE.sub(_replicated_engine, statement)
    return _WINDOW.sub(
        rf"replicated_deduplication_window = \1, replicated_deduplication_window_seconds = {TOKEN_SECONDS}", statement
    )


def create_database(name: str) -> str:
    """The database on every server of the cluster. Servers that come later take the part after ``ON CLUSTER`` alone
    (docs/operations.md): they get all its tables from the keeper."""
    return (
        f"CREATE DATABASE IF NOT EXISTS `{name}` ON CLUSTER '{{cluster}}' "
        f"ENGINE = Replicated('/clickhouse/databases/{name}', '{{shard}}', '{{replica}}')"
    )


def _replicated_engine(found: re.Match[str]) -> str:
    engine = found[1]
    return found[0] if engine.startswith("Replicated") else f"ENGINE = Replicated{engine}"
