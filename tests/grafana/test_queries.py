"""Every query of every board, as ClickHouse gets it: it runs, has the columns and types that its panel shows, and is
not empty where something was planted."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.migrate import migrate
from clickhouse.query import FOLDER as SHARED
from clickhouse.query import load_query
from grafana import grants
from grafana.alerting import RULES, rule_json
from grafana.bindings import MONTH, RANGE
from grafana.catalogue import BOARDS
from grafana.columns import TO_ORG
from grafana.macros import All, Dashboard, expand
from grafana.model import Board, Panel
from grafana.sql import FOLDER, board_query, board_query_names, panel_sql
from grafana.variables import ONE_ORG
from tests.grafana.month import GAP_DAYS_AGO, HOLE, LETTERS, Month

PANELS = [(board, panel) for board in BOARDS for panel in board.panels if isinstance(panel, Panel)]
EVERY = [pytest.param(board, panel, id=f"{board.uid}-{panel.query}-{panel.ident}") for board, panel in PANELS]
ALERTS = {"alert_anomaly", "alert_missing", "alert_lag", "alert_ledger", "alert_letters"}
CHOICES = {"orgs_choice", "cities_choice", "months_choice"}


def asked(engine: ClickHouse, sql: str) -> list[dict[str, Any]]:
    return engine.rows(sql)


def sql_of(board: Board, panel: Panel, planted: Month, /, **chosen: str | list[str] | All) -> str:
    one = {"org": planted.missing} if ONE_ORG in board.variables else {}
    return expand(panel.sql, planted.looked_at(**(one | chosen)))


def kind_of(clickhouse_type: str) -> str:
    """What Grafana makes of a type."""
    bare = re.sub(r"^(Nullable|LowCardinality)\((.*)\)$", r"\2", clickhouse_type)
    if bare != clickhouse_type:
        return kind_of(bare)
    if bare.startswith(("DateTime", "Date")):
        return "time"
    return "number" if re.match(r"U?Int|Float|Decimal", bare) else "text" if bare == "String" else bare


@pytest.mark.stack
@pytest.mark.parametrize(("board", "panel"), EVERY)
def test_every_panel_gets_the_columns_that_it_shows(
    engine: ClickHouse, month: Month, board: Board, panel: Panel, record_property: Any
) -> None:
    sql = sql_of(board, panel, month)
    types = {row["name"]: kind_of(row["type"]) for row in asked(engine, f"DESCRIBE (\n{sql}\n)")}
    assert list(types.items()) == [(column.name, column.kind) for column in panel.columns]
    started = time.perf_counter()
    rows = asked(engine, sql)
    record_property("ms", round((time.perf_counter() - started) * 1000))
    assert rows, "something was planted for every panel"
    if panel.series:
        times = [row["time"] for row in rows]
        assert times == sorted(times)


@pytest.mark.stack
@pytest.mark.parametrize(("board", "panel"), EVERY)
def test_every_panel_runs_for_one_or_several_chosen_and_for_nothing(
    engine: ClickHouse, month: Month, board: Board, panel: Panel
) -> None:
    """Analysed, not run: what a choice changes are sets that the analysis already makes."""
    chosen: list[dict[str, str | list[str] | All]] = [
        {"level": ["3", "2"], "type": ["hospital"], "city": ["990100"], "table": ["TB_MZ_SFMXB", "TB_HZXX"]},
        {"org": "it's none", "type": ["o'clock"], "month": "2001-01"},
    ]
    if ONE_ORG not in board.variables:
        chosen.append({"org": [org.org for org in month.year.orgs[:2]], "map": ["drug"]})
    for one in chosen:
        assert asked(engine, f"DESCRIBE (\n{sql_of(board, panel, month, **one)}\n)")


@pytest.mark.stack
def test_a_choice_gives_what_the_api_gives_for_it(engine: ClickHouse, month: Month) -> None:
    day = month.now.date()
    wanted = {
        "biz_from": day.replace(day=1), "biz_to": day, "org": month.missing, "table": "TB_MZ_SFMXB", "city": "",
        "county": "", "level": -1, "type": "", "test": 0, "by": "business",
    }  # fmt: skip
    api = engine.rows(load_query("indicator_check_report"), wanted)
    seen = month.looked_at(org=[month.missing], table=["TB_MZ_SFMXB"], month=f"{day:%Y-%m}")
    board = engine.rows(expand(panel_sql("check_totals", MONTH | {"table": RANGE["table"]}), seen))
    names = ("received", "accepted", "rejected", "flagged", "unreadable", "findings", "standing")
    assert {name: board[0][name] for name in names} == {name: sum(row[name] for row in api) for name in names}
    assert board[0]["received"] > 0


@pytest.mark.stack
def test_all_is_the_sum_of_each_and_leaves_out_test_institutions(engine: ClickHouse, month: Month) -> None:
    def received(**chosen: str | list[str] | All) -> int:
        sql = panel_sql("check_totals", MONTH | {"table": RANGE["table"]})
        return int(engine.rows(expand(sql, month.looked_at(**chosen)))[0]["received"])

    orgs = [org.org for org in month.year.orgs]
    assert received() == sum(received(org=[org]) for org in orgs) == received(org=orgs) > 0
    assert received(org=[month.test]) > 0  # it has sent, and whoever names it sees it
    names = engine.rows(expand(ONE_ORG.sql, month.looked_at()))
    assert sorted(row["value"] for row in names) == sorted(orgs)


@pytest.mark.stack
def test_the_planted_gap_hole_letters_and_case_are_shown(engine: ClickHouse, month: Month) -> None:
    panels = {panel.query: (board, panel) for board, panel in PANELS}

    def rows(query: str, **chosen: str | list[str] | All) -> list[dict[str, Any]]:
        board, panel = panels[query]
        return asked(engine, sql_of(board, panel, month, **chosen))

    midnight = datetime.combine(month.now.date() - timedelta(days=GAP_DAYS_AGO), datetime.min.time(), SHANGHAI)
    gone = [row for row in rows("uploads_gaps") if row["org"] == month.missing and row["state"] == "missing"]
    assert len({row["table"] for row in gone if int(row["day"]) == midnight.timestamp()}) > 15  # all that it owes
    [lacking] = [row for row in rows("pipeline_ledger_gaps") if row["topic"] == "live"]
    assert (lacking["first"], lacking["last"], lacking["missing"]) == (0, 4 + HOLE, HOLE)
    assert sum(row["letters"] for row in rows("pipeline_letters_open")) == LETTERS
    assert [row["kind"] for row in rows("org_cases")] == ["gap"]
    assert rows("pipeline_now")[0]["waiting"] == 7


@pytest.mark.stack
def test_the_user_of_the_boards_is_given_every_table_and_column_that_they_read(
    engine: ClickHouse, month: Month
) -> None:
    known = {row["name"] for row in engine.rows("SELECT name FROM system.tables WHERE database = currentDatabase()")}
    given = grants.tables()
    assert set(given) <= known
    assert not {"rejected_rows", "findings", "tb_hzxx", "channels", "audit_log"} & set(given)
    assert "bytes" not in grants.COLUMNS["dead_letters"]
    others = [f"DROP TABLE {name} SYNC" for name in known - set(given)]
    engine.use("given")  # a database with the given tables and columns alone
    try:
        migrate(engine)
        for statement in others:
            engine.command(statement)
        for table, columns in grants.COLUMNS.items():
            rows = engine.rows(f"DESCRIBE {table}")
            for one in {row["name"] for row in rows} - set(columns):
                engine.command(f"ALTER TABLE {table} DROP COLUMN `{one}`")
        for sql in grants.queries():
            engine.rows(f"DESCRIBE (\n{expand(sql, month.looked_at(org=month.missing))}\n)")
    finally:
        engine.use("sanjian")


@pytest.mark.stack
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.uid)
def test_every_alert_rule_asks_for_one_number(engine: ClickHouse, month: Month, rule: Any) -> None:
    [query, *_] = rule_json(rule)["data"]
    assert "$" not in query["model"]["rawSql"]  # a rule has no variables, and a file would take it for one
    [row] = asked(engine, query["model"]["rawSql"])
    assert list(row) == ["value"]
    least = {"alert_ledger": HOLE, "alert_letters": LETTERS, "alert_anomaly": 0.001}
    assert row["value"] >= least.get(rule.query, 0)


@pytest.mark.stack
@pytest.mark.parametrize("name", sorted(CHOICES))
def test_choices_give_a_value_and_a_text(engine: ClickHouse, month: Month, name: str) -> None:
    rows = asked(engine, expand(panel_sql(name, RANGE), month.looked_at()))
    assert rows
    assert all(list(row) == ["value", "text"] and row["value"] for row in rows)


@pytest.mark.stack
def test_an_empty_database_gives_no_error(engine: ClickHouse, month: Month) -> None:
    engine.use("nothing")
    try:
        migrate(engine)
        for board, panel in {panel.query: (board, panel) for board, panel in PANELS}.values():
            asked(engine, sql_of(board, panel, month))
        for rule in RULES:
            asked(engine, rule_json(rule)["data"][0]["model"]["rawSql"])
    finally:
        engine.use("sanjian")


def test_every_query_of_the_boards_is_used_and_says_what_it_returns() -> None:
    used = {panel.query for board in BOARDS for panel in board.panels if isinstance(panel, Panel)} | CHOICES
    used |= {rule.query for rule in RULES}
    parts = {
        part for name in used for part in re.findall(r"\{\{(\w+)\}\}", (FOLDER / f"{name}.sql").read_text("utf-8"))
    }
    assert used | (parts & set(board_query_names())) == set(board_query_names())
    assert {rule.query for rule in RULES} == ALERTS
    for name in board_query_names():
        sql = board_query(name)
        assert sql.startswith("-- ")
        assert ";" not in re.sub("--.*", "", sql)
        assert not (SHARED / f"{name}.sql").exists(), "a name means one query"


def test_sql_says_which_query_it_is_and_holds_no_parameter() -> None:
    sql = panel_sql("check_totals", MONTH)
    assert sql.startswith("-- sanjian: check_totals\n")
    assert not re.search(r"(?<!\$)\{\w+:", sql)
    with pytest.raises(KeyError, match="by"):
        panel_sql("check_totals", {})


def test_quotes_in_a_choice_stay_within_the_text() -> None:
    board = Dashboard(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC), 60, {"org": ["a'b", "c"]})
    assert expand("org IN (${org:singlequote})", board) == "org IN ('a\\'b','c')"
    assert expand("$__timeFilter(at)", board) == "at >= toDateTime(1793491200) AND at <= toDateTime(1793577600)"
    assert expand("$__timeInterval(at) / $__interval_s", board) == (
        "toStartOfInterval(toDateTime(at), INTERVAL 60 second) / 60"
    )
    assert expand("toDate32($__fromTime) $__toTime", board) == "toDate32(toDateTime(1793491200)) toDateTime(1793577600)"
    for wrong in ("$__unknown", "$nobody", "${org:glob}"):
        with pytest.raises(KeyError):
            expand(wrong, board)


def test_links_lead_to_the_board_of_an_institution() -> None:
    assert TO_ORG[1].startswith("/d/sanjian-org?")
