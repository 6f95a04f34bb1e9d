"""Months that were switched to another submission of front pages: which rows count has changed on all of their days."""

from __future__ import annotations

from datetime import datetime, timedelta

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from streams.rollup.cells import Cell, read_mark, set_mark
from streams.rollup.moves import mark_changed

#: A switch of a process whose clock is behind may become visible after a later one; as for the sums' own mark.
MARGIN = timedelta(minutes=10)


class Switches:
    """Follows the switches. What was done in this process is not done again; after a restart those of the last minutes
    are."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse
        self._done: set[str] = set()

    def follow(self, now: datetime) -> set[Cell]:
        """Mark the days of months that were switched since the last time as changed; returns them. Blocks, raises
        NotNow."""
        mark = read_mark(self._clickhouse, "switches")
        rows = self._clickhouse.rows(load_query("switched_days"), {"since": mark.up_to - MARGIN})
        new = [row for row in rows if row["switch"] not in self._done]
        cells = {Cell(row["org"], row["table"], day) for row in new for day in row["days"]}
        mark_changed(self._clickhouse, sorted(cells), now)
        if rows:
            set_mark(self._clickhouse, "switches", max(mark.up_to, *(row["at"] for row in rows)), mark)
        self._done = {row["switch"] for row in rows}
        return cells
