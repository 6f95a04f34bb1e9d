"""``sanjian listen``: every alert once, whatever the connection does; no second try where there is no use in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console
from sqlalchemy import delete
from typer import Typer
from typer.testing import CliRunner

from api.accounts.tables import AccessToken
from api.live.cursor import Cursor
from sanjian import listen
from sanjian.access import Credentials
from sanjian.alert_text import block
from sanjian.bookmark import Bookmark, held
from sanjian.errors import Misconfigured
from sanjian.listen import Listener, cursor_name, listen_command, printer
from tests.api.conftest import ORG_A, ORG_B, Serve, Stack, until
from tests.api.landed import alert
from tests.api.streaming import land, publish, raised

WRONG = Credentials("sjc_nobody", "sjs_wrong")
NO_NOTE: Callable[[str], None] = lambda _: None  # noqa: E731


@asynccontextmanager
async def listening(
    url: str, credentials: Credentials, heard: list[dict[str, Any]], notes: list[str], bookmark: Bookmark | None = None
) -> AsyncIterator[None]:
    task = asyncio.create_task(Listener(url, credentials, None, heard.append, notes.append, bookmark).run())
    try:
        await until(lambda: any("connected" in note for note in notes), task)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def names(*numbers: int) -> list[str]:
    return [f"alert-{number}" for number in numbers]


@pytest.mark.stack
async def test_after_a_break_it_gets_what_it_missed_and_prints_nothing_twice(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "BACKOFF_SECONDS", (0.3, 0.4))
    heard: list[dict[str, Any]] = []
    notes: list[str] = []
    app = stack.app()
    async with serve(app) as url, listening(url, stack.secrets["a"], heard, notes):
        await until(lambda: len(app.state.services.hub.clients) == 1)
        await publish(stack, raised(1))
        await until(lambda: len(heard) == 1)
        [client] = app.state.services.hub.clients
        client.cut(1012, "resume")
        await publish(stack, raised(1), raised(2), raised(9, ORG_B))  # the first one once more, after a crash
        await until(lambda: len(heard) == 2)
        await publish(stack, raised(3))
        await until(lambda: len(heard) == 3)
    assert [one["id"] for one in heard] == names(1, 2, 3)
    assert any("resume" in note for note in notes)


@pytest.mark.stack
async def test_what_came_while_it_did_not_run_is_printed_when_it_runs_again(
    stack: Stack, serve: Serve, tmp_path: Path
) -> None:
    heard: list[dict[str, Any]] = []
    file = tmp_path / "deep" / "cursor.json"
    app = stack.app()
    async with serve(app) as url:
        for numbers in ((1, 2), (3, 4), ()):
            notes: list[str] = []
            with held(file) as bookmark:
                async with listening(url, stack.secrets["a"], heard, notes, bookmark):
                    await until(lambda: len(app.state.services.hub.clients) == 1)
                    await publish(stack, *(raised(number) for number in numbers))
                    await until(lambda last=numbers[-1:]: heard and heard[-1]["id"] in names(*last or (5,)))  # type: ignore[misc]
            if numbers == (3, 4):
                await publish(stack, raised(4), raised(5))  # 4 was printed already
    assert [one["id"] for one in heard] == names(1, 2, 3, 4, 5)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.stack
async def test_when_the_history_does_not_reach_back_it_prints_the_last_alerts(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "PAGE", 2)
    land(stack, *(raised(number) for number in range(1, 8)), raised(8, ORG_B))
    known = Bookmark(cursor=Cursor("gone", {0: 4}).text(), since=raised(3)["raised_at"])
    known.ids.extend(names(1, 2, 3))
    monkeypatch.setattr(listen, "LATER", timedelta(seconds=1))
    heard: list[dict[str, Any]] = []
    notes: list[str] = []
    async with serve(stack.app()) as url, listening(url, stack.secrets["a"], heard, notes, known):
        await until(lambda: len(heard) == 4)
        await publish(stack, raised(10))
        await until(lambda: len(heard) == 5)
    assert [one["id"] for one in heard] == names(4, 5, 6, 7, 10)
    assert any("history" in note for note in notes)


@pytest.mark.stack
async def test_the_first_time_it_prints_what_comes_from_now_on(stack: Stack, serve: Serve) -> None:
    await publish(stack, raised(1))
    heard: list[dict[str, Any]] = []
    app = stack.app()
    async with serve(app) as url, listening(url, stack.secrets["a"], heard, []):
        await until(lambda: len(app.state.services.hub.clients) == 1)
        await publish(stack, raised(2))
        await until(lambda: heard)
    assert [one["id"] for one in heard] == names(2)


def test_two_listeners_do_not_share_a_cursor_file(tmp_path: Path) -> None:
    with held(tmp_path / "c.json") as one, held(tmp_path / "d.json"):
        one.move("x")
        with pytest.raises(Misconfigured, match="Another sanjian listen"), held(tmp_path / "c.json"):
            pass
    with held(tmp_path / "c.json") as again:
        assert again.cursor == "x"


def test_a_cursor_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="cannot be written"), held(tmp_path / "file" / "c.json"):
        pass


def test_a_broken_cursor_file_is_as_if_there_were_none(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{")
    with held(tmp_path / "c.json") as bookmark:
        assert (bookmark.cursor, bookmark.since, list(bookmark.ids)) == ("", "", [])


def test_each_server_client_and_institution_has_a_cursor_of_its_own() -> None:
    given = [(url, client, org) for url in ("", "http://h") for client in ("sjc_a", "sjc_b") for org in (None, ORG_A)]
    assert len({cursor_name(*one) for one in given}) == len(given)


@pytest.mark.stack
async def test_a_token_that_was_taken_back_is_replaced(
    stack: Stack, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "BACKOFF_SECONDS", (0.01, 0.02))
    monkeypatch.setattr("api.live.clients.HEARTBEAT_SECONDS", 0.05)
    heard: list[dict[str, Any]] = []
    notes: list[str] = []
    async with serve(stack.app()) as url, listening(url, stack.secrets["a"], heard, notes):
        with stack.accounts.database.writing() as session:
            session.execute(delete(AccessToken))
        await until(lambda: len([note for note in notes if "connected" in note and "dis" not in note]) == 2)
        await publish(stack, raised(1))
        await until(lambda: heard)
    assert any("bad_token" in note for note in notes)


@pytest.mark.stack
async def test_a_refused_client_or_institution_is_not_tried_again(stack: Stack, serve: Serve) -> None:
    async with serve(stack.app()) as url:
        with pytest.raises(Misconfigured, match="credentials"):
            await Listener(url, WRONG, None, lambda _: None, NO_NOTE).run()
        with pytest.raises(Misconfigured, match="institution"):
            await Listener(url, stack.secrets["a"], ORG_B, lambda _: None, NO_NOTE).run()


async def test_it_tries_again_while_the_server_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "BACKOFF_SECONDS", (0.001, 0.002))
    notes: list[str] = []
    task = asyncio.create_task(Listener("http://127.0.0.1:9", WRONG, None, lambda _: None, notes.append).run())
    await until(lambda: len(notes) >= 3, task)
    task.cancel()
    assert "disconnected" in notes[0]


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://host", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        Listener(url, WRONG, None, lambda _: None, NO_NOTE)


def test_the_credentials_are_in_no_address() -> None:
    listener = Listener("https://host:8443/", WRONG, ORG_A, lambda _: None, NO_NOTE)
    assert listener.address() == f"wss://host:8443/api/v1/alerts?org={ORG_A}"
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


def notice(**more: Any) -> dict[str, Any]:
    """About a case, as ``streams.cases.notice`` makes it."""
    return {
        "id": "n1", "kind": "gap", "org": ORG_A, "org_name": "示范医院[1]", "table": "", "batch": "",
        "severity": "error", "raised_at": "2026-11-21T12:00:00.000+08:00", "counts": {}, "rules": [], "examples": [],
        "unreadable": None, "case": {"id": "c1", "version": 1, "state": "open", "action": "open"},
        "zh": "11月20日 19 张表未上传", "en": "19 tables of 20 November are missing", "fix_zh": "请补传",
        "fix_en": "Upload them", "link": "",
    } | more  # fmt: skip


def test_a_case_is_printed_with_what_happened_and_what_to_do() -> None:
    out = StringIO()
    printer(Console(file=out, width=200), None, as_json=False)(notice(link="https://h/alerts/c1"))
    for part in (
        "漏传 Missing upload",
        "新告警 New",
        ORG_A,
        "示范医院[1]",
        "19 张表",
        "are missing",
        "请补传",
        "/alerts/c1",
    ):
        assert part in out.getvalue()


def test_a_case_of_a_kind_that_this_version_does_not_know_is_printed_too() -> None:
    text = block(notice(kind="new[kind]", case={"action": "flew"}, fix_zh="", fix_en=""))
    assert "flew" in text
    assert "→" not in text


def test_json_goes_out_a_line_each_and_files_are_appended_to(tmp_path: Path) -> None:
    out, file = StringIO(), tmp_path / "alerts.ndjson"
    for number in (1, 2):
        printer(Console(file=out), file, as_json=True)(alert(number))
    assert [orjson.loads(line)["id"] for line in out.getvalue().splitlines()] == ["alert-1", "alert-2"]
    assert [orjson.loads(line)["id"] for line in file.read_bytes().splitlines()] == ["alert-1", "alert-2"]


def test_the_command_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SANJIAN_URL", "SANJIAN_CLIENT_ID", "SANJIAN_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    app = Typer()
    app.command()(listen_command)
    result = CliRunner().invoke(app, ["--data", str(tmp_path)])
    assert isinstance(result.exception, Misconfigured)
    assert "SANJIAN_CLIENT_ID" in str(result.exception)
