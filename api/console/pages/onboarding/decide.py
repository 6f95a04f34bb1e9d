"""Applying, withdrawing, approving, refusing: the buttons of an onboarding."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from nicegui import ui

from api.console.desk import Desk, Refused
from api.console.parts.forms import Field, form
from api.console.parts.notes import told
from api.wire import SHANGHAI

Row = Mapping[str, Any]

#: Endpoint → word on the button, icon, what is said when it is done.
BUTTONS: Mapping[str, tuple[tuple[str, str], str, tuple[str, str]]] = {
    "approve": (("批准", "Approve"), "check_circle", ("已批准", "Approved")),
    "refuse": (("不予通过", "Refuse"), "block", ("已答复", "Answered")),
    "apply": (("申请正式接入", "Apply"), "send", ("已提交申请", "Applied")),
    "withdraw": (("撤回申请", "Withdraw"), "undo", ("已撤回", "Withdrawn")),
}
#: Somebody else was faster; the page is shown anew.
_OVERTAKEN = frozenset({"onboarding_changed", "onboarding_state"})


class Decide:
    """``again`` shows the page anew."""

    def __init__(self, desk: Desk, again: Callable[[], Awaitable[None]]) -> None:
        self._desk, self._again = desk, again

    def buttons(self, said: Row) -> None:
        """Those that this person may use now."""
        desk, record = self._desk, said["onboarding"]
        with ui.row().classes("sj-acts"):
            for number, name in enumerate(name for name in BUTTONS if name in said["actions"]):
                words, icon, _ = BUTTONS[name]
                button = ui.button(desk.say(*words), icon=icon, on_click=self._opening(name, record)).props(
                    f"{'outline' if number else 'unelevated'} dense no-caps"
                ).classes("sj-act")  # fmt: skip
                if name == "apply" and not record["ready"]:
                    button.disable()
        if "apply" in said["actions"] and not record["ready"]:
            ui.label(desk.say("清单全部满足后可以申请。", "You may apply once the whole checklist is met.")).classes(
                "sj-muted"
            )

    def _opening(self, name: str, record: Row) -> Callable[[], None]:
        def opened() -> None:
            tomorrow = datetime.now(SHANGHAI).date() + timedelta(days=1)
            values = {"starts_on": tomorrow.isoformat(), "formal": record["formal"]}
            form(self._desk, self._desk.say(*BUTTONS[name][0]), _fields(name, record), values, save)

        async def save(filled: dict[str, Any]) -> None:
            body = {field: value for field, value in filled.items() if value not in ("", None)}
            try:
                await self._desk.post(
                    f"/onboarding/{quote(record['org'])}/{name}", {**body, "version": record["version"]}
                )
            except Refused as refused:
                if refused.code not in _OVERTAKEN:
                    raise
                told(self._desk, refused.zh, refused.en, "warning")
            else:
                told(self._desk, *BUTTONS[name][2])
            await self._again()

        return opened


def _fields(name: str, record: Row) -> list[Field]:
    note = Field("note", "说明", "Note", "note", needed=name == "refuse")
    match name:
        case "approve":
            return [
                Field("starts_on", "正式上传的第一个业务日", "First business day to send", "date", needed=True),
                note,
            ]
        case "apply":
            formal = Field("formal", "正式机构代码（22 位）", "Code of the real institution", needed=True)
            return [note] if record["formal"] else [formal, note]
        case _:
            return [note]
