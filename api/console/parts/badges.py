"""A value that has a look: its coloured sign with its word."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui

from api.console.desk import Desk
from api.console.words import Look


def badge(desk: Desk, looks: Mapping[str, Look], value: str) -> None:
    """Sign and word of ``value``; one without a look is its own word."""
    known = looks.get(value)
    with ui.element("span").classes("sj-marked"):
        if known is None:
            ui.label(value)
            return
        ui.label(known.sign).classes("sj-sign").style(f"background:{known.colour};color:{known.ink}").props(
            'aria-hidden="true"'
        )
        ui.label(desk.say(known.zh, known.en))
