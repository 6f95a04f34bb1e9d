"""Pages that stay true while they are open: shown anew when somebody comes back to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.console.desk import Desk
from api.console.parts.notes import act


def watch(desk: Desk, again: Callable[[], Awaitable[None]]) -> None:
    """Call ``again`` when the page is looked at again after another window was."""
    ui.on("sanjian_back", act(desk, again))
    ui.run_javascript("sanjian.back()")
