"""Holidays, planned maintenance and incidents as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from api.imports.known import Known
from api.imports.plan import Kind
from api.imports.problems import Wrong
from api.imports.table import Field
from api.imports.values import choice, moment, text
from api.sheets import SheetColumn
from clickhouse.schedule import QuietTime, quiet_id

#: What people can write; outages are written by the watch itself.
KINDS: Mapping[str, str] = {"节假日": "holiday", "维护": "maintenance", "事件": "incident"}
_NAMES = {name: zh for zh, name in KINDS.items()} | {"outage": "本平台中断"}


def kind(known: Known) -> Kind[QuietTime]:
    """The kind of table, held against what is known."""
    choices: dict[str, object] = {**KINDS, **{name: name for name in KINDS.values()}}
    fields = (
        *known.place_fields(),
        Field(SheetColumn("kind", "类别", "kind", "text", 10), choice(choices), required=True,
              show=lambda name: _NAMES.get(str(name), name), aliases=("类型",)),
        Field(SheetColumn("starts_at", "开始时间", "starts at", "time", 20), moment, required=True),
        Field(SheetColumn("ends_at", "结束时间", "ends at", "time", 20), moment, required=True),
        Field(SheetColumn("note", "备注", "note", "text", 30), text(500)),
    )  # fmt: skip

    def check(entry: QuietTime) -> Iterable[tuple[str, Wrong]]:
        yield from known.place_wrongs(entry.org, entry.table)
        if entry.ends_at <= entry.starts_at:
            yield "ends_at", Wrong("order")

    return Kind("quiet_times", "静默时段", fields, _key, _make, check, _values)


def _key(values: Mapping[str, object]) -> str:
    starts_at = values["starts_at"]
    assert isinstance(starts_at, datetime)
    return quiet_id(str(values["org"]), str(values["table"]), str(values["kind"]), starts_at)


def _make(values: Mapping[str, object], before: QuietTime | None) -> QuietTime:
    given: dict[str, Any] = {"note": before.note if before else "", **values}
    return QuietTime(id=_key(values), **{**given, "note": given["note"] or ""})


def _values(entry: QuietTime) -> Mapping[str, object]:
    return {**asdict(entry), "note": entry.note or None}
