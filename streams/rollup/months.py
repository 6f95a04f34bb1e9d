"""Local codes by month: ``day_facts`` → ``code_months``, an institution, table and month at a time, always as a whole.

Each month holds a hash of the days from which it was made. ``follow`` makes the months of some days anew; ``mend``
finds by the hash what a crash, or two leaders at the same time, have left behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from streams.rollup.cells import Cell

Month = tuple[str, str, date]  # institution, table, first day
#: Months of one statement: ClickHouse holds their codes in memory.
MOST_MONTHS = 1000

# One pass over the days, so that the codes and the hash are of the same ones: the hash goes along as one more code.
_MAKE = """
INSERT INTO code_months (month, org, `table`, codes, days, computed_at)
SELECT month, org, `table`,
    arraySort(groupArrayIf(CAST((column, map, code, standard_code, n),
        'Tuple(column String, map String, code String, standard_code String, rows UInt64)'), column != '')) AS codes,
    sumIf(n, column = '') AS days, {now:DateTime64(3, 'Asia/Shanghai')} AS computed_at
FROM
(
    SELECT month, org, `table`, tupleElement(item, 1) AS column, tupleElement(item, 2) AS map,
        tupleElement(item, 3) AS code, tupleElement(item, 4) AS standard_code, sum(tupleElement(item, 5)) AS n
    FROM
    (
        SELECT addDays(biz_date, 1 - toDayOfMonth(biz_date)) AS month, toString(day_facts.org) AS org,
            toString(day_facts.`table`) AS `table`,
            arrayJoin(arrayPushBack(
                CAST(codes, 'Array(Tuple(column String, map String, code String, standard_code String, rows UInt64))'),
                ('', '', '', '', cityHash64(biz_date, computed_at, arraySum(codes.rows))))) AS item
        FROM day_facts FINAL
        WHERE org IN {orgs:Array(String)} AND `table` IN {tables:Array(String)}
            AND biz_date >= arrayMin({months:Array(Date32)})
            AND biz_date <= addMonths(arrayMax({months:Array(Date32)}), 1)
            AND (org, `table`, addDays(biz_date, 1 - toDayOfMonth(biz_date))) IN
                (SELECT tupleElement(cell, 1), tupleElement(cell, 2), tupleElement(cell, 3) FROM (SELECT arrayJoin(
                    arrayZip({orgs:Array(String)}, {tables:Array(String)}, {months:Array(Date32)})) AS cell))
    )
    GROUP BY month, org, `table`, column, map, code, standard_code
)
GROUP BY month, org, `table`"""


class Months:
    """Keeps ``code_months`` true to ``day_facts``. Calls block and raise NotNow."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    def follow(self, cells: Iterable[Cell], now: datetime) -> None:
        """Make the months of these days anew."""
        self._make({(cell.org, cell.table, cell.biz_date.replace(day=1)) for cell in cells}, now)

    def mend(self, now: datetime) -> int:
        """Make every month anew that was not made from the days that are there; how many."""
        rows = self._clickhouse.rows(load_query("code_months_stale"))
        self._make({(row["org"], row["table"], row["month"]) for row in rows}, now)
        return len(rows)

    def _make(self, months: set[Month], now: datetime) -> None:
        for orgs, tables, days in _statements(months):
            asked = {"orgs": orgs, "tables": tables, "months": days, "now": now}
            self._clickhouse.command(_MAKE, asked)


def _statements(months: set[Month]) -> Iterator[tuple[list[str], list[str], list[date]]]:
    """Institutions, tables and months of equal length; one month after the other, whose days lie together."""
    wanted = sorted(months, key=lambda month: (month[2], month[0], month[1]))
    for start in range(0, len(wanted), MOST_MONTHS):
        orgs, tables, days = zip(*wanted[start : start + MOST_MONTHS], strict=True)
        yield list(orgs), list(tables), list(days)
