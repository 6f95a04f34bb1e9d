"""The SQL of one standard table for some of its days. Parameters everywhere: ``orgs`` and ``days``, arrays of equal
length that name the days of institutions. Names are the standard's, constants are quoted; nothing comes from outside.

FINAL goes with the index of business dates only because ClickHouse looks at newer parts of the same keys again
(``use_skip_indexes_if_final_exact_mode``); the statements say so instead of relying on a default.
"""

from __future__ import annotations

from dataclasses import dataclass

from clickhouse.current import current_batch
from clickhouse.tables import table_name
from standard.model import Column, Standard, Table
from streams.decide import KEY_LONGEST
from streams.rollup.measures import MEASURES, Measure, fee_codes
from streams.store_checks.joins import live
from streams.store_checks.sql import all_of, conditions, plain

_EXACT = "use_skip_indexes_if_final_exact_mode = 1"
_CELLS = """(SELECT tupleElement(cell, 1), tupleElement(cell, 2)
        FROM (SELECT arrayJoin(arrayZip({orgs:Array(String)}, {days:Array(Date32)})) AS cell))"""
#: Days of one table in a table of the pipeline.
_OF_TABLE = f"""`table` = {{table:String}} AND org IN {{orgs:Array(String)}} AND biz_date IN {{days:Array(Date32)}}
        AND (org, biz_date) IN {_CELLS}"""
_PLACE = "topic_id, partition, offset"
_CODE = "Tuple(column String, map String, code String, standard_code String, rows UInt64)"
_DAYS = "Array(Tuple(day Date32, rows UInt64))"
_MEASURE = "Tuple(measure String, code String, rows UInt64, value Decimal(20, 4))"


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of one table of the standard."""

    table: Table
    standard: Standard

    def news(self) -> str:
        """The rows that have versions on these days, in their newest version, where ``row_days`` does not know it yet.

        Rows: org, row_key, biz_date Date32, version UInt64, before Date32, known UInt8 (1: the row was on the day
        ``before``). A deleted row has the day of its deletion.
        """
        key = self._primary_key()
        return f"""
SELECT news.org AS org, news.row_key AS row_key, news.biz_date AS biz_date, news.version AS version,
    days.biz_date AS before, days.known AS known
FROM
(
    SELECT {self._org()} AS org, {self._row_key()} AS row_key, argMax(_biz_date, _version) AS biz_date,
        max(_version) AS version
    FROM {self._name()}
    WHERE {key} IN (SELECT {key} FROM {self._name()} WHERE {self._cells()})
    GROUP BY org, row_key
) AS news
LEFT JOIN
(
    SELECT toString(row_days.org) AS org, row_days.row_key AS row_key,
        argMax(row_days.biz_date, row_days.version) AS biz_date, max(row_days.version) AS version, 1 AS known
    FROM row_days
    WHERE `table` = {{table:String}} AND org IN {{orgs:Array(String)}}
        AND (org, row_key) IN (SELECT {self._org()}, {self._row_key()} FROM {self._name()} WHERE {self._cells()})
    GROUP BY org, row_key
) AS days ON news.org = days.org AND news.row_key = days.row_key
WHERE news.version > days.version"""

    def rejected_before(self) -> str:
        """Rejected rows of any day with rejected rows that stand, if they have the key of a row on these days. Rows:
        org, biz_date Date32, row_key."""
        return f"""
SELECT DISTINCT toString(rejected_rows.org) AS org, biz_date, row_key
FROM rejected_rows
WHERE `table` = {{table:String}} AND org IN {{orgs:Array(String)}}
    AND (org, row_key) IN (SELECT {self._org()}, {self._cut_key()} FROM {self._name()} WHERE {self._cells()})
    AND (org, biz_date) IN (SELECT org, biz_date FROM day_facts FINAL
        WHERE `table` = {{table:String}} AND org IN {{orgs:Array(String)}} AND standing > 0)"""

    def rows(self) -> str:
        """What stands on these days: newest versions, neither deleted nor revoked. Rows: org, biz_date Date32, rows
        UInt64, codes and measures as in ``day_facts``; a day without any has none.

        One pass over the rows: each gives an item for itself, for each code and each measure; items are counted.
        """
        items = ",\n                ".join(self._items())
        return f"""
SELECT org, biz_date, sumIf(n, kind = 'row') AS rows,
    arraySort(groupArrayIf(CAST((name, map, code, standard_code, n), '{_CODE}'), kind = 'code')) AS codes,
    arraySort(groupArrayIf(CAST((name, code, n, total), '{_MEASURE}'), kind = 'measure')) AS measures
