"""Whoever may see some institutions reads their rows only, whatever the statement says; over both transports."""

from __future__ import annotations

import re

import polars as pl
import pytest

from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from clickhouse.narrowed import Narrowed, institution_columns, reader
from clickhouse.orgs import Org, OrgStore
from clickhouse.query import load_query, query_names
from standard.load import load
from tests.clickhouse.rows import put

pytestmark = pytest.mark.stack
OWN, OTHER = "99000000000000000000OWN"[:22], "9900000000000000OTHER0"


@pytest.fixture
def both(empty: ClickHouse) -> ClickHouse:
    """Rows of two institutions and of nobody, in a database of each kind."""
    migrate(empty, tables=list(load().tables.values())[:1])
    OrgStore(empty).save([Org(OWN, "own"), Org(OTHER, "other")])
    put(empty, "ledger", *[{"org": org, "offset": at} for at, org in enumerate((OWN, OTHER, ""))])
    return empty


#: Tables whose rows are about no single institution → who may read them, and why.
OF_NO_INSTITUTION = {
    "audit_log": "administrators of the platform",
    "channels": "who looks after all its institutions (api/routes/channels.py)",
    "migrations": "our own work",
    "notices_done": "our own work",
    "rollup_marks": "our own work",
    "watch_log": "operations staff: figures of the whole platform",
}

STATEMENTS = [
    "SELECT org FROM ledger",
    "SELECT org FROM ledger FINAL",
    "SELECT l.org FROM ledger AS l WHERE l.org != '' OR 1 = 1",
    "SELECT org FROM (SELECT org FROM ledger UNION ALL SELECT org FROM orgs FINAL)",
    "WITH all AS (SELECT org FROM ledger FINAL) SELECT org FROM all",
    "SELECT o.org AS org FROM orgs AS o LEFT JOIN ledger AS l ON l.org = o.org",
    "SELECT org FROM orgs FINAL WHERE org IN (SELECT org FROM ledger)",
    "SELECT DISTINCT org FROM `ledger`",
    "SELECT arrayJoin(groupArray(org)) AS org FROM ledger",
]


@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_engine_leaves_out_the_others(both: ClickHouse, sql: str) -> None:
    assert {row["org"] for row in Narrowed(both, {OWN}).rows(sql)} == {OWN}
    assert {row["org"] for row in reader(both, None).rows(sql)} >= {OWN, OTHER}
    assert Narrowed(both, ()).rows(sql) == []


def test_counts_and_sums_leave_them_out_too(both: ClickHouse) -> None:
    sql = "SELECT count() AS n, uniqExact(org) AS orgs FROM ledger"
    assert Narrowed(both, {OWN}).rows(sql) == [{"n": 1, "orgs": 1}]
    assert both.rows(sql) == [{"n": 3, "orgs": 3}]


def test_the_standards_tables_are_left_out_by_their_own_column(both: ClickHouse) -> None:
    name = next(iter(load().tables)).lower()
    both.insert(name, pl.DataFrame({"yljgdm": [OWN, OTHER], "brzsy": ["1", "2"]}))
    assert Narrowed(both, {OWN}).rows(f"SELECT brzsy FROM {name} FINAL") == [{"brzsy": "1"}]
    assert len(both.rows(f"SELECT brzsy FROM {name} FINAL")) == 2


def test_what_holds_for_every_institution_is_seen_by_each(both: ClickHouse) -> None:
    both.insert("thresholds", pl.DataFrame({"org": [OWN, OTHER, "*"]}))
    rows = Narrowed(both, {OWN}).rows("SELECT org FROM thresholds FINAL")
    assert {row["org"] for row in rows} == {OWN, "*"}


@pytest.mark.parametrize("hostile", ["x') OR (1=1", "x\\') OR (1=1) --", "'", "\\", "x'}, 'orgs': '1=1"])
def test_a_code_that_is_no_code_opens_nothing(both: ClickHouse, hostile: str) -> None:
    assert Narrowed(both, {hostile}).rows("SELECT org FROM ledger") == []
    OrgStore(both).save([Org(hostile, "hostile")])
    assert Narrowed(both, {hostile}).rows("SELECT org FROM orgs FINAL") == [{"org": hostile}]


def test_a_thousand_institutions_are_not_too_many(both: ClickHouse) -> None:
    many = {f"{number:022d}" for number in range(1000)} | {OWN}
    assert {row["org"] for row in Narrowed(both, many).rows("SELECT org FROM ledger FINAL")} == {OWN}


@pytest.mark.parametrize("name", query_names())
def test_every_named_query_runs_for_somebody_who_may_see_little(with_front_pages: ClickHouse, name: str) -> None:
    from tests.clickhouse.test_queries import PARAMETER, value_of

    sql = load_query(name)
    wanted = {parameter: value_of(kind) for parameter, kind in PARAMETER.findall(sql)}
    Narrowed(with_front_pages, {OWN}).query(sql, wanted)


def test_every_table_is_narrowed_or_about_no_institution(both: ClickHouse) -> None:
    sql = "SELECT name, engine_full FROM system.tables WHERE database = {name:String}"
    tables = {row["name"]: row["engine_full"] for row in both.rows(sql, {"name": both.database})}
    columns = institution_columns(both)
    assert set(tables) - set(columns) == set(OF_NO_INSTITUTION)
    for table, column in columns.items():
        sql = f"SELECT `{column}` AS org FROM `{table}`"
        if " TTL " in tables[table]:
            both.command(f"ALTER TABLE `{table}` REMOVE TTL")  # times that are not given are long ago
        # one at a time: together they are one row to engines that keep the newest of a key
        both.insert(table, pl.DataFrame({column: [OTHER]}))
        assert OTHER in {row["org"] for row in both.rows(sql)}, table
        assert OTHER not in {row["org"] for row in Narrowed(both, {OWN}).rows(sql)}, table
        both.insert(table, pl.DataFrame({column: [OWN]}))
        assert {row["org"] for row in Narrowed(both, {OWN}).rows(sql)} == {OWN}, table


def test_no_column_with_an_institution_has_another_name(both: ClickHouse) -> None:
    """It would not be found: each is called org, or yljgdm in the standard's tables."""
    rows = both.rows(
        "SELECT DISTINCT name FROM system.columns WHERE database = {database:String}", {"database": both.database}
    )
    suspicious = {row["name"] for row in rows if re.search(r"org|jgdm$|institution", row["name"], re.I)}
    assert suspicious <= {"org", "orgs", "yljgdm"}
