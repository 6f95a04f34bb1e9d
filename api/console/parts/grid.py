"""Tables whose pages the server holds: columns by kind, sorting and paging by the API, a way into each row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from api.console.desk import Desk, Refused
from api.console.parts.bar import Bar
from api.console.parts.figures import figure
from api.console.parts.notes import act, empty, problem
from api.console.parts.turns import in_turn
from api.console.words import Look, named

#: Rows of a page that the person may choose among.
PAGE_SIZES = (20, 50, 100)
#: Rows of a list that is shown whole.
WHOLE = 1000
_RIGHT = frozenset({"int", "number", "percent", "money"})

Row = dict[str, Any]
#: (limit, offset) → rows of the page and how many there are in all.
Load = Callable[[int, int], Awaitable[tuple[list[Row], int]]]


@dataclass(frozen=True, slots=True)
class Col:
    """A column. ``kind`` as in ``figures.figure``; ``looks``: shown as a coloured sign with its word; ``link``: makes
    the address that a cell leads to; ``wrap``: long text; ``under``: the column (a code) whose value stands smaller
    below this one's; ``sort``: the API can sort by it (then the grid needs its ``bar``)."""

    name: str
    zh: str
    en: str
    kind: str = "text"
    looks: Mapping[str, Look] | None = None
    link: Callable[[Row], str] | None = None
    wrap: bool = False
    under: str = ""
    sort: bool = False


