"""What somebody may do with an alert: a button for each, and the dialogs that need no more than a note."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from api.console.desk import Desk, Refused
from api.console.pages.alerts import forms
from api.console.pages.alerts.steps import meanwhile
from api.console.parts import notes

Row = Mapping[str, Any]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Noted:
    """An act with a note: what is said when it is done, what it means, what the note is, whether it is needed."""

    done: Pair
    means: Pair
    label: Pair
    needed: bool


#: Endpoint of the API → word on the button, icon; in the order of the buttons. The first that may be done stands out.
BUTTONS: Mapping[str, tuple[str, str, str]] = {
    "answer": ("答复申诉", "Answer the appeal", "gavel"),
    "review": ("复核", "Review", "rule"),
    "assign": ("交办核实", "Hand over", "assignment_ind"),
    "handled": ("报告已处理", "Report it handled", "task_alt"),
    "confirm": ("核实属实", "Confirm", "check"),
    "appeal": ("申诉", "Appeal", "record_voice_over"),
    "acknowledge": ("知悉", "Acknowledge", "visibility"),
    "snooze": ("暂停提醒", "Snooze", "snooze"),
    "resolve": ("关闭", "Close", "done_all"),
    "note": ("备注", "Note", "edit_note"),
}
_MAY_BE_EMPTY = ("备注（可不填）", "Note (may be empty)")
NOTED: Mapping[str, Noted] = {
    "acknowledge": Noted(
        ("已知悉", "Acknowledged"),
        ("表示有人在处理：不再重复提醒，除非变得更严重。",
         "Somebody takes care: no more reminders until it gets worse."),
        _MAY_BE_EMPTY, needed=False,
    ),
    "note": Noted(
        ("已记下", "Noted"), ("请不要写患者的个人信息。", "No personal data of patients, please."), ("备注", "Note"),
        needed=True,
    ),
    "resolve": Noted(
        ("已关闭", "Closed"),
        ("问题还在时也不再提醒；消失后再次出现、或变得更严重时会重新打开。",
         "No more notices even while it is still so; opened again when it comes back or gets worse."),
        ("关闭的原因", "Why it is closed"), needed=True,
    ),
    "confirm": Noted(
        ("已确认属实", "Confirmed"), ("确认问题属实，开始处理。", "It is so, and we set about it."), _MAY_BE_EMPTY,
        needed=False,
    ),
    "appeal": Noted(
        ("申诉已提交", "The appeal was made"),
        ("如认为不是本院的问题，请说明理由，由监管端答复。被驳回后不能再次申诉。",
         "If it is not your fault say why; the overseers answer. Not again once an appeal was refused."),
        ("申诉理由", "Reasons"), needed=True,
    ),
    "handled": Noted(
        ("已报告，等待复核", "Reported, to be reviewed"),
        ("请说明做了什么（如：已补传、已更正并重传），之后由监管端复核。",
         "Say what was done (sent again, corrected …); the overseers review it then."),
        ("处理情况", "What was done"), needed=True,
    ),
}  # fmt: skip


class Acts:
    """The buttons of one alert; ``again`` shows it anew."""

    def __init__(self, desk: Desk, again: Callable[[], Awaitable[None]]) -> None:
        self._desk = desk
        self._again = again

    def buttons(self, case: Row, steps: Sequence[Row]) -> None:
        """Those that this person may use on the alert as it is; ``said`` of the forms is the last note of each step."""
        seen = {**case, "said": {step["action"]: step["note"] for step in steps}}
        with ui.row().classes("sj-acts"):
            for number, name in enumerate(name for name in BUTTONS if name in _offered(case)):
                zh, en, icon = BUTTONS[name]
                ui.button(self._desk.say(zh, en), icon=icon, on_click=self._opening(name, seen)).props(
                    f"{'outline' if number else 'unelevated'} dense no-caps"
                ).classes("sj-act")

    def _opening(self, name: str, case: Row) -> Callable[[], None]:
        """The dialog is about the alert as it was when the button was pressed, also when others act meanwhile."""

        async def do(done: Pair, body: Mapping[str, object]) -> None:
            await self._do(case, name, done, body)

        def opened() -> None:
            word = self._desk.say(*BUTTONS[name][:2])
            if name in NOTED:
                self._ask(word, NOTED[name], do)
            else:
                forms.FORMS[name](self._desk, word, case, do)

        return opened

    def _ask(self, word: str, noted: Noted, do: forms.Do) -> None:
        async def work(said: str) -> None:
            await do(noted.done, {"note": said})

        desk = self._desk
        notes.ask(desk, word, desk.say(*noted.means), work, note=desk.say(*noted.label), needed=noted.needed, yes=word)

    async def _do(self, case: Row, name: str, done: Pair, body: Mapping[str, object]) -> None:
        """Do it on the alert as it was seen. When others were faster, say what they did; either way show it anew."""
        desk = self._desk
        try:
            await desk.post(f"/cases/{case['id']}/{name}", {"version": case["version"], **body})
        except Refused as refused:
            if "meanwhile" not in refused.more:
                raise
            said = meanwhile(desk, refused.more["meanwhile"], refused.more["state"])
            ui.notify(
                f"{desk.say(refused.zh, refused.en)}\n{said}", type="warning", position="top", multi_line=True,
                timeout=0, classes="sj-lines", close_button=desk.say("关闭", "Close"),
            )  # fmt: skip
        else:
            notes.told(desk, *done)
        await self._again()


def _offered(case: Row) -> list[str]:
    """What the API lets this person do, without what would change nothing."""
    return [one for one in case["actions"] if one != "acknowledge" or case["state"] != "acknowledged"]
