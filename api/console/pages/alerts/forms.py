"""The dialogs of an alert that ask for more than a note: until when, accepted or refused, passed or sent back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.parts import notes
from api.wire import SHANGHAI

Row = Mapping[str, Any]
#: What is said when it is done, and what is asked for.
Do = Callable[[tuple[str, str], Mapping[str, object]], Awaitable[None]]

#: Hours of a snooze that the dialog offers; 0: until people are back tomorrow.
SNOOZES: Mapping[int, tuple[str, str]] = {
    0: ("到明天 8 点", "until 8:00 tomorrow"), 4: ("4 小时", "4 hours"), 24: ("1 天", "a day"), 72: ("3 天", "3 days"),
    168: ("7 天", "a week"), 720: ("30 天", "30 days"),
}  # fmt: skip
MORNING_HOUR = 8


class Form:
    """An open dialog with its fields."""

    def __init__(self, desk: Desk, made: ui.dialog, yes: str) -> None:
        self._desk, self._made, self._yes = desk, made, yes

    def note(self, label: str) -> Callable[[], str]:
        """A text; tells what is in it."""
        field = ui.textarea(label).props(f"outlined autogrow maxlength={notes.NOTE_CHARACTERS} counter")
        field.classes("sj-wide")
        return lambda: str(field.value or "").strip()

    def due(self, zh: str, en: str) -> ui.input:
        """A time; empty is none."""
        field = ui.input(self._desk.say(zh, en)).props("type=datetime-local outlined dense stack-label")
        return field.classes("sj-wide")

    def foot(self, work: Callable[[], Awaitable[bool]]) -> None:
        """The buttons. ``work`` tells whether it was done; then the dialog closes."""

        async def done() -> None:
            if await work():
                self._made.close()

        with ui.row().classes("sj-dialog-foot"):
            ui.button(self._desk.say("取消", "Cancel"), on_click=self._made.close).props("flat no-caps")
            ui.button(self._yes, on_click=notes.act(self._desk, done)).props("unelevated no-caps")


@contextmanager
def form(desk: Desk, title: str, text: str) -> Iterator[Form]:
    """A dialog that is open when its fields are in it."""
    with notes.dialog(desk, title) as made:
        ui.label(text).classes("sj-text")
        yield Form(desk, made, title)
    made.open()


def snooze(desk: Desk, title: str, _: Row, do: Do) -> None:
    """No reminders until then."""
    with form(
        desk, title, desk.say("到时、或变得更严重时重新打开。", "Open again then, or when it gets worse.")
    ) as made:
        hours = ui.radio({value: desk.say(*words) for value, words in SNOOZES.items()}, value=0).props("dense inline")
        said = made.note(desk.say("备注（可不填）", "Note (may be empty)"))

        async def work() -> bool:
            until = snoozed_until(int(hours.value), datetime.now(SHANGHAI))
            done = (f"暂停提醒至 {until:%m-%d %H:%M}", f"Snoozed until {until:%m-%d %H:%M}")
            await do(done, {"note": said(), "until": until.isoformat()})
            return True

        made.foot(work)


def snoozed_until(hours: int, now: datetime) -> datetime:
    """So many hours from now; 0: tomorrow morning. ``now`` is zoned in Shanghai."""
    if hours:
        return now + timedelta(hours=hours)
    return (now + timedelta(days=1)).replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)


def assign(desk: Desk, title: str, _: Row, do: Do) -> None:
    """Hand over to the institution."""
    text = desk.say(
        "交给医疗机构核实：属实则处理，不属实可申诉。", "The institution is to verify it, then to mend it or to appeal."
    )
    with form(desk, title, text) as made:
        due = made.due("期限（不填：按阈值）", "Due (empty: as the thresholds say)")
        said = made.note(desk.say("要求（可不填）", "What is asked for (may be empty)"))

        async def work() -> bool:
            await do(("已交办", "Handed over"), {"note": said(), "due_at": due.value or None})
            return True

        made.foot(work)


def answer(desk: Desk, title: str, case: Row, do: Do) -> None:
    """Answer an appeal."""
    words = {
        True: desk.say("成立：不是该机构的问题，办结（统计数字不变）",
                       "Accepted: not its fault, closed; no figure changes"),
        False: desk.say("不成立：由该机构继续处理", "Refused: the institution has to handle it"),
    }  # fmt: skip
    reasons = case["said"].get("appeal")
    text = desk.say(f"申诉理由：{reasons}", f"The appeal: {reasons}") if reasons else ""
    _decide(desk, title, text, do, "accepted", words, ("答复", "Answer"), always=True)


def review(desk: Desk, title: str, case: Row, do: Do) -> None:
    """Look at the result."""
    words = {
        True: desk.say("通过，办结", "Passed, closed"),
        False: desk.say("退回，继续处理", "Sent back, to be handled again"),
    }  # fmt: skip
    report = case["said"].get("handled")
    text = desk.say(f"处理情况：{report}", f"What was done: {report}") if report else ""
    _decide(desk, title, text, do, "passed", words, ("说明（退回时必填）", "Note (needed to send back)"),
            always=False)  # fmt: skip


def _decide(
    desk: Desk, title: str, text: str, do: Do, field: str, words: dict[bool, str], label: tuple[str, str],
    *, always: bool,
) -> None:  # fmt: skip
    with form(desk, title, text) as made:
        choice = ui.radio(words, value=True).props("dense")
        said = made.note(desk.say(*label))
        due = made.due("处理期限（不填：按阈值）", "Due (empty: as the thresholds say)")
        due.bind_visibility_from(choice, "value", backward=lambda value: not value)

        async def work() -> bool:
            if not said() and (always or not choice.value):
                notes.told(desk, "请填写说明", "Please say why", "warning")
                return False
            until = None if choice.value else due.value or None
            await do((f"{title}：已完成", f"{title}: done"),
                     {field: choice.value, "note": said(), "due_at": until})  # fmt: skip
            return True

        made.foot(work)


FORMS: Mapping[str, Callable[[Desk, str, Row, Do], None]] = {
    "snooze": snooze, "assign": assign, "answer": answer, "review": review,
}  # fmt: skip
