"""Which days the rules have to be run for, derived from ``ledger_days``, ``store_days`` and ``store_done``.

A day of a table is due when

- rows of it, or of a table that its rules look at, came for the same institution and day after it was last checked,
  and nothing more came for QUIET (at the latest MOST_WAITING after it was last checked, or after its first row);
- or rules failed there, the same institution sent rows of a table that they look at (of whatever day: a missing
  patient who came later), the last check is RECHECK old and the day not older than RECHECK_DAYS;
- or a rule says something else of it because days have gone by.

Beside that, and more slowly, days that were checked with other rules than those of now (``outdated_sql``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from clickhouse.client import SHANGHAI
from streams.store_checks.compiled import CompiledStandard
from streams.store_checks.sql import array, quoted

#: Batches of one day come one after the other; between them only half of what belongs together is there.
QUIET = timedelta(seconds=20)
MOST_WAITING = timedelta(minutes=10)
#: Failed rules are looked at again at most this often: every upload may bring what was missing, mostly it does not.
RECHECK = timedelta(hours=1)
#: What is still missing after so long is not on its way; ``sanjian checks run`` looks at any day.
RECHECK_DAYS = 31
#: Sums of the ledger that were written so long before the last look may have become visible after it.
OVERLAP = timedelta(minutes=15)
#: Cells of one answer: the oldest changes first, the rest with the next answer.
MOST_CELLS = 2000

#: What counts of rules other than ``rules``, on the days of cells (``orgs``, ``tables``, ``days``) of one table.
GONE_SQL = """
SELECT biz_date, toString(org) AS org, toString(table) AS table, toString(rule_id) AS rule_id, toString(kind) AS kind,
    toString(severity) AS severity
FROM store_days FINAL
WHERE biz_date IN {days:Array(Date32)} AND org IN {orgs:Array(String)} AND table = {tables:Array(String)}[1]
    AND (org, biz_date) IN (SELECT tupleElement(cell, 1), tupleElement(cell, 2)
        FROM (SELECT arrayJoin(arrayZip({orgs:Array(String)}, {days:Array(Date32)})) AS cell))
    AND rule_id NOT IN {rules:Array(String)} AND checked > 0"""


def due_sql(compiled: CompiledStandard) -> str:
    """The cells that are due. Parameters: ``now``, ``since`` (look at sums of the ledger written after it; earlier ones
    have been seen) DateTime64(3, 'Asia/Shanghai'), ``today`` Date32."""
    return f"""
WITH {{now:DateTime64(3, 'Asia/Shanghai')}} AS now_,
looked AS (SELECT {_map(_children(compiled))} AS children, {_map(_creators(compiled))} AS creators),
changed AS (SELECT org, table, biz_date, max(changed_at) AS changed_at, min(first_arrived_at) AS first_at
    FROM ledger_days
    WHERE (org, biz_date) IN (SELECT org, biz_date FROM ledger_days
        WHERE summed_at >= {{since:DateTime64(3, 'Asia/Shanghai')}} AND org != '' AND table != '')
    GROUP BY org, table, biz_date),
cells AS (SELECT org, child AS table, biz_date, max(changed_at) AS changed_at, min(first_at) AS first_at,
        max(has(creators[child], changed.table)) AS exists_
    FROM changed CROSS JOIN looked ARRAY JOIN children[changed.table] AS child
    GROUP BY org, child, biz_date HAVING exists_),
done AS (SELECT org, table, biz_date, up_to, run_at FROM store_done FINAL),
changes AS (SELECT c.org AS org, c.table AS table, c.biz_date AS biz_date, c.changed_at AS since_
    FROM cells AS c LEFT JOIN done AS d ON c.org = d.org AND c.table = d.table AND c.biz_date = d.biz_date
    WHERE c.changed_at > d.up_to AND (c.changed_at <= now_ - toIntervalSecond({_seconds(QUIET)})
        OR greatest(d.run_at, c.first_at) <= now_ - toIntervalSecond({_seconds(MOST_WAITING)}))),
of_org AS (SELECT org, table, max(changed_at) AS changed_at FROM ledger_days WHERE org != '' GROUP BY org, table),
failed AS (SELECT org, table, biz_date, run_at,
        arrayJoin({_map(_looks_at(compiled))}[concat(table, '/', rule_id)]) AS seen
    FROM store_days FINAL
    WHERE failed > 0 AND biz_date >= {{today:Date32}} - {RECHECK_DAYS}),
again AS (SELECT f.org AS org, f.table AS table, f.biz_date AS biz_date, max(f.run_at) AS since_
    FROM failed AS f INNER JOIN of_org AS o ON f.org = o.org AND f.seen = o.table
    WHERE o.changed_at > f.run_at AND f.run_at <= now_ - toIntervalSecond({_seconds(RECHECK)})
    GROUP BY org, table, biz_date),
later AS (SELECT org, table, biz_date, run_at AS since_ FROM done
    ARRAY JOIN {_after(compiled)}[table] AS days
    WHERE biz_date + days < {{today:Date32}} AND toDate32(run_at) <= biz_date + days)
