"""``volume``: days without rows within a stay, and days with far fewer rows than the days before."""

from __future__ import annotations

from clickhouse.tables import table_name
from streams.store_checks.joins import Decided, Joins, Question, live, pairs_of
from streams.store_checks.sql import all_of, conditions, name, plain

#: An institution with fewer rows a day has days with half of them by chance.
LEAST_ROWS = 30


def stay_volume(asked: Question, joins: Joins) -> Decided:
    """``joins.row`` is the stay: so many of its days in a row have no row of the rule's table.

    The day of discharge is no longer counted, and of somebody who is still there only the days up to the last row.
    """
    stay = asked.params["stay"]
    row, start, end = joins.row, stay["from"], stay["to"]
    pairs = tuple((theirs, mine) for mine, theirs in pairs_of(stay["match"]))
    join = joins.to(asked.table.name, pairs)
    where = conditions(asked.params.get("where", {}), join.other)
    day = join.other.day(asked.check.columns[0])
    days = join.bring(f"groupUniqArrayIf(assumeNotNull(toInt64({day})), {where} AND isNotNull({day}))")
    first = f"ifNull(toInt64({row.day(start)}), 0)"
    left = f"ifNull(toInt64({row.day(end)}), {_last(days)} + 1)"
    points = f"arraySort(arrayConcat([{first} - 1], arrayFilter(x -> x >= {first} AND x < {left}, {days}), [{left}]))"
    applies = [conditions(asked.check.when, row), joins.filled(pairs), row.filled(start)]
    applies.append(f"isNotNull({row.raw(end)}) OR notEmpty({days})")
    applies.append(f"{left} > {first}")
    return Decided(
        all_of(applies), f"arrayMax(arrayDifference({points})) - 1 >= {int(asked.params['gap_days'])}", (join,)
    )


def _last(days: str) -> str:
    return f"if(empty({days}), 0, arrayMax({days}))"


def day_volume(asked: Question) -> str:
    """The statement of a check of whole days: org, biz_date, checked, failed (0 or 1) and value, a row for each of the
    days that are asked for.

    The mean is that of the days before that have rows. Without half of them, with less than LEAST_ROWS rows a day, or
    for a day that is not over, the check is silent. Parameters: as ``statement``, without ``own``.
    """
    params, table = asked.params, asked.table
    days, least = int(params["days"]), (int(params["days"]) + 1) // 2
    amount = f"toFloat64(sum(ifNull({name(params['measure'])}, 0)))" if "measure" in params else "toFloat64(count())"
    return f"""
WITH wanted AS (SELECT org, day FROM (SELECT {{orgs:Array(String)}} AS orgs, {{days:Array(Date32)}} AS days)
    ARRAY JOIN orgs AS org, days AS day),
sums AS (SELECT {name(table.org)} AS org, _biz_date AS day, {amount} AS amount, count() AS rows
    FROM `{table_name(table)}` FINAL
    WHERE {name(table.org)} IN {{orgs:Array(String)}} AND {live(table, asked.standard)}
        AND {conditions(asked.check.when, plain(table))}
        AND _biz_date >= (SELECT min(day) FROM wanted) - {days} AND _biz_date <= (SELECT max(day) FROM wanted)
    GROUP BY org, day)
SELECT wanted.org AS org, wanted.day AS biz_date, sumIf(amount, sums.day = wanted.day) AS today,
    avgIf(amount, sums.day < wanted.day AND sums.day >= wanted.day - {days}) AS mean,
    countIf(sums.day < wanted.day AND sums.day >= wanted.day - {days}) AS known,
    avgIf(rows, sums.day < wanted.day AND sums.day >= wanted.day - {days}) AS usual,
    toUInt64(known >= {least} AND usual >= {LEAST_ROWS} AND biz_date < {{today:Date32}}) AS checked,
    toUInt64(checked = 1 AND today < mean * {1 - float(params["drop"])!r}) AS failed,
    concat(toString(today), ' / ', toString(round(mean, 2))) AS value
FROM wanted LEFT JOIN sums ON wanted.org = sums.org
GROUP BY wanted.org, wanted.day"""
