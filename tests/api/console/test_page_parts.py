"""Parts of pages without a browser: what comes later, the way into a row, the buttons of an onboarding."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from nicegui import core, ui
from nicegui.client import Client
from nicegui.element import Element
from starlette.requests import Request

from api.console.desk import Desk, Refused
from api.console.pages.onboarding.decide import BUTTONS, Decide
from api.console.pages.onboarding.machines import machines
from api.console.parts.grid import Col, Grid, pages_of
from api.console.parts.later import later


class Person:
    """What of a desk these parts need."""

    lang = "zh"

    def __init__(self, *rights: str) -> None:
        self.rights = rights

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def may(self, right: str) -> bool:
        return right in self.rights


def desk(*rights: str) -> Desk:
    return cast(Desk, Person(*rights))


@pytest.fixture
async def page(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """An open page."""
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
    monkeypatch.setattr(type(core.app), "is_stopped", property(lambda _: False))
    request = Request({"type": "http", "method": "GET", "path": "/test", "query_string": b"", "headers": []})
    client = Client(ui.page("/test"), request=request)
    yield client
    client.delete()


def kinds(client: Client, kind: type[Element]) -> list[Any]:
    return [one for one in client.elements.values() if type(one) is kind]


def texts(client: Client) -> list[str]:
    return [str(one.text) for one in (*kinds(client, ui.label), *kinds(client, ui.button)) if one.text]


def connect(client: Client) -> None:
    """As when the browser has the page."""
    client._connected.set()


async def turns() -> None:
    """Let what has been begun go on until it waits."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_comes_later_waits_for_the_browser_and_its_bar_goes_away(page: Client) -> None:
    answer = asyncio.Event()

    async def work() -> None:
        await answer.wait()
        ui.label("here it is")

    with page:
        later(desk(), work)
    await turns()
    assert texts(page) == []
    connect(page)
    await turns()
    assert [bar.props["aria-label"] for bar in kinds(page, ui.linear_progress)] == ["正在查询"]
    answer.set()
    await turns()
    assert texts(page) == ["here it is"]
    assert kinds(page, ui.linear_progress) == []


async def test_what_is_refused_later_stands_in_its_place(page: Client) -> None:
    async def work() -> None:
        raise Refused(400, {"code": "bad", "message_zh": "月份不对", "message_en": "no such month", "hint": "2026-11"})

    with page:
        later(desk(), work)
    await turns()
    connect(page)
    await turns()
    assert texts(page) == ["月份不对", "2026-11", "400 · bad"]
    assert kinds(page, ui.linear_progress) == []


async def test_a_row_is_opened_by_a_button_in_its_first_cell_without_a_link(page: Client) -> None:
    async def opened(row: dict[str, Any]) -> None:
        del row

    columns = [
        Col("id", "编号", "id", link=lambda row: f"/{row['id']}"),
        Col("name", "名称", "name"),
        Col("n", "数", "n"),
    ]
    rows = pages_of([{"id": "1", "name": "甲", "n": 2}])
    with page:
        await Grid(desk(), columns, rows, on_row=opened).refresh()
        await Grid(desk(), columns, rows).refresh()
    with_way, without = kinds(page, ui.table)
    ways = {name for name, slot in with_way.slots.items() if "<button" in (slot.template or "")}
    assert ways == {"body-cell-name"}
    assert not [slot for slot in without.slots.values() if "<button" in (slot.template or "")]


def onboarding(state: str, actions: list[str], *, ready: bool = True, formal: str = "") -> dict[str, Any]:
    record = {"org": "T1", "state": state, "ready": ready, "formal": formal, "version": 3}
    return {"onboarding": record, "actions": actions}


async def test_who_applies_before_everything_is_met_is_told_why_not(page: Client) -> None:
    async def again() -> None: ...

    with page:
        Decide(desk(), again).buttons(onboarding("testing", ["apply"], ready=False))
    [button] = kinds(page, ui.button)
    assert not button.enabled
    assert "清单全部满足后可以申请。" in texts(page)
    with page:
        Decide(desk(), again).buttons(onboarding("testing", ["apply"]))
    assert [one.enabled for one in kinds(page, ui.button)] == [False, True]


async def test_only_what_may_be_done_is_offered(page: Client) -> None:
    async def again() -> None: ...

    with page:
        Decide(desk(), again).buttons(onboarding("applied", ["refuse", "approve"]))
    assert texts(page) == ["批准", "不予通过"], "in the order of the buttons"
    assert BUTTONS.keys() == {"approve", "refuse", "apply", "withdraw"}


def credentials() -> dict[str, Any]:
    return {"onboarding": {"org": "T1"}, "clients": [{"label": "HIS", "client_id": "sjc_1", "used_at": None}]}


@pytest.mark.parametrize("manages", [True, False])
async def test_credentials_are_changed_only_by_who_manages_them(page: Client, manages: bool) -> None:
    async def again() -> None: ...

    with page:
        machines(desk(*["clients.manage"] if manages else []), credentials(), again)
    names = {one.props.get("aria-label") for one in kinds(page, ui.button)} - {None}
    assert names == ({"复制 appid", "更换密钥", "撤销"} if manages else {"复制 appid"})
    assert ("新增凭证" in texts(page)) is manages
    assert ("新增、更换或撤销请联系所在地区的管理员。" in texts(page)) is not manages
