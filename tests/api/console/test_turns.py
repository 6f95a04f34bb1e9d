"""Shown anew while it is still being shown: never twice at once, and what was chosen last is what stands there."""

from __future__ import annotations

import asyncio

import pytest

from api.console.parts.turns import in_turn


class Slow:
    """Shows what is chosen; the answers come when the test says so."""

    def __init__(self) -> None:
        self.chosen = ""
        self.shown: list[str] = []
        self.at_once = self.most_at_once = 0
        self.answer = asyncio.Event()

    async def show(self) -> None:
        asked = self.chosen
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.answer.wait()
        self.at_once -= 1
        self.shown.append(asked)


async def test_of_what_is_chosen_meanwhile_only_the_last_is_shown_and_it_stands_there_in_the_end() -> None:
    slow = Slow()
    show = in_turn(slow.show)
    asked = []
    for chosen in ("first", "second", "third", "last"):
        slow.chosen = chosen
        asked.append(asyncio.create_task(show()))
        await asyncio.sleep(0)  # it has begun, or waits
    slow.answer.set()
    await asyncio.gather(*asked)
    assert slow.shown == ["first", "last"]
    assert slow.most_at_once == 1


async def test_what_was_refused_does_not_stand_in_the_way_of_the_next() -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("asked")
        if len(done) == 1:
            raise RuntimeError("refused")

    show = in_turn(work)
    with pytest.raises(RuntimeError):
        await show()
    await show()
    assert done == ["asked", "asked"]
