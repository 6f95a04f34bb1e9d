"""Rows that left a day: sent again with another business date, or deleted; and rejected rows that came in later.

A day changes then although no message names it. ``row_days`` remembers on which day each row was counted last, and a
day that lost a row, or got rid of a rejected one, is marked as changed: one of its sums is written again with a new
``changed_at``, so that its facts and its checks are done again like those of any other day.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from streams.decide import KEY_LONGEST
from streams.rollup.cells import Cell, by_table, change_time, parameters
from streams.rollup.statements import Statements

#: One sum of each day, with a new time of change. Parameters: orgs, tables, days, changed_at.
_TOUCH = """
INSERT INTO ledger_days
SETTINGS insert_deduplication_token = '{token}'
SELECT * REPLACE ({{changed_at:DateTime64(3, 'Asia/Shanghai')}} AS changed_at,
    {{changed_at:DateTime64(3, 'Asia/Shanghai')}} AS summed_at)
FROM ledger_days FINAL
WHERE org IN {{orgs:Array(String)}} AND biz_date IN {{days:Array(Date32)}}
    AND (org, `table`, biz_date) IN (SELECT tupleElement(cell, 1), tupleElement(cell, 2), tupleElement(cell, 3)
        FROM (SELECT arrayJoin(arrayZip(
            {{orgs:Array(String)}}, {{tables:Array(String)}}, {{days:Array(Date32)}})) AS cell))
ORDER BY messages DESC
LIMIT 1 BY org, `table`, biz_date
"""
#: Days marked by one statement, so that it stays far below ClickHouse's limit (256 KiB).
DAYS_AT_ONCE = 1000


class Moves:
    """Follows rows from day to day. Calls block and raise NotNow."""

    def __init__(self, clickhouse: ClickHouse, statements: Mapping[str, Statements]) -> None:
        self._clickhouse = clickhouse
        self._statements = statements

    def follow(self, cells: Sequence[Cell], now: datetime) -> set[Cell]:
        """Mark the days that rows of ``cells`` came from, or where they stood as rejected, and remember the days of the
        rows; returns the marked days. ``cells`` themselves, which are about to be computed, are not marked.

        First marked, then remembered: after a crash in between it is done again.
        """
        standing = self._clickhouse.query(load_query("facts_standing"), {"orgs": sorted({cell.org for cell in cells})})
        stands = set(standing["table"])
        marked: set[Cell] = set()
        remembered = []
        for table, mine in by_table(cells).items():
            statements, asked = self._statements[table], parameters(mine)
            news = self._clickhouse.query(statements.news(), asked)
            if news.height:
                marked |= left_days(news, table)
                if table in stands:
                    rejected = self._clickhouse.query(statements.rejected_before(), asked)
                    marked |= answered_days(news, rejected, table)
                remembered.append(news.select(pl.lit(table).alias("table"), "org", "row_key", "biz_date", "version"))
        marked -= set(cells)
        mark_changed(self._clickhouse, sorted(marked), now)
        if remembered:
            self._clickhouse.insert("row_days", pl.concat(remembered))
        return marked


def mark_changed(clickhouse: ClickHouse, cells: Sequence[Cell], now: datetime) -> None:
    """Have the facts and checks of ``cells`` done again. Only for the leader: a sum that somebody else writes meanwhile
    would be lost. Blocks and raises NotNow."""
    for start in range(0, len(cells), DAYS_AT_ONCE):
        asked = parameters(cells[start : start + DAYS_AT_ONCE])
        asked["changed_at"] = change_time(clickhouse, now)
        clickhouse.command(_TOUCH.format(token=uuid.uuid4().hex), asked)


def left_days(news: pl.DataFrame, table: str) -> set[Cell]:
    """The days on which rows of ``news`` (see ``Statements.news``) were, and are no longer. Pure."""
    left = news.filter((pl.col("known") == 1) & (pl.col("before") != pl.col("biz_date")))
    return {Cell(org, table, day) for org, day in left.select("org", "before").unique().iter_rows()}


def answered_days(news: pl.DataFrame, rejected: pl.DataFrame, table: str) -> set[Cell]:
    """The days of rejected rows (``Statements.rejected_before``) whose keys are among ``news``. Pure."""
    keys = news.select("org", pl.col("row_key").str.slice(0, KEY_LONGEST))
    answered = rejected.join(keys, on=["org", "row_key"], how="semi")
    return {Cell(org, table, day) for org, day in answered.select("org", "biz_date").unique().iter_rows()}
