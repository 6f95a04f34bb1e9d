"""Facts of a day: the rows of an institution, table and business day as they are now → ``day_facts``.

The order of work for some cells:

1. read up to which change the cells are known (``ledger_days.changed_at``)
2. find the rows that have come to these days from others, and the days whose rejected rows were accepted now; mark
   those days as changed, so that their turn comes; then remember the days of the rows (``streams.rollup.moves``)
3. compute the facts · 4. write them with the change of step 1 · 5. sum their codes by month (``streams.rollup.months``)

A crash before 4 repeats all of it, before 5 leaves months that the next leader mends. Rows that land in between are in
the ledger later than step 1, so the cell comes again; what comes twice is computed twice, with the same result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from standard.model import Standard
from streams.rollup.cells import MILLISECOND, MOMENT, Cell, by_table, newest_change, parameters, read_mark, set_mark
from streams.rollup.months import Months
from streams.rollup.moves import Moves
from streams.rollup.statements import Statements
from streams.rollup.switches import Switches

#: Batches of a day come one after the other: a day is computed when none came for QUIET, at the latest after LONGEST.
QUIET = timedelta(seconds=5)
LONGEST = timedelta(seconds=60)
#: Clocks of two leaders may differ by so much; changes this long before the mark are looked at again.
MARGIN = timedelta(minutes=10)
#: Cells of one answer: what a tick of the leader does in some seconds, and what a statement may name. The rest comes
#: with the next one.
MOST_CELLS = 1000

#: Months of codes are held against their days when a leader begins, and from time to time: two leaders at the same time
#: may have made a month of what each of them knew.
MEND_EVERY = timedelta(hours=1)

CELL = list(Cell._fields)
STANDING_DAYS = pl.List(pl.Struct({"day": pl.Date, "rows": pl.UInt64}))
_NONE_STANDING = pl.DataFrame(
    schema={"org": pl.String, "biz_date": pl.Date, "standing": pl.UInt64, "standing_days": STANDING_DAYS}
)


class Facts:
    """Keeps ``day_facts`` true to the rows. Calls block."""

    def __init__(self, clickhouse: ClickHouse, standard: Standard) -> None:
        self._clickhouse = clickhouse
        self._statements = {name: Statements(table, standard) for name, table in standard.tables.items()}
        self._moves = Moves(clickhouse, self._statements)
        self._months = Months(clickhouse)
        self._switches = Switches(clickhouse)
        self._mended: datetime | None = None

    def pending(self, now: datetime) -> list[Cell]:
        """Cells that are due, the oldest changes first, at most MOST_CELLS. Raises NotNow.

        Cells of tables that the standard does not know, and of unknown senders, have no facts.
        """
        if self._mended is None or now - self._mended >= MEND_EVERY:
            self._months.mend(now)
            self._mended = now
        self._switches.follow(now)
        mark = read_mark(self._clickhouse, "facts")
        newest = newest_change(self._clickhouse)
        rows = self._clickhouse.rows(
            load_query("facts_pending"),
            {
                "now": now, "since": mark.up_to - MARGIN, "quiet": int(QUIET.total_seconds()),
                "longest": int(LONGEST.total_seconds()), "limit": MOST_CELLS, "tables": list(self._statements),
            },
        )  # fmt: skip
        if rows:
            set_mark(self._clickhouse, "facts", rows[0]["oldest"] - MILLISECOND, mark)
        elif newest >= mark.up_to - MARGIN:  # all of it is done: do not look at it for ever
            set_mark(self._clickhouse, "facts", max(newest, now), mark)
        return [Cell(row["org"], row["table"], row["biz_date"]) for row in rows if row["due"]]

    def compute(self, cells: Iterable[Cell], now: datetime) -> None:
        """Compute the facts of ``cells`` and write them. Raises NotNow (what was not written stays pending).

        :param now: time of the computation; zoned.
        """
        # sorted, because rows of an institution lie together
        wanted = sorted(set(cells))
        for start in range(0, len(wanted), MOST_CELLS):
            self._compute(wanted[start : start + MOST_CELLS], now)

    def _compute(self, cells: Sequence[Cell], now: datetime) -> None:
        asked = parameters(cells)
        known = self._clickhouse.query(load_query("facts_known"), asked)
        self._moves.follow(cells, now)
        facts = (
            pl.DataFrame(cells, schema={"org": pl.String, "table": pl.String, "biz_date": pl.Date}, orient="row")
            .join(known, on=CELL, how="left")
            .join(self._clickhouse.query(load_query("facts_rules"), asked), on=CELL, how="left")
            .join(self._of_tables(cells, known), on=CELL, how="left")
        )
        never = pl.lit(0).cast(MOMENT)
        self._clickhouse.insert(
            "day_facts",
            facts.select(
                *CELL, pl.col("rows", "standing").fill_null(0),
                pl.col("standing_days", "rules", "codes", "measures").fill_null([]),
                pl.col("changed_at").cast(MOMENT).fill_null(never).alias("up_to"),
                pl.lit(now).cast(MOMENT).alias("computed_at"),
            ),
        )  # fmt: skip
        self._months.follow(cells, now)

    def _of_tables(self, cells: Sequence[Cell], known: pl.DataFrame) -> pl.DataFrame:
        """What stands in the standard's tables, and among the rejected rows, by cell."""
        rejected = set(known.filter(pl.col("rejected") == 1)["table"])
        found = []
        for table, mine in by_table(cells).items():
            statements, asked = self._statements[table], parameters(mine)
            rows = self._clickhouse.query(statements.rows(), asked)
            standing = self._clickhouse.query(statements.standing(), asked) if table in rejected else _NONE_STANDING
            both = rows.join(standing.select(_NONE_STANDING.columns), on=["org", "biz_date"], how="full", coalesce=True)
            found.append(both.with_columns(pl.lit(table).alias("table")))
        return pl.concat(found)
