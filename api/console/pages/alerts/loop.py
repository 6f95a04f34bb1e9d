"""The closed loop of an alert as a row of stages: what is done, where it is, until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.alerts import look
from api.console.parts.figures import moment

Row = Mapping[str, Any]

#: The stages in their order.
ORDER = ("clue", "verify", "handle", "review", "closed")


def reached(steps: Sequence[Row]) -> dict[str, Row]:
    """Stage → the step that led into it last, since the alert was opened (again). A stage that was left for an earlier
    one is not reached any more; one that was passed over is not in it."""
    found: dict[str, Row] = {}
    before = ""
    for step in steps:
        stage = str(step["stage"])
        if stage != before:
            place = ORDER.index(stage)
            found = {name: one for name, one in found.items() if ORDER.index(name) < place}
            found[stage] = step
            before = stage
    return found


def stepper(desk: Desk, case: Row, steps: Sequence[Row]) -> None:
    """Draw it."""
    done = reached(steps)
    here = str(case["stage"])
    with ui.element("ol").classes("sj-loop").props(f'aria-label="{desk.say("闭环", "Closed loop")}"'):
        for name in ORDER:
            state = "here" if name == here else "done" if name in done else "todo"
            with ui.element("li").classes(f"sj-loop-{state}").props('aria-current="step"' if name == here else ""):
                _stage(desk, name, state, case, done)


def _stage(desk: Desk, name: str, state: str, case: Row, done: Mapping[str, Row]) -> None:
    known = look.STAGES[name]
    ui.label("✓" if state == "done" or case["stage"] == name == "closed" else known.sign).classes("sj-loop-sign").props(
        'aria-hidden="true"'
    )
    with ui.element("div").classes("sj-loop-text"):
        ui.label(desk.say(known.zh, known.en)).classes("sj-strong")
        if state == "todo":
            ui.label(desk.say(*look.STAGE_HINTS[name])).classes("sj-muted")
            return
        ui.label(moment(done[name]["at"]) if name in done else "").classes("sj-muted")
        if state == "here":
            _here(desk, case)


def _here(desk: Desk, case: Row) -> None:
    if case["stage"] == "closed":
        ui.label(look.ending(case["ending"], desk.lang)).classes("sj-good")
        return
    whose = look.side(case["side"], desk.lang)
    ui.label(desk.say(f"待{whose}处理", f"{whose} to act"))
    if case["appeal"]:
        ui.label(look.one_of(look.APPEALS, case["appeal"], desk.lang)).classes("sj-warn")
    if case["due_at"]:
        due(desk, case)


def due(desk: Desk, case: Row) -> None:
    """Until when; what is overdue says so."""
    until = moment(case["due_at"])
    if case["overdue"]:
        ui.label(desk.say(f"⚠ 已逾期，期限 {until}", f"⚠ overdue, was due {until}")).classes("sj-bad sj-strong")
    else:
        ui.label(desk.say(f"期限 {until}", f"due {until}")).classes("sj-muted")
