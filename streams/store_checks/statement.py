"""One statement for a group of rules: how many rows of each day each rule applies to, how many violate it, and which.

The rows that are checked are put into a table in memory first (:func:`copy_statement`), because every statement reads
them two or three times, and finding the newest version of a row (FINAL) is the dearest part of reading it.

Parameters: ``orgs`` Array(String) and ``days`` Array(Date32) of equal length, together the days that are asked for;
``today`` Date32, the calendar day in Shanghai; ``own_in`` and ``own`` Identifier, the table in memory. One row an
institution and day that has rows; for each rule *i* ``checked_i``, ``failed_i`` and ``found_i``, an array of tuples
(number of the check from 1, row_key, visit, value, topic_id, partition, offset, row) of at most KEPT rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from clickhouse.tables import table_columns
from standard.model import Standard, Table
from streams.store_checks.compiled import Group, StoreRule
from streams.store_checks.joins import newest
from streams.store_checks.sql import Row, all_of, any_of, known, name, own, quoted

#: Findings of one rule and day that are kept as rows; the counts are always whole. A day on which more rows fail has
#: one cause, and nobody reads the ten thousand and first.
KEPT = 10_000
_NAMES = re.compile(r"`(\w+)`")
_ALWAYS = ("_biz_date", "_topic_id", "_partition", "_offset", "_row")
#: As in findings: a longer key or value is cut.
LONGEST = 200


def statement(group: Group) -> str:
    """The SQL of a group."""
    row = own(group.driver)
    inner = [f"o.{name(group.driver.org)} AS org", "o._biz_date AS biz_date", *_place(group, row)]
    outer = ["org", "biz_date"]
    for number, rule in enumerate(group.rules):
        inner += _decided(rule, row, number)
        found = (
            f"tuple(violated_{number}, row_key, visit, value_{number}, _topic_id, _partition, _offset, _row), "
            f"violated_{number} > 0"
        )
        outer += [
            f"sum(applies_{number}) AS checked_{number}", f"countIf(violated_{number} > 0) AS failed_{number}",
            f"groupArrayIf({KEPT})({found}) AS found_{number}",
        ]  # fmt: skip
    joins = "".join(f"\nLEFT JOIN ({join.subquery()}) AS {join.alias} ON {join.on()}" for join in group.joins)
    return (
        "WITH own AS (SELECT * FROM {own_in:Identifier}.{own:Identifier})\n"
        f"SELECT {', '.join(outer)}\nFROM (SELECT {', '.join(inner)}\nFROM own AS o{joins})\nGROUP BY org, biz_date"
    )


def copy_statement(driver: Table, standard: Standard, statements: Iterable[str]) -> str:
    """Puts the rows of the days that are asked for, as far as ``statements`` name their columns, into a new table in
    memory."""
    named = {column for sql in statements for column in _NAMES.findall(sql)}
    columns = [column for column, _, _ in table_columns(driver) if column in named or column in _ALWAYS]
    days = (
        f"({name(driver.org)}, _biz_date) IN (SELECT tupleElement(cell, 1), tupleElement(cell, 2) FROM "
        "(SELECT arrayJoin(arrayZip({orgs:Array(String)}, {days:Array(Date32)})) AS cell))"
    )
    rows = newest(driver, standard, all_of(["_biz_date IN {days:Array(Date32)}", days]))
    named_columns = ", ".join(f"`{column}`" for column in columns)
    return f"CREATE TABLE {{own_in:Identifier}}.{{own:Identifier}} ENGINE = Memory AS SELECT {named_columns} {rows}"


def _place(group: Group, row: Row) -> list[str]:
    """Where a finding is. What a row of another table lacks is named by that row: its table, a colon, its key."""
    driver = group.driver
    key = f"arrayStringConcat([{', '.join(f'toString({row.shown(column)})' for column in driver.key[1:])}], '|')"
    if driver is not group.table:
        key = f"concat({quoted(driver.name + ':')}, {key})"
    visit = f"toString({row.shown(driver.visit_key or driver.patient_key)})"
    return [
        f"substringUTF8({key}, 1, {LONGEST}) AS row_key", f"{visit} AS visit",
        *(f"o.{column} AS {column}" for column in ("_topic_id", "_partition", "_offset", "_row")),
    ]  # fmt: skip


def _decided(rule: StoreRule, row: Row, number: int) -> list[str]:
    """Whether the rule applies to the row, the number of the first check that it violates (0: none), and the value."""
    checks = [check.decided for check in rule.checks]
    violated = [all_of([known(check.applies), known(check.violated)]) for check in checks]
    first = ", ".join(f"{one}, {place}" for place, one in enumerate(violated, 1))
    applies = any_of(known(check.applies) for check in checks)
    value = "''"
    if not rule.turned:
        values = [f"toString({row.shown(check.column)})" for check in rule.checks]
        branches = ", ".join(f"violated_{number} = {place}, {one}" for place, one in enumerate(values, 1))
        value = f"multiIf({branches}, '')"
    return [
        f"({applies}) AS applies_{number}", f"toUInt8(multiIf({first}, 0)) AS violated_{number}",
        f"substringUTF8({value}, 1, {LONGEST}) AS value_{number}",
    ]  # fmt: skip
