"""``simulate --ledger-only``: what is written holds together, and the queries that are measured on it can be asked."""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks import queries
from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from simulators.volume import Year, write
from tests.streams.unit.build import standard

pytestmark = pytest.mark.stack

END = date(2026, 10, 31)


@pytest.fixture
def written(empty: ClickHouse) -> dict[str, int]:
    return write(empty, standard(), Year.until(END, orgs=3, days=35))


def test_the_days_sum_up_to_the_ledger_and_the_facts_to_the_findings(
    empty: ClickHouse, written: dict[str, int]
) -> None:
    def one(sql: str) -> tuple[int, ...]:
        return tuple(empty.rows(sql)[0].values())

    assert written["ledger"] == written["ledger_days"] == written["day_facts"]
    assert written["judgements"] == 2 * written["day_facts"]
    assert written["expected_days"] == 3 * 35 * 19
    counts = "sum(received) AS a, sum(accepted) AS b, sum(rejected) AS c, sum(findings) AS d"
    ledger = one(f"SELECT {counts} FROM ledger FINAL")
    assert ledger == one(f"SELECT {counts} FROM ledger_days FINAL")
    assert ledger[0] == ledger[1] + ledger[2] > 0
    assert (
        (ledger[3],) == (written["findings"],) == one("SELECT sum(arraySum(rules.findings)) AS n FROM day_facts FINAL")
    )
    assert one("SELECT uniqExact(org) AS n FROM ledger WHERE `table` LIKE 'TB_ZY_%'") == one(
        "SELECT countIf(inpatient = 1) AS n FROM orgs FINAL"
    )


def test_writing_it_twice_changes_nothing(empty: ClickHouse, written: dict[str, int]) -> None:
    assert write(empty, standard(), Year.until(END, orgs=3, days=35)) == written


def test_ten_times_the_messages_are_the_same_days(empty: ClickHouse, written: dict[str, int]) -> None:
    before = empty.rows("SELECT uniqExact(biz_date, org, `table`) AS days FROM ledger_days")
    tenfold = Year.until(END, orgs=3, days=35, volume=queries.TENFOLD, messages=queries.TENFOLD, seed=1)
    empty.command("TRUNCATE TABLE ledger")
    counts = write(empty, standard(), tenfold)
    assert counts["ledger"] == 10 * written["ledger"]
    assert 8 * written["findings"] < counts["findings"] < 12 * written["findings"]
    assert empty.rows("SELECT uniqExact(biz_date, org, `table`) AS days FROM ledger_days") == before


def test_every_measured_query_finds_something_in_the_month(empty: ClickHouse, written: dict[str, int]) -> None:
    known = queries.parameters(standard())
    assert "day_states" in queries.names()
    assert "indicator_calendar" in queries.names()
    for name in queries.names():
        sql = load_query(name)
        rows = empty.rows(sql, {each: known[each] for each in set(queries.PARAMETER.findall(sql))})
        assert rows, name
