"""Pages that stay true while they are open: shown anew when something was raised or done, and when somebody comes back.

The browser listens to the stream of alerts (``api/routes/alerts.py``), which is narrowed to its person and costs the
same for a thousand listeners as for one; only what it is told of is asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.console.desk import Desk
from api.console.live.arrivals import Follower, arrivals_of
from api.console.parts.notes import act
from api.console.routing import application


def watch(desk: Desk, again: Callable[[], Awaitable[None]]) -> None:
    """Call ``again`` on news, and when the page is looked at again after another window was."""
    shown = act(desk, again)
    ui.on("sanjian_back", shown)
    ui.on("sanjian_news", shown)
    ui.run_javascript("sanjian.back(); sanjian.listen()")


def follow(desk: Desk, org: str, again: Callable[[], Awaitable[None]]) -> None:
    """Call ``again`` soon after something of this institution has landed."""
    client, shown = ui.context.client, act(desk, again)

    async def tell() -> None:
        with client:
            await shown()

    arrivals, follower = arrivals_of(application.app), Follower(org, tell)
    arrivals.join(follower)
    client.on_delete(lambda: arrivals.leave(follower))