FROM
(
    -- how many different values there are is one more measure
    SELECT org, biz_date, if(item_kind = 'value', 'measure', item_kind) AS kind, name, map,
        if(item_kind = 'value', '', value) AS code, standard_code, if(item_kind = 'value', count(), sum(items)) AS n,
        sum(amount) AS total
    FROM
    (
        SELECT org, biz_date, tupleElement(item, 1) AS item_kind, tupleElement(item, 2) AS name,
            tupleElement(item, 3) AS map, tupleElement(item, 4) AS value, tupleElement(item, 5) AS standard_code,
            count() AS items, sum(tupleElement(item, 6)) AS amount
        FROM
        (
            SELECT {self._org()} AS org, _biz_date AS biz_date, arrayJoin(arrayFilter(x -> tupleElement(x, 7), [
                {items}])) AS item
            FROM {self._name()} FINAL
            WHERE {self._cells()} AND {live(self.table, self.standard)}
        )
        GROUP BY org, biz_date, item_kind, name, map, value, standard_code
    )
    GROUP BY org, biz_date, item_kind, name, map, code, standard_code
)
GROUP BY org, biz_date
SETTINGS {_EXACT}"""

    def _items(self) -> list[str]:
        """Tuples (kind, name, map, code, standard code, amount, whether it counts)."""
        items = [_item("row")]
        items += [self._code(column) for column in self.table.columns if column.maps]
        items += [self._measure(measure) for measure in MEASURES.get(self.table.name, ())]
        return items

    def _code(self, column: Column) -> str:
        """A local code counts where its rule says that it has to be mapped: bed and nursing fees are no drugs."""
        name = column.name.lower()
        checks = (check for rule in self.table.rules for check in rule.flight)
        duty = next((one for one in checks if one.kind == "mapping" and column.name in one.columns), None)
        applies = conditions(duty.when, plain(self.table)) if duty else "1"
        given = all_of([f"{name} NOT IN ('', '-')", applies])
        return _item("code", column.name, column.maps[0], f"toString({name})", f"toString({name}_std)", when=given)

    def _measure(self, measure: Measure) -> str:
        if measure.distinct:
            column = measure.distinct.lower()
            return _item("value", measure.name, code=f"toString({column})", when=f"{column} != ''")
        code = f"toString({measure.code.lower()}{'_std' if measure.mapped else ''})" if measure.code else "''"
        amounts = (f"CAST(ifNull({column.lower()}, 0), 'Decimal(38, 4)')" for column in (measure.value, *measure.plus))
        amount = " + ".join(amounts)
        codes = ", ".join(f"'{code}'" for code in fee_codes(self.standard, measure.group))
        when = f"{measure.only.lower()}_std IN ({codes})" if measure.only else "1"
        return _item("measure", measure.name, code=code, amount=amount, when=when)

    def standing(self) -> str:
        """Rejected rows of these days whose key no later message brought in. Rows: org, biz_date Date32, standing
        UInt64, came (not needed), standing_days as in ``day_facts``; a day without any has none.

        A row that was rejected several times counts once. Only messages that the ledger has count.
        """
        own = f"if(has(splitByChar('|', rejected.row_key), ''), toString(({_PLACE}, row)), rejected.row_key)"
        return f"""
SELECT org, biz_date, count() AS standing, groupArray(arrived_on) AS came,
    CAST(arrayMap(day -> (day, countEqual(came, day)), arraySort(arrayDistinct(came))), '{_DAYS}') AS standing_days
FROM
(
    SELECT rejected.org AS org, rejected.biz_date AS biz_date, toDate32(max(rejected.arrived_at)) AS arrived_on
    FROM
    (
        SELECT toString(org) AS org, biz_date, row_key, topic_id, partition, offset, row, arrived_at
        FROM rejected_rows FINAL
        WHERE {_OF_TABLE} AND {current_batch(self.table)}
            AND ({_PLACE}) IN (SELECT {_PLACE} FROM ledger
                WHERE ({_PLACE}) IN (SELECT {_PLACE} FROM rejected_rows WHERE {_OF_TABLE}))
    ) AS rejected
    LEFT JOIN
    (
        SELECT {self._org()} AS org, {self._cut_key()} AS row_key, max((_arrived_at, _offset)) AS last
        FROM {self._name()}
        WHERE (org, row_key) IN (SELECT org, row_key FROM rejected_rows WHERE {_OF_TABLE})
        GROUP BY org, row_key
    ) AS accepted ON rejected.org = accepted.org AND rejected.row_key = accepted.row_key
    WHERE accepted.last <= (rejected.arrived_at, rejected.offset)
    GROUP BY org, biz_date, {own}
)
GROUP BY org, biz_date"""

    def _name(self) -> str:
        return f"`{table_name(self.table)}`"

    def _org(self) -> str:
        return f"`{self.table.key[0].lower()}`"

    def _primary_key(self) -> str:
        return "(" + ", ".join(f"`{column.lower()}`" for column in self.table.key) + ")"

    def _row_key(self) -> str:
        """The key without the institution, as findings and rejected rows name it."""
        parts = ", '|', ".join(f"toString(`{column.lower()}`)" for column in self.table.key[1:])
        return f"concat({parts})" if len(self.table.key) > 2 else parts

    def _cut_key(self) -> str:
        return f"substringUTF8({self._row_key()}, 1, {KEY_LONGEST})"

    def _cells(self) -> str:
        return (
            f"{self._org()} IN {{orgs:Array(String)}} AND _biz_date IN {{days:Array(Date32)}} "
            f"AND ({self._org()}, _biz_date) IN {_CELLS}"
        )


def _item(
    kind: str, name: str = "", kind_of_map: str = "", code: str = "''", standard_code: str = "''",
    amount: str = "toDecimal128(0, 4)", when: str = "1",
) -> str:  # fmt: skip
    return f"('{kind}', '{name}', '{kind_of_map}', {code}, {standard_code}, {amount}, {when})"
