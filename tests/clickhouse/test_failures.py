"""What is tried again and what is a bug."""

from __future__ import annotations

import errno
import socket

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError, ProgrammingError

from clickhouse.client import ClickHouse
from clickhouse.failures import NOT_NOW, classified, not_now_reason
from sanjian.errors import NotNow


@pytest.mark.parametrize(
    "error",
    [
        DatabaseError("Code: 252. Too many parts (TOO_MANY_PARTS)", code=252),
        DatabaseError("Code: 242. (TABLE_IS_READ_ONLY)", code=242),
        DatabaseError("Code: 999. (KEEPER_EXCEPTION)", code=999),
        DatabaseError("Code: 1001. DB::Exception: filesystem error: No space left on device", code=1001),
        OSError(errno.ENOSPC, "No space left on device"),
        OperationalError("Error Connection refused executing HTTP request"),
        DatabaseError("HTTP driver received HTTP status 502, server response: Bad Gateway"),
    ],
)
def test_a_server_in_trouble_means_not_now(error: Exception) -> None:
    with pytest.raises(NotNow) as caught, classified():
        raise error
    assert caught.value.__cause__ is error
    assert "ClickHouse" in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        DatabaseError("Code: 60. (UNKNOWN_TABLE)", code=60),
        DatabaseError("Code: 53. (TYPE_MISMATCH)", code=53),
        OperationalError("a code that is not listed", code=47),
        ProgrammingError("The client has been closed"),
        DatabaseError("HTTP driver received HTTP status 404, server response: Not Found"),
        PermissionError(errno.EACCES, "Permission denied"),
        ValueError("times without zone"),
    ],
)
def test_everything_else_is_a_bug_and_stays_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, classified():
        raise error
    assert caught.value is error


def test_wrong_credentials_are_named() -> None:
    reason = not_now_reason(DatabaseError("Code: 516. (AUTHENTICATION_FAILED)", code=516))
    assert "refuses the user or the password of SANJIAN_CLICKHOUSE" in reason


@pytest.mark.stack
def test_the_codes_have_the_names_that_clickhouse_gives_them(engine: ClickHouse) -> None:
    codes = {"codes": list(NOT_NOW)}
    rows = engine.rows("SELECT arrayJoin({codes:Array(UInt32)}) AS code, errorCodeToName(code) AS name", codes)
    assert {row["code"]: row["name"] for row in rows} == {code: name for code, (name, _) in NOT_NOW.items()}


@pytest.mark.stack
def test_a_query_that_needs_too_much_time_or_memory_is_for_later(clickhouse: ClickHouse) -> None:
    with pytest.raises(NotNow, match="159 TIMEOUT_EXCEEDED"):
        clickhouse.rows("SELECT count() FROM numbers(1e12) SETTINGS max_execution_time = 0.05")
    with pytest.raises(NotNow, match="241 MEMORY_LIMIT_EXCEEDED"):
        clickhouse.rows("SELECT groupArray(number) FROM numbers(1e8) SETTINGS max_memory_usage = 1000000")
    assert clickhouse.ping()


@pytest.mark.stack
def test_too_many_parts_are_for_later(clickhouse: ClickHouse) -> None:
    clickhouse.command(
        "CREATE TABLE parts (a UInt8) ENGINE = MergeTree ORDER BY a "
        "SETTINGS parts_to_delay_insert = 1, parts_to_throw_insert = 1, max_delay_to_insert = 0"
    )
    clickhouse.command("SYSTEM STOP MERGES parts")
    with pytest.raises(NotNow, match="252 TOO_MANY_PARTS"):  # noqa: PT012
        for number in range(5):
            clickhouse.command(f"INSERT INTO parts VALUES ({number})")


def test_a_server_that_is_not_there_is_not_now_for_every_call() -> None:
    with socket.socket() as taken:  # bound but not listening: nobody else can take the port
        taken.bind(("127.0.0.1", 0))
        with ClickHouse(f"clickhouse://user:secret@127.0.0.1:{taken.getsockname()[1]}/db") as client:
            with pytest.raises(NotNow, match="does not answer") as caught:
                client.rows("SELECT 1")
            assert "secret" not in str(caught.value)
            with pytest.raises(NotNow):
                client.command("SELECT 1")
            assert not client.ping()


@pytest.mark.stack
def test_a_wrong_password_is_not_now_with_a_clear_text(server: str) -> None:
    with ClickHouse(f"{server.replace('pass%20word', 'other')}/db") as client:
        with pytest.raises(NotNow, match="refuses the user or the password"):
            client.rows("SELECT 1")
        assert not client.ping()
