"""The history of an alert: who did what when, with which note; the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.alerts import look
from api.console.parts.figures import moment
from api.console.words import CASE_STATES, SEVERITIES, named

Row = Mapping[str, Any]


def timeline(desk: Desk, steps: Sequence[Row]) -> None:
    """All steps; those that only bring new figures are folded away."""
    loud = [step for step in steps if step["action"] not in look.QUIET]
    quiet = [step for step in steps if step["action"] in look.QUIET]
    with ui.element("ol").classes("sj-steps"):
        for step in reversed(loud):
            _step(desk, step)
    if quiet:
        title = desk.say(f"数值更新 {len(quiet)} 次", f"New figures, {len(quiet)} times")
        with ui.expansion(title).classes("sj-wide").props("dense"), ui.element("ol").classes("sj-steps"):
            for step in reversed(quiet):
                _step(desk, step)


def _step(desk: Desk, step: Row) -> None:
    by_itself = step["actor_role"] == "sanjian"
    with ui.element("li").classes("sj-step-itself" if by_itself else ""):
        with ui.row().classes("sj-step-head"):
            ui.label(look.action(step["action"], desk.lang)).classes("sj-strong")
            ui.label(moment(step["at"], seconds=True)).classes("sj-muted")
        ui.label(look.actor(step, desk.lang)).classes("sj-muted")
        if step["note"]:
            ui.label(step["note"]).classes("sj-text")
        if step["action"] == "change":
            ui.label(named(SEVERITIES, step["severity"], desk.lang)).classes("sj-muted")


def meanwhile(desk: Desk, steps: Sequence[Row], state: str) -> str:
    """What others did while somebody looked at an alert, in a few sentences."""
    told = [
        f"{moment(step['at'])} {look.actor(step, desk.lang)}：{look.action(step['action'], desk.lang)}"
        + (f"（{step['note']}）" if step["note"] else "")
        for step in steps
    ]
    now = desk.say(f"现在的状态：{named(CASE_STATES, state, 'zh')}", f"It is {named(CASE_STATES, state, 'en')} now")
    return "\n".join([*told, now])
