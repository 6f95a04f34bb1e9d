"""How far a submission is: bytes, rows, what became of them, how fast, and how long it will take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.front_pages.words import ENDED, STATES
from api.console.parts.badges import badge
from api.console.parts.figures import NOTHING, count
from api.console.parts.notes import act, ask
from api.console.parts.report import numbers
from api.console.words import ACCEPTED, FLAGGED, REJECTED

_MINUTE = 60


class Progress:
    """``await show(said)`` with what GET /submissions/{id} answers; ``gone`` is called once it has been cancelled."""

    def __init__(self, desk: Desk, gone: Callable[[], Awaitable[None]]) -> None:
        self._desk, self._gone = desk, gone
        self._place = ui.element("div").classes("sj-stack").props('aria-live="polite"')
        self._bytes: ui.linear_progress | None = None

    def show(self, said: dict[str, Any], *, lost: bool = False) -> None:
        """Draw it anew. ``lost``: the connection of the upload is waited for."""
        desk, one, so_far = self._desk, said["submission"], said["progress"]
        self._place.clear()
        with self._place:
            with ui.row().classes("sj-tools"):
                badge(desk, STATES, one["state"])
                ui.label(one["file"]).classes("sj-strong")
                if lost:
                    text = desk.say(
                        "连接中断，正在重试，不会丢失已传部分", "Connection lost, trying again; nothing sent is lost"
                    )
                    ui.label(text).classes("sj-bad")
                ui.space()
                if one["state"] not in ENDED and one["state"] != "switching" and desk.may("submissions.send"):
                    ui.button(desk.say("取消上报", "Cancel"), icon="close", on_click=lambda: self._cancel(one)).props(
                        "outline dense no-caps color=negative"
                    )
            _line(
                desk.say("上传", "Upload"),
                so_far["bytes"],
                so_far["size"],
                f"{_size(so_far['bytes'])} / {_size(so_far['size'])}",
            )
            if so_far["rows"] or one["state"] == "checking":
                done = so_far["read_rows"] if one["state"] == "checking" else so_far["validated"]
                whole = so_far["rows"] or max(done, 1)
                name = desk.say("检查", "Check") if one["state"] == "checking" else desk.say("校验", "Validation")
                _line(name, done if so_far["rows"] else 0, whole, f"{count(done)} / {count(so_far['rows'] or None)}")
            if so_far["rows"]:
                self._numbers(so_far)
            if one["reason"]:
                with ui.column().classes("sj-problem").props('role="alert"'):
                    line = desk.say(f"第 {one['line']} 行：", f"Row {one['line']}: ") if one["line"] else ""
                    ui.label(line + desk.told(one, "reason")).classes("sj-strong")
                    ui.label(
                        desk.say(
                            "改正文件后重新上报；之前的上报仍然有效。",
                            "Mend the file and submit it again; what counted before still counts.",
                        )
                    )

    def _numbers(self, so_far: dict[str, Any]) -> None:
        desk = self._desk
        clean = so_far["accepted"] - so_far["flagged"]
        numbers(
            [
                (desk.say("提交", "Submitted"), count(so_far["rows"]), "", ""),
                (desk.say("入库", "Stored"), count(so_far["accepted"]), "", ACCEPTED),
                (desk.say("通过（无问题）", "Passed, no finding"), count(clean), "", "#009E73"),
                (desk.say("有警告", "Flagged"), count(so_far["flagged"]), "", FLAGGED),
                (desk.say("拒收", "Rejected"), count(so_far["rejected"]), "", REJECTED),
                (desk.say("每秒行数", "Rows a second"), _rate(so_far["rows_per_second"]), "", ""),
                (desk.say("剩余", "Left"), _time(desk, so_far["seconds_left"]), "", ""),
                (desk.say("用时", "Took"), _time(desk, so_far["seconds"]), "", ""),
            ]
        )

    def _cancel(self, one: dict[str, Any]) -> None:
        desk = self._desk

        async def yes(_: str) -> None:
            await desk.post(f"/submissions/{one['id']}/cancel")
            await self._gone()

        ask(
            desk,
            desk.say("取消这次上报？", "Cancel this submission?"),
            desk.say(
                "已上传的内容作废；之前的上报仍然有效。",
                "What was uploaded is dropped; what counted before still counts.",
            ),
            yes,
            yes=desk.say("取消上报", "Cancel it"),
        )


def _line(name: str, done: int, whole: int, text: str) -> None:
    share = min(1.0, done / whole) if whole else 0.0
    with ui.element("div").classes("sj-progress"):
        ui.label(name)
        ui.linear_progress(share, show_value=False, size="10px").props(f'aria-label="{name}"')
        ui.label(text).classes("sj-muted")


def _size(bytes_: int) -> str:
    return f"{bytes_ / 1e6:.1f} MB" if bytes_ >= 1e6 else f"{-(-bytes_ // 1000)} KB"


def _rate(rate: float | None) -> str:
    return NOTHING if rate is None else f"{rate:,.0f}"


def _time(desk: Desk, seconds: float | None) -> str:
    if seconds is None:
        return NOTHING
    if seconds < _MINUTE:
        return desk.say(f"{seconds:.0f} 秒", f"{seconds:.0f} s")
    return desk.say(
        f"{seconds // _MINUTE:.0f} 分 {seconds % _MINUTE:.0f} 秒",
        f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s",
    )


def live(desk: Desk, ident: str, shown: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    """Call ``shown`` with every step of the submission; the browser listens to its stream."""

    async def step(event: Any) -> None:
        if event.args.get("submission", {}).get("id") == ident:
            await shown(event.args)

    ui.on("sj_step", act(desk, step))
    ui.run_javascript(f"sanjianFiles.follow('{ident}')")
