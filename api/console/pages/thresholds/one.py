"""One threshold in a dialog: what it means, where it is set, setting it, and how it changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.thresholds import values
from api.console.parts import standard
from api.console.parts.figures import moment
from api.console.parts.notes import act, dialog, told

#: Changes that the dialog shows; the audit log has them all.
_SHOWN = 20
Row = Mapping[str, Any]


class ThresholdDialog:
    """The dialog of one threshold. ``changed`` is called when something was set or taken away."""

    def __init__(
        self, desk: Desk, definition: Row, orgs: Mapping[str, str], tables: standard.Names,
        changed: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._desk, self._definition, self._changed = desk, definition, changed
        self._orgs, self._tables = orgs, tables

    async def open(self) -> None:
        """Show it."""
        desk, one = self._desk, self._definition
        with dialog(desk, one[desk.lang]) as made:
            default = desk.say("默认", "default") + " " + values.figure(one, one["default"], desk.lang)
            ui.label(f"{default} · {one['name']}").classes("sj-muted")
            self._place = ui.element("div").classes("sj-stack")
            await self._show()
        made.open()

    async def _show(self) -> None:
        desk, name = self._desk, self._definition["name"]
        entries = [one for one in (await desk.get("/thresholds"))["entries"] if one["name"] == name]
        history = (await desk.get("/thresholds/history", name=name, limit=_SHOWN))["changes"]
        self._place.clear()
        with self._place:
            ui.label(desk.say("现在的设置", "Set now")).classes("sj-strong")
            if not entries:
                ui.label(desk.say("没有设置，按默认值。", "None is set; the default holds.")).classes("sj-muted")
            for entry in entries:
                self._entry(entry)
            if desk.may("thresholds.write"):
                self._form()
            ui.label(desk.say("变更历史", "History")).classes("sj-strong")
            if not history:
                ui.label(desk.say("没有改过。", "It was never changed.")).classes("sj-muted")
            with ui.element("ol").classes("sj-steps"):
                for change in history:
                    self._past(change)

    def _entry(self, entry: Row) -> None:
        desk = self._desk
        with ui.row().classes("sj-line"):
            ui.label(self._where(entry))
            ui.space()
            ui.label(values.figure(self._definition, entry["value"], desk.lang)).classes("sj-strong")
            ui.label(str(entry["changed_by"])).classes("sj-muted")
            if desk.may("thresholds.write"):
                ui.button(icon="delete", on_click=act(desk, lambda: self._delete(entry))).props(
                    f'flat round dense aria-label="{desk.say("取消设置", "Take away")}"'
                )

    def _form(self) -> None:
        desk, one = self._desk, self._definition
        every = {values.EVERY: desk.say("全部", "all")}
        with ui.row().classes("sj-line"):
            org = ui.select(every | dict(self._orgs), value=values.EVERY, with_input=True,
                            label=desk.say("机构", "Institution")).props("outlined dense options-dense")  # fmt: skip
            table = ui.select(every | {name: standard.named(desk, self._tables, name) for name in self._tables},
                              value=values.EVERY, with_input=True, label=desk.say("表", "Table")).props(
                "outlined dense options-dense")  # fmt: skip
            number = ui.number(desk.say("新值", "New value"), value=values.entered(one, one["default"]), min=0).props(
                f'outlined dense suffix="{values.unit(one, desk.lang)}"'
            )

            async def save() -> None:
                if number.value is None:
                    told(desk, "请填写新值", "Please enter a value", "warning")
                    return
                entry = {"org": org.value, "table": table.value, "name": one["name"],
                         "value": values.kept(one, float(number.value))}  # fmt: skip
                await desk.put("/thresholds", {"entries": [entry]})
                await self._done("已设置；稍后按新值重新判断。", "Set; figures are judged again soon.")

            ui.button(desk.say("设置", "Set"), on_click=act(desk, save)).props("unelevated no-caps")

    async def _delete(self, entry: Row) -> None:
        await self._desk.delete(
            "/thresholds", name=entry["name"], org=entry["org"], table=entry["table"]
        )  # fmt: skip
        await self._done("已取消设置", "Taken away")

    async def _done(self, zh: str, en: str) -> None:
        told(self._desk, zh, en)
        await self._show()
        await self._changed()

    def _past(self, change: Row) -> None:
        desk, one = self._desk, self._definition
        # none: the next less specific one, or the default, held
        entries = (change["before"] or {}, change["after"] or {})
        before, after = (values.figure(one, entry.get("value"), desk.lang) for entry in entries)
        with ui.element("li"), ui.row().classes("sj-step-head"):
            ui.label(f"{self._where(change)}：{before} → {after}")
            ui.label(f"{moment(change['at'], seconds=True)} {change['changed_by']}").classes("sj-muted")

    def _where(self, entry: Row) -> str:
        desk, org, table = self._desk, str(entry["org"]), str(entry["table"])
        place = desk.say("全部机构", "all institutions") if org == values.EVERY else self._orgs.get(org, org)
        of = desk.say("全部表", "all tables") if table == values.EVERY else standard.named(desk, self._tables, table)
        return f"{place} · {of}"
