"""The same definitions for a cluster. There is no keeper in a test run: the statements are compared, and the engine's
own parser has to take each of them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from clickhouse.client import ClickHouse
from clickhouse.migrate import _CREATE, FOLDER
from clickhouse.replicated import create_database, replicated
from clickhouse.sql import statements
from clickhouse.tables import create_statement
from standard.load import load
from streams.store_checks.compiled import compile_standard
from streams.store_checks.scratch import Scratch
from streams.store_checks.statement import copy_statement

CREATES = [
    _CREATE,
    *(text for file in sorted(FOLDER.glob("[0-9]*.sql")) for text in statements(file.read_text(encoding="utf-8"))),
    *(create_statement(table) for table in load().tables.values()),
]
#: An engine that is not replicated.
ALONE = re.compile(r"ENGINE\s*=\s*(?!Replicated)\w+")


def test_an_engine_gets_its_prefix_and_keeps_its_arguments() -> None:
    made = replicated("CREATE TABLE IF NOT EXISTS a (n UInt8) ENGINE = ReplacingMergeTree(version, deleted) ORDER BY n")
    assert made == (
        "CREATE TABLE IF NOT EXISTS a (n UInt8) ENGINE = ReplicatedReplacingMergeTree(version, deleted) ORDER BY n"
    )
    assert replicated(made) == made


def test_the_window_of_tokens_is_that_of_replicated_tables_whatever_their_age() -> None:
    made = replicated("ALTER TABLE audit_log MODIFY SETTING non_replicated_deduplication_window = 10000")
    assert made == (
        "ALTER TABLE audit_log MODIFY SETTING replicated_deduplication_window = 10000, "
        "replicated_deduplication_window_seconds = 315360000"
    )


def test_every_table_of_ours_is_replicated() -> None:
    tables = [made for made in map(replicated, CREATES) if made.lstrip().startswith("CREATE TABLE")]
    assert len(tables) > 40
    assert not [made for made in tables if ALONE.search(made) or "Replicated" not in made]
    assert not [made for made in map(replicated, CREATES) if "non_replicated" in made]


def test_everything_else_stays_as_it_is() -> None:
    for statement in (
        "INSERT INTO a SELECT 'ENGINE = MergeTree'",
        "CREATE MATERIALIZED VIEW v TO t AS SELECT 1",
        "DELETE FROM a WHERE 1",
    ):
        assert replicated(statement) == statement
    own = load().tables["TB_MZ_SFMXB"]
    assert replicated(copy_statement(own, load(), [])) == copy_statement(own, load(), [])


def test_the_engine_reads_every_statement(engine: ClickHouse) -> None:
    for statement in [*map(replicated, CREATES), create_database("sanjian")]:
        if statement.lstrip().startswith(("CREATE", "ALTER")):
            engine.command(f"EXPLAIN AST {statement}")
    with pytest.raises(DatabaseError, match="SYNTAX_ERROR"):
        engine.command("EXPLAIN AST CREATE TABLE a (n UInt8) ENGINE = ReplicatedMergeTree ORDER n")


def test_a_cluster_gives_each_statement_that_defines_something_this_way(
    engine: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(engine, "_cluster", True)
    monkeypatch.setattr(engine, "_writers", Recorder(said.append))
    engine.command("CREATE TABLE a (n UInt8) ENGINE = MergeTree ORDER BY n")
    assert said == ["CREATE TABLE a (n UInt8) ENGINE = ReplicatedMergeTree ORDER BY n"]


def test_tables_for_a_moment_are_of_the_one_server(engine: ClickHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine Replicated fills no table from a query, and what lies in memory has no copies."""
    monkeypatch.setattr(engine, "_cluster", True)
    scratch = Scratch(engine)
    create = "CREATE TABLE {own_in:Identifier}.{own:Identifier} ENGINE = Memory AS SELECT 1 AS one"
    with scratch.table(create, {}) as place:
        assert place["own_in"] == f"{engine.database}_local"
        assert engine.rows("SELECT one FROM {own_in:Identifier}.{own:Identifier}", place) == [{"one": 1}]
    left = "SELECT count() AS n FROM system.tables WHERE database = {name:String}"
    assert engine.rows(left, {"name": place["own_in"]}) == [{"n": 0}]
    scratch.drop_leftovers()
    engine.command(f"DROP DATABASE {place['own_in']} SYNC")


def test_rules_across_rows_name_the_server_s_own_database() -> None:
    assert compile_standard(load()).groups
    assert "{own_in:Identifier}.{own:Identifier}" in copy_statement(load().tables["TB_MZ_SFMXB"], load(), [])


class Recorder:
    """Stands for the pool of writers; tells what it is given."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def client(self) -> Recorder:
        return self

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def command(self, sql: str, parameters: object = None) -> None:
        self._say(sql)
