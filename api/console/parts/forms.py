"""Forms in a dialog: fields by kind, what is filled in as a mapping."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nicegui import ui

from api.console.desk import Desk
from api.console.parts.notes import act, dialog, told

Kind = Literal["text", "note", "number", "choice", "switch", "date", "time"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field. ``options`` of a choice: value → text; ``needed``: not without it; ``hint``: a quiet line below."""

    name: str
    zh: str
    en: str
    kind: Kind = "text"
    options: Mapping[Any, str] | None = None
    needed: bool = False
    hint: str = ""


def form(
    desk: Desk,
    title: str,
    fields: Sequence[Field],
    values: Mapping[str, Any],
    save: Callable[[dict[str, Any]], Awaitable[Any]],
    more: Callable[[ui.dialog], None] | None = None,
) -> None:
    """Open a form with ``values`` in it. ``save`` gets what is filled in and may raise Refused, which is shown while
    the form stays open; ``more`` builds what else can be done, beside the buttons."""
    with dialog(desk, title) as made:
        shown = {field.name: _field(desk, field, values.get(field.name)) for field in fields}

        async def done() -> None:
            filled = {field.name: _value(field, shown[field.name].value) for field in fields}
            lacking = [desk.say(one.zh, one.en) for one in fields if one.needed and filled[one.name] in ("", None)]
            if lacking:
                told(desk, f"请填写：{'、'.join(lacking)}", f"Please fill in: {', '.join(lacking)}", "warning")
                return
            await save(filled)
            made.close()

        with ui.row().classes("sj-dialog-foot"):
            if more is not None:
                more(made)
                ui.space()
            ui.button(desk.say("取消", "Cancel"), on_click=made.close).props("flat no-caps")
            ui.button(desk.say("保存", "Save"), on_click=act(desk, done)).props("unelevated no-caps")
    made.open()


def _field(desk: Desk, field: Field, value: Any) -> Any:
    label = desk.say(field.zh, field.en)
    made: Any
    match field.kind:
        case "switch":
            made = ui.checkbox(label, value=bool(value))
        case "choice":
            options = dict(field.options or {})
            made = ui.select(
                options, label=label, value=value if value in options else None, with_input=len(options) > 9
            )
            made.props("outlined dense options-dense")
        case "number":
            made = ui.number(label, value=value).props("outlined dense")
        case "note":
            made = ui.textarea(label, value=value or "").props("outlined dense autogrow")
        case "date":
            made = ui.input(label, value=str(value or "")).props("outlined dense type=date stack-label")
        case "time":
            made = ui.input(label, value=str(value or "")).props("outlined dense type=datetime-local stack-label")
        case _:
            made = ui.input(label, value=value or "").props("outlined dense")
    made.classes("sj-wide")
    if field.hint:
        made.props(f'hint="{field.hint}"')
    return made


def _value(field: Field, value: Any) -> Any:
    if field.kind == "switch":
        return bool(value)
    if field.kind in ("number", "choice"):
        return value
    return (value or "").strip()
