"""Which front pages count: those of the submission that a month was switched to, or of the stream; and who is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from api.submissions.store import SubmissionStore
from api.submissions.submission import Submission
from clickhouse.client import ClickHouse
from clickhouse.current import current, current_batch, file_row
from clickhouse.migrate import migrate
from clickhouse.steps import now_ms
from clickhouse.tables import SUBMISSION, create_statement
from streams.rollup.facts import Facts
from streams.rollup.switches import Switches
from tests.api.facts import ledger_day
from tests.streams.unit.build import standard

TABLE = standard().tables["TB_BASY"]
ORG, OTHER = "990000000000000000000A", "990000000000000000000B"
FIRST, SECOND, THIRD = "a" * 32, "b" * 32, "c" * 32
OCTOBER, SEPTEMBER = date(2026, 10, 5), date(2026, 9, 5)
NOW = datetime(2026, 11, 5, 1, 0, tzinfo=UTC)


def page(key: str, submission: str = "", day: date = OCTOBER, org: str = ORG, version: int = 1) -> dict[str, Any]:
    """A front page as it is stored."""
    return {
        "p900": org, "p3": key, "p2": "1", "_biz_date": day, "_version": version, "_deleted": 0, SUBMISSION: submission,
    }  # fmt: skip


def put(clickhouse: ClickHouse, *rows: dict[str, Any]) -> None:
    clickhouse.insert("tb_basy", pl.DataFrame(rows, schema_overrides={"_version": pl.UInt64, "_deleted": pl.UInt8}))


def counted(clickhouse: ClickHouse) -> list[tuple[str, str, str]]:
    """Month, key and submission of the rows that count."""
    sql = f"SELECT _biz_date, p900, p3, {SUBMISSION} AS s FROM tb_basy FINAL WHERE {current(TABLE)}"
    return sorted((f"{row['_biz_date']:%m}", row["p3"], row["s"]) for row in clickhouse.rows(sql))


def switch(clickhouse: ClickHouse, ident: str, most: int = 9, org: str = ORG) -> int | None:
    """Let a submission of October count."""
    at = now_ms(NOW)
    one = Submission(ident, 1, at, org, date(2026, 10, 1), "western", "switching", "f", 1, "", "x", at)
    return SubmissionStore(clickhouse, lambda: NOW).switch(one, most)


def test_a_month_counts_its_last_submission_and_without_one_the_stream(clickhouse: ClickHouse) -> None:
    put(
        clickhouse, page("1"), page("2"), page("0", day=SEPTEMBER), page("1", FIRST), page("3", FIRST),
        page("3", SECOND, version=0), page("9", FIRST, org=OTHER),
    )  # fmt: skip
    stream = [("09", "0", ""), ("10", "1", ""), ("10", "2", "")]
    assert counted(clickhouse) == stream
    assert switch(clickhouse, FIRST) == 1
    assert counted(clickhouse) == [("09", "0", ""), ("10", "1", FIRST), ("10", "3", FIRST)]
    assert switch(clickhouse, SECOND) == 2
    assert counted(clickhouse) == [("09", "0", ""), ("10", "3", SECOND)]  # as a whole, whatever its versions say
    kept = clickhouse.rows(f"SELECT count() AS n FROM tb_basy FINAL WHERE {SUBMISSION} = '{FIRST}'")
    assert kept[0]["n"] == 3  # the earlier one stays readable


def test_a_switch_that_is_made_twice_says_the_same_and_has_a_limit(clickhouse: ClickHouse) -> None:
    assert [switch(clickhouse, FIRST), switch(clickhouse, FIRST), switch(clickhouse, SECOND)] == [1, 1, 2]
    assert switch(clickhouse, THIRD, most=2) is None
    assert SubmissionStore(clickhouse, lambda: NOW).counted(ORG, date(2026, 10, 1)) == {1: FIRST, 2: SECOND}


def test_rows_of_the_pipeline_count_by_their_batch_and_know_the_row_of_the_file(clickhouse: ClickHouse) -> None:
    batches = {"plain": True, f"{FIRST}/2": False, "a/b": True}

    def counts(batch: str) -> bool:
        row = f"SELECT '{ORG}' AS org, toDate32('2026-10-05') AS biz_date, '{batch}' AS batch"
        sql = f"SELECT {current_batch(TABLE)} AS counts FROM ({row})"
        return bool(clickhouse.rows(sql)[0]["counts"])

    assert {batch: counts(batch) for batch in batches} == batches
    switch(clickhouse, FIRST)
    assert {batch: counts(batch) for batch in batches} == {"plain": False, f"{FIRST}/2": True, "a/b": False}
    places = {f"{FIRST}/2": 2, f"{FIRST}/502": 502, "plain": 0}
    for batch, first in places.items():
        sql = f"SELECT {file_row('batch', 'row')} AS place FROM (SELECT '{batch}' AS batch, 7 AS row)"
        assert clickhouse.rows(sql)[0]["place"] == (first + 6 if first else 0)


def test_the_days_of_a_switched_month_are_computed_again(clickhouse: ClickHouse) -> None:
    put(clickhouse, page("1"), page("2"), page("1", FIRST))
    ledger_day(clickhouse, org=ORG, table="TB_BASY", biz_date=OCTOBER)
    ledger_day(clickhouse, org=ORG, table="TB_BASY", biz_date=SEPTEMBER)
    facts = Facts(clickhouse, standard())
    later = NOW + timedelta(days=20)
    facts.compute(facts.pending(later), later)

    def rows() -> int:
        sql = "SELECT rows FROM day_facts FINAL WHERE biz_date = {day:Date32}"
        return int(clickhouse.rows(sql, {"day": OCTOBER})[0]["rows"])

    assert rows() == 2
    assert facts.pending(later) == []
    switch(clickhouse, FIRST)
    switches = Switches(clickhouse)
    assert {cell.biz_date for cell in switches.follow(later)} == {OCTOBER}
    assert switches.follow(later) == set()
    pending = facts.pending(later + timedelta(minutes=2))
    assert OCTOBER in {cell.biz_date for cell in pending}
    facts.compute(pending, later + timedelta(minutes=3))
    assert rows() == 1


def test_a_table_that_was_made_before_submissions_gets_its_key(empty: ClickHouse) -> None:
    old = create_statement(TABLE).replace(f", `{SUBMISSION}`)\nSETTINGS", ")\nSETTINGS")
    lines = [line for line in old.splitlines() if not line.lstrip().startswith(f"`{SUBMISSION}`")]
    empty.command("\n".join(lines))
    row = {name: value for name, value in page("1").items() if name != SUBMISSION}
    put(empty, row)
    migrate(empty, [TABLE])
    put(empty, page("1", FIRST), page("1"))
    sql = f"SELECT p3, {SUBMISSION} AS s FROM tb_basy FINAL ORDER BY s"
    assert [(one["p3"], one["s"]) for one in empty.rows(sql)] == [("1", ""), ("1", FIRST)]
