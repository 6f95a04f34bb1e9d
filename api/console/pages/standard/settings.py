"""What differs between platforms: the settings of the standard as they are in force here."""

from __future__ import annotations

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.standard import words
from api.console.parts.grid import Col, Grid, pages_of
from api.console.parts.notes import card
from api.console.parts.strip import strip
from api.console.routing import page

_PATH = "/standard/settings"


@page(_PATH, "标准的平台设置", "Settings of the standard", right="standard.read")
async def standard_settings(desk: Desk) -> None:
    """Read only: they are set where the service is started."""
    strip(desk, words.PAGES, _PATH)
    settings = (await desk.get("/standard"))["settings"]
    rows = [
        {"name": name, "what": words.pair(words.SETTINGS, name, desk.lang), "value": words.plainly(value)}
        for name, value in settings.items()
    ]
    with card(desk.say("平台设置", "Settings"), desk.say("各平台约定不同的地方", "what differs between platforms")):
        columns = [
            Col("what", "含义", "Meaning", wrap=True), Col("value", "现在的值", "Value", wrap=True),
            Col("name", "名称", "Name"),
        ]  # fmt: skip
        await Grid(desk, columns, pages_of(rows), whole=True).refresh()
        ui.label(desk.say(
            "修改：写一个只含要改的项的 YAML 文件，用 SANJIAN_STANDARD_SETTINGS 指向它后重启服务。",
            "To change one, name a YAML file with it in SANJIAN_STANDARD_SETTINGS and start the service again.",
        )).classes("sj-muted")  # fmt: skip
