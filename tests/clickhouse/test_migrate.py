"""Migrations go forward only, can be repeated, and two processes may start them at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from clickhouse.client import ClickHouse
from clickhouse.migrate import checksum, migrate, pending
from clickhouse.sql import statements
from clickhouse.tables import column_type, create_statement, missing_columns, table_columns
from sanjian.errors import Misconfigured
from sanjian.migrate import migrate as migrate_command
from standard.model import Column, Table

COLUMNS = (
    Column("YLJGDM", "医疗机构代码", "institution", "text", width=22, key=True, mandatory=True),
    Column("MXXH", "明细序号", "number", "number", precision=5, scale=0, key=True, mandatory=True),
    Column("XB", "性别", "sex", "text", width=1, code_set="gender"),
    Column("KSDM", "就诊科室'代码", "department", "text", width=20, maps=("department",)),
    Column("JE", "金额", "amount", "number", precision=18, scale=2),
    Column("SJ", "时间", "time", "timestamp"),
    Column("CSRQ", "出生日期", "birth date", "date8", width=8),
)


def table(columns: tuple[Column, ...] = COLUMNS) -> Table:
    return Table("TB_X", "某表", "some table", "outpatient", columns, ("YLJGDM", "MXXH"), "SJ", "", "", (), ())


def test_a_semicolon_in_a_text_a_name_or_a_comment_ends_nothing() -> None:
    text = """
    -- one; not yet
    CREATE TABLE a (b String COMMENT 'it''s; \\'quoted\\'; --no comment'); /* ; */
    SELECT "x;y", `z;w` -- the end
    ;;
    """
    assert statements(text) == [
        "CREATE TABLE a (b String COMMENT 'it''s; \\'quoted\\'; --no comment')",
        'SELECT "x;y", `z;w`',
    ]
    assert statements("-- nothing\n") == []


def test_line_ends_do_not_change_a_checksum() -> None:
    assert checksum("a\r\nb") == checksum("a\nb") != checksum("a b")


@pytest.mark.stack
def test_everything_is_applied_once(empty: ClickHouse) -> None:
    ids = ["0001_pipeline", "0002_reference"]
    waiting = pending(empty, [table()])
    assert waiting[: len(ids)] == ids
    assert waiting[-1] == "tb_x"
    assert migrate(empty, [table()]) == waiting
    assert pending(empty, [table()]) == []
    assert migrate(empty, [table()]) == []
    rows = empty.rows("SELECT id FROM migrations ORDER BY id")
    assert [row["id"] for row in rows] == waiting[:-1]


@pytest.mark.stack
def test_a_new_column_of_the_standard_is_added(empty: ClickHouse) -> None:
    migrate(empty, [table(COLUMNS[:3])])
    empty.command("INSERT INTO tb_x (yljgdm, mxxh, xb) VALUES ('a', 1, '1')")
    added = ["tb_x.ksdm", "tb_x.ksdm_std", "tb_x.je", "tb_x.sj", "tb_x.csrq"]
    assert pending(empty, [table()]) == added
    assert migrate(empty, [table()]) == added
    assert pending(empty, [table()]) == []
    assert empty.rows("SELECT xb, ksdm, ksdm_std, je FROM tb_x") == [
        {"xb": "1", "ksdm": "", "ksdm_std": "", "je": None}
    ]


@pytest.mark.stack
def test_a_table_without_the_index_of_business_dates_gets_it_old_rows_too(empty: ClickHouse) -> None:
    migrate(empty, [table()])
    empty.command("ALTER TABLE tb_x DROP INDEX by_biz_date")
    empty.command("INSERT INTO tb_x (yljgdm, mxxh, _biz_date) VALUES ('a', 1, '2026-11-20')")
    waiting = pending(empty, [table()])
    assert waiting == ["tb_x.by_biz_date", "tb_x.by_biz_date (old rows)"]
    assert migrate(empty, [table()]) == waiting
    assert migrate(empty, [table()]) == []
    explained = empty.query("EXPLAIN indexes = 1 SELECT * FROM tb_x WHERE _biz_date = '2026-11-21'")["explain"]
    assert any("by_biz_date" in line for line in explained)


@pytest.mark.stack
def test_an_applied_file_that_was_changed_stops_everything_with_a_sentence(empty: ClickHouse, tmp_path: Path) -> None:
    file = tmp_path / "0001_first.sql"
    file.write_text("CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = MergeTree ORDER BY x")
    assert migrate(empty, [], tmp_path) == ["0001_first"]
    file.write_text("CREATE TABLE IF NOT EXISTS a (x UInt16) ENGINE = MergeTree ORDER BY x")
    with pytest.raises(Misconfigured, match=r"^Migration 0001_first.sql was changed after it had been applied"):
        migrate(empty, [], tmp_path)
    with pytest.raises(Misconfigured, match="was changed"):
        pending(empty, [], tmp_path)


@pytest.mark.stack
def test_a_migration_that_stopped_half_way_is_done_again(empty: ClickHouse, tmp_path: Path) -> None:
    file = tmp_path / "0001_first.sql"
    good = "CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = MergeTree ORDER BY x;"
    file.write_text(good + "CREATE TABLE (")
    with pytest.raises(Exception, match="SYNTAX_ERROR"):
        migrate(empty, [], tmp_path)
    assert pending(empty, [], tmp_path) == ["0001_first"]
    file.write_text(good)
    assert migrate(empty, [], tmp_path) == ["0001_first"]


@pytest.mark.stack
def test_two_that_migrate_at_once_do_no_harm(empty: ClickHouse, server: str) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with ClickHouse(f"{server}/{empty.database}") as client:
                start.wait()
                migrate(client, [table()])
        except BaseException as error:
            failures.append(error)

    start = threading.Barrier(3)
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert pending(empty, [table()]) == []


@pytest.mark.stack
def test_the_columns_are_what_the_statement_says(empty: ClickHouse) -> None:
    empty.command(create_statement(table()))
    rows = empty.rows(
        "SELECT name, type, comment FROM system.columns WHERE database = {d:String} AND table = 'tb_x' "
        "ORDER BY position",
        {"d": empty.database},
    )
    assert [(row["name"], row["type"], row["comment"]) for row in rows] == table_columns(table())
    assert missing_columns(table(), [row["name"] for row in rows]) == []


def test_a_column_has_the_type_that_holds_every_value_of_the_standard() -> None:
    assert [column_type(column, key=column.key) for column in COLUMNS] == [
        "String",
        "Decimal(18, 4)",
        "LowCardinality(String)",
        "String",
        "Nullable(Decimal(20, 4))",
        "Nullable(DateTime64(3, 'Asia/Shanghai'))",
        "String",
    ]


@pytest.mark.stack
def test_the_newest_version_of_a_row_wins_and_a_deleted_one_is_gone(empty: ClickHouse) -> None:
    empty.command(create_statement(table()))
    for version, deleted, sex in [(2, 0, "2"), (1, 0, "1")]:
        empty.command(
            f"INSERT INTO tb_x (yljgdm, mxxh, xb, _version, _deleted) VALUES ('a', 1, '{sex}', {version}, {deleted})"
        )
    assert empty.rows("SELECT xb FROM tb_x FINAL") == [{"xb": "2"}]
    empty.command("INSERT INTO tb_x (yljgdm, mxxh, _version, _deleted) VALUES ('a', 1, 3, 1)")
    assert empty.rows("SELECT xb FROM tb_x FINAL") == []


@pytest.mark.stack
def test_every_table_of_the_standard_can_be_created(empty: ClickHouse) -> None:
    from standard.load import load

    tables = load().tables.values()
    migrate(empty)
    assert pending(empty) == []
    rows = empty.rows("SELECT name FROM system.tables WHERE database = {d:String}", {"d": empty.database})
    assert {table.name.lower() for table in tables} <= {row["name"] for row in rows}


@pytest.mark.stack
def test_the_command_tells_and_does(empty: ClickHouse, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANJIAN_CLICKHOUSE", f"{server}/{empty.database}")
    app = Typer()
    app.command()(migrate_command)
    run = CliRunner()

    told = run.invoke(app, ["--check"])
    assert told.exit_code == 1
    assert "pending: 0001_pipeline" in told.output
    done = run.invoke(app, [])
    assert done.exit_code == 0
    assert "applied: 0001_pipeline" in done.output
    told = run.invoke(app, ["--check"])
    assert told.exit_code == 0
    assert "up to date" in told.output
