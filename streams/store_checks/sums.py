"""``sum_store``: an amount against the sum of other rows. The sum of no rows is 0: what is missing differs."""

from __future__ import annotations

from streams.store_checks.joins import Decided, Join, Joins, Question, pairs_of
from streams.store_checks.sql import all_of, conditions, known, name


def sum_store(asked: Question, joins: Joins) -> Decided:
    """The row's amount is not the sum of the rows found, or its group's sum is not their total."""
    params, column = asked.params, asked.check.columns[0]
    if "total" in params:
        return _total(asked, joins)
    if "via" in params:
        join = joins.to(params["table"], (), via=joins.via(params))
        there = joins.filled(join.via.match if join.via is not None else ())
    else:
        join = joins.to(params["table"], pairs_of(params["match"]))
        there = joins.filled(join.pairs)
    where = conditions(params.get("where", {}), join.other)
    applies = all_of([conditions(asked.check.when, joins.row), there, joins.row.filled(column)])
    return Decided(applies, _differs(asked, joins.row.raw(column), _sum(join, params["sum"], where)), (join,))


def _total(asked: Question, joins: Joins) -> Decided:
    params, column = asked.params, asked.check.columns[0]
    via = joins.via(params) if "via" in params else None
    pairs = via.match if via is not None else pairs_of(params["match"])
    other = joins.to(params["table"], () if via is not None else pairs, via=via)
    group = joins.to(asked.table.name, tuple((mine, mine) for mine, _ in pairs))
    where = conditions(params.get("where", {}), other.other)
    there = f"{where} AND {other.other.filled(params['total'])}"
    total = other.bring(f"anyIf({name(params['total'])}, {there})")
    own_where = conditions(asked.check.when, group.other)
    applies = [conditions(asked.check.when, joins.row), joins.filled(pairs), joins.row.filled(column)]
    applies.append(f"{other.count(there)} > 0")
    return Decided(all_of(applies), _differs(asked, _sum(group, column, own_where), total), (other, group))


def _sum(join: Join, column: str, where: str) -> str:
    return f"ifNull({join.bring(f'sumIf({name(column)}, {where})')}, 0)"


def _differs(asked: Question, left: str, right: str) -> str:
    return known(f"abs({left} - {right}) > toDecimal64('{float(asked.params['tolerance'])}', 4)")
