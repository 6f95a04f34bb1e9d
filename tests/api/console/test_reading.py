"""What the monitor reads from ClickHouse: the right figures, soon, and no question when nothing has changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from api.console.live.board import Counts, Ingest
from api.console.live.picture import STEP_SECONDS
from api.console.live.reading import JUDGED_REST, SUMS_REST, Part, Reading
from api.indicators.names import STATES
from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.orgs import Org, OrgStore
from streams.rollup import Rollup
from tests.api.conftest import ORG_A, ORG_B
from tests.api.landed import DAY, NOW, TABLE, ledger

MONTH = f"{DAY:%Y-%m}"


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def reading(clickhouse: ClickHouse) -> tuple[Reading, Clock]:
    """A reading at noon; what it asks costs no time, so it never has to rest."""
    OrgStore(clickhouse, lambda: NOW).save([Org(ORG_A, "Hospital A"), Org(ORG_B, "Hospital B")])
    clock = Clock()
    return Reading(clickhouse, OrgStore(clickhouse), lambda: NOW, clock), clock


def owed(clickhouse: ClickHouse, **row: Any) -> None:
    """A table that is expected, due at eight."""
    due = datetime(2026, 11, 21, 8, tzinfo=SHANGHAI)
    never = datetime(1970, 1, 1, 8, tzinfo=SHANGHAI)
    usual = {
        "biz_date": DAY, "org": ORG_A, "table": TABLE, "expected": 1, "reason": "", "due_at": due,
        "grace_until": due + timedelta(hours=4), "blind_from": never, "blind_until": never, "incident": 0,
        "updated_at": NOW,
    }  # fmt: skip
    clickhouse.insert("expected_days", pl.DataFrame([usual | row]))


def state(reading: Reading, org: str = ORG_A, day: date = DAY) -> tuple[str, int]:
    found = reading.look([], Ingest()).cells[MONTH][org][day]
    return list(STATES)[found.state], found.received


@pytest.mark.stack
def test_rows_are_in_todays_figures_and_in_their_cell_before_they_are_summed_up(
    clickhouse: ClickHouse, reading: tuple[Reading, Clock]
) -> None:
    owed(clickhouse)
    look, _ = reading
    assert state(look) == ("unknown", 0)
    ledger(clickhouse, offset=1, rejected=2, accepted=8, stored_at=NOW, arrived_at=NOW - timedelta(hours=5))
    board = look.look([], Ingest())
    assert board.today == {ORG_A: Counts(10, 8, 2, 0, 0)}
    assert state(look) == ("received", 10)
    ledger(clickhouse, offset=2, stored_at=NOW, arrived_at=NOW - timedelta(hours=5))
    assert state(look) == ("received", 20)
    assert look.look([], Ingest()).today[ORG_A].received == 20


@pytest.mark.stack
def test_between_two_questions_for_the_totals_they_are_raised_by_what_landed(
    clickhouse: ClickHouse, reading: tuple[Reading, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    look, _ = reading
    ledger(clickhouse, offset=1, stored_at=NOW)
    assert look.look([], Ingest()).today[ORG_A].received == 10
    monkeypatch.setattr(look, "_read_today", lambda _: pytest.fail("asked again"))
    look._parts["today"]._rest = 1.0  # the clock stands still
    ledger(clickhouse, offset=2, stored_at=NOW)
    ledger(clickhouse, offset=3, stored_at=NOW, arrived_at=NOW - timedelta(days=1))  # did not arrive today
    assert look.look([], Ingest()).today[ORG_A].received == 20
    assert look.look([], Ingest()).today[ORG_A].received == 20


@pytest.mark.stack
def test_when_the_sums_have_them_too_nothing_is_counted_twice(
    clickhouse: ClickHouse, reading: tuple[Reading, Clock]
) -> None:
    look, _ = reading
    ledger(clickhouse, offset=1, stored_at=NOW)
    assert state(look) == ("received", 10)
    Rollup(clickhouse).refresh(NOW)
    assert state(look) == ("received", 10)
    ledger(clickhouse, offset=2, stored_at=NOW)
    ledger(clickhouse, offset=2, stored_at=NOW)  # landed twice
    assert state(look) == ("received", 20)


@pytest.mark.stack
def test_steps_are_what_was_stored_in_them_and_stay_when_they_are_over(
    clickhouse: ClickHouse, reading: tuple[Reading, Clock]
) -> None:
    look, _ = reading
    step = int(NOW.timestamp()) // STEP_SECONDS
    for number, seconds in enumerate((2, 3, 200)):
        at = NOW - timedelta(seconds=seconds)
        ledger(clickhouse, offset=number, stored_at=at, landed_at=at, arrived_at=at - timedelta(milliseconds=40))
    first = look.look([], Ingest())
    assert {number - step: one.received for number, one in first.steps[ORG_A].items()} == {-1: 20, -40: 10}
    ledger(clickhouse, offset=9, org=ORG_B, stored_at=NOW, landed_at=NOW, arrived_at=NOW)
    again = look.look([], Ingest())
    assert again.steps[ORG_A] == first.steps[ORG_A]
    assert (again.step, first.steps[ORG_A][step - 1].slowest) == (step, 40)


@pytest.mark.stack
def test_while_nothing_is_written_only_that_is_asked(
    clickhouse: ClickHouse, reading: tuple[Reading, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    look, clock = reading
    ledger(clickhouse, stored_at=NOW)
    look.look([], Ingest())
    look.look([], Ingest())
    asked: list[str] = []
    real = ClickHouse.query

    def counted(self: ClickHouse, sql: str, *more: Any) -> pl.DataFrame:
        asked.append(sql)
        return real(self, sql, *more)

    monkeypatch.setattr(ClickHouse, "query", counted)
    look.look([], Ingest())
    assert len(asked) == 1
    assert "system.parts" in asked[0]
    clock.now += 3600
    look.look([], Ingest())
    assert len(asked) > 2, "deadlines pass without anything being written"


@pytest.mark.stack
def test_the_calendar_of_another_month_is_read_while_somebody_looks_at_it(
    clickhouse: ClickHouse, reading: tuple[Reading, Clock]
) -> None:
    look, _ = reading
    ledger(clickhouse, biz_date=date(2026, 9, 3), stored_at=NOW - timedelta(hours=1))
    Rollup(clickhouse).refresh(NOW)
    assert look.look(["2026-09"], Ingest()).cells["2026-09"][ORG_A][date(2026, 9, 3)].received == 10
    assert set(look.look([], Ingest()).cells) == {MONTH}


@pytest.mark.stack
def test_sums_are_asked_for_now_and_then_and_what_was_judged_anew_soon(
    clickhouse: ClickHouse, reading: tuple[Reading, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    look, clock = reading
    asked: list[float] = []
    real = look._states

    def slow(first: date, last: date, now: datetime) -> pl.DataFrame:
        clock.now += 0.1
        asked.append(clock.now)
        return real(first, last, now)

    monkeypatch.setattr(look, "_states", slow)
    look.look([], Ingest())
    ledger(clickhouse, stored_at=NOW)
    Rollup(clickhouse).refresh(NOW)
    clock.now += 0.1 * (SUMS_REST - 1)
    look.look([], Ingest())
    assert len(asked) == 1, "made all the time while something comes in"
    clock.now += 0.2
    look.look([], Ingest())
    assert len(asked) == 2
    owed(clickhouse)
    clock.now += 0.1 * (JUDGED_REST + 1)
    look.look([], Ingest())
    assert len(asked) == 3


def test_what_took_long_is_left_in_peace_for_a_while() -> None:
    part = Part("ledger", rest=3)
    assert part.due({"ledger": 1}, None, 0.0)
    part.asked({"ledger": 1}, None, 0.0, 2.0)
    assert not part.due({"ledger": 1}, None, 8.0), "nothing has changed"
    assert not part.due({"ledger": 2}, None, 7.9), "resting"
    assert part.due({"ledger": 2}, None, 8.0)
