"""Handing in a file of front pages: for which month, whether it may be now, the file, and how far it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from nicegui import ui

from api.console import frame
from api.console.desk import Desk, Refused
from api.console.pages.front_pages.progress import Progress, live
from api.console.pages.front_pages.words import ENDED, GROUP, VARIANTS, last_month
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.facts import Fact, facts
from api.console.parts.figures import moment
from api.console.parts.later import later
from api.console.parts.notes import act, card, empty, told
from api.console.routing import page

_PATH = "/front-pages/upload"


@page(_PATH, "首页上报", "Submit front pages", right="submissions.send", group=GROUP, icon="upload_file")
async def upload(desk: Desk, month: str = "", org: str = "", variant: str = "") -> None:
    """A file for a month."""
    await _Upload(desk, month or last_month(), org, variant).build()


class _Upload:
    """The page; ``said`` is the submission that is being uploaded."""

    def __init__(self, desk: Desk, month: str, org: str, variant: str) -> None:
        self._desk = desk
        self._bar = Bar(desk, _PATH, {"month": month, "org": org or desk.me.org, "variant": variant or "western"})
        self._file: dict[str, Any] = {}
        self._said: dict[str, Any] = {}
        self._may = False

    async def build(self) -> None:
        desk, bar = self._desk, self._bar
        frame.script("front_pages.js")
        bar.month()
        bar.org(await orgs.names(desk))
        bar.select(
            "variant", desk.say("首页种类", "Kind"), {name: desk.say(*words) for name, words in VARIANTS.items()}
        )
        with card(desk.say("上报时间", "When")):
            self._window = ui.element("div")
        with card(
            desk.say("文件", "File"),
            desk.say(
                "CSV（UTF-8 或 GB18030）、XLSX、DBF，最大 200 MB；表头用字段代码或中文名",
                "CSV (UTF-8 or GB18030), XLSX or DBF, up to 200 MB; columns by code or Chinese name",
            ),
        ):
            ui.html(
                '<label id="sj-drop" class="sj-drop"><input id="sj-file" type="file" accept=".csv,.txt,.tsv,.xlsx,.dbf"'
                f' aria-label="{desk.say("选择文件", "Choose a file")}"><span>'
                f"{desk.say('把文件拖到这里，或点击选择', 'Drop the file here, or click to choose')}</span>"
                '<b id="sj-file-name"></b></label>',
                sanitize=False,
            )
            with ui.row().classes("sj-tools"):
                self._start = ui.button(desk.say("开始上报", "Submit"), icon="upload", on_click=act(desk, self._begin))
                self._start.props("unelevated no-caps")
                self._pause = ui.button(desk.say("暂停", "Pause"), icon="pause", on_click=act(desk, self._stop))
                self._pause.props("outline no-caps")
                self._again = ui.button(desk.say("继续", "Go on"), icon="play_arrow", on_click=act(desk, self._go_on))
                self._again.props("outline no-caps")
        with card(desk.say("进度", "Progress")) as self._card:
            self._progress = Progress(desk, self._ended)
            self._after = ui.element("div")
        for name, handler in (
            ("sj_file", self._chosen),
            ("sj_sent", self._sent),
            ("sj_whole", self._whole),
            ("sj_refused", self._refused),
            ("sj_no_file", self._no_file),
        ):
            ui.on(name, act(desk, handler))
        ui.run_javascript("sanjianFiles.place()")
        self._buttons()
        bar.on_change(self._show)
        later(desk, bar.show)

    async def _show(self) -> None:
        """The window of the month, and what is still under way."""
        desk, asked = self._desk, self._bar.query()
        self._window.clear()
        self._may = False
        if not asked.get("org"):
            with self._window:
                empty(desk, "请选择机构", "Choose an institution")
            self._buttons()
            return
        said = await desk.get("/submissions/window", month=asked["month"], org=asked["org"])
        known = (await desk.get("/submissions", month=asked["month"], org=asked["org"], limit=20))["submissions"]
        self._may = said["may_submit"]
        with self._window:
            self._facts(said)
        open_one = next((one for one in known if one["state"] not in ENDED), None)
        if open_one is not None:
            await self._take(open_one["id"])
        self._buttons()

    def _facts(self, said: dict[str, Any]) -> None:
        desk = self._desk
        facts(
            [
                Fact(desk.say("可上报", "Open"), f"{moment(said['opens'])} – {_last(said['closes'])}"),
                Fact(
                    desk.say("次数", "Submissions"),
                    desk.say(
                        f"已用 {said['used']} 次，最多 {said['allowed']} 次", f"{said['used']} of {said['allowed']}"
                    ),
                ),
                Fact(
                    desk.say("另行开放至", "Opened until"), moment(said["opened_until"]) if said["opened_until"] else ""
                ),
            ],
            inline=True,
        )
        if not said["may_submit"]:
            ui.label(desk.told(said, "refusal")).classes("sj-bad sj-strong").props('role="alert"')

    async def _take(self, ident: str) -> None:
        """A submission that is under way: shown, and followed."""
        self._said = await self._desk.get(f"/submissions/{ident}")
        self._progress.show(self._said)
        if self._said["submission"]["state"] != "uploading":
            live(self._desk, ident, self._step)

    async def _chosen(self, event: Any) -> None:
        self._file = event.args
        self._buttons()

    async def _begin(self) -> None:
        asked = self._bar.query()
        body = {
            "month": asked["month"],
            "org": asked["org"],
            "file": self._file["name"],
            "size": self._file["size"],
            "variant": asked["variant"],
        }
        self._after.clear()
        self._said = await self._desk.post("/submissions", body)
        self._progress.show(self._said)
        self._carry()

    async def _go_on(self) -> None:
        one = self._said["submission"]
        if self._file and (self._file["name"], self._file["size"]) != (one["file"], one["size"]):
            told(self._desk, f"请选择同一个文件：{one['file']}", f"Choose the same file: {one['file']}", "warning")
            return
        self._carry()

    def _carry(self) -> None:
        one, token = self._said["submission"], self._desk.me.csrf_token
        ui.run_javascript(f"sanjianFiles.send('{one['id']}', {self._said['piece_bytes']}, '{token}')")
        self._buttons(sending=True)

    async def _stop(self) -> None:
        ui.run_javascript("sanjianFiles.stop()")
        self._buttons()

    async def _sent(self, event: Any) -> None:
        if self._said:
            arrived = max(0, event.args["offset"]) or self._said["progress"]["bytes"]
            self._said["progress"]["bytes"] = arrived
            self._progress.show(self._said, lost=event.args["lost"])

    async def _whole(self, _: Any) -> None:
        ident = self._said["submission"]["id"]
        self._said = await self._desk.post(f"/submissions/{ident}/finish")
        self._progress.show(self._said)
        self._buttons()
        live(self._desk, ident, self._step)

    async def _step(self, said: dict[str, Any]) -> None:
        self._said = said
        self._progress.show(said)
        if said["submission"]["state"] in ENDED:
            await self._ended()

    async def _refused(self, event: Any) -> None:
        self._buttons()
        raise Refused(409, event.args or {})

    async def _no_file(self, _: Any) -> None:
        told(self._desk, "请先选择文件", "Choose the file first", "warning")
        self._buttons()

    async def _ended(self) -> None:
        """It is over: what became of it, and where to look next."""
        desk, ident = self._desk, self._said["submission"]["id"]
        ui.run_javascript("sanjianFiles.stop()")
        self._said = await desk.get(f"/submissions/{ident}")
        self._progress.show(self._said)
        self._after.clear()
        one = self._said["submission"]
        with self._after, ui.row().classes("sj-tools"):
            ui.link(desk.say("查看错误明细和记录", "Findings and rows"), f"/front-pages/submissions/{ident}")
            if one["number"] > 1:
                ui.link(
                    desk.say("与上次对比", "Compare with the one before"),
                    f"/front-pages/compare?month={one['month']}&org={one['org']}",
                )
        said = await desk.get("/submissions/window", month=one["month"], org=one["org"])
        self._may, self._file = said["may_submit"], {}
        self._window.clear()
        with self._window:
            self._facts(said)
        self._buttons()

    def _buttons(self, *, sending: bool = False) -> None:
        """What can be done now."""
        state = self._said.get("submission", {}).get("state", "")
        under_way = bool(state) and state not in ENDED
        self._card.set_visibility(bool(self._said))
        self._start.set_visibility(not under_way)
        self._start.set_enabled(self._may and bool(self._file))
        self._pause.set_visibility(state == "uploading" and sending)
        self._again.set_visibility(state == "uploading" and not sending)


def _last(closes: str) -> str:
    """The last minute of the window."""
    return moment(datetime.fromisoformat(closes) - timedelta(minutes=1))
