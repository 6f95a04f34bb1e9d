"""What the boards read of ClickHouse, and the user of the data source, who can read that and nothing else. Pure.

Whoever sees a board in Grafana may send its data source any SQL: the grants are what protects the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from grafana.alerting import RULES, rule_json
from grafana.catalogue import BOARDS
from grafana.model import Panel

#: The setting that the data source sets with each query; it may set no other one.
SETTING, LONGEST_SECONDS = "max_execution_time", 60
#: Tables with columns that hold what people sent or who they are: only these are given.
COLUMNS: Mapping[str, Sequence[str]] = {
    "dead_letters": ("topic_id", "partition", "offset", "row", "org", "table", "batch", "reason", "arrived_at",
                     "landed_at"),
    "outbox": ("id", "version", "writer", "at", "state"),
    "orgs": ("org", "name", "city", "county", "level", "type", "test", "active", "updated_at"),
}  # fmt: skip
_TABLE = re.compile(r"\b(?:FROM|(?<!ARRAY )JOIN)\s+([a-z_]+)\b(?!\()")
_CTE = re.compile(r"\b([a-z_]+) AS\s*\n?\s*\(\s*\n?\s*SELECT")


def queries() -> Iterator[str]:
    """Every SQL that Grafana sends: of panels, choices and alert rules."""
    for board in BOARDS:
        yield from (panel.sql for panel in board.panels if isinstance(panel, Panel))
        yield from (variable.sql for variable in board.variables if variable.sql)
    for rule in RULES:
        yield str(rule_json(rule)["data"][0]["model"]["rawSql"])


def tables() -> list[str]:
    """The tables that they read, sorted."""
    found: set[str] = set()
    for sql in queries():
        found |= set(_TABLE.findall(sql)) - set(_CTE.findall(sql))
    return sorted(found)


def statements(database: str = "sanjian", user: str = "grafana") -> list[str]:
    """SQL for an administrator of ClickHouse: profile, user, grants."""
    given = []
    for table in tables():
        columns = f"({', '.join(f'`{name}`' for name in COLUMNS[table])})" if table in COLUMNS else ""
        given.append(f"GRANT SELECT{columns} ON {database}.{table} TO {user};")
    return [
        f"CREATE SETTINGS PROFILE IF NOT EXISTS {user} SETTINGS readonly = 1, "
        f"{SETTING} = {LONGEST_SECONDS} CHANGEABLE_IN_READONLY;",
        f"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY '…' DEFAULT DATABASE {database} SETTINGS PROFILE '{user}';",
        *given,
    ]
