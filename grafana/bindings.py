"""What the parameters of named queries become on a board: variables, macros of the data source, fixed values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.indicators.names import MAPS
from clickhouse.declarations import QUANTITIES
from grafana.meaning import STATE_NUMBERS
from grafana.sql import Binding, Bindings, Chosen, Fixed, bare
from grafana.standards import standard
from streams.watch.thresholds import THRESHOLDS

#: The calendar's edge: days and months are those of Shanghai, whatever zone a browser or server is in.
ZONE = "'Asia/Shanghai'"
_MONTH = "toDate32(concat(${month:singlequote}, '-01'))"


def _texts(values: Iterable[str]) -> Fixed:
    return Fixed("[" + ", ".join("'" + value.replace("'", "\\'") + "'" for value in values) + "]")


def _named(name: str, words: Mapping[str, str]) -> dict[str, Fixed]:
    """Codes and their names, for what Grafana shows without looking names up."""
    return {f"{name}_codes": _texts(words), f"{name}_names": _texts(words.values())}


def _both() -> list[str]:
    """Columns that take drug and item codes."""
    tables = standard().tables.values()
    return sorted({column.name for table in tables for column in table.columns if len(column.maps) > 1})


#: The same on every board. Test institutions are in no total; what is "empty: no filter" and no variable is nothing.
_EVERYWHERE: dict[str, Binding] = {
    "org": Chosen("org"), "city": Chosen("city"), "level": Chosen("level"), "type": Chosen("type"),
    "county": Fixed("''"), "test": Fixed("0"), "by": Fixed("'business'"), "step": Fixed("'day'"),
    "kind": Fixed("''"), "rule_id": Fixed("''"), "severity": Fixed("''"), "table": Fixed("''"),
    "limit": Fixed("1000"), "offset": Fixed("0"),
    "now": Fixed(f"now64(3, {ZONE})"), "midnight": Fixed(f"toDateTime64(toStartOfDay(now({ZONE})), 3, {ZONE})"),
    "watermark": Fixed(f"assumeNotNull((\n{bare('watermark')}\n))"),
    "tolerance": Fixed(str(THRESHOLDS["multi_source_tolerance"].default)),
    "maps": Fixed("[${map:singlequote}]"), "both": _texts(_both()), "items": _texts(standard().catalogues["item"]),
    "states": _texts(STATE_NUMBERS),
    "numbers": Fixed("[" + ", ".join(f"toInt8({number})" for number in STATE_NUMBERS.values()) + "]"),
    **_named("table", {name: table.name_zh for name, table in standard().tables.items()}),
    **_named("map", {kind: zh for kind, (zh, _) in MAPS.items()}),
    **_named("quantity", {name: quantity.zh for name, quantity in QUANTITIES.items()}),
}  # fmt: skip

#: Business days of the board's range of time.
RANGE: dict[str, Binding] = _EVERYWHERE | {
    "biz_from": Fixed(f"toDate32(toTimeZone($__fromTime, {ZONE}))"),
    "biz_to": Fixed(f"toDate32(toTimeZone($__toTime, {ZONE}))"),
    "table": Chosen("table"), "since": Fixed(f"now64(3, {ZONE}) - INTERVAL 7 DAY"),
}  # fmt: skip

#: Business days of the board's month.
MONTH: dict[str, Binding] = _EVERYWHERE | {
    "biz_from": Fixed(_MONTH), "biz_to": Fixed(f"toLastDayOfMonth({_MONTH})"),
}  # fmt: skip

#: Twelve months up to the board's month.
YEAR: dict[str, Binding] = MONTH | {"biz_from": Fixed(f"addMonths({_MONTH}, -11)"), "step": Fixed("'month'")}

#: Alert rules have no variables: all institutions, today.
ALERT: dict[str, Binding] = _EVERYWHERE | {
    **dict.fromkeys(("org", "city", "type"), Fixed("''")), "level": Fixed("-1"),
    "biz_from": Fixed(f"toDate32(now({ZONE})) - 7"), "biz_to": Fixed(f"toDate32(now({ZONE}))"),
    "since": Fixed(f"now64(3, {ZONE}) - INTERVAL 1 HOUR"), "maps": _texts(MAPS),
}  # fmt: skip


def with_table(bindings: Bindings) -> dict[str, Binding]:
    """The same, narrowed to the tables of the board's variable."""
    return {**bindings, "table": Chosen("table")}


#: Every kind of code map, where a board has no variable for it.
EVERY_MAP: dict[str, Binding] = {"maps": _texts(MAPS)}
