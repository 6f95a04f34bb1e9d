"""Kinds that compare a row with other rows of its own table: ``unique_store``, ``duplicate`` and ``cross_record``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clickhouse.tables import table_name
from standard.model import Standard
from streams.store_checks.joins import ORG_COLUMNS, Decided, Join, Joins, Pairs, Question, live, pairs_of
from streams.store_checks.sql import all_of, any_of, array, conditions, known, name, plain, quoted

#: Who a version of a row belongs to. Of TB_HZXX and TB_BASY the patient is the key itself; a version belongs to
#: somebody else when number and name of the document both differ, because one of them alone is a correction.
IDENTITY = {"TB_HZXX": ("ZJHM", "XM"), "TB_BASY": ("P13", "P4")}


def unique_store(asked: Question, joins: Joins) -> Decided:
    """Another record has the same values; versions of the same key belong to different patients."""
    if asked.check.columns == asked.table.key:
        return _versions(asked, joins)
    if "split" in asked.params:
        return _parts(asked, joins)
    return duplicate(asked, joins)


def duplicate(asked: Question, joins: Joins) -> Decided:
    """Another record has the same values."""
    pairs = _same(asked.check.columns)
    join = joins.to(asked.table.name, pairs)
    applies = all_of([conditions(asked.check.when, joins.row), joins.filled(pairs)])
    return Decided(applies, f"{join.count()} > 1", (join,))


def _same(columns: tuple[str, ...]) -> Pairs:
    return tuple((column, column) for column in columns if column not in ORG_COLUMNS)


def _versions(asked: Question, joins: Joins) -> Decided:
    """ClickHouse drops old versions of a row in its own time, so what was found once stays found until the row is sent
    again. What was deleted in between does not count."""
    join = joins.to(asked.table.name, _same(asked.table.key), versions=True)
    deleted = join.bring("maxIf(_version, _deleted = 1)")
    counts = f"_deleted = 0 AND {live(asked.table, asked.standard)}"
    different = []
    for column in IDENTITY.get(asked.table.name, (asked.table.patient_key,)):
        versions = join.bring(f"groupUniqArrayIf(100)(tuple(_version, {name(column)}), {counts})")
        alive = f"arrayFilter(x -> x.1 > {deleted} AND x.2 NOT IN ('', '-'), {versions})"
        different.append(f"arrayUniq(arrayMap(x -> x.2, {alive})) > 1")
    before = (
        "(o._topic_id, o._partition, o._offset, o._row) IN (SELECT topic_id, partition, offset, row "
        "FROM store_findings WHERE org IN {orgs:Array(String)} AND biz_date IN {days:Array(Date32)} "
        f"AND table = {quoted(asked.table.name)} AND rule_id = {quoted(asked.rule_id)})"
    )
    return Decided(conditions(asked.check.when, joins.row), any_of([all_of(different), before]), (join,))


def _parts(asked: Question, joins: Joins) -> Decided:
    """The value is a list; another record has one of its parts."""
    column = asked.check.columns[-1]
    split = f"splitByChar({quoted(asked.params['split'])}, {name(column)})"
    ignored = array(("", *asked.params.get("ignore", ())))
    parts = f"arrayFilter(x -> NOT has({ignored}, x), arrayDistinct({split}))"
    part = f"arrayJoin({parts})"
    org, keys = name(asked.table.org), ", ".join(name(key) for key in asked.table.key)
    wanted = all_of([f"{org} IN {{orgs:Array(String)}}", live(asked.table, asked.standard)])
    source = f"`{table_name(asked.table)}` FINAL WHERE {wanted}"
    mine = f"SELECT {org}, {part} AS part FROM own"
    shared = (
        f"SELECT {org}, part FROM (SELECT {org}, {part} AS part FROM {source}) WHERE ({org}, part) IN ({mine}) "
        f"GROUP BY {org}, part HAVING count() > 1"
    )
    rows = (
        f"({keys}) IN (SELECT {keys} FROM (SELECT {keys}, {part} AS part FROM own) WHERE ({org}, part) IN ({shared}))"
    )
    join = joins.to(asked.table.name, _same(asked.table.key), only=rows)
    applies = all_of([conditions(asked.check.when, joins.row), joins.row.filled(column)])
    return Decided(applies, f"{join.count()} > 0", (join,))


def cross_record(asked: Question, joins: Joins) -> Decided:
    """The rows of a group do not fit together, or a row does not fit itself."""
    params, row = asked.params, joins.row
    applies = conditions(asked.check.when, row)
    if "differ" in params:
        first, second = params["differ"]
        return Decided(
            all_of([applies, row.filled(first), row.filled(second)]), f"{row.raw(first)} = {row.raw(second)}"
        )
    if "older_than_days" in params:
        return Decided(applies, f"o._biz_date < {{today:Date32}} - {int(params['older_than_days'])}")
    pairs = _same(params["group"])
    only, valid = _valid(asked, params, asked.standard)
    join = joins.to(asked.table.name, pairs, by_day=params.get("per") == "day", only=only)
    where = conditions(params.get("where", {}), join.other)
    base = [applies, joins.filled(pairs), *valid]
    if "follows" in params:  # where says which rows it must not follow; itself it need not be one of them
        base.append(row.filled(params["follows"]["start"]))
        return Decided(all_of(base), _follows(asked, joins, join, where), (join,))
    fulfils = conditions(params.get("where", {}), row)
    if "rows" in params and "min" in params["rows"]:  # the row calls for others; it need not be one of them
        return Decided(all_of(base), f"{join.count(where)} < {int(params['rows']['min'])}", (join,))
    if "requires" in params:
        return Decided(all_of(base), f"{join.count(conditions(params['requires'], join.other))} = 0", (join,))
    return Decided(all_of([*base, fulfils, *_compared(params, joins)]), _violated(asked, joins, join, where), (join,))


def _valid(asked: Question, params: Mapping[str, Any], standard: Standard) -> tuple[str, list[str]]:
    """Which rows of the group count at all, and whether the checked row does."""
    if "valid_only" not in params:
        return "", []
    other = standard.tables[params["valid_only"]["table"]]
    pairs = pairs_of(params["valid_only"]["match"])
    mine = ", ".join([name(asked.table.org), *(name(column) for column, _ in pairs)])
    theirs = ", ".join([name(other.org), *(name(column) for _, column in pairs)])
    institutions = f"{name(other.org)} IN {{orgs:Array(String)}}"
    fulfils = conditions(params["valid_only"].get("where", {}), plain(other))
    wanted = all_of([institutions, live(other, standard), fulfils])
    rows = f"SELECT {theirs} FROM `{table_name(other)}` FINAL WHERE {wanted}"
    checked = ", ".join(f"o.{part}" for part in mine.split(", "))
    return f"({mine}) IN ({rows})", [f"({checked}) IN ({rows})"]


def _compared(params: Mapping[str, Any], joins: Joins) -> list[str]:
    """Whether the checked row has what is compared."""
    if "distinct" in params:
        return [any_of(joins.row.filled(column) for column in params["distinct"])]
    if "max_sum" in params:
        return [joins.row.filled(params["max_sum"]["column"])]
    if "no_overlap" in params:
        return [joins.row.filled(params["no_overlap"][0])]
    if "rising" in params:
        return [joins.row.filled(column) for column in params["rising"]]
    return []


def _violated(asked: Question, joins: Joins, join: Join, where: str) -> str:
    params = asked.params
    if "rows" in params:
        return f"{join.count(where)} > {int(params['rows']['max'])}"
    if "max_sum" in params:
        column = name(params["max_sum"]["column"])
        return f"{join.bring(f'sumIf({column}, {where})')} > {float(params['max_sum']['max'])!r}"
    if "no_overlap" in params:
        return _overlaps(asked, joins, join, where)
    if "rising" in params:
        return _falls(asked, joins, join, where)
    if "order_by" in params:
        return _out_of_order(params, join, where)
    different = (join.bring(f"uniqExactIf({name(c)}, {where} AND {join.other.filled(c)})") for c in params["distinct"])
    return any_of(f"{count} > 1" for count in different)


def _out_of_order(params: Mapping[str, Any], join: Join, where: str) -> str:
    """A value occurs twice, or the lowest row is not the one that has to be first."""
    column = params["order_by"]
    there = f"{where} AND {join.other.filled(column)}"
    number = join.other.number(column)
    twice = f"{join.count(there)} > {join.bring(f'uniqExactIf({name(column)}, {there})')}"
    lowest = f"argMinIf({conditions(params['first'], join.other)}, {number}, {there})"
    return any_of([twice, f"{join.count(there)} > 0 AND NOT {join.bring(lowest)}"])


def _overlaps(asked: Question, joins: Joins, join: Join, where: str) -> str:
    """Another row of the group begins before this one ends, and ends after it begins; no end: it goes on."""
    start, end = asked.params["no_overlap"]
    keys = _own_keys(asked)
    columns = [*keys, start, end]
    row, other = joins.row, join.found(columns)
    test = [
        any_of(f"{row.raw(key)} != {other.raw(key)}" for key in keys),
        f"isNull({other.raw(end)}) OR {row.raw(start)} < {other.raw(end)}",
        f"isNull({row.raw(end)}) OR {other.raw(start)} < {row.raw(end)}",
    ]
    return join.some(columns, where, known(all_of(test)))


def _own_keys(asked: Question) -> list[str]:
    """The key without the institution."""
    return [key for key in asked.table.key if key not in ORG_COLUMNS]


def _falls(asked: Question, joins: Joins, join: Join, where: str) -> str:
    """Another row of the group has a higher number at an earlier time, or a lower one at a later time."""
    number, time = asked.params["rising"]
    row, other = joins.row, join.found([number, time])
    mine, theirs = row.number(number), other.number(number)
    test = f"(({theirs} > {mine}) AND ({other.raw(time)} < {row.raw(time)})) OR " + (
        f"(({theirs} < {mine}) AND ({other.raw(time)} > {row.raw(time)}))"
    )
    return join.some([number, time], where, known(test))


def _follows(asked: Question, joins: Joins, join: Join, where: str) -> str:
    """Another row of the group ended within some days before this one's start."""
    wanted = asked.params["follows"]
    start, end = wanted["start"], wanted["end"]
    keys = _own_keys(asked)
    other = join.found([*keys, end])
    test = [
        any_of(f"{joins.row.raw(key)} != {other.raw(key)}" for key in keys),
        f"{other.raw(end)} <= {joins.row.raw(start)}",
        f"{joins.row.day(start)} <= {other.day(end)} + {int(wanted['days'])}",
    ]
    return join.some([*keys, end], where, known(all_of(test)))
