"""Sums of the ledger by day: ``ledger`` → ``ledger_days``.

The order of work of a refresh:

1. ask ClickHouse what time it is
2. find the stretches of which it has taken ledger rows since the last mark, or a little before it
3. sum each of them again as a whole, and compare with what is there
4. write the sums that changed, with the time of the change · 5. set the mark to the time of step 1

A crash before 5 repeats the work, and repeating changes nothing: equal sums are not written again. No row is missed:
a row's ``stored_at`` is ClickHouse's own time when it took it, and once a minute, and when it starts, a refresh looks
back for longer than an insert may take to become visible. Rows that an audit adds below are found in the same way, and
a worker's clock does not matter.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import structlog

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from streams.rollup.cells import LONG_AGO, MOMENT, Cell, change_time, read_mark, set_mark

log = structlog.get_logger(__name__)

#: Nearly every insert is visible so long after ClickHouse noted its time.
OVERLAP = timedelta(seconds=15)
#: Longer than the client waits for an insert (150 s), and than the clocks of two replicas may differ. What is found
#: only so late, or was written by a leader that no longer is one, is put right after LOOK_BACK_EVERY at the latest.
MARGIN = timedelta(minutes=3)
LOOK_BACK_EVERY = timedelta(minutes=1)
#: Stretches summed by one query: a million offsets at most, which bounds its memory.
STRETCHES_AT_ONCE = 100

KEY = ("biz_date", "org", "table", "arrival_day", "topic_id", "partition", "stretch")
FIGURES = (
    "received", "accepted", "rejected", "flagged", "unreadable", "findings", "unmapped", "messages", "declared_empty",
    "first_arrived_at", "last_arrived_at",
)  # fmt: skip
#: What is zero when a sum is gone; the times stay.
COUNTS = FIGURES[:9]


class Rollup:
    """Keeps ``ledger_days`` equal to the sums of the ledger. Calls block."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse
        self._looked_back: datetime | None = None

    def refresh(self, now: datetime) -> list[Cell]:
        """Sum again what has changed; the cells whose sums did, sorted. Raises NotNow (then call again).

        :param now: time of the change that is written; zoned.
        """
        mark = read_mark(self._clickhouse, "sums")
        asked: datetime = self._clickhouse.rows("SELECT now64(3, 'Asia/Shanghai') AS asked")[0]["asked"]
        back = self._looked_back is None or not timedelta() <= asked - self._looked_back < LOOK_BACK_EVERY
        since = mark.up_to - (MARGIN + LOOK_BACK_EVERY if back else OVERLAP)
        touched = self._clickhouse.query(load_query("ledger_touched"), {"since": max(since, LONG_AGO)})
        cells: set[Cell] = set()
        for places in touched.iter_slices(STRETCHES_AT_ONCE):
            cells |= self._sum(places, now)
        # nothing new: the mark may stay, unless ClickHouse's clock was put back
        if touched.height or asked < mark.up_to:
            set_mark(self._clickhouse, "sums", asked, mark)
        if back:
            self._looked_back = asked
        if cells:
            log.debug("ledger_summed", stretches=touched.height, cells=len(cells))
        return sorted(cells)

    def _sum(self, places: pl.DataFrame, now: datetime) -> set[Cell]:
        stretches: dict[str, Any] = {
            "topic_ids": places["topic_id"].to_list(), "partitions": places["partition"].to_list(),
            "stretches": places["stretch"].to_list(),
        }  # fmt: skip
        # before the ledger is read: of two processes at work the one that read later has the later time
        changed_at = change_time(self._clickhouse, now)
        there = self._clickhouse.query(load_query("ledger_days_of"), stretches)
        sums = self._clickhouse.query(load_query("ledger_sums"), stretches)
        changed = changed_sums(there, sums)
        if changed.height:
            time = pl.lit(changed_at).cast(MOMENT)
            self._clickhouse.insert("ledger_days", changed.with_columns(changed_at=time, summed_at=time))
        return {Cell(*cell) for cell in changed.select(Cell._fields).unique().iter_rows()}


def changed_sums(there: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``sums`` that are not in ``there``, and those of ``there`` that are gone, with zeros. Pure.

    Both have the columns of ``ledger_days`` but its times of change.
    """
    sums = sums.cast({name: there.schema[name] for name in sums.columns}).select(there.columns)
    new = sums.join(there, on=[*KEY, *FIGURES], how="anti")
    gone = there.filter(pl.col("messages") > 0).join(sums, on=KEY, how="anti")
    return pl.concat([new, gone.with_columns(pl.lit(0).cast(gone.schema[name]).alias(name) for name in COUNTS)])
