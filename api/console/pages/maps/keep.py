"""An institution's map: download it or the codes that lack, upload a table, review it row by row, apply, undo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from api.console.desk import Desk, Refused
from api.console.pages.maps import history
from api.console.pages.maps.review import review
from api.console.pages.maps.words import KEEP, MAPS, RATES, TABS, indicator_of
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.figures import count, percent
from api.console.parts.files import export, upload
from api.console.parts.later import later
from api.console.parts.notes import card, empty, problem
from api.console.parts.report import numbers
from api.console.routing import page
from api.console.words import ACCEPTED, FLAGGED, REJECTED


@page(KEEP, "对码表维护", "Code maps", right="codemaps.read")
async def keep(desk: Desk, org: str = "", map: str = "drug", month: str = "") -> None:
    """One map of one institution. ``month``: the rows that the rates are of."""
    bar = Bar(desk, KEEP, {"org": desk.me.org or org, "map": map if map in MAPS else "drug", "month": month})
    known = await orgs.names(desk)
    if len(known) > 1:
        choose = {"": desk.say("请选择", "choose one")}
        bar.select("org", desk.say("机构", "Institution"), choose | known, search=True)
    bar.select("map", desk.say("对码表", "Map"), {name: desk.say(*words) for name, words in MAPS.items()})
    bar.month()
    with bar.row:
        ui.space()
        ui.link(desk.say("返回对码率", "Back to the rates"), f"{RATES}?tab={_tab(bar.values['map'])}")
    whole = ui.element("div").classes("sj-wide sj-stack")

    async def refresh() -> None:
        whole.clear()
        with whole:
            if bar.values["org"]:
                await _show(desk, bar)
            else:
                with card():
                    empty(desk, "请先选择机构", "Choose an institution first", icon="apartment")

    bar.on_change(refresh)
    later(desk, bar.show)


async def _show(desk: Desk, bar: Bar) -> None:
    org, map = bar.values["org"], bar.values["map"]
    state = ui.element("div").classes("sj-wide")
    steps = ui.element("div").classes("sj-row")
    checked = ui.element("div").classes("sj-wide")
    kept = ui.element("div").classes("sj-wide")

    async def take(content: bytes, kind: str) -> None:
        checked.clear()
        with checked, card(desk.say("3 核对结果", "3 What it would do")):
            waiting = ui.spinner(size="md")
            try:
                said = await desk.send_file(f"/codemaps/{org}/{map}/import", content, kind, dry_run=True)
            except Refused as refused:
                problem(desk, refused)
            else:
                await review(desk, said, lambda: apply(content, kind))
            waiting.delete()

    async def apply(content: bytes, kind: str) -> None:
        was = await _rates(desk, bar)
        said = await desk.send_file(f"/codemaps/{org}/{map}/import", content, kind)
        await again(said, was)

    async def again(said: dict[str, Any] | None = None, was: dict[str, Any] | None = None) -> None:
        now = await _rates(desk, bar)
        state.clear()
        with state:
            _figures(desk, now)
        checked.clear()
        if said is not None:
            with checked:
                _done(desk, said, was or {}, now)
        kept.clear()
        with kept:
            await history.show(desk, org, map, again)

    with state:
        _figures(desk, await _rates(desk, bar))
    with steps:
        _download(desk, f"/codemaps/{org}/{map}/export")
        _upload(desk, take)
    with kept:
        await history.show(desk, org, map, again)


def _download(desk: Desk, path: str) -> None:
    with card(desk.say("1 下载", "1 Download")):
        ui.label(desk.say(
            "未对码编码表只含在用而没有标准编码的院内编码，XLSX 附标准目录；填好“标准编码”后上传。"
            "填 - 取消对码；没有填的行不处理。",
            "Unmapped codes are the local codes in use without a standard code; the XLSX brings the catalogue along. "
            "Fill in the standard codes and upload it. A - takes a mapping away; empty lines are skipped.",
        )).classes("sj-muted")  # fmt: skip
        with ui.row():
            export(desk, path, lambda: {"unmapped": "true"}, desk.say("未对码编码表", "Unmapped codes"))
            export(desk, path, dict, desk.say("现有对码表", "The present map"))


def _upload(desk: Desk, take: Callable[[bytes, str], Awaitable[None]]) -> None:
    with card(desk.say("2 上传并核对", "2 Upload and check")):
        if not desk.may("codemaps.write"):
            ui.label(desk.say("您的角色只能查看和下载。", "Your role may look and download.")).classes("sj-muted")
            return
        said = desk.say("CSV 或 XLSX。先逐行核对，确认后才写入。",
                        "CSV or XLSX. It is checked line by line; nothing is written before you say so.")  # fmt: skip
        ui.label(said).classes("sj-muted")
        upload(desk, desk.say("选择文件", "Choose a file"), take)


def _tab(map: str) -> str:
    return next(tab for tab, (_, _, maps) in TABS.items() if map in maps)


async def _rates(desk: Desk, bar: Bar) -> dict[str, Any]:
    asked = {"org": bar.values["org"], "month": bar.values["month"], "limit": len(MAPS)}
    rows = (await desk.get(indicator_of(bar.values["map"]), **asked))["rows"]
    return next((row for row in rows if row["map"] == bar.values["map"]), {})


def _figures(desk: Desk, rates: dict[str, Any]) -> None:
    if not rates:
        ui.label(desk.say("这个月没有使用这类编码的数据。", "No row of this month uses such codes.")).classes(
            "sj-muted"
        )
        return
    numbers([
        (desk.say("行对码率", "Rate of rows"), percent(rates["rows_rate"]),
         f"{count(rates['mapped_rows'])} / {count(rates['rows'])}", ACCEPTED),
        (desk.say("代码对码率", "Rate of codes"), percent(rates["codes_rate"]),
         f"{count(rates['mapped_codes'])} / {count(rates['codes'])}", ACCEPTED),
        (desk.say("未对码的代码", "Unmapped codes"), count(rates["codes"] - rates["mapped_codes"]), "", REJECTED),
        (desk.say("未对码的行", "Unmapped rows"), count(rates["rows"] - rates["mapped_rows"]), "", FLAGGED),
    ])  # fmt: skip


def _done(desk: Desk, said: dict[str, Any], was: dict[str, Any], now: dict[str, Any]) -> None:
    """What was written and what it changed."""
    with card(desk.say("4 已写入", "4 Written")):
        ui.label(desk.say(
            f"新增 {count(said['added'])}，修改 {count(said['changed'])}；版本 {said['version']}，立即生效。",
            f"{count(said['added'])} added, {count(said['changed'])} changed; version {said['version']} holds now.",
        )).classes("sj-strong sj-good")  # fmt: skip
        if was and now:
            lacked, lack = was["codes"] - was["mapped_codes"], now["codes"] - now["mapped_codes"]
            ui.label(desk.say(
                f"行对码率 {percent(was['rows_rate'])} → {percent(now['rows_rate'])}，未对码的代码 {lacked} → {lack}",
                f"Rate of rows {percent(was['rows_rate'])} → {percent(now['rows_rate'])}, "
                f"unmapped codes {lacked} → {lack}",
            ))  # fmt: skip
