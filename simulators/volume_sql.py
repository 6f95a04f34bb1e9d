"""The statements of ``simulators.volume``. Constants come from the standard and are quoted; sizes are parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from simulators.province import INPATIENT_TABLES
from standard.model import MapKind, Standard, Table
from streams.rollup.measures import MEASURES

#: Rows a visit of each table, measured on the simulated province.
ROWS_A_VISIT = {
    "TB_HZXX": 0.66, "TB_MZ_GHMXB": 1.02, "TB_MZ_JZMXB": 0.98, "TB_MZ_ZDMXB": 1.75, "TB_MZ_CFZB": 2.27,
    "TB_MZ_YPCFMX": 5.69, "TB_MZ_QTCFMX": 1.48, "TB_MZ_SFMXB": 8.16, "TB_MZ_JSMXB": 1.89, "TB_MZ_JSZFFSMXB": 2.71,
    "TB_ZY_CRYMXB": 0.08, "TB_ZY_ZDMXB": 0.11, "TB_ZY_YZZB": 0.14, "TB_ZY_YPYZMX": 0.19, "TB_ZY_QTYZMX": 0.16,
    "TB_ZY_SFMXB": 0.54, "TB_ZY_JSJLB": 0.03, "TB_ZY_JSMXB": 0.44, "TB_ZY_JSZFFSMXB": 0.06,
}  # fmt: skip
#: Distinct local codes of an institution by map, as the simulated ones have them.
LOCAL_CODES: Mapping[MapKind, int] = {"department": 18, "fee": 8, "drug": 186, "item": 110}
#: Of a column's codes so many occur on one day.
CODES_A_DAY = 40
PAYMENT_WAYS = ("01", "07", "08", "10", "11")

#: Every cell of some days. One institution-day in a hundred and one table in two hundred were never sent.
CELLS = """
    SELECT tupleElement(o, 1) AS org, tupleElement(t, 1) AS name, day_no, {first:Date32} + day_no AS biz_date,
        tupleElement(o, 4) - 1 AS org_no, tupleElement(t, 4) - 1 AS table_no,
        cityHash64(org, name, day_no) AS h,
        toUInt64(ceil({volume:Float64} * tupleElement(o, 2) * tupleElement(t, 2) * (85 + h % 30) / 100)) AS rows
    FROM
    (
        SELECT
            arrayJoin(arrayZip({orgs:Array(String)}, {visits:Array(UInt32)}, {inpatient:Array(UInt8)},
                arrayEnumerate({orgs:Array(String)}))) AS o,
            arrayJoin(arrayZip(TABLES, WEIGHTS, INPATIENT, arrayEnumerate(TABLES))) AS t,
            arrayJoin(range({from:UInt32}, {to:UInt32})) AS day_no
    )
    WHERE tupleElement(o, 3) >= tupleElement(t, 3) AND cityHash64(org, day_no) % 100 != 0 AND h % 200 != 0"""

LEDGER = """
INSERT INTO ledger (topic_id, partition, offset, biz_date, org, `table`, batch, message_id, kind, op, received,
    accepted, rejected, flagged, findings, bytes, source_time, arrived_at, landed_at, standard_version, worker)
SELECT {topic_id:String}, org_no % {partitions:UInt32} AS part,
    (day_no * intDiv(length({orgs:Array(String)}) + {partitions:UInt32}, {partitions:UInt32}) * length(TABLES)
        + intDiv(org_no, {partitions:UInt32}) * length(TABLES) + table_no) * {messages:UInt32} + m AS place,
    biz_date, org, name, concat('D', toString(biz_date), '-', name, '-', toString(m)),
    cityHash64({topic_id:String}, part, place), 'batch', 'upsert',
    intDiv(rows * (m + 1), {messages:UInt32}) - intDiv(rows * m, {messages:UInt32}) AS n, n - wrong,
    intDiv(n * (intDiv(h, 7) % 30), 1000) AS wrong, intDiv(n * (intDiv(h, 11) % 30), 1000) AS odd, wrong + odd, n * 700,
    toDateTime64(biz_date + 1, 3, 'Asia/Shanghai') + toIntervalMinute(70 + org_no % 60) AS sent, sent, sent, '',
    'simulate'
FROM (CELLS)
ARRAY JOIN range({messages:UInt32}) AS m"""

FINDINGS = """
INSERT INTO findings (topic_id, partition, offset, row, rule_id, check, org, `table`, biz_date, batch, column, row_key,
    visit, severity, outcome, arrived_at, landed_at)