SELECT org, table, biz_date
FROM (SELECT * FROM changes UNION ALL SELECT * FROM again UNION ALL SELECT * FROM later)
GROUP BY org, table, biz_date
ORDER BY min(since_), org, biz_date, table
LIMIT {MOST_CELLS}"""


def outdated_sql(versions: Mapping[str, str], most: int) -> str:
    """Cells that were checked with other rules than those of now (``versions``: table → version), the youngest days
    first, tables together; at most so many."""
    now = ", ".join(f"({quoted(name)}, {quoted(version)})" for name, version in sorted(versions.items()))
    return f"""
SELECT org, table, biz_date
FROM store_done FINAL
WHERE table IN {array(sorted(versions))} AND (table, rules) NOT IN ({now})
ORDER BY biz_date DESC, table, org
LIMIT {most}"""


def changed_sql(compiled: CompiledStandard) -> str:
    """For cells (parameters ``orgs``, ``tables``, ``days``, of equal length): up to which change of the ledger their
    check sees (``up_to``), and how many rows were accepted (``rows``)."""
    return f"""
WITH looked AS (SELECT {_map(_children(compiled))} AS children)
SELECT org, child AS table, biz_date, max(changed_at) AS up_to,
    toUInt64(sumIf(accepted, l.table = child)) AS rows
FROM (SELECT org, table, biz_date, changed_at, accepted FROM ledger_days FINAL
    WHERE org IN {{orgs:Array(String)}} AND biz_date IN {{days:Array(Date32)}}) AS l
CROSS JOIN looked ARRAY JOIN children[l.table] AS child
WHERE (org, child, biz_date) IN (SELECT tupleElement(cell, 1), tupleElement(cell, 2), tupleElement(cell, 3) FROM
    (SELECT arrayJoin(arrayZip({{orgs:Array(String)}}, {{tables:Array(String)}}, {{days:Array(Date32)}})) AS cell))
GROUP BY org, child, biz_date"""


def range_sql(compiled: CompiledStandard) -> str:
    """Every cell from ``biz_from`` to ``biz_to`` (Date32); ``every`` 1, or those of ``orgs``."""
    return f"""
WITH looked AS (SELECT {_map(_created(compiled))} AS created)
SELECT DISTINCT org, child AS table, biz_date FROM ledger_days CROSS JOIN looked ARRAY JOIN created[table] AS child
WHERE biz_date BETWEEN {{biz_from:Date32}} AND {{biz_to:Date32}} AND org != ''
    AND ({{every:UInt8}} = 1 OR org IN {{orgs:Array(String)}})
ORDER BY org, table, biz_date"""


def moment(time: datetime) -> datetime:
    """A time as ClickHouse keeps it: Shanghai, whole milliseconds."""
    return time.astimezone(SHANGHAI).replace(microsecond=time.microsecond // 1000 * 1000)


def _looks_at(compiled: CompiledStandard) -> Mapping[str, Iterable[str]]:
    """table/rule → tables that can change its outcome."""
    return {f"{name}/{rule.rule.id}": rule.looks_at for name, rules in compiled.rules.items() for rule in rules}


def _children(compiled: CompiledStandard) -> Mapping[str, Iterable[str]]:
    """table → tables with rules that look at it."""
    return _turned_round({name: {t for r in rules for t in r.looks_at} for name, rules in compiled.rules.items()})


def _creators(compiled: CompiledStandard) -> Mapping[str, Iterable[str]]:
    """table → tables whose rows are checked for it."""
    return {name: {name, *(rule.driver for rule in rules)} for name, rules in compiled.rules.items()}


def _created(compiled: CompiledStandard) -> Mapping[str, Iterable[str]]:
    return _turned_round(_creators(compiled))


def _turned_round(given: Mapping[str, Iterable[str]]) -> Mapping[str, Iterable[str]]:
    found: dict[str, set[str]] = {}
    for name, others in given.items():
        for other in others:
            found.setdefault(other, set()).add(name)
    return found


def _map(given: Mapping[str, Iterable[str]]) -> str:
    parts = (f"{quoted(name)}, {array(sorted(others))}" for name, others in sorted(given.items()))
    return f"map({', '.join(parts)})"


def _after(compiled: CompiledStandard) -> str:
    days: dict[str, set[int]] = {}
    for name, rules in compiled.rules.items():
        for rule in rules:
            if rule.after_days is not None:
                days.setdefault(name, set()).add(rule.after_days)
    return "map(" + ", ".join(f"{quoted(name)}, {sorted(found)}" for name, found in sorted(days.items())) + ")"


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())


def cell_parameters(cells: Iterable[tuple[str, str, Any]]) -> dict[str, Any]:
    """Cells as the three arrays that :func:`changed_sql` takes."""
    orgs, tables, days = zip(*cells, strict=True)
    return {"orgs": list(orgs), "tables": list(tables), "days": list(days)}
