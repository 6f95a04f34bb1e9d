"""The history of the schedule, of quiet times, declarations and thresholds: who changed what, from what to what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from api.accounts.principal import Assignment
from clickhouse.declarations import Declaration, DeclarationStore
from clickhouse.migrate import FOLDER
from clickhouse.orgs import Org, OrgStore
from clickhouse.schedule import QuietTime, QuietTimeStore, ScheduleEntry, ScheduleStore
from clickhouse.sql import statements
from clickhouse.thresholds import Threshold, ThresholdStore
from tests.api.conftest import ORG_A, ORG_B, Running, Stack, running

pytestmark = pytest.mark.stack
CITY = "370100"
START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Running]:
    """A lies in the city, B does not."""
    OrgStore(stack.clickhouse).save([Org(ORG_A, "A", CITY), Org(ORG_B, "B", "370200")])
    stack.machine("city", Assignment("operator", scope=CITY))
    async with running(stack.app()) as found:
        yield found


class Clock:
    """A minute passes with each change."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


async def changes(api: Running, stack: Stack, who: str, path: str) -> list[dict[str, Any]]:
    answer = await api.client.get(f"/api/v1/{path}", headers=stack.headers(who))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["changes"]
    return found


async def test_each_change_of_the_schedule_says_what_was_before(api: Running, stack: Stack) -> None:
    store = ScheduleStore(stack.clickhouse, Clock())
    store.save([ScheduleEntry(ORG_A, "TB_HZXX", due_hour=8)], "first")
    store.save([ScheduleEntry(ORG_A, "TB_HZXX", due_hour=10, note="改到十点")], "second")
    store.delete([(ORG_A, "TB_HZXX", date(1970, 1, 1))], "third")
    found = await changes(api, stack, "operator", "schedule/history")
    assert [(one["changed_by"], one["key"]) for one in found] == [
        (who, f"{ORG_A}|TB_HZXX|1970-01-01") for who in ("third", "second", "first")
    ]
    hours = [tuple(entry and entry["due_hour"] for entry in (one["before"], one["after"])) for one in found]
    assert hours == [(10, None), (8, 10), (None, 8)]
    assert found[1]["after"]["note"] == "改到十点"
    assert found[0]["at"] == "2026-11-20T09:03:00.000+08:00"


async def test_merging_the_table_forgets_no_change(api: Running, stack: Stack) -> None:
    store = ScheduleStore(stack.clickhouse, Clock())
    for hour in range(5):
        store.save([ScheduleEntry(due_hour=hour)], "somebody")
    for table in ("schedule", "setting_changes"):
        stack.clickhouse.command(f"OPTIMIZE TABLE {table} FINAL")
    page = (await api.client.get("/api/v1/schedule/history?limit=2", headers=stack.headers("operator"))).json()
    assert (page["total"], len(page["changes"]), page["next_offset"]) == (5, 2, 2)
    last = await changes(api, stack, "operator", "schedule/history?limit=2&offset=4")
    assert [(one["before"], one["after"]["due_hour"]) for one in last] == [(None, 0)]


async def test_quiet_times_and_declarations_have_a_history_too(api: Running, stack: Stack) -> None:
    quiet = QuietTime("q1", "*", "*", "holiday", START, START + timedelta(days=1), "国庆")
    QuietTimeStore(stack.clickhouse, Clock()).save([quiet], "office")
    (found,) = await changes(api, stack, "city", "quiet-times/history")
    assert (found["key"], found["org"], found["before"]) == ("q1", "*", None)
    assert (found["after"]["kind"], found["after"]["starts_at"]) == ("holiday", "2026-11-20 09:00:00.000")
    declarations = DeclarationStore(stack.clickhouse, Clock())
    for value in ("100.25", "120"):
        declarations.save([Declaration(ORG_A, date(2026, 10, 1), "outpatient_amount", Decimal(value))], "A")
    found, first = await changes(api, stack, "a", "declarations/history")
    assert (found["before"]["value"], found["after"]["value"], first["before"]) == (100.25, 120, None)


async def test_thresholds_have_one_of_each_threshold(api: Running, stack: Stack) -> None:
    store = ThresholdStore(stack.clickhouse, Clock())
    store.save([Threshold("*", "*", "anomaly_rate_warning", 0.05), Threshold("*", "*", "volume_days", 28)], "first")
    store.save([Threshold("*", "*", "anomaly_rate_warning", 0.03)], "second")
    store.delete([("*", "*", "anomaly_rate_warning")], "third")
    found = await changes(api, stack, "operator", "thresholds/history?name=anomaly_rate_warning")
    values = [tuple(entry and entry["value"] for entry in (one["before"], one["after"])) for one in found]
    assert values == [(0.03, None), (0.05, 0.03), (None, 0.05)]
    assert len(await changes(api, stack, "operator", "thresholds/history")) == 4


async def test_nobody_sees_changes_about_institutions_of_others(api: Running, stack: Stack) -> None:
    store = ScheduleStore(stack.clickhouse, Clock())
    store.save([ScheduleEntry(org) for org in (ORG_A, ORG_B, "*")], "somebody")
    assert {one["org"] for one in await changes(api, stack, "city", "schedule/history")} == {ORG_A, "*"}
    assert {one["org"] for one in await changes(api, stack, "city", "schedule/history?org=*")} == {"*"}
    answer = await api.client.get(f"/api/v1/schedule/history?org={ORG_B}", headers=stack.headers("city"))
    assert answer.status_code == 403
    DeclarationStore(stack.clickhouse, Clock()).save([Declaration(ORG_B, date(2026, 10, 1), "x", Decimal(1))], "B")
    assert await changes(api, stack, "a", "declarations/history") == []
    answer = await api.client.get("/api/v1/schedule/history", headers=stack.headers("a"))
    assert answer.status_code == 403


async def test_what_was_kept_before_there_was_a_history_begins_it(api: Running, stack: Stack) -> None:
    ScheduleStore(stack.clickhouse, Clock()).save([ScheduleEntry(ORG_A, due_hour=7)], "long ago")
    stack.clickhouse.command("TRUNCATE TABLE setting_changes")
    text = (FOLDER / "0005_console.sql").read_text(encoding="utf-8")
    filling = [one for one in statements(text) if one.startswith("INSERT INTO setting_changes")]
    for _ in range(2):  # a migration that was cut off is run again
        for statement in filling:
            stack.clickhouse.command(statement)
    found = await changes(api, stack, "operator", "schedule/history")
    assert [(one["changed_by"], one["after"]["due_hour"]) for one in found] == [("long ago", 7)]
    assert len(filling) == 4
