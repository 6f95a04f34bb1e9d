"""Not now: the same work again, in place, after growing pauses; anything else comes through at once."""

from __future__ import annotations

import pytest

from sanjian import metrics
from sanjian.errors import Invalid, NotNow
from streams.retry import FIRST_PAUSE, until_done


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)

    monkeypatch.setattr("streams.retry.asyncio.sleep", sleep)
    return taken


class Work:
    """Fails as often as it is told, then returns how often it was tried."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.tries = 0

    async def __call__(self) -> int:
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)
        return self.tries


async def test_work_that_succeeds_is_done_once_without_a_pause(pauses: list[float]) -> None:
    assert await until_done("x", Work(), 5) == 1
    assert pauses == []


async def test_work_is_tried_until_it_is_done(pauses: list[float]) -> None:
    assert await until_done("x", Work(*[NotNow("away")] * 4), 5) == 5
    assert len(pauses) == 4


async def test_pauses_double_up_to_the_longest_and_vary_a_little(pauses: list[float]) -> None:
    await until_done("x", Work(*[NotNow("away")] * 8), 1.5)
    wanted = [min(FIRST_PAUSE * 2**number, 1.5) for number in range(8)]
    assert all(0.7 * want <= taken <= 1.3 * want for taken, want in zip(pauses, wanted, strict=True))


@pytest.mark.parametrize("error", [ValueError("bug"), Invalid("not_json", "data"), KeyError("bug")])
async def test_what_is_not_not_now_comes_through_at_once(error: Exception, pauses: list[float]) -> None:
    work = Work(NotNow("away"), error)
    with pytest.raises(type(error)):
        await until_done("x", work, 5)
    assert (work.tries, len(pauses)) == (2, 1)


async def test_waiting_is_seen_in_the_metrics_and_ends(pauses: list[float]) -> None:
    seen: list[float] = []

    class Watched(Work):
        async def __call__(self) -> int:
            seen.append(_gauge("watched"))
            return await super().__call__()

    await until_done("watched", Watched(NotNow("away"), NotNow("away")), 5)
    assert seen == [0.0, 1.0, 1.0]
    assert _gauge("watched") == 0.0
    assert metrics.NOT_NOW.labels(step="watched")._value.get() == 2


def _gauge(step: str) -> float:
    value: float = metrics.WAITING.labels(step=step)._value.get()
    return value
