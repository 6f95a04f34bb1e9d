"""GET /api/v1/watch and ``sanjian watch status``: whether the watch runs, and how far our ingest is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from clickhouse.client import SHANGHAI
from clickhouse.schedule import QuietTime, QuietTimeStore
from sanjian import watch as command
from streams.watch.heartbeat import Heartbeat
from tests.api.conftest import Running, Stack, running

PATH = "/api/v1/watch"
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
EVERY = timedelta(seconds=30)


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Running]:
    async with running(stack.app(now=lambda: NOW)) as found:
        yield found


async def asked(api: Running, stack: Stack) -> dict[str, Any]:
    answer = await api.client.get(PATH, headers=stack.headers("operator"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.stack
async def test_a_watch_that_never_ran_does_not_run(stack: Stack, api: Running) -> None:
    found = await asked(api, stack)
    assert (found["running"], found["at"], found["firing"], found["outages"]) == (False, None, 0, [])


@pytest.mark.stack
async def test_the_last_run_and_the_outages_of_a_week_are_told(stack: Stack, api: Running) -> None:
    beat = Heartbeat(stack.clickhouse, "worker-1", EVERY, 60)
    beat.beat(NOW - timedelta(hours=1), NOW, 0, 0, 1)
    beat.beat(NOW - EVERY, NOW - timedelta(minutes=2), 7, 3, 120)
    start, end = datetime(2026, 11, 20, 9, tzinfo=SHANGHAI), datetime(2026, 11, 20, 10, tzinfo=SHANGHAI)
    store = QuietTimeStore(stack.clickhouse)
    store.save([QuietTime("outage-1", "*", "*", "outage", start, end)], "sanjian")
    long_ago = timedelta(days=30)
    store.save([QuietTime("outage-2", "*", "*", "outage", start - long_ago, end - long_ago)], "sanjian")
    found = await asked(api, stack)
    assert {name: found[name] for name in ("running", "watcher", "lag", "firing", "took_ms")} == {
        "running": True, "watcher": "worker-1", "lag": 7, "firing": 3, "took_ms": 120,
    }  # fmt: skip
    assert found["watermark"] == "2026-11-20T11:58:00.000+08:00"
    assert [one["starts_at"] for one in found["outages"]] == ["2026-11-20T09:00:00.000+08:00"]


@pytest.mark.stack
async def test_hospitals_are_not_told(stack: Stack, api: Running) -> None:
    assert (await api.client.get(PATH, headers=stack.headers("a"))).status_code == 403


def test_the_command_prints_it_and_ends_with_1_when_the_watch_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {
        "running": False, "at": "2026-11-20T11:59:30.000+08:00", "watcher": "worker-1", "lag": 7, "firing": 3,
        "watermark": "2026-11-20T11:58:00.000+08:00", "took_ms": 120, "cases": {"gap": 2},
        "outages": [{"starts_at": "2026-11-20T09:00:00.000+08:00", "ends_at": "2026-11-20T10:00:00.000+08:00"}],
    }  # fmt: skip
    monkeypatch.setattr(command, "ask", lambda *_: answer)
    done = CliRunner().invoke(command.app, ["status"])
    assert done.exit_code == 1
    assert "2026-11-20T11:58:00.000+08:00" in done.output
    assert "gap 2" in done.output
