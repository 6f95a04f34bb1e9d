"""Compare and set: exactly one writer has a version, over both transports."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from clickhouse.steps import holder, take_step

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


def step(version: int, actor: str = "") -> dict[str, object]:
    return {"id": "case", "version": version, "at": AT, "actor": actor}


def test_of_many_writers_at_once_one_has_the_step(empty: ClickHouse) -> None:
    migrate(empty, tables=[])
    with ThreadPoolExecutor(8) as pool:
        had = list(pool.map(lambda number: take_step(empty, "case_steps", step(1, str(number)), {}), range(16)))
    assert had.count(True) == 1
    rows = empty.rows("SELECT actor FROM case_steps")
    assert [row["actor"] for row in rows] == [str(had.index(True))]


def test_the_next_version_is_free_again(empty: ClickHouse) -> None:
    migrate(empty, tables=[])
    assert take_step(empty, "case_steps", step(1), {})
    assert not take_step(empty, "case_steps", step(1), {})
    assert take_step(empty, "case_steps", step(2), {})


def test_a_step_that_another_client_took_is_taken(empty: ClickHouse) -> None:
    """The token is not the client's own: a second process must not get the same step."""
    migrate(empty, tables=[])
    assert take_step(empty, "case_steps", step(1), {})
    empty.forget_tokens()
    assert not take_step(empty, "case_steps", step(1), {})


def test_nobody_holds_what_nobody_took(empty: ClickHouse) -> None:
    migrate(empty, tables=[])
    assert holder(empty, "case_steps", "case", 1) is None
