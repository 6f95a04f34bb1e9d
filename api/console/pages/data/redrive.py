"""Validating rejected rows again: first how many there are, then doing it, with how far it is."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.parts.bar import Bar
from api.console.parts.figures import count
from api.console.parts.notes import act, dialog
from api.console.parts.report import numbers, share
from api.console.words import ACCEPTED, NEUTRAL, REJECTED

_PATH = "/rejected/redrive"
#: What a redrive is chosen by; a batch or a single row is not.
_BY = ("org", "table", "rule_id", "from", "to")
#: How often it is asked how far it is.
ASK_SECONDS = 1.0


def redrive_button(desk: Desk, bar: Bar) -> None:
    """A button that begins with a dry run of what is chosen in the bar."""

    async def begin() -> None:
        wanted = {name: value for name, value in bar.query().items() if name in _BY}
        planned = await desk.post(_PATH, {**wanted, "dry_run": True})
        with dialog(desk, desk.say("重新校验拒收的行", "Validate rejected rows again")) as made:
            place = ui.element("div").classes("sj-wide sj-stack")
            with place:
                _plan(desk, planned, bar)
            with ui.row().classes("sj-dialog-foot"):
                ui.button(desk.say("取消", "Cancel"), on_click=made.close).props("flat no-caps")
                go = ui.button(
                    desk.say(f"重新校验 {count(planned['rows'])} 行", f"Validate {count(planned['rows'])} rows")
                )
                go.props("unelevated no-caps")
                go.set_enabled(planned["rows"] > 0)

            async def carry_out() -> None:
                go.disable()
                await _carry_out(desk, wanted, place)
                go.delete()
                await bar.again()

            go.on_click(act(desk, carry_out))
        made.open()

    ui.button(
        desk.say("重新校验", "Validate again"), icon="replay", on_click=act(desk, begin)
    ).props("outline dense no-caps")  # fmt: skip


def _plan(desk: Desk, planned: dict[str, Any], bar: Bar) -> None:
    ui.label(desk.say(
        "规则、对码或标准变动之后，用现在的规则重新校验已拒收的原内容：合格的入库，不合格的仍为拒收，不重复计数。",
        "After a rule, a map or the standard has changed: the rejected content is validated by the rules of now. What "
        "passes is accepted, what does not stays rejected; nothing is counted twice.",
    ))  # fmt: skip
    if bar.values["batch"] or bar.values["row_key"]:
        ui.label(desk.say("注意：不按批次号和主键筛选，范围以机构、表、日期、规则为准。",
                          "Note: batch and row key do not narrow it, institution, table, days and rule do.",
                          )).classes("sj-warn")  # fmt: skip
    numbers([
        (desk.say("符合条件", "Chosen rows"), count(planned["matching"]), "", ""),
        (desk.say("将重新校验", "Will be validated"), count(planned["rows"]),
         desk.say("同一批中的拒收行一起校验", "with the other rejected rows of their batches"), ACCEPTED),
    ])  # fmt: skip
    _not_possible(desk, planned)


def _not_possible(desk: Desk, said: dict[str, Any]) -> None:
    for one in said["not_possible"]:
        ui.label(desk.say(f"{count(one['rows'])} 行不能重新校验：{one['reason_zh']}",
                          f"{count(one['rows'])} rows cannot be: {one['reason_en']}")).classes("sj-warn")  # fmt: skip
    if said["more"]:
        ui.label(desk.say("行数太多，一次只处理一部分；完成后请再做一次。",
                          "There are more rows than one run takes: do it again when this one is done.",
                          )).classes("sj-warn")  # fmt: skip


async def _carry_out(desk: Desk, wanted: dict[str, str], place: ui.element) -> None:
    said = await desk.post(_PATH, wanted)
    while True:
        place.clear()
        with place:
            _progress(desk, said)
        if not said["id"] or (said["state"] != "running" and not said["waiting"]) or place.is_deleted:
            return
        await asyncio.sleep(ASK_SECONDS)
        said = await desk.get(f"/rejected/redrives/{said['id']}")


def _progress(desk: Desk, said: dict[str, Any]) -> None:
    done = said["accepted"] + said["rejected"] + said["unreadable"] + said["repeated"]
    finished = said["state"] != "running" and not said["waiting"]
    ui.label(desk.say("已完成", "Done") if finished else desk.say("正在重新校验…", "Validating…")).classes(
        "sj-strong"
    ).props('role="status"')
    ui.linear_progress(value=share(done, said["rows"]) or (1.0 if finished else 0.0), show_value=False)
    numbers([
        (desk.say("现在入库", "Accepted now"), count(said["accepted"]), "", ACCEPTED),
        (desk.say("仍然拒收", "Still rejected"), count(said["rejected"] + said["unreadable"]), "", REJECTED),
        (desk.say("等待校验", "Waiting"), count(said["waiting"]), "", NEUTRAL),
    ])  # fmt: skip
    if said["state"] == "stopped":
        ui.label(desk.say("中途停止（服务暂时不可用）；请稍后再做一次，已处理的不会重复计数。",
                          "It stopped on the way (a server was away); do it again later, nothing counts twice.",
                          )).classes("sj-warn")  # fmt: skip
    _not_possible(desk, said)
