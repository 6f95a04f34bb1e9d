"""``sanjian listen``: every alert once, whatever the connection does; no second try where there is no use in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from rich.console import Console
from typer import Typer
from typer.testing import CliRunner

from sanjian import listen
from sanjian.errors import Misconfigured
from sanjian.listen import Listener, block, listen_command, printer
from tests.api.conftest import ORG_A, ORG_B, Serve, Stack, until
from tests.api.landed import NOW, alert, alerts
from tests.api.test_alerts import producing, publish

NO_NOTE: Callable[[str], None] = lambda _: None  # noqa: E731


@asynccontextmanager
async def listening(url: str, token: str, heard: list[dict[str, Any]], notes: list[str]) -> AsyncIterator[None]:
    task = asyncio.create_task(Listener(url, token, None, heard.append, notes.append).run())
    try:
        await until(lambda: any("connected" in note for note in notes), task)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.stack
async def test_after_a_break_it_fetches_what_it_missed_and_prints_nothing_twice(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "BACKOFF_SECONDS", (0.01, 0.05))
    heard: list[dict[str, Any]] = []
    notes: list[str] = []
    app: FastAPI = stack.app(now=lambda: NOW)
    async with (
        serve(app) as url,
        producing(stack.bootstrap) as producer,
        listening(url, stack.tokens["a"], heard, notes),
    ):
        first, missed, last = alert(1), alert(2), alert(3)
        await publish(producer, stack, first)
        await until(lambda: len(heard) == 1)
        alerts(stack.clickhouse, first, missed, alert(9, ORG_B))  # kept, but not seen on the stream
        [client] = app.state.services.hub._clients
        client.overflowed.set()  # the server closes the connection
        await until(lambda: len(heard) == 2)
        await publish(producer, stack, last)
        await until(lambda: len(heard) == 3)
    assert [one["id"] for one in heard] == ["alert-1", "alert-2", "alert-3"]
    assert any("too_slow" in note for note in notes)


@pytest.mark.stack
async def test_a_refused_token_or_institution_is_not_tried_again(stack: Stack, serve: Serve) -> None:
    async with serve(stack.app()) as url:
        with pytest.raises(Misconfigured, match="token"):
            await Listener(url, "sj_wrong", None, lambda _: None, NO_NOTE).run()
        with pytest.raises(Misconfigured, match="institution"):
            await Listener(url, stack.tokens["a"], ORG_B, lambda _: None, NO_NOTE).run()


async def test_it_tries_again_while_the_server_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "BACKOFF_SECONDS", (0.001, 0.002))
    notes: list[str] = []
    task = asyncio.create_task(Listener("http://127.0.0.1:9", "sj_x", None, lambda _: None, notes.append).run())
    await until(lambda: len(notes) >= 3, task)
    task.cancel()
    assert "disconnected" in notes[0]


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://host", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        Listener(url, "sj_x", None, lambda _: None, NO_NOTE)


def test_the_token_is_in_no_address() -> None:
    listener = Listener("https://host:8443/", "sj_secret", ORG_A, lambda _: None, NO_NOTE)
    assert listener._stream == f"wss://host:8443/api/v1/alerts?org={ORG_A}"
    assert listener._history == "https://host:8443/api/v1/alerts"


def test_an_alert_is_printed_for_people_with_reason_and_what_to_do() -> None:
    out = StringIO()
    printer(Console(file=out, width=200), None, as_json=False)(alert(1))
    text = out.getvalue()
    for part in ("拒收", ORG_A, "TB_MZ_SFMXB", "医疗机构代码[过长]", "too long", "缩短", "99***"):
        assert part in text


def test_an_unreadable_message_is_printed_with_its_detail() -> None:
    detail = {
        "reason": "count_mismatch",
        "detail_zh": "声明 500 行，实际 498 行",
        "detail_en": "500 announced, 498 found",
    }
    text = block(alert(1) | {"kind": "unreadable", "rules": [], "examples": [], "unreadable": detail})
    assert "无法读取" in text
    assert "498" in text


def test_json_goes_out_a_line_each_and_files_are_appended_to(tmp_path: Path) -> None:
    out, file = StringIO(), tmp_path / "alerts.ndjson"
    for number in (1, 2):
        printer(Console(file=out), file, as_json=True)(alert(number))
    assert [orjson.loads(line)["id"] for line in out.getvalue().splitlines()] == ["alert-1", "alert-2"]
    assert [orjson.loads(line)["id"] for line in file.read_bytes().splitlines()] == ["alert-1", "alert-2"]


def test_the_command_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SANJIAN_URL", "SANJIAN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    app = Typer()
    app.command()(listen_command)
    result = CliRunner().invoke(app, ["--data", str(tmp_path)])
    assert isinstance(result.exception, Misconfigured)
    assert "SANJIAN_TOKEN" in str(result.exception)
