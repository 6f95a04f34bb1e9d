"""A strip of links between pages that belong together."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from api.console.desk import Desk


def strip(desk: Desk, pages: Sequence[tuple[str, str, str]], here: str) -> ui.element:
    """``pages``: address, Chinese, English. Gives the strip, for what else is to stand in it."""
    made = ui.element("nav").classes("sj-strip")
    with made:
        for path, zh, en in pages:
            link = ui.link(desk.say(zh, en), path)
            if path == here:
                link.classes("sj-strip-here").props('aria-current="page"')
    return made
