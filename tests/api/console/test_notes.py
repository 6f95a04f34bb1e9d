"""Handlers that say what went wrong take what the work they wrap takes."""

from __future__ import annotations

from typing import Any, cast

from nicegui.helpers import expects_arguments

from api.console.desk import Desk
from api.console.parts.notes import act


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
