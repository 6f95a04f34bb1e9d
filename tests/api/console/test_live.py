"""The monitor without a server: whom it shows, what a day's cell says, and what is pushed when something changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import polars as pl

from api.accounts.principal import Assignment, Principal
from api.console.live.board import Board, CaseLine, Cell, Counts, Ingest, Step
from api.console.live.circle import Circle, Wish, circle, window
from api.console.live.days import ahead, cells
from api.console.live.picture import STEP_SECONDS, STEPS, difference, picture
from api.console.live.pulse import told
from api.indicators.names import STATES
from clickhouse.client import SHANGHAI
from clickhouse.orgs import Org

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Shanghai
DAY, MONTH = date(2026, 11, 20), "2026-11"
A, B, C, T = ("990000000000000000000A", "990000000000000000000B", "990000000000000000000C", "990000000000000000000T")
ORGS = {
    org.org: org
    for org in (
        Org(A, "Hospital A", "370100", "370112", 3, "hospital"), Org(B, "Hospital B", "370100", "370102", 1, "clinic"),
        Org(C, "Hospital C", "370200", "370202", 2, "hospital"), Org(T, "Trial T", "370100", "370112", test=True),
    )
}  # fmt: skip
STATE = {state: number for number, state in enumerate(STATES)}


def somebody(role: Any, orgs: set[str] | None, org: str = "") -> Principal:
    return Principal(Assignment(role, org=org), role, None if orgs is None else frozenset(orgs), "user")


ADMIN = somebody("admin", None)
HOSPITAL = somebody("hospital", {A}, A)


def cell(state: str = "received", received: int = 10, due: datetime = NOW - timedelta(hours=4), **more: int) -> Cell:
    usual = {"accepted": received, "rejected": 0, "flagged": 0, "tables": 1, "owed": 1}
    return Cell(state=STATE[state], received=received, due=int(due.timestamp()), **(usual | more))


def case(number: int, org: str, kind: str = "gap") -> CaseLine:
    return CaseLine(f"case-{number}", org, "TB_HZXX", kind, "critical", "open", f"漏传 {org}", f"gap {org}", number)


def board(**more: Any) -> Board:
    step = int(NOW.timestamp()) // STEP_SECONDS
    usual: dict[str, Any] = {
        "at": NOW, "orgs": ORGS,
        "today": {A: Counts(10, 8, 2, 1, 0), B: Counts(5, 5, 0, 0, 0), "": Counts(1, 0, 0, 0, 1)},
        "steps": {A: {step - 1: Step(40, 30, 10, 300)}, B: {step - 2: Step(10, 10, 0, 900)}}, "step": step,
        "cells": {MONTH: {A: {DAY: cell()}, B: {DAY: cell("missing", 0)}, C: {DAY: cell("pending", 0)}}},
        "cases": (case(2, B), case(1, A, "late")), "ingest": Ingest(waiting=3),
    }  # fmt: skip
    return Board(**(usual | more))


def seen_by(who: Principal, **wish: str) -> Circle:
    return circle(ORGS, who, Wish(**wish), MONTH)


# who sees whom


def test_a_hospital_sees_itself_and_its_frame_holds_nothing_of_others() -> None:
    shown = told(NOW, difference(None, picture(board(), seen_by(HOSPITAL))))
    assert A in shown
    for other in (B, C, T, "Hospital B"):
        assert other not in shown


def test_whatever_is_chosen_nobody_sees_more_than_the_principal_may() -> None:
    for wish in (
        {},
        {"city": "370200"},
        {"level": "2"},
        {"type": "clinic"},
        {"county": "370202"},
        {"month": "2020-01"},
    ):
        assert seen_by(HOSPITAL, **wish).orgs <= {A}
        assert not seen_by(HOSPITAL, **wish).strangers
    assert seen_by(somebody("operator", {A, B, T})).orgs == {A, B}, "test institutions are for testers"
    assert seen_by(somebody("tester", {T})).orgs == {T}


def test_filters_leave_those_that_fit_all_of_them() -> None:
    assert seen_by(ADMIN).orgs == {A, B, C}
    assert seen_by(ADMIN, city="370100").orgs == {A, B}
    assert seen_by(ADMIN, city="370100", level="1").orgs == {B}
    assert seen_by(ADMIN, type="hospital", county="370202").orgs == {C}


def test_senders_in_no_list_count_for_those_who_see_all_and_have_chosen_nothing() -> None:
    assert picture(board(), seen_by(ADMIN))["numbers"]["received"] == 16
    assert picture(board(), seen_by(ADMIN, city="370100"))["numbers"]["received"] == 15
    assert picture(board(), seen_by(somebody("operator", {A, B})))["numbers"]["received"] == 15


def test_two_people_with_the_same_institutions_share_one_picture() -> None:
    assert seen_by(somebody("operator", {A, B})) == seen_by(somebody("regulator", {A, B, T}))


# figures


def test_the_figures_are_sums_of_the_circle() -> None:
    numbers = picture(board(), seen_by(ADMIN))["numbers"]
    assert (numbers["rejected"], numbers["anomaly_rate"]) == (2, round(3 / 16, 5))
    assert (numbers["expected"], numbers["reporting"]) == (3, 2), "C owes and sent nothing; B sent something else today"
    assert (numbers["gaps"], numbers["gap_orgs"], numbers["cases"], numbers["waiting"]) == (1, 1, 2, 3)


def test_the_rate_is_that_of_the_last_steps_that_are_over() -> None:
    shown = picture(board(), seen_by(ADMIN))
    assert shown["numbers"]["received_rate"] == 50 / (2 * STEP_SECONDS)
    assert (len(shown["spark"]), shown["spark"][-2:], shown["numbers"]["landing_ms"]) == (STEPS, [10, 40], 900)


def test_without_anything_today_there_is_no_rate_rather_than_zero() -> None:
    numbers = picture(board(today={}), seen_by(HOSPITAL))["numbers"]
    assert (numbers["received"], numbers["anomaly_rate"]) == (0, None)


def test_alerts_come_newest_first_with_the_name_of_the_institution() -> None:
    feed = picture(board(), seen_by(ADMIN))["feed"]
    assert [(line[0], line[5]) for line in feed] == [("case-2", "Hospital B"), ("case-1", "Hospital A")]


def test_the_first_days_of_a_month_show_the_last_ones_of_the_month_before() -> None:
    assert window("2026-11", date(2026, 11, 21)) == (date(2026, 11, 1), date(2026, 11, 30))
    assert window("2026-11", date(2026, 11, 2)) == (date(2026, 10, 26), date(2026, 11, 30))
    assert window("2026-10", date(2026, 11, 2)) == (date(2026, 10, 1), date(2026, 10, 31))


# what is pushed


def test_the_first_time_everything_is_said_and_then_only_what_changed() -> None:
    around = seen_by(ADMIN)
    before = picture(board(), around)
    assert difference(None, before)["full"]
    assert difference(before, picture(board(), around)) == {}
    changed = dict(board().cells[MONTH]) | {B: {DAY: cell("late", 7)}}
    news = difference(before, picture(board(cells={MONTH: changed}), around))
    assert news == {"cells": {B: {str(DAY.day - 1): cell("late", 7)}}}


def test_a_cell_that_is_gone_is_said_to_be_gone() -> None:
    around = seen_by(ADMIN)
    cleared = dict(board().cells[MONTH]) | {A: {}}
    news = difference(picture(board(), around), picture(board(cells={MONTH: cleared}), around))
    assert news["cells"] == {A: {"19": None}}


def test_other_rows_or_another_day_are_said_as_a_whole() -> None:
    around = seen_by(ADMIN)
    before = picture(board(), around)
    tomorrow = replace(board(), at=NOW + timedelta(days=1))
    assert difference(before, picture(tomorrow, around))["full"]
    renamed = ORGS | {A: replace(ORGS[A], name="New name")}
    assert difference(before, picture(board(orgs=renamed), around))["full"]


def test_news_is_a_call_with_plain_data() -> None:
    script = told(NOW, difference(None, picture(board(), seen_by(ADMIN))))
    assert script.startswith("sanjianLive.take({")
    assert orjson.loads(script[len("sanjianLive.take(") : -1])["at"] == int(NOW.timestamp() * 1000)


# cells


def states(*rows: dict[str, Any]) -> pl.DataFrame:
    due = datetime(2026, 11, 21, 8, tzinfo=SHANGHAI)
    usual = {
        "org": A, "table": "T1", "biz_date": DAY, "state": "received", "received": 10, "accepted": 9, "rejected": 1,
        "flagged": 0, "first_arrived_at": due, "due_at": due, "excused_until": datetime(1970, 1, 1, 8, tzinfo=SHANGHAI),
    }  # fmt: skip
    return pl.DataFrame([usual | row for row in rows]).with_columns(
        pl.col("first_arrived_at", "due_at", "excused_until").dt.cast_time_unit("ms")
    )


def landed(received: int, at: datetime, **row: Any) -> pl.DataFrame:
    usual = {
        "org": A, "table": "T1", "biz_date": DAY, "received": received, "accepted": received, "rejected": 0,
        "flagged": 0, "first_arrived_at": at,
    }  # fmt: skip
    return pl.DataFrame([usual | row]).with_columns(pl.col("first_arrived_at").dt.cast_time_unit("ms"))


def test_the_worst_table_decides_the_day() -> None:
    order = ["missing", "unknown", "partial", "late", "pending", "received", "empty", "not_expected"]
    assert list(STATES) == order
    for number, state in enumerate(order):
        rows = [{"table": f"T{place}", "state": one} for place, one in enumerate(order[number:])]
        assert order[cells(states(*rows))[A][DAY].state] == state


def test_a_cell_counts_rows_and_how_many_tables_are_in_its_state() -> None:
    found = cells(states(
        {}, {"table": "T2", "state": "missing", "received": 0, "accepted": 0, "rejected": 0},
        {"table": "T3", "state": "missing", "received": 0, "accepted": 0, "rejected": 0},
        {"table": "T4", "state": "not_expected", "received": 0, "accepted": 0, "rejected": 0},
    ))[A][DAY]  # fmt: skip
    assert (found.received, found.accepted, found.rejected, found.tables, found.owed) == (10, 9, 1, 2, 3)
    assert found.due == datetime(2026, 11, 21, tzinfo=UTC).timestamp()


def test_what_the_ledger_has_is_shown_before_the_sums_have_it() -> None:
    waiting = states({"state": "pending", "received": 0, "accepted": 0, "rejected": 0})
    for at, state in ((NOW - timedelta(hours=5), "received"), (NOW, "late")):
        [row] = ahead(waiting, landed(7, at.astimezone(SHANGHAI))).to_dicts()
        assert (row["state"], row["received"], row["accepted"]) == (state, 7, 7)


def test_a_day_that_nobody_knew_of_appears_when_rows_of_it_land() -> None:
    found = cells(ahead(states({}), landed(3, NOW.astimezone(SHANGHAI), org=B)))
    assert (found[B][DAY].received, found[B][DAY].state, found[B][DAY].owed) == (3, STATE["received"], 0)
    assert found[A][DAY].received == 10


def test_sums_that_know_more_are_left_as_they_are() -> None:
    [row] = ahead(states({"state": "partial"}), landed(10, NOW.astimezone(SHANGHAI))).to_dicts()
    assert (row["state"], row["received"], row["accepted"]) == ("partial", 10, 9)
