"""The bar of filters above a page. What is chosen stands in the address, so that a page can be kept and sent on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from api.console.desk import Desk
from api.console.parts.notes import act
from api.console.parts.turns import in_turn
from api.wire import SHANGHAI

#: Typing waits so long before it asks.
TYPING_MS = 400
#: Months that the list offers.
MONTHS = 18


class Bar:
    """``bar = Bar(desk, "/alerts", given)``, then fields in their order, then ``bar.on_change(refresh)``.

    ``given`` are the query parameters as the page got them; ``bar.values`` is what is chosen now, empty for no filter.
    """

    def __init__(self, desk: Desk, path: str, given: Mapping[str, str]) -> None:
        self._desk = desk
        self._path = path
        self.values: dict[str, str] = {name: str(value) for name, value in given.items()}
        self._refresh: Callable[[], Awaitable[None]] | None = None
        self.row = ui.row().classes("sj-bar").props('role="search"')

    def on_change(self, refresh: Callable[[], Awaitable[None]]) -> None:
        """Call ``refresh`` whenever something else is chosen."""
        self._refresh = in_turn(refresh)

    async def choose(self, **values: str) -> None:
        """Choose values as if they had been entered; for what stands in an address but in no field (a tab, a page)."""
        self.values.update(values)
        await self._changed()

    def select(self, name: str, label: str, options: Mapping[str, str], *, search: bool = False) -> ui.select:
        """One of ``options`` (value → text); the value "" is no filter."""
        self.values.setdefault(name, "")
        chosen = self.values[name] if self.values[name] in options else ""
        with self.row:
            field = ui.select(dict(options), value=chosen, label=label, with_input=search).props(
                "outlined dense options-dense"
            ).classes("sj-field")  # fmt: skip
        field.on_value_change(lambda event: self._set(name, event.value or ""))
        return field

    def text(self, name: str, label: str) -> ui.input:
        """Free text."""
        with self.row:
            field = ui.input(label, value=self.values.setdefault(name, "")).props(
                f"outlined dense clearable debounce={TYPING_MS}"
            ).classes("sj-field")  # fmt: skip
        field.on_value_change(lambda event: self._set(name, (event.value or "").strip()))
        return field

    def date(self, name: str, label: str) -> ui.input:
        """A day (2026-11-20)."""
        with self.row:
            field = ui.input(label, value=self.values.setdefault(name, "")).props(
                f"outlined dense stack-label clearable type=date debounce={TYPING_MS}"
            ).classes("sj-field")  # fmt: skip
        field.on_value_change(lambda event: self._set(name, (event.value or "").strip()))
        return field

    def switch(self, name: str, label: str) -> ui.checkbox:
        """On ("true") or off ("")."""
        with self.row:
            field = ui.checkbox(label, value=self.values.setdefault(name, "") == "true").props("dense")
        field.on_value_change(lambda event: self._set(name, "true" if event.value else ""))
        return field

    def month(self, name: str = "month") -> ui.select:
        """One of the last months; this one unless the address says another."""
        now = datetime.now(SHANGHAI)
        months = [_back(now.year, now.month, by) for by in range(MONTHS)]
        if not self.values.get(name):
            self.values[name] = months[0]
        elif self.values[name] not in months:
            months.append(self.values[name])
        return self.select(name, self._desk.say("月份", "Month"), {month: month for month in months})

    def org(self, orgs: Mapping[str, str], name: str = "org") -> None:
        """An institution; who has only one sees no field."""
        if len(orgs) > 1:
            self.select(name, self._desk.say("机构", "Institution"), {"": self._desk.say("全部", "all"), **orgs},
                        search=True)  # fmt: skip

    async def show(self) -> None:
        """What is chosen is shown. Raises Refused."""
        if self._refresh is not None:
            await self._refresh()

    async def again(self) -> None:
        """What is chosen is shown anew: something else has changed."""
        await act(self._desk, self.show)()

    def query(self) -> dict[str, str]:
        """What is chosen, for the API."""
        return {name: value for name, value in self.values.items() if value}

    async def _set(self, name: str, value: Any) -> None:
        if self.values.get(name) != value:
            self.values[name] = value
            await self._changed()

    async def _changed(self) -> None:
        query = urlencode(self.query())
        ui.navigate.history.replace(f"{self._path}?{query}" if query else self._path)
        await self.again()


def _back(year: int, month: int, by: int) -> str:
    whole = year * 12 + month - 1 - by
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}"
