"""Text columns to typed ones, keeping the text: ``X`` stays, ``X#`` holds the number, the time or the date.

``X#`` is null where the text is empty, is the filler "-", or cannot be read; the rule of kind ``type`` tells the
difference. Times are zone-less Shanghai time; numbers are exact decimals with four places.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from standard.model import Column, Table

NUMBER = pl.Decimal(18, 4)
TIME = pl.Datetime("ms")
#: ClickHouse's DateTime64 and Date32 hold these years.
EARLIEST, LATEST = datetime(1900, 1, 1), datetime(2299, 12, 31, 23, 59, 59)  # noqa: DTZ001 (Shanghai wall-clock)
SECONDS = "%Y-%m-%d %H:%M:%S"
MILLIS, MICROS = r"^[0-9]{13}$", r"^[0-9]{16}$"
ZONE = "Asia/Shanghai"
#: China changed its clocks until 1991; an hour that came twice is read as the earlier one, one that was left out as
#: the hour after it.
LAST_CLOCK_CHANGE = datetime(1992, 1, 1)  # noqa: DTZ001
AMBIGUOUS = "earliest"


def typed_name(column: str) -> str:
    """Name of the typed companion of a column."""
    return column + "#"


def with_typed(frame: pl.DataFrame, table: Table, epoch_is: str = "local") -> pl.DataFrame:
    """Add ``X#`` for every number, timestamp and date8 column of the table.

    :param epoch_is: how epoch numbers are read: ``local`` as the wall clock they were made from (Debezium writes a
        DATETIME without zone so), ``utc`` as a moment.
    """
    return frame.with_columns([_typed(frame[c.name], c, epoch_is) for c in table.columns if c.type != "text"])


def _typed(text: pl.Series, column: Column, epoch_is: str) -> pl.Series:
    if column.type == "number":
        return text.cast(NUMBER, strict=False).alias(typed_name(column.name))
    if column.type == "date8":
        return _date8(text).alias(typed_name(column.name))
    return times(text, epoch_is).alias(typed_name(column.name))


def _date8(text: pl.Series) -> pl.Series:
    day = text.str.to_date("%Y%m%d", strict=False)
    exact = (text.str.len_bytes() == 8) & day.is_between(EARLIEST.date(), LATEST.date())
    return day.zip_with(exact.fill_null(False), pl.Series([None], dtype=pl.Date))


def times(text: pl.Series, epoch_is: str = "local") -> pl.Series:
    """Shanghai wall-clock times (``Datetime[ms]``) of texts in any of the standard's formats; null where there is none."""
    found = text.str.to_datetime(SECONDS, strict=False, time_unit="ms")
    if found.null_count() > text.null_count():
        found = found.zip_with(found.is_not_null() | text.is_null(), _other_formats(text, epoch_is))
    inside = found.is_between(EARLIEST, LATEST).fill_null(False)
    return found if inside.sum() == found.len() - found.null_count() else found.zip_with(inside, _nothing())


def _nothing() -> pl.Series:
    return pl.Series([None], dtype=TIME)


def _other_formats(text: pl.Series, epoch_is: str) -> pl.Series:
    column = pl.col("t")
    spaced = column.str.replace("T", " ", literal=True)
    epoch = (
        pl.when(column.str.contains(MILLIS))
        .then(column.cast(pl.Int64, strict=False))
        .when(column.str.contains(MICROS))
        .then(column.cast(pl.Int64, strict=False) // 1000)
    )
    moment = pl.from_epoch(epoch, time_unit="ms").cast(TIME)
    if epoch_is == "utc":
        moment = moment.dt.offset_by("8h")
    zoned = (
        spaced.str.replace("(Z|z)$", "+00:00")
        .str.to_datetime("%Y-%m-%d %H:%M:%S%.f%:z", strict=False, time_unit="ms")
        .dt.replace_time_zone(None)
        .dt.offset_by("8h")
    )
    size = column.str.len_bytes()
    return (
        pl.DataFrame({"t": text})
        .select(
            pl.coalesce(
                spaced.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="ms"),
                spaced.str.to_datetime("%Y-%m-%d %H:%M", strict=False, time_unit="ms"),
                pl.when(size == 8).then(column).str.to_datetime("%Y%m%d", strict=False, time_unit="ms"),
                pl.when(size == 14).then(column).str.to_datetime("%Y%m%d%H%M%S", strict=False, time_unit="ms"),
                pl.when(size == 10).then(column).str.to_date("%Y-%m-%d", strict=False).cast(TIME),
                moment,
                zoned,
            )
        )
        .to_series()
    )


def to_zone(time: pl.Series) -> pl.Series:
    """Wall-clock times as moments in Shanghai, for landing. Where no clock change is near, plain arithmetic does."""
    first = time.min()
    if isinstance(first, datetime) and first < LAST_CLOCK_CHANGE:
        moment = time.dt.replace_time_zone(ZONE, ambiguous=AMBIGUOUS, non_existent="null")
        skipped = time.dt.offset_by("1h").dt.replace_time_zone(ZONE, ambiguous=AMBIGUOUS, non_existent="null")
        return moment.zip_with(moment.is_not_null() | time.is_null(), skipped)
    return time.dt.offset_by("-8h").dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE)
