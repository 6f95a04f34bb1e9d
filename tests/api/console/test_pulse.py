"""The pulse: asked once for everybody, each gets what is within its own range, who may no longer look is sent away."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from api.accounts.principal import Assignment, Principal
from api.accounts.standing import Standing
from api.console.live import pulse as module
from api.console.live.board import Board
from api.console.live.circle import Wish
from api.console.live.pulse import HEARTBEAT_SECONDS, QUIET_SECONDS, Pulse, Viewer
from api.snapshot import Progress
from sanjian.errors import NotNow
from tests.api.console.test_live import DAY, HOSPITAL, MONTH, A, B, board, cell, somebody

OPERATOR = replace(somebody("operator", {A, B}), key="operator")


class Reads:
    """In place of ClickHouse: the board as a test says it is."""

    def __init__(self) -> None:
        self.board = board()
        self.asked = 0
        self.away = False

    def look(self, months: Any, ingest: Any) -> Board:
        """As Reading does."""
        del months
        self.asked += 1
        if self.away:
            raise NotNow("away")
        return replace(self.board, ingest=ingest)


class Page:
    """An open page: the news that came, as data."""

    def __init__(self, who: Principal, **wish: str) -> None:
        self.news: list[dict[str, Any]] = []
        self.sent_away = False
        self.viewer = Viewer(who, Wish(**wish), self._take, self._leave)

    def _take(self, script: str) -> None:
        self.news.append(orjson.loads(script.removeprefix("sanjianLive.take(").removesuffix(")")))

    def _leave(self) -> None:
        self.sent_away = True


@pytest.fixture
def reads() -> Reads:
    """What the pulse reads."""
    return Reads()


@pytest.fixture
def holding() -> set[str]:
    """Keys of the sessions that hold."""
    return {OPERATOR.key, HOSPITAL.key}


@pytest.fixture
def pulse(reads: Reads, holding: set[str], monkeypatch: pytest.MonkeyPatch) -> Pulse:
    """A pulse whose ticks a test makes."""

    def standing(_: object, __: object, everybody: list[Principal]) -> Standing:
        return Standing(frozenset(holding), {one.assignment: one.orgs for one in everybody})

    async def progress() -> Progress:
        return Progress((), broker_answers=True, clickhouse_answers=True)

    def never(work: Any, **_: object) -> SimpleNamespace:
        work.close()
        return SimpleNamespace(done=lambda: False)

    monkeypatch.setattr(module, "standing", standing)
    monkeypatch.setattr(module.background_tasks, "create", never)
    parts: Any = SimpleNamespace(snapshot=SimpleNamespace(progress=progress), accounts=None, directory=None)
    return Pulse(parts, reads)  # type: ignore[arg-type]


async def test_all_who_look_are_served_by_one_question(pulse: Pulse, reads: Reads) -> None:
    pages = [Page(OPERATOR) for _ in range(20)]
    for page in pages:
        pulse.join(page.viewer)
    await pulse._tick(0.0)
    assert reads.asked == 1
    assert all(len(page.news) == 1 and page.news[0]["full"] for page in pages)
    reads.board = board(cells={MONTH: {A: {DAY: cell()}, B: {DAY: cell("late", 7)}}})
    await pulse._tick(1.0)
    assert [page.news[1]["cells"] for page in pages] == [{B: {"19": list(cell("late", 7))}}] * 20


async def test_each_hears_of_its_own_institutions_only(pulse: Pulse, reads: Reads) -> None:
    hospital, operator = Page(HOSPITAL), Page(OPERATOR)
    pulse.join(hospital.viewer)
    pulse.join(operator.viewer)
    await pulse._tick(0.0)
    reads.board = board(cells={MONTH: {A: {DAY: cell()}, B: {DAY: cell("late", 7)}}})
    await pulse._tick(1.0)
    assert len(operator.news) == 2
    assert len(hospital.news) == 1, "nothing changed that it may see"
    assert B not in orjson.dumps(hospital.news).decode()


async def test_who_comes_later_sees_at_once_what_the_others_see(pulse: Pulse, reads: Reads) -> None:
    first, second = Page(OPERATOR), Page(OPERATOR)
    pulse.join(first.viewer)
    await pulse._tick(0.0)
    pulse.join(second.viewer)
    assert [news["cells"] for news in second.news] == [first.news[0]["cells"]]
    assert reads.asked == 1


async def test_nothing_new_is_said_now_and_then_so_that_the_page_knows_that_it_is_up_to_date(pulse: Pulse) -> None:
    page = Page(OPERATOR)
    pulse.join(page.viewer)
    for moment in (0.0, 1.0, 2.0):
        await pulse._tick(moment)
    assert len(page.news) == 1
    await pulse._tick(QUIET_SECONDS + 1)
    assert page.news[1:] == [{"at": page.news[0]["at"]}]


async def test_other_filters_show_another_circle_at_once(pulse: Pulse) -> None:
    page = Page(OPERATOR)
    pulse.join(page.viewer)
    await pulse._tick(0.0)
    pulse.choose(page.viewer, Wish(level="1"))
    assert [row[0] for row in page.news[1]["rows"]] == [B]
    assert page.news[1]["full"]


async def test_who_has_left_is_told_nothing_more(pulse: Pulse, reads: Reads) -> None:
    page, other = Page(OPERATOR), Page(OPERATOR)
    pulse.join(page.viewer)
    pulse.join(other.viewer)
    await pulse._tick(0.0)
    pulse.leave(page.viewer)
    reads.board = board(today={})
    await pulse._tick(1.0)
    assert (len(pulse), len(page.news), len(other.news)) == (1, 1, 2)


async def test_a_session_that_has_ended_ends_the_page(pulse: Pulse, holding: set[str]) -> None:
    page = Page(OPERATOR)
    pulse.join(page.viewer)
    await pulse._tick(0.0)
    holding.discard(OPERATOR.key)
    await pulse._tick(1.0)
    assert not page.sent_away, "asked on heartbeats only"
    await pulse._tick(HEARTBEAT_SECONDS + 1)
    assert page.sent_away
    assert len(pulse) == 0


async def test_who_may_see_less_by_now_sees_less(pulse: Pulse, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(OPERATOR)
    pulse.join(page.viewer)
    await pulse._tick(0.0)
    fewer = Standing(frozenset({OPERATOR.key}), {Assignment("operator"): frozenset({A})})
    monkeypatch.setattr(module, "standing", lambda *_: fewer)
    await pulse._tick(HEARTBEAT_SECONDS + 1)
    assert [[row[0] for row in news["rows"]] for news in page.news if "full" in news] == [[B, A], [A]]


async def test_while_clickhouse_is_away_the_last_figures_stay_and_say_so(pulse: Pulse, reads: Reads) -> None:
    page = Page(OPERATOR)
    pulse.join(page.viewer)
    await pulse._tick(0.0)
    reads.away = True
    await pulse._tick(1.0)
    assert page.news[1]["numbers"] == {"clickhouse": False}
    reads.away = False
    await pulse._tick(2.0)
    assert page.news[2]["numbers"] == {"clickhouse": True}
