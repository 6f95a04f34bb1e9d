"""What is asked for once a page is there: its frame and filters come at once, however busy the machine is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
from nicegui import ui

from api.console.desk import Desk, Refused
from api.console.parts.notes import act, problem


def later(desk: Desk, work: Callable[[], Awaitable[None]]) -> None:
    """Do ``work`` when the browser has the page; until it is done a bar says that something is still to come. What the
    API refuses stands in its place."""
    waiting = ui.linear_progress(show_value=False).props(
        f'indeterminate size=2px aria-label="{desk.say("正在查询", "Loading")}"'
    )

    async def shown() -> None:
        try:
            await work()
        except Refused as refused:
            if refused.status == httpx.codes.UNAUTHORIZED:
                raise
            problem(desk, refused)
        finally:
            waiting.delete()

    ui.timer(0, act(desk, shown), once=True)
