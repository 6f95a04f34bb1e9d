"""The client gives back exactly what it was given, over both transports, and does not make readers wait."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from polars.testing import assert_frame_equal

from clickhouse import client as client_module
from clickhouse.client import SHANGHAI, ClickHouse
from sanjian.errors import Misconfigured, NotNow

pytestmark = pytest.mark.stack

KINDS = """
CREATE TABLE kinds
(
    id UInt64,
    text String,
    code LowCardinality(String),
    money Nullable(Decimal(18, 4)),
    big Nullable(Decimal(30, 4)),
    at Nullable(DateTime64(3, 'Asia/Shanghai')),
    day Date32,
    names Array(LowCardinality(String)),
    flag UInt8
)
ENGINE = MergeTree
ORDER BY id
SETTINGS non_replicated_deduplication_window = 1000
"""

SCHEMA = {
    "id": pl.UInt64,
    "text": pl.String,
    "code": pl.String,
    "money": pl.Decimal(18, 4),
    "big": pl.Decimal(30, 4),
    "at": pl.Datetime("ms", "Asia/Shanghai"),
    "day": pl.Date,
    "names": pl.List(pl.String),
    "flag": pl.UInt8,
}

ROWS = [
    {
        "id": 1,
        "text": "张三 'it''s' \\ \t\n",
        "code": "A",
        "money": Decimal("0.1000"),
        "big": Decimal("-99999999999999999999999999.9999"),
        "at": datetime(2026, 11, 21, 8, 0, 0, 123_000, tzinfo=SHANGHAI),
        "day": date(2026, 11, 21),
        "names": ["A-1", "", "中文"],
        "flag": 255,
    },
    {
        "id": 2**64 - 1,
        "text": "",
        "code": "",
        "money": None,
        "big": None,
        "at": None,
        "day": date(1900, 1, 1),
        "names": [],
        "flag": 0,
    },
    {
        "id": 2**63,
        "text": "x" * 100_000,
        "code": "A",
        "money": Decimal("99999999999999.9999"),
        "big": Decimal(0),
        # the day that Shanghai left local mean time, and a summer with daylight saving time
        "at": datetime(1901, 1, 1, 0, 0, tzinfo=SHANGHAI),
        "day": date(2299, 12, 31),
        "names": ["A-1"],
        "flag": 1,
    },
    {
        "id": 3,
        "text": "夏时制",
        "code": "B",
        "money": Decimal("-0.0001"),
        "big": Decimal("0.0001"),
        "at": datetime(1988, 7, 1, 12, 0, tzinfo=SHANGHAI),
        "day": date(1970, 1, 1),
        "names": [],
        "flag": 1,
    },
]


def kinds(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


def test_every_kind_of_value_comes_back_as_it_went_in(empty: ClickHouse) -> None:
    empty.command(KINDS)
    empty.insert("kinds", kinds(ROWS))
    assert_frame_equal(empty.query("SELECT * FROM kinds ORDER BY id"), kinds(ROWS).sort("id"))
    assert empty.rows("SELECT at, money FROM kinds WHERE id = 1") == [{k: ROWS[0][k] for k in ("at", "money")}]


def test_a_time_means_the_same_moment_to_clickhouse(empty: ClickHouse) -> None:
    empty.command(KINDS)
    empty.insert("kinds", kinds(ROWS))
    sql = "SELECT toString(at) AS text, toUnixTimestamp64Milli(assumeNotNull(at)) AS ms FROM kinds WHERE id = 1"
    assert empty.rows(sql) == [{"text": "2026-11-21 08:00:00.123", "ms": 1795219200123}]


def test_times_in_another_zone_or_unit_are_the_same_moment(empty: ClickHouse) -> None:
    empty.command(KINDS)
    moment = pl.Series("at", [datetime(2026, 11, 21, 0, 0, 0, 123_456, tzinfo=UTC)], dtype=pl.Datetime("us", "UTC"))
    empty.insert("kinds", pl.DataFrame([moment]))
    assert empty.rows("SELECT at FROM kinds")[0]["at"] == ROWS[0]["at"]


def test_a_time_without_zone_is_refused(empty: ClickHouse) -> None:
    empty.command(KINDS)
    naive = pl.DataFrame({"at": [datetime(2026, 11, 21, 8, 0)]})  # noqa: DTZ001
    with pytest.raises(ValueError, match="times without zone in kinds: at"):
        empty.insert("kinds", naive)
    with pytest.raises(ValueError, match="a time without zone"):
        empty.rows("SELECT {at:DateTime64(3, 'Asia/Shanghai')}", {"at": datetime(2026, 11, 21)})  # noqa: DTZ001


def test_missing_columns_get_their_default_and_nothing_is_inserted_for_an_empty_frame(empty: ClickHouse) -> None:
    empty.command(KINDS)
    empty.insert("kinds", pl.DataFrame({"id": [7]}))
    empty.insert("kinds", kinds([]))
    assert empty.rows("SELECT id, text, money, at, day, names FROM kinds") == [
        # not 1970: "no business date" has to be written, it is not the default of Date32
        {"id": 7, "text": "", "money": None, "at": None, "day": date(1900, 1, 1), "names": []}
    ]


def test_bytes_that_are_no_text_can_be_stored(empty: ClickHouse) -> None:
    empty.command("CREATE TABLE letters (bytes String) ENGINE = MergeTree ORDER BY tuple()")
    empty.insert("letters", pl.DataFrame({"bytes": [b"\x00\xff\xfe{"]}))
    assert empty.rows("SELECT hex(bytes) AS hex, length(bytes) AS n FROM letters") == [{"hex": "00FFFE7B", "n": 4}]


def test_an_empty_result_keeps_its_columns_and_types(empty: ClickHouse) -> None:
    empty.command(KINDS)
    assert_frame_equal(empty.query("SELECT * FROM kinds"), kinds([]))


def test_parameters_are_bound_not_pasted(empty: ClickHouse) -> None:
    asked = {
        "text": "'; DROP TABLE x; -- \\ \t 中",
        "ids": [1, 2**64 - 1],
        "day": date(2026, 11, 21),
        "at": datetime(2026, 11, 21, 0, 0, 0, 123_000, tzinfo=UTC),
        "n": 2**63,
    }
    sql = (
        "SELECT {text:String} AS text, {ids:Array(UInt64)} AS ids, {day:Date32} AS day, "
        "{at:DateTime64(3, 'Asia/Shanghai')} AS at, {n:UInt64} AS n"
    )
    assert empty.rows(sql, asked) == [asked]
    assert empty.rows("SELECT {ids:Array(UInt64)} AS ids", {"ids": []}) == [{"ids": []}]


def test_a_token_makes_a_second_insert_of_the_same_rows_count_once(empty: ClickHouse) -> None:
    empty.command(KINDS)
    for _ in range(2):
        empty.insert("kinds", kinds(ROWS), token="it's 1")
    assert empty.rows("SELECT count() AS n FROM kinds") == [{"n": 4}]
    empty.insert("kinds", kinds(ROWS), token="2")
    assert empty.rows("SELECT count() AS n FROM kinds") == [{"n": 8}]


def test_without_a_token_and_through_another_pool_every_insert_counts(empty: ClickHouse, server: str) -> None:
    empty.command(KINDS)
    for _ in range(2):
        empty.insert("kinds", kinds(ROWS))
    assert empty.rows("SELECT count() AS n FROM kinds") == [{"n": 8}]
    empty.insert("kinds", kinds(ROWS), token="a")
    with ClickHouse(f"{server}/{empty.database}") as other:
        other.insert("kinds", kinds(ROWS), token="a")
    assert empty.rows("SELECT count() AS n FROM kinds") == [{"n": 16}]


def test_a_frame_of_many_chunks_is_written_as_one_part(empty: ClickHouse) -> None:
    empty.command(KINDS)
    frame = pl.concat([kinds(ROWS)] * 50, rechunk=False)
    empty.insert("kinds", frame, token="a")
    empty.insert("kinds", frame.rechunk(), token="a")
    assert empty.rows("SELECT count() AS n, uniqExact(_part) AS parts FROM kinds") == [{"n": 200, "parts": 1}]


def test_an_insert_may_touch_more_than_a_hundred_partitions(empty: ClickHouse) -> None:
    empty.command("CREATE TABLE many (year UInt16) ENGINE = MergeTree PARTITION BY year ORDER BY year")
    empty.insert("many", pl.DataFrame({"year": range(1900, 2300)}))
    assert empty.rows("SELECT count() AS n FROM many") == [{"n": 400}]


def test_a_mistake_of_ours_comes_through_unchanged(empty: ClickHouse) -> None:
    empty.command(KINDS)
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        empty.rows("SELECT * FROM nowhere")
    with pytest.raises(DatabaseError, match="NO_SUCH_COLUMN"):
        empty.insert("kinds", pl.DataFrame({"id": [1], "other": [1]}))
    with pytest.raises(DatabaseError, match="SYNTAX_ERROR"):
        empty.command("CREATE TABLE (")
    assert empty.rows("SELECT count() AS n FROM kinds") == [{"n": 0}]


@pytest.mark.parametrize(
    "failing",
    [
        "SELECT number, throwIf(number = 100000) FROM numbers(200000) SETTINGS max_block_size = 1000",
        "SELECT count() FROM numbers(1e12) SETTINGS max_execution_time = 0.05",
        "SELECT groupArray(number) FROM numbers(1e8) SETTINGS max_memory_usage = 1000000",
    ],
)
def test_a_failed_statement_leaves_nothing_in_the_next_result(empty: ClickHouse, failing: str) -> None:
    # the pool has two readers: ask more often than that
    for _ in range(3):
        with pytest.raises((NotNow, DatabaseError)):
            empty.rows(failing)
        assert [empty.rows("SELECT 1 AS one") for _ in range(3)] == [[{"one": 1}]] * 3
    with pytest.raises((NotNow, DatabaseError)):
        empty.command(failing)
    empty.command(KINDS)
    empty.insert("kinds", kinds(ROWS))
    assert empty.rows("SELECT count() AS n FROM kinds") == [{"n": 4}]


def test_a_read_does_not_wait_for_a_longer_one_and_neither_does_a_write(empty: ClickHouse) -> None:
    empty.command(KINDS)

    def read_for_long() -> None:
        with pytest.raises(NotNow, match="TIMEOUT_EXCEEDED"):
            empty.rows("SELECT sleepEachRow(0.1) FROM numbers(600) SETTINGS max_execution_time = 3, max_block_size = 1")

    long_read = threading.Thread(target=read_for_long)
    long_read.start()
    while not empty.rows("SELECT 1 FROM system.processes WHERE query LIKE 'SELECT sleepEachRow%'"):
        pass
    empty.insert("kinds", kinds(ROWS))
    assert empty.rows("SELECT count() AS n FROM kinds") == [{"n": 4}]
    assert long_read.is_alive()
    long_read.join()


def test_many_threads_can_use_one_pool(empty: ClickHouse) -> None:
    empty.command(KINDS)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                empty.insert("kinds", pl.DataFrame({"id": [number * 100 + turn], "text": [str(number)]}))
                found = empty.rows("SELECT count() AS n FROM kinds WHERE text = {t:String}", {"t": str(number)})
                assert found == [{"n": turn + 1}]
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert empty.rows("SELECT count() AS n FROM kinds") == [{"n": 40}]


def test_a_closed_pool_says_so(server: str) -> None:
    client = ClickHouse(f"{server}/sanjian")
    assert client.ping()
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.rows("SELECT 1")
    with pytest.raises(RuntimeError, match="closed"):
        client.command("SELECT 1")


def test_closing_does_not_wait_for_a_long_read(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_CLOSE_SECONDS", 0.1)
    client = ClickHouse(f"{server}/sanjian", readers=1)
    reading = threading.Event()
    closed = threading.Event()

    def read() -> None:
        with client._readers.client():
            reading.set()
            closed.wait()

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.rows("SELECT 1")
    closed.set()
    reader.join()


@pytest.mark.parametrize(
    "dsn", ["http://host", "clickhouse://", "clickhouse://host:port/db", "chdb://here", "chdb:///a?b"]
)
def test_an_address_that_cannot_be_meant_is_refused_in_a_sentence(dsn: str) -> None:
    with pytest.raises(Misconfigured, match="SANJIAN_CLICKHOUSE"):
        ClickHouse(dsn)
