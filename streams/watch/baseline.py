"""What is usual: median and median absolute deviation of the same weekday of the last weeks. Pure.

The judged day is not part of its own baseline; what is left out besides (incidents, days on which nothing came) is up
to the caller, who gives only days that count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import polars as pl

#: Weeks back; more would bring in another season.
WEEKS = 8
#: Fewer same weekdays are no history: the median of three is easily an odd one.
LEAST = 4


def history_days(days: Iterable[date]) -> list[date]:
    """The days that baselines of ``days`` are made of."""
    return sorted({day - timedelta(weeks=back) for day in days for back in range(1, WEEKS + 1)})


def later_days(days: Iterable[date], last: date) -> set[date]:
    """The days, up to ``last``, whose baseline one of ``days`` is part of."""
    later = {day + timedelta(weeks=ahead) for day in days for ahead in range(1, WEEKS + 1)}
    return {day for day in later if day <= last}


def with_baseline(cells: pl.DataFrame, history: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """``cells`` with the columns ``baseline`` and ``spread``, NaN where fewer than LEAST days are known.

    :param cells: ``biz_date`` and ``keys``, among others.
    :param history: ``biz_date``, ``keys`` and ``value`` of the days that count.
    """
    wanted = cells.select("biz_date", *keys)
    shifted = pl.concat(
        history.select(pl.col("biz_date") + pl.duration(weeks=ahead), *keys, "value") for ahead in range(1, WEEKS + 1)
    )
    usual = (
        wanted.join(shifted, on=["biz_date", *keys])
        .group_by("biz_date", *keys)
        .agg(
            pl.len().alias("days"),
            pl.col("value").median().alias("baseline"),
            (pl.col("value") - pl.col("value").median()).abs().median().alias("spread"),
        )
        .filter(pl.col("days") >= LEAST)
        .drop("days")
    )
    return cells.join(usual, on=["biz_date", *keys], how="left").with_columns(
        pl.col("baseline", "spread").cast(pl.Float64).fill_null(float("nan"))
    )
