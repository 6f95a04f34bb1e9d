"""Many small calls made as one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from api.together import Together
from tests.api.conftest import until


async def test_calls_that_come_during_a_call_go_into_the_next_one() -> None:
    calls: list[list[int]] = []
    go = threading.Event()

    def work(items: Sequence[int]) -> Sequence[int]:
        calls.append(list(items))
        go.wait(5)
        return [item * 10 for item in items]

    together = Together(work)
    first = asyncio.create_task(together(1))
    await until(lambda: calls)
    others = [asyncio.create_task(together(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    go.set()
    assert await asyncio.gather(first, *others) == [10, 20, 30, 40]
    assert calls == [[1], [2, 3, 4]]


async def test_a_failure_reaches_those_who_wait_and_the_next_call_works() -> None:
    def work(items: Sequence[int]) -> Sequence[int]:
        if 0 in items:
            raise ZeroDivisionError
        return items

    together = Together(work)
    with pytest.raises(ZeroDivisionError):
        await together(0)
    assert await together(1) == 1


async def test_one_who_left_does_not_disturb_the_others() -> None:
    together: Together[int, int] = Together(list)
    gone = asyncio.create_task(together(1))
    await asyncio.sleep(0)
    gone.cancel()
    assert await together(2) == 2
