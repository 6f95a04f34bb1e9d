"""Brings the database to the version of this program; forward only, safe to run twice or from two processes at once.

1 create ``migrations`` · 2 refuse when a file that was applied has changed since · 3 run each numbered file that is not
recorded, statement by statement (each is idempotent), and record it with its checksum · 4 create the standard's tables
that are missing · 5 add the columns and the index that they lack.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.sql import statements
from clickhouse.tables import DAY_INDEX, create_statement, index_statements, missing_columns, table_name
from sanjian.errors import Misconfigured
from standard.model import Table

FOLDER = Path(__file__).parent / "migrations"

_CREATE = """
CREATE TABLE IF NOT EXISTS migrations
(
    id String,
    checksum String,
    applied_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY (id, checksum)
"""


def migrate(client: ClickHouse, tables: Iterable[Table] | None = None, folder: Path = FOLDER) -> list[str]:
    """Applies what is pending and returns its ids: ``0001_pipeline``, ``tb_mz_sfmxb``, ``tb_mz_sfmxb.sfid``.

    ``tables``: the standard's tables, by default all of them. Raises :class:`Misconfigured` when an applied file was
    changed.
    """
    client.command(_CREATE)
    applied: list[str] = []
    for file in _pending_files(client, folder):
        text = file.read_text(encoding="utf-8")
        for statement in statements(text):
            client.command(statement)
        client.insert("migrations", _record(file.stem, text))
        applied.append(file.stem)
    for name, statement in _pending_tables(client, tables):
        client.command(statement)
        applied.append(name)
    return applied


def pending(client: ClickHouse, tables: Iterable[Table] | None = None, folder: Path = FOLDER) -> list[str]:
    """What :func:`migrate` would apply; changes nothing."""
    files = [file.stem for file in _pending_files(client, folder)]
    return files + [name for name, _ in _pending_tables(client, tables)]


def checksum(text: str) -> str:
    """SHA-256 of a migration file, the same on every system (line ends do not count)."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()


def _pending_files(client: ClickHouse, folder: Path) -> list[Path]:
    known = _columns(client)
    recorded: dict[str, str] = {}
    if "migrations" in known:
        recorded = {row["id"]: row["checksum"] for row in client.rows("SELECT id, checksum FROM migrations")}
    result = []
    for file in sorted(folder.glob("[0-9]*.sql")):
        if file.stem not in recorded:
            result.append(file)
        elif recorded[file.stem] != checksum(file.read_text(encoding="utf-8")):
            raise Misconfigured(
                f"Migration {file.name} was changed after it had been applied to database {client.database}: "
                "restore the file and put the change into a new one."
            )
    return result


def _pending_tables(client: ClickHouse, tables: Iterable[Table] | None) -> Iterator[tuple[str, str]]:
    known, indexed = _columns(client), _indexed(client)
    for table in _all_tables() if tables is None else tables:
        name = table_name(table)
        if name not in known:
            yield name, create_statement(table)
            continue
        for column, statement in missing_columns(table, known[name]):
            yield f"{name}.{column}", statement
        if name not in indexed:
            add, fill = index_statements(table)
            yield f"{name}.{DAY_INDEX}", add
            yield f"{name}.{DAY_INDEX} (old rows)", fill


def _columns(client: ClickHouse) -> dict[str, set[str]]:
    """Column names of every table of the database."""
    rows = client.rows(
        "SELECT table, groupArray(name) AS columns FROM system.columns WHERE database = {database:String} "
        "GROUP BY table",
        {"database": client.database},
    )
    return {row["table"]: set(row["columns"]) for row in rows}


def _indexed(client: ClickHouse) -> set[str]:
    """Tables that have the index of business dates."""
    rows = client.rows(
        "SELECT table FROM system.data_skipping_indices WHERE database = {database:String} AND name = {name:String}",
        {"database": client.database, "name": DAY_INDEX},
    )
    return {row["table"] for row in rows}


def _record(migration: str, text: str) -> pl.DataFrame:
    now = pl.Series("applied_at", [datetime.now(UTC)], dtype=pl.Datetime("ms", "UTC"))
    return pl.DataFrame({"id": [migration], "checksum": [checksum(text)]}).with_columns(
        now.dt.convert_time_zone(SHANGHAI.key)
    )


def _all_tables() -> Iterable[Table]:
    from standard.load import load

    return load().tables.values()
