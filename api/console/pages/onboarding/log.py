"""The validation log: how each table does, and the newest messages with the rules that they violate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from nicegui import ui

from api.console.desk import Desk
from api.console.parts import standard
from api.console.parts.badges import badge
from api.console.parts.figures import count, moment, percent
from api.console.parts.grid import Col, Grid, pages_of
from api.console.parts.notes import act, card, empty
from api.console.words import SEVERITIES

Row = Mapping[str, Any]
#: Messages that are shown at once, and by which "more" adds to them.
SHOWN = 20
#: What the log shows instead of a business date that could not be read.
_NO_DAY = "1970-01-01"
_TABLES = (
    Col("name", "表", "Table", under="table"), Col("today_received", "今天接收", "Today", "int"),
    Col("today_rejected", "今天拒收", "Rejected today", "int"),
    Col("today_rate", "今天入库率", "Accepted today", "percent"),
    Col("received", "近几天接收", "Lately", "int"), Col("rejected", "近几天拒收", "Rejected lately", "int"),
    Col("flagged", "有警告", "Flagged", "int"), Col("rate", "近几天入库率", "Accepted lately", "percent"),
)  # fmt: skip


class Log:
    """The log of one institution; ``again`` shows the newest."""

    def __init__(self, desk: Desk, org: str) -> None:
        self._desk, self._org, self._table = desk, org, ""
        with card(desk.say("每张表的入库率", "How each table does"), desk.say("按到达日期", "by day of arrival")):
            self._tables = ui.element("div")
        with card(desk.say("实时校验日志", "Validation log"), desk.say("最新的在前", "newest first")):
            with ui.row().classes("sj-tools"):
                every = {"": desk.say("全部表", "all tables")}
                self._choice = ui.select(every, value="", label=desk.say("表", "Table"))
                self._choice.props("outlined dense options-dense").classes("sj-field")
                self._choice.on_value_change(act(desk, self._choose))
                ui.button(desk.say("刷新", "Refresh"), icon="refresh", on_click=act(desk, self.again)).props(
                    "outline dense no-caps"
                )
            self._messages = ui.element("div").classes("sj-stack")

    async def again(self) -> None:
        """The newest messages and rates."""
        desk = self._desk
        said = await desk.get(f"/onboarding/{quote(self._org)}/log", table=self._table, limit=SHOWN)
        if not self._table:
            tables = {one["table"]: (one["table_zh"], one["table_en"]) for one in said["tables"]}
            names = {name: standard.named(desk, tables, name) for name in tables}
            self._choice.set_options({"": desk.say("全部表", "all tables"), **names}, value="")
        self._tables.clear()
        with self._tables:
            rows = [_rates(desk, one) for one in said["tables"]]
            await Grid(desk, _TABLES, pages_of(rows), lambda: _nothing(desk), whole=True).refresh()
        self._messages.clear()
        with self._messages:
            if not said["messages"]:
                _nothing(desk)
            self._show(said)

    async def _choose(self, event: Any) -> None:
        if event.value != self._table:
            self._table = event.value
            await self.again()

    def _show(self, said: Row) -> None:
        desk = self._desk
        for message in said["messages"]:
            _message(desk, self._org, message)
        if said["next_cursor"]:
            button = ui.button(desk.say("更早的", "Older ones")).props("flat dense no-caps")

            async def more() -> None:
                older = await desk.get(f"/onboarding/{quote(self._org)}/log", table=self._table,
                                       cursor=said["next_cursor"], limit=SHOWN)  # fmt: skip
                button.delete()
                with self._messages:
                    self._show(older)

            button.on_click(act(desk, more))


def log(desk: Desk, org: str) -> Log:
    """The cards of the log, empty until ``again``."""
    return Log(desk, org)


def _rates(desk: Desk, one: Row) -> dict[str, Any]:
    today = {f"today_{name}": one["today"][name] for name in ("received", "rejected", "rate")}
    return {"table": one["table"], "name": one["table_zh"] if desk.lang == "zh" else one["table_en"], **today,
            **one["lately"]}  # fmt: skip


def _message(desk: Desk, org: str, one: Row) -> None:
    bad = one["rejected"] + one["unreadable"]
    sign = "✕" if bad else "◆" if one["flagged"] else "✓"
    tone = "sj-bad" if bad else "sj-warn" if one["flagged"] else "sj-good"
    with ui.element("div").classes("sj-message"):
        with ui.row().classes("sj-check"):
            ui.label(sign).classes(f"{tone} sj-strong").props('aria-hidden="true"')
            ui.label(moment(one["arrived_at"], seconds=True)).classes("sj-muted")
            ui.label(f"{one['table_zh']} {one['table']}" if desk.lang == "zh" else one["table"]).classes("sj-strong")
            ui.label(_days(one)).classes("sj-muted")
            ui.space()
            ui.label(_counts(desk, one)).classes("sj-figure")
        with ui.row().classes("sj-check"):
            ui.label(desk.say("批次", "batch")).classes("sj-muted")
            ui.label(one["batch"]).classes("sj-mono")
            if one["findings"]:
                query = urlencode({"org": org, "batch": one["batch"]})
                ui.link(desk.say("问题明细", "Findings"), f"/findings?{query}")
        if one["reason"]:
            ui.label(one["reason"]).classes("sj-bad")
        if one["unknown_columns"]:
            names = "、".join(one["unknown_columns"])
            ui.label(desk.say(f"标准之外的列，没有入库：{names}", f"Columns that are not stored: {names}")).classes(
                "sj-warn"
            )
        for rule in one["rules"]:
            _rule(desk, rule)


def _rule(desk: Desk, rule: Row) -> None:
    with ui.row().classes("sj-check"):
        badge(desk, SEVERITIES, rule["severity"])
        ui.link(rule["rule_id"], f"/standard/rules/{quote(rule['rule_id'])}")
        ui.label(desk.told(rule, "rule")).classes("sj-check-text")
        ui.label(desk.say(f"{rule['rows']:,} 行", f"{rule['rows']:,} rows")).classes("sj-figure")
    ui.label(desk.told(rule, "fix")).classes("sj-check-fix")


def _days(one: Row) -> str:
    if one["biz_from"] == _NO_DAY:
        return ""
    return one["biz_from"] if one["biz_from"] == one["biz_to"] else f"{one['biz_from']} – {one['biz_to']}"


def _counts(desk: Desk, one: Row) -> str:
    if one["declared_empty"]:
        return desk.say("零申报", "declared empty")
    rate = percent(one["accepted"] / one["received"], 1) if one["received"] else "–"
    named = (("received", "接收"), ("accepted", "入库"), ("rejected", "拒收"), ("flagged", "警告"))
    told = " · ".join(f"{desk.say(zh, name)} {count(one[name])}" for name, zh in named)
    return f"{told} · {desk.say('入库率', 'accepted')} {rate}"


def _nothing(desk: Desk) -> None:
    empty(desk, "还没有收到数据", "Nothing has come yet", "用下面的示例命令上传，结果会显示在这里",
          "Send with the commands below; what becomes of it is shown here", "cloud_upload")  # fmt: skip
