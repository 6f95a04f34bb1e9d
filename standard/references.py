"""What a check refers to: own columns, columns of other tables, names in the data files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from standard.model import Check
from standard.vocabulary import MANY, columns_of

# Parameters of store checks that hold conditions on own rows or own columns.
OWN_CONDITIONS = ("own_where", "requires", "first")
OWN_COLUMNS = (
    "flag", "by", "compare", "later", "same_amount", "group", "distinct", "no_overlap", "differ", "at", "rising",
)  # fmt: skip


def own_columns(check: Check) -> Iterator[str]:
    """Columns of the check's own table, in any order, some twice. Raises ValueError for a term that is none."""
    params = check.params
    yield from check.columns
    yield from _of_conditions(check.when)
    for side in ("left", "right"):
        if side in params:
            yield from columns_of(params[side])
    yield from (params[name] for name in ("local", "name", "order_by") if name in params)
    for name in OWN_COLUMNS:
        value = params.get(name, ())
        yield from (value,) if isinstance(value, str) else value
    for name in OWN_CONDITIONS:
        yield from _of_conditions(params.get(name, {}))
    if check.kind in ("cross_record", "volume"):
        yield from _of_conditions(params.get("where", {}))
        yield from (part for part in (params.get("measure"), params.get("max_sum", {}).get("column")) if part)
        yield from (params["follows"][name] for name in ("end", "start") if "follows" in params)
    expect = params.get("expect", {})
    yield from (column for column in _of_conditions(expect) if column not in expect)  # the "at" of an age is our own
    for name in ("match", "agree", "not_before", "not_after", "covered_by"):
        yield from params.get(name, {})
    for name in ("within", "age"):
        yield from (params[name]["own"],) if name in params else ()
    for place in places(params):
        yield from place.get("match", {})


def other_columns(check: Check, own_table: str) -> Iterator[tuple[str, str]]:
    """(table, column) for every column of another table that the check names; column "" for the table alone."""
    params = check.params
    inner = params.get("via", {}).get("to", {})
    for table in _tables(params):
        yield table, ""
        for name in ("match", "agree", "not_before", "not_after"):
            if not (name == "match" and inner):
                yield from ((table, column) for column in params.get(name, {}).values())
        yield from ((table, column) for column in inner.values())
        yield from ((table, column) for column in _of_conditions(params.get("where", {})))
        yield from ((table, column) for column in params.get("expect", {}))
        yield from ((table, params[name]) for name in ("sum", "total", "sex", "birth") if name in params)
        if "within" in params:
            yield table, params["within"]["other"]
        if "age" in params:
            yield table, params["age"]["birth"]
    for place in places(params):
        for table in _tables(place):
            yield table, ""
            if "where" not in place and "any_of" in params:
                yield from ((table, column) for column in _of_conditions(params.get("where", {})))
            yield from ((table, column) for column in place.get("match", {}).values())
            yield from ((table, column) for column in (place.get("to", {}) if "from" not in place else (place["to"],)))
            yield from ((table, column) for column in _of_conditions(place.get("where", {})))
            yield from ((table, place[name]) for name in ("from",) if name in place)
    if check.kind == "refund_store":
        yield from ((own_table, column) for column in params.get("match", {}).values())


def places(params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The nested mappings that name a table themselves."""
    yield from params.get("any_of", ()) if params.get("any_of") and isinstance(params["any_of"][0], Mapping) else ()
    yield from (params[name] for name in ("via", "stay", "valid_only") if name in params)


def _tables(params: Mapping[str, Any]) -> Iterator[str]:
    if "table" in params:
        yield params["table"]
    elif "any_of" in params and isinstance(params["any_of"][0], str):
        yield from params["any_of"]


def _of_conditions(conditions: Mapping[str, Any]) -> Iterator[str]:
    for column, condition in conditions.items():
        if column in MANY:
            yield from (name for part in condition for name in _of_conditions(part))
            continue
        yield column
        yield from (condition[name][1] for name in ("age_below", "age_at_least", "days_at_most") if name in condition)
        yield from (condition[name] for name in ("differs",) if name in condition)
