"""Thresholds as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.imports.known import Known
from api.imports.plan import Kind
from api.imports.problems import Wrong
from api.imports.table import Field
from api.imports.values import figure
from api.sheets import SheetColumn
from api.sheets.reading import Value
from clickhouse.thresholds import Threshold
from streams.watch.thresholds import THRESHOLDS, Definition

#: More than any number of rows, minutes or spreads that anybody would wait for.
MOST = 1_000_000_000.0


def kind(known: Known) -> Kind[Threshold]:
    """The kind of table, held against what is known."""
    fields = (
        *known.place_fields(),
        Field(SheetColumn("name", "阈值", "threshold", "text", 28), _name, required=True, aliases=("阈值名称",)),
        Field(SheetColumn("meaning", "含义", "meaning", "text", 44), None),
        Field(SheetColumn("value", "值", "value", "number", 12), figure(0, MOST), required=True),
        Field(SheetColumn("default", "默认值", "default", "number", 12), None),
        Field(SheetColumn("unit", "单位", "unit", "text", 8), None),
    )

    def check(entry: Threshold) -> Iterable[tuple[str, Wrong]]:
        yield from known.place_wrongs(entry.org, entry.table)
        definition = THRESHOLDS.get(entry.name)
        if definition is None:
            yield "name", _unknown()
        elif not 0 <= entry.value <= most(definition):
            yield "value", Wrong("range", least=0, most=most(definition))

    return Kind("thresholds", "阈值", fields, _key, _make, check, _values)


def most(definition: Definition) -> float:
    """The largest value that makes sense: rates end at 1, multiples of a volume go beyond."""
    return 1.0 if definition.unit == "share" and definition.default <= 1 else MOST


def definition_of(name: str) -> Definition | None:
    """What a threshold means; None for one that is no longer known."""
    return THRESHOLDS.get(name)


def _name(value: Value) -> str:
    """By its name, or by what it means in Chinese."""
    found = next((one.name for one in THRESHOLDS.values() if value in (one.name, one.zh)), None)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> Wrong:
    return Wrong("unknown_threshold", choices=", ".join(THRESHOLDS))


def _key(values: Mapping[str, object]) -> tuple[object, ...]:
    return values["org"], values["table"], values["name"]


def _make(values: Mapping[str, object], _: Threshold | None) -> Threshold:
    given: dict[str, Any] = dict(values)
    return Threshold(**given)


def _values(entry: Threshold) -> Mapping[str, object]:
    return {"org": entry.org, "table": entry.table, "name": entry.name, "value": entry.value}