class Grid:
    """``grid = Grid(desk, columns, load, nothing)``; ``await grid.refresh()`` shows the first page again.

    ``nothing`` builds what stands there instead of an empty table; ``on_row`` is called with the row that was clicked;
    ``whole``: all rows on one page (short lists); ``totals``: what stands in a last row of every page, in the columns
    of these names; ``bar``: where the column stands that is sorted by (``sort``: its name, "-" in front: descending).
    """

    def __init__(
        self, desk: Desk, columns: Sequence[Col], load: Load, nothing: Callable[[], None] | None = None,
        on_row: Callable[[Row], Awaitable[None]] | None = None, *, whole: bool = False,
        totals: Callable[[], Mapping[str, Any]] | None = None, bar: Bar | None = None,
    ) -> None:  # fmt: skip
        self._desk = desk
        self._columns = columns
        self._load = load
        self._nothing = nothing or (
            lambda: empty(desk, "没有数据", "Nothing here", "换一个筛选条件试试", "Try other filters")
        )
        self._on_row = on_row
        self._totals = totals
        self._bar = bar
        self._limit, self._offset = WHOLE if whole else PAGE_SIZES[0], 0
        self._place = ui.element("div").classes("sj-grid")
        self._show = in_turn(self._load_and_show)

    async def refresh(self) -> None:
        """The first page, with what is chosen now."""
        self._offset = 0
        await self._show()

    async def again(self) -> None:
        """The same page once more."""
        await self._show()

    async def _load_and_show(self) -> None:
        self._place.classes(add="sj-busy")
        try:
            rows, total = await self._load(self._limit, self._offset)
        except Refused as refused:
            self._place.clear()
            with self._place:
                problem(self._desk, refused)
            return
        finally:
            self._place.classes(remove="sj-busy")
        self._place.clear()
        with self._place:
            if not rows and not self._offset:
                self._nothing()
                return
            self._table(rows)
            if self._limit != WHOLE:
                self._pager(len(rows), total)

    def _table(self, rows: list[Row]) -> None:
        columns = [
            {
                "name": col.name, "label": self._desk.say(col.zh, col.en), "field": col.name,
                "align": "right" if col.kind in _RIGHT else "left",
                "classes": "sj-wrap" if col.wrap else "", "headerClasses": "sj-head", "sorted": self._sorted(col.name),
            }
            for col in self._columns
        ]  # fmt: skip
        shown = [{"_row": number} | {col.name: self._cell(col, row) for col in self._columns}
                 for number, row in enumerate(rows)]  # fmt: skip
        if self._totals is not None:
            shown.append(self._total_row(self._totals()))
        table = ui.table(columns=columns, rows=shown, row_key="_row", pagination=0).props(
            "flat dense hide-pagination separator=horizontal"
        ).classes("sj-table")  # fmt: skip
        table.props[":table-row-class-fn"] = "row => row._row < 0 ? 'sj-total' : ''"
        opens = next((col for col in self._columns if col.link is None), None) if self._on_row is not None else None
        for col in self._columns:
            inside = _SIGN if col.looks is not None else _LINK if col.link is not None or col.under else ""
            if col is opens:
                inside = _OPEN.format(inside=inside or "{{ props.value }}", label=self._desk.say("查看", "Open"))
            if inside:
                table.add_slot(f"body-cell-{col.name}", f'<q-td :props="props">{inside}</q-td>')
            if col.sort and self._bar is not None:
                table.add_slot(f"header-cell-{col.name}", _SORT)
        table.on("sort", act(self._desk, self._sort))
        if self._on_row is not None:
            choose = self._on_row

            async def chosen(event: Any) -> None:
                if event.args[1]["_row"] >= 0:
                    await choose(rows[event.args[1]["_row"]])

            table.classes("sj-choose").on("rowClick", act(self._desk, chosen))

    def _cell(self, col: Col, row: Row) -> Any:
        value = row.get(col.name)
        if col.looks is not None:
            look = col.looks.get(str(value))
            text = named(col.looks, str(value), self._desk.lang)
            return {"text": text, "sign": look.sign if look else "", "colour": look.colour if look else "",
                    "ink": look.ink if look else ""}  # fmt: skip
        text = figure(value, col.kind)
        if col.link is not None or col.under:
            under = str(row.get(col.under) or "")
            href = col.link(row) if col.link and value not in (None, "") else ""
            return {"text": text, "href": href, "under": under if under != text else ""}
        return text

    def _total_row(self, totals: Mapping[str, Any]) -> Row:
        """What there is no sum of stays empty; the first column says what the row is."""
        row: Row = {"_row": -1}
        for place, col in enumerate(self._columns):
            text = figure(totals[col.name], col.kind) if totals.get(col.name) is not None else ""
            text = text or (self._desk.say("合计", "Total") if not place else "")
            plain = col.looks is None and col.link is None and not col.under
            row[col.name] = text if plain else {"text": text, "sign": "", "colour": "", "ink": "", "under": ""}
        return row

    async def _sort(self, event: Any) -> None:
        """By another column from the greatest; by the same one the other way round."""
        assert self._bar is not None
        name = str(event.args)
        await self._bar.choose(sort=name if self._bar.values.get("sort") == f"-{name}" else f"-{name}")

    def _sorted(self, name: str) -> str:
        """As aria-sort has it."""
        by = self._bar.values.get("sort", "") if self._bar is not None else ""
        return {name: "ascending", f"-{name}": "descending"}.get(by, "none")

    def _pager(self, here: int, total: int) -> None:
        desk, first = self._desk, self._offset + 1
        with ui.row().classes("sj-pager"):
            ui.label(desk.say(f"第 {first:,}–{first + here - 1:,} 条，共 {total:,} 条",
                              f"{first:,}–{first + here - 1:,} of {total:,}")).classes("sj-muted")  # fmt: skip
            ui.space()
            ui.select(list(PAGE_SIZES), value=self._limit, on_change=lambda event: self._resize(event.value)).props(
                f'dense borderless options-dense aria-label="{desk.say("每页条数", "Rows per page")}"'
            )
            self._step("chevron_left", desk.say("上一页", "Previous page"), -1, off=not self._offset)
            self._step("chevron_right", desk.say("下一页", "Next page"), 1, off=self._offset + here >= total)

    def _step(self, icon: str, label: str, by: int, *, off: bool) -> None:
        button = ui.button(icon=icon, on_click=lambda: self._turn(by)).props(f'flat round dense aria-label="{label}"')
        if off:
            button.disable()

    async def _turn(self, by: int) -> None:
        self._offset = max(0, self._offset + by * self._limit)
        await self._show()

    async def _resize(self, limit: int) -> None:
        self._limit = limit
        await self.refresh()


_SIGN = """<span v-if="props.value.text" class="sj-sign" aria-hidden="true"
:style="{background: props.value.colour, color: props.value.ink}">{{ props.value.sign }}</span>{{ props.value.text }}"""
_LINK = """<a v-if="props.value.href" class="sj-link" :href="props.value.href" @click.stop>{{
props.value.text }}</a><template v-else>{{ props.value.text }}</template><small v-if="props.value.under"
class="sj-under">{{ props.value.under }}</small>"""
#: The way into a row by keyboard: a click on it is a click on the row. A row of totals has none.
_OPEN = """<button v-if="props.row._row >= 0" type="button" class="sj-open"
:aria-label="(props.value.text ?? props.value) ? null : '{label}'">{inside}</button>
<template v-else>{inside}</template>"""
_SORT = """
<q-th :props="props" :aria-sort="props.col.sorted"><button type="button" class="sj-sort"
@click="$parent.$emit('sort', props.col.name)">{{ props.col.label }}<span aria-hidden="true">{{
({ascending: '▲', descending: '▼', none: '⇅'})[props.col.sorted] }}</span></button></q-th>
"""


def pages_of(rows: Sequence[Row]) -> Load:
    """Pages of rows that are here already."""

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        return list(rows[offset : offset + limit]), len(rows)

    return load
