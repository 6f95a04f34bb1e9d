"""The schedule as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from api.imports.known import Known
from api.imports.plan import Kind
from api.imports.problems import Wrong
from api.imports.table import Field
from api.imports.values import day, flag, text, whole
from api.sheets import SheetColumn
from clickhouse.schedule import ALWAYS, FOREVER, ScheduleEntry

#: Nobody waits longer than this for a day's data; the platform's monthly tables are due within 31 days.
MOST_DAYS, MOST_GRACE_HOURS = 60, 24 * 31
_DEFAULT = asdict(ScheduleEntry())


def kind(known: Known) -> Kind[ScheduleEntry]:
    """The kind of table, held against what is known."""
    fields = (
        *known.place_fields(),
        Field(SheetColumn("expected", "应上传", "expected", "text", 9), flag, show=lambda yes: "是" if yes else "否"),
        Field(SheetColumn("due_days", "T+天数", "due days", "int", 9), whole(0, MOST_DAYS), aliases=("应到天数",)),
        Field(SheetColumn("due_hour", "应到整点", "due hour", "int", 9), whole(0, 23), aliases=("应到时", "截止小时")),
        Field(SheetColumn("grace_hours", "宽限小时", "grace hours", "int", 9), whole(0, MOST_GRACE_HOURS)),
        Field(SheetColumn("valid_from", "生效日期", "valid from", "date", 12), day, aliases=("开始日期",)),
        Field(SheetColumn("valid_to", "失效日期", "valid to", "date", 12), day, aliases=("结束日期",)),
        Field(SheetColumn("note", "备注", "note", "text", 30), text(500)),
    )

    def check(entry: ScheduleEntry) -> Iterable[tuple[str, Wrong]]:
        yield from known.place_wrongs(entry.org, entry.table)
        if entry.table in known.standard.tables and entry.table not in known.standard.daily:
            yield "table", Wrong("monthly_table")
        if entry.valid_to < entry.valid_from:
            yield "valid_to", Wrong("order")

    return Kind("schedule", "上传计划", fields, _key, _make, check, _values)


def _key(values: Mapping[str, object]) -> tuple[object, ...]:
    return values["org"], values["table"], values.get("valid_from") or ALWAYS


def _make(values: Mapping[str, object], before: ScheduleEntry | None) -> ScheduleEntry:
    given: dict[str, Any] = {name: _DEFAULT[name] if value is None else value for name, value in values.items()}
    return replace(before or ScheduleEntry(), **given)


def _values(entry: ScheduleEntry) -> Mapping[str, object]:
    return {
        **asdict(entry),
        "valid_from": None if entry.valid_from == ALWAYS else entry.valid_from,
        "valid_to": None if entry.valid_to == FOREVER else entry.valid_to,
        "note": entry.note or None,
    }
