"""The calendar's cells: from the states of institution, table and day to one cell for an institution's day."""

from __future__ import annotations

from datetime import date

import polars as pl

from api.console.live.board import Cell
from api.indicators.names import STATES

_KEY = ["org", "table", "biz_date"]
_COUNTS = ("received", "accepted", "rejected", "flagged")
#: States of a day of which no row is known yet.
_NOTHING = ("missing", "unknown", "pending", "empty", "not_expected")
_OWING = ("missing", "unknown", "pending")
_RANK = {state: number for number, state in enumerate(STATES)}


def ahead(states: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """The states (rows of day_states) with what the ledger has (rows of live_counts) and the sums by day do not have
    yet: the counts are the ledger's, and a day without rows is received now, or late. The sums follow within seconds
    and say the same, or more exactly (a day with too few rows is partial)."""
    if counts.is_empty():
        return states
    both = states.join(counts, on=_KEY, how="full", coalesce=True, suffix="_now")
    newer = pl.col("received_now").fill_null(0) > pl.col("received").fill_null(0)
    state = pl.col("state").fill_null("not_expected")
    deadline = pl.max_horizontal("due_at", "excused_until")
    late = state.is_in(_OWING) & (pl.col("first_arrived_at_now") > deadline).fill_null(value=False)
    came = pl.when(late).then(pl.lit("late")).otherwise(pl.lit("received"))
    return both.select(
        *_KEY,
        pl.when(newer & state.is_in(_NOTHING)).then(came).otherwise(state).alias("state"),
        *(
            pl.when(newer).then(pl.col(f"{name}_now")).otherwise(pl.col(name)).fill_null(0).alias(name)
            for name in _COUNTS
        ),
        "first_arrived_at", "due_at", "excused_until",
    )  # fmt: skip


def cells(states: pl.DataFrame) -> dict[str, dict[date, Cell]]:
    """Institution → day → cell. The worst state of the tables is that of the day; what is not expected does not count
    when anything else is there."""
    if states.is_empty():
        return {}
    rank = pl.col("state").replace_strict(_RANK, return_dtype=pl.Int64)
    owed = pl.col("due_at").dt.epoch("s").fill_null(0) > 0
    found = (
        states.with_columns(rank=rank, owed=owed & (pl.col("state") != "not_expected"))
        .group_by("org", "biz_date")
        .agg(
            pl.col("rank").min(),
            *(pl.col(name).cast(pl.Int64).sum() for name in _COUNTS),
            pl.col("due_at").filter("owed").max().dt.epoch("s").fill_null(0).alias("due"),
            (pl.col("rank") == pl.col("rank").min()).sum().cast(pl.Int64).alias("tables"),
            pl.col("owed").sum().cast(pl.Int64),
        )
        .sort("org", "biz_date")
    )
    by_org: dict[str, dict[date, Cell]] = {}
    for org, day, *values in found.iter_rows():
        by_org.setdefault(org, {})[day] = Cell(*values)
    return by_org
