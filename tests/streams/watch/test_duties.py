"""The leader's duties: one after the other, waiting for servers, going on past bugs, ending when told to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from sanjian.errors import NotNow
from streams.watch.bugs import Bugs
from streams.watch.duties import MORE, Duties, Duty, in_thread

NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Desk:
    """Notes what was done; fails where it is told to."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.failures: dict[str, Exception] = {}
        self.bugs = Bugs()

    def duty(self, name: str, every: float = 3600.0, result: object = None) -> Duty:
        async def work(now: datetime) -> object:
            assert now == NOW
            self.done.append(name)
            if name in self.failures:
                raise self.failures[name]
            return result

        return Duty(name, every, work)

    def duties(self, *duties: Duty) -> Duties:
        return Duties(duties, self.bugs, lambda: NOW)


async def test_duties_are_done_in_order_and_not_again_before_their_time() -> None:
    desk = Desk()
    duties = desk.duties(desk.duty("sums", every=0), desk.duty("watch"))
    await duties.step()
    await duties.step()
    assert desk.done == ["sums", "watch", "sums"]


async def test_a_duty_with_more_to_do_comes_again_without_waiting_for_its_time() -> None:
    desk = Desk()
    duties = desk.duties(desk.duty("facts", result=MORE))
    await duties.step()
    await asyncio.sleep(0.01)
    await duties.step()
    assert desk.done == ["facts", "facts"]


async def test_a_server_that_is_away_is_waited_for_and_is_no_bug() -> None:
    desk = Desk()
    desk.failures["sums"] = NotNow("ClickHouse does not answer")
    duties = desk.duties(desk.duty("sums", every=0), desk.duty("watch", every=0))
    await duties.step()
    assert (desk.done, desk.bugs.failing) == (["sums", "watch"], {})


async def test_a_bug_is_told_without_what_it_says_and_the_other_duties_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    desk = Desk()
    desk.failures["sums"] = ValueError("张三 110101199003070011")
    duties = desk.duties(desk.duty("sums", every=0), desk.duty("watch", every=0))
    await duties.step()
    assert (desk.done, desk.bugs.failing) == (["sums", "watch"], {"sums": NOW})
    told = capsys.readouterr().out
    assert "watch_bug" in told
    assert "张三" not in told
    desk.failures.clear()
    await duties.step()
    assert desk.bugs.failing == {}


async def test_stopping_waits_for_the_duty_under_way_and_begins_no_other() -> None:
    desk = Desk()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(now: datetime) -> None:
        begun.set()
        await go_on.wait()
        desk.done.append("slow")

    duties = desk.duties(Duty("slow", 0, slow), desk.duty("watch"))
    step = asyncio.create_task(duties.step())
    await begun.wait()
    stop = asyncio.create_task(duties.stop())
    await asyncio.sleep(0)
    assert not stop.done()
    go_on.set()
    await asyncio.gather(step, stop)
    assert desk.done == ["slow"]


async def test_blocking_work_does_not_hold_up_the_loop() -> None:
    loop = asyncio.get_running_loop()
    seen: list[bool] = []

    def work(now: datetime) -> None:
        # would never return if the loop did not go on meanwhile
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(5)
        seen.append(True)

    await Desk().duties(Duty("blocking", 0, in_thread(work))).step()
    assert seen == [True]
