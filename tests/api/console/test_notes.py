"""Handlers that say what went wrong take what the work they wrap takes."""

from __future__ import annotations

from typing import Any, cast

import pytest
from nicegui import ui
from nicegui.helpers import expects_arguments

from api.console.desk import Desk, Refused
from api.console.parts.notes import act, failed


class _Chinese:
    """A desk that says everything in Chinese."""

    @staticmethod
    def say(zh: str, _: str) -> str:
        return zh


CHINESE = cast(Desk, _Chinese())


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a person is told."""
    found: list[str] = []
    monkeypatch.setattr(ui, "notify", lambda text, **_: found.append(text))
    return found


async def test_what_the_api_refuses_is_said_with_what_to_do_and_the_fields(said: list[str]) -> None:
    async def work() -> None:
        raise Refused(422, {"message_zh": "有误", "hint": "请更正", "fields": [{"message": "电话：11 位"}]})

    await act(CHINESE, work)()
    assert said == ["有误\n请更正\n电话：11 位"]


def test_a_bug_is_said_to_be_one_without_its_text(said: list[str]) -> None:
    failed(CHINESE, ValueError("张三 13800000000"))
    assert said == ["出现内部错误，已记录；请联系运维人员。"]


async def test_a_handler_is_given_the_event_only_when_its_work_wants_one() -> None:
    done: list[Any] = []

    async def wants(event: Any) -> None:
        done.append(event)

    async def wants_none() -> None:
        done.append("nothing")

    desk = cast(Desk, None)  # nothing is refused
    assert expects_arguments(act(desk, wants))
    assert not expects_arguments(act(desk, wants_none))
    await act(desk, wants)("clicked")
    await act(desk, wants_none)()
    assert done == ["clicked", "nothing"]
