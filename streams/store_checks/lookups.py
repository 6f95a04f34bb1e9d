"""Kinds that compare a row with the rows of another table that it refers to: ``parent`` and ``cross_table``.

Where several rows are found, one that agrees in everything is enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standard.model import Check
from streams.store_checks.joins import Decided, Join, Joins, Question, pairs_of
from streams.store_checks.sql import Row, age_years, all_of, any_of, conditions, known


def parent(asked: Question, joins: Joins) -> Decided:
    """No row of any of the tables has the values."""
    found = _places(asked.params, joins)
    counts = [join.count(conditions(asked.params.get("where", {}), join.other)) for join in found]
    applies = [conditions(asked.check.when, joins.row), any_of(joins.filled(join.pairs) for join in found)]
    return Decided(all_of(applies), all_of(f"{count} = 0" for count in counts), tuple(found))


def cross_table(asked: Question, joins: Joins) -> Decided:
    """The rows found are too few or too many, or none of them agrees."""
    params = asked.params
    if "own_where" in params:
        return _each_has(asked, joins)
    if "covered_by" in params:
        return _each_is_covered(asked, joins)
    found = _places(params, joins)
    base = [conditions(asked.check.when, joins.row), any_of(_filled(join, joins) for join in found)]
    wheres = [conditions(params.get("where", {}), join.other) for join in found]
    if {"exists", "min_rows", "max_rows"} & params.keys():
        count = " + ".join(join.count(where) for join, where in zip(found, wheres, strict=True))
        return Decided(all_of(base), _number_is_wrong(params, f"({count})"), tuple(found))
    columns = _compared(params)
    there = any_of(f"{join.count(where)} > 0" for join, where in zip(found, wheres, strict=True))
    mine = [joins.row.filled(column) for column in _own_compared(params)]
    agrees = any_of(
        join.some(columns, where, _agrees(params, joins.row, join.found(columns)))
        for join, where in zip(found, wheres, strict=True)
    )
    return Decided(all_of([*base, there, *([any_of(mine)] if mine else [])]), f"NOT ({agrees})", tuple(found))


def _places(params: Mapping[str, Any], joins: Joins) -> list[Join]:
    if "via" in params:
        return [joins.to(params["table"], (), via=joins.via(params))]
    places = params.get("any_of") or ({"table": params["table"], "match": params["match"]},)
    return [joins.to(place["table"], pairs_of(place["match"])) for place in places]


def _filled(join: Join, joins: Joins) -> str:
    return joins.filled(join.via.match if join.via is not None else join.pairs)


def _number_is_wrong(params: Mapping[str, Any], count: str) -> str:
    parts = []
    if "exists" in params:
        parts.append(f"{count} = 0" if params["exists"] else f"{count} > 0")
    if "min_rows" in params:
        parts.append(f"{count} < {int(params['min_rows'])}")
    if "max_rows" in params:
        parts.append(f"{count} > {int(params['max_rows'])}")
    return any_of(parts)


def _compared(params: Mapping[str, Any]) -> list[str]:
    """Columns of the other row."""
    found = [column for kind in ("agree", "not_before", "not_after") for column in params.get(kind, {}).values()]
    found += [*params.get("expect", {})]
    found += [params[kind][column] for kind, column in (("within", "other"), ("age", "birth")) if kind in params]
    return list(dict.fromkeys(found))


def _own_compared(params: Mapping[str, Any]) -> list[str]:
    found = [column for kind in ("agree", "not_before", "not_after") for column in params.get(kind, {})]
    found += [params[kind]["own"] for kind in ("within", "age") if kind in params]
    return list(dict.fromkeys(found))


def _agrees(params: Mapping[str, Any], mine: Row, theirs: Row) -> str:
    """Nothing in the other row contradicts; a value that is missing on either side contradicts nothing."""
    minutes = int(params.get("tolerance_minutes", 0))
    wrong = []
    for column, other in params.get("agree", {}).items():
        wrong.append(all_of([mine.filled(column), theirs.filled(other), _differs(mine, column, theirs, other)]))
    for column, other in params.get("not_before", {}).items():
        wrong.append(f"{mine.moment(column)} < {theirs.moment(other)} - INTERVAL {minutes} MINUTE")
    for column, other in params.get("not_after", {}).items():
        wrong.append(f"{mine.moment(column)} > {theirs.moment(other)} + INTERVAL {minutes} MINUTE")
    if "within" in params:
        within = params["within"]
        first, second = mine.moment(within["own"]), theirs.moment(within["other"])
        wrong.append(f"abs(dateDiff('second', {first}, {second})) > {int(within['hours']) * 3600}")
    if "age" in params:
        age = params["age"]
        years = age_years(theirs.day(age["birth"]), mine.day(age["at"]))
        wrong.append(f"abs({mine.number(age['own'])} - {years}) > 1")
    if "expect" in params:
        wrong.append(f"NOT ({conditions(params['expect'], theirs, mine)})")
    return f"NOT ({any_of(known(part) for part in wrong)})"


def _differs(mine: Row, column: str, theirs: Row, other: str) -> str:
    if mine.column(column).type == theirs.column(other).type:
        return f"{mine.raw(column)} != {theirs.raw(other)}"
    return f"{mine.shown(column)} != {theirs.shown(other)}"


def turned(check: Check) -> str:
    """The table whose rows are checked, where that is not the rule's own: each of them needs rows of the rule's table.

    Empty for every other check.
    """
    if check.kind == "cross_table" and {"own_where", "covered_by"} & check.params.keys():
        return str(check.params["table"])
    if check.kind == "volume" and check.params["per"] == "stay":
        return str(check.params["stay"]["table"])
    return ""


def _each_has(asked: Question, joins: Joins) -> Decided:
    """``joins.row`` is the row of the other table: it needs so many rows of the rule's table."""
    params = asked.params
    backwards = tuple((theirs, mine) for mine, theirs in pairs_of(params["match"]))
    join = joins.to(asked.table.name, backwards)
    count = join.count(conditions(params["own_where"], join.other))
    applies = all_of([conditions(params.get("where", {}), joins.row), joins.filled(backwards)])
    return Decided(applies, f"{count} < {int(params['min_rows'])}", (join,))


def _each_is_covered(asked: Question, joins: Joins) -> Decided:
    """``joins.row`` is the row of the other table: it needs a row of the rule's table, once the table in between has
    one for it."""
    params = asked.params
    via = params["via"]
    between = joins.to(via["table"], tuple((theirs, mine) for mine, theirs in via["to"].items()))
    due = between.count(conditions(via.get("where", {}), between.other))
    backwards = tuple((theirs, mine) for mine, theirs in params["covered_by"].items())
    covering = joins.to(asked.table.name, backwards)
    applies = all_of([joins.filled(between.pairs), joins.filled(backwards), f"{due} > 0"])
    return Decided(applies, f"{covering.count()} = 0", (between, covering))