SELECT topic_id, partition, offset, i + 1, tupleElement(rule, 1), tupleElement(rule, 2), org, `table`, biz_date, batch,
    tupleElement(rule, 3), concat('K', toString(offset), '-', toString(i)), concat('V', toString(offset)),
    if(i < rejected, 'error', 'warning'), if(i < rejected, 'rejected', 'accepted'), arrived_at, landed_at
FROM
(
    SELECT *, arrayJoin(range(ledger.findings)) AS i, if(i < rejected, ERRORS[`table`], WARNINGS[`table`]) AS rules,
        rules[1 + cityHash64(offset, i) % length(rules)] AS rule
    FROM ledger
    WHERE topic_id = {topic_id:String} AND biz_date >= {first:Date32} + {from:UInt32}
        AND biz_date < {first:Date32} + {to:UInt32}
)"""

#: Sums of these days, as facts and results are made of them.
SUMS = """
    SELECT org, `table`, biz_date, sum(d.accepted) AS accepted, sum(d.rejected) AS rejected,
        max(d.changed_at) AS newest, cityHash64(org, `table`, biz_date) AS h
    FROM ledger_days AS d FINAL
    WHERE org IN {orgs:Array(String)} AND biz_date >= {first:Date32} + {from:UInt32}
        AND biz_date < {first:Date32} + {to:UInt32}
    GROUP BY org, `table`, biz_date"""

FACTS = """
INSERT INTO day_facts (biz_date, org, `table`, rows, standing, rules, codes, measures, up_to, computed_at)
SELECT sums.biz_date, sums.org, sums.`table`, accepted, sums.rejected, found.rules,
    arrayFlatten(arrayMap(c -> arrayMap(k -> (tupleElement(c, 1), tupleElement(c, 2),
        concat(tupleElement(c, 2), '-', toString((sums.h + k) % tupleElement(c, 3))),
        if((sums.h + k) % tupleElement(c, 3) < 3, '', concat('S', toString((sums.h + k) % tupleElement(c, 3)))),
        toUInt64(1 + intDiv(accepted, least(CODES_A_DAY, tupleElement(c, 3))))),
        range(least(CODES_A_DAY, tupleElement(c, 3)))), CODES[sums.`table`])),
    arrayMap(m -> (tupleElement(m, 1), tupleElement(m, 2), toUInt64(1 + intDiv(accepted, 20)),
        toDecimal64(1 + accepted * 1.25, 4)), MEASURES[sums.`table`]),
    newest, newest
FROM (SUMS) AS sums
LEFT JOIN
(
    SELECT org, `table`, biz_date, groupArray((rule_id, severity, n)) AS rules
    FROM
    (
        SELECT org, `table`, biz_date, rule_id, severity, count() AS n
        FROM findings
        WHERE topic_id = {topic_id:String} AND biz_date >= {first:Date32} + {from:UInt32}
            AND biz_date < {first:Date32} + {to:UInt32}
        GROUP BY org, `table`, biz_date, rule_id, severity
    )
    GROUP BY org, `table`, biz_date
) AS found ON sums.org = found.org AND sums.`table` = found.`table` AND sums.biz_date = found.biz_date"""

STORE_DAYS = """
INSERT INTO store_days (biz_date, org, `table`, rule_id, kind, severity, checked, failed, run_at)
SELECT biz_date, org, `table`, tupleElement(rule, 1), tupleElement(rule, 2), tupleElement(rule, 3), accepted,
    if(cityHash64(h, tupleElement(rule, 1)) % 50 = 0, 1, 0), newest
FROM (SUMS)
ARRAY JOIN STORE_RULES[`table`] AS rule"""

STORE_FINDINGS = """
INSERT INTO store_findings (biz_date, org, `table`, rule_id, run_at, row_key, visit, severity)
SELECT biz_date, org, `table`, rule_id, run_at, concat('K', toString(biz_date)), 'V', severity
FROM store_days FINAL
WHERE failed > 0 AND org IN {orgs:Array(String)} AND biz_date >= {first:Date32} + {from:UInt32}
    AND biz_date < {first:Date32} + {to:UInt32}"""

EXPECTED = """
INSERT INTO expected_days (biz_date, org, `table`, expected, reason, due_at, grace_until, updated_at)
SELECT {first:Date32} + day_no, tupleElement(o, 1), tupleElement(t, 1),
    tupleElement(o, 2) >= tupleElement(t, 2) AS wanted, if(wanted, '', 'no_inpatient'),
    toDateTime64({first:Date32} + day_no + 1, 3, 'Asia/Shanghai') + toIntervalHour(8) AS due, due + toIntervalHour(4),
    due
FROM
(
    SELECT arrayJoin(arrayZip({orgs:Array(String)}, {inpatient:Array(UInt8)})) AS o,
        arrayJoin(arrayZip(TABLES, INPATIENT)) AS t, arrayJoin(range({from:UInt32}, {to:UInt32})) AS day_no
)"""

JUDGEMENTS = """
INSERT INTO judgements (biz_date, org, `table`, detector, numerator, denominator, baseline, spread, warning, critical,
    verdict, judged_at)
SELECT biz_date, org, `table`, detector, accepted, accepted + rejected, accepted, 1, 0.5, 0.2, 'ok', newest
FROM (SUMS)
ARRAY JOIN ['volume', 'anomaly_rate'] AS detector"""


@dataclass(frozen=True, slots=True)
class Statements:
    """In their order: what comes before the sums of the ledger, and what is made from them."""

    of_ledger: tuple[str, ...]
    of_sums: tuple[str, ...]


def statements(standard: Standard) -> Statements:
    """The statements for the tables and rules of ``standard``. Parameters: those of ``volume.Year``."""
    names = list(standard.daily)
    words = {
        "CODES_A_DAY": str(CODES_A_DAY), "STORE_RULES": _by_table(standard, _store_rules), "SUMS": SUMS, "CELLS": CELLS,
        "TABLES": _array(map(_text, names)), "WEIGHTS": _array(str(ROWS_A_VISIT[name]) for name in names),
        "INPATIENT": _array(str(int(name in INPATIENT_TABLES)) for name in names),
        "ERRORS": _by_table(standard, lambda table: _rules(table, "error")),
        "WARNINGS": _by_table(standard, lambda table: _rules(table, "warning")),
        "CODES": _by_table(standard, _codes), "MEASURES": _by_table(standard, lambda table: _measures(table, standard)),
    }  # fmt: skip

    def filled(sql: str) -> str:
        for word, value in words.items():
            sql = sql.replace(word, value)
        return sql

    return Statements(
        tuple(map(filled, (LEDGER, FINDINGS, EXPECTED))),
        tuple(map(filled, (FACTS, STORE_DAYS, STORE_FINDINGS, JUDGEMENTS))),
    )


def code_maps(standard: Standard) -> dict[MapKind, list[tuple[str, str]]]:
    """Local and standard codes of each map; the first three local codes have no standard code."""
    return {
        kind: [
            (f"{kind}-{number}", code)
            for number, code in zip(range(3, LOCAL_CODES[kind]), standard.catalogues[kind], strict=False)
        ]
        for kind in LOCAL_CODES
    }


def _rules(table: Table, severity: str) -> list[str]:
    """Rules of the table (id, check, column) that can fail so; all of them where none can."""
    checks = [(rule, check) for rule in table.rules for check in rule.flight if check.columns]
    chosen = [pair for pair in checks if pair[1].severity == severity] or checks
    return [f"({_text(rule.id)}, {_text(check.kind)}, {_text(check.columns[0])})" for rule, check in chosen]


def _store_rules(table: Table) -> list[str]:
    return [
        f"({_text(rule.id)}, {_text(rule.store[0].kind)}, {_text(rule.store[0].severity)})"
        for rule in table.rules
        if rule.store
    ]


def _codes(table: Table) -> list[str]:
    return [f"({_text(c.name)}, {_text(c.maps[0])}, {LOCAL_CODES[c.maps[0]]})" for c in table.columns if c.maps]


def _measures(table: Table, standard: Standard) -> list[str]:
    found = []
    for measure in MEASURES.get(table.name, ()):
        codes: Iterable[str] = ("",)
        if measure.code:
            codes = standard.catalogues["fee"] if measure.mapped else PAYMENT_WAYS
        found += [f"({_text(measure.name)}, {_text(code)})" for code in codes]
    return found


def _by_table(standard: Standard, values: Callable[[Table], list[str]]) -> str:
    pairs = [(name, values(table)) for name, table in standard.daily.items()]
    return "map(" + ", ".join(f"{_text(name)}, {_array(found)}" for name, found in pairs if found) + ")"


def _array(values: Iterable[str]) -> str:
    return "[" + ", ".join(values) + "]"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
