"""Text columns to typed ones, keeping the text: ``X`` stays, ``X#`` holds the number, the time or the date.

``X#`` is null where the text is empty, is the filler "-", or cannot be read; the rule of kind ``type`` tells the
difference. Times are zone-less Shanghai time; numbers are exact decimals with four places.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import polars as pl

from standard.model import Column, Table

NUMBER = pl.Decimal(18, 4)
TIME = pl.Datetime("ms")
EMPTY_TYPES = {"number": NUMBER, "date8": pl.Date(), "timestamp": TIME}
#: ClickHouse's DateTime64 and Date32 hold these years.
EARLIEST, LATEST = datetime(1900, 1, 1), datetime(2299, 12, 31, 23, 59, 59)  # noqa: DTZ001 (Shanghai wall-clock)
MILLIS, MICROS = r"^[0-9]{13}$", r"^[0-9]{16}$"
ZONE = "Asia/Shanghai"
#: China changed its clocks until 1991; an hour that came twice is read as the earlier one, one that was left out as
#: the hour after it.
LAST_CLOCK_CHANGE = datetime(1992, 1, 1)  # noqa: DTZ001
AMBIGUOUS: Literal["earliest"] = "earliest"


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
    if text.null_count() == len(text):  # most columns of a wide table
        return pl.repeat(None, len(text), dtype=EMPTY_TYPES[column.type], eager=True).alias(typed_name(column.name))
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
    """Shanghai wall-clock times (``Datetime[ms]``) of texts in the standard's formats; null where there is none.

    Each format is tried on what the ones before it could not read; the first is chosen by the look of the first value.
    """
    found = pl.repeat(None, len(text), dtype=TIME, eager=True)
    places, rest = None, text
    for read in _readers(text, epoch_is):
        values = read(rest)
        found = values if places is None else found.scatter(places, values)
        if values.null_count() == rest.null_count():  # the usual end, told without looking at the values
            break
        unread = (values.is_null() & rest.is_not_null()).arg_true()
        places = unread if places is None else places.gather(unread)
        rest = rest.gather(unread)
    first, last = found.min(), found.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime) or (first >= EARLIEST and last <= LATEST):
        return found
    return found.zip_with(found.is_between(EARLIEST, LATEST).fill_null(False), _nothing())


def _nothing() -> pl.Series:
    return pl.Series([None], dtype=TIME)


Reader = Callable[[pl.Series], pl.Series]


def _readers(text: pl.Series, epoch_is: str) -> list[Reader]:
    """The formats, the likeliest first."""
    seconds = _format("%Y-%m-%d %H:%M:%S")
    readers = [seconds, _format("%Y-%m-%dT%H:%M:%S"), _format("%Y%m%d%H%M%S", 14), _format("%Y%m%d", 8),
               _format("%Y-%m-%d", 10), _format("%Y-%m-%d %H:%M:%S%.f"), _format("%Y-%m-%dT%H:%M:%S%.f"),
               _format("%Y-%m-%d %H:%M"), _epoch(epoch_is), _zoned]  # fmt: skip
    first = text.drop_nulls().head(1)
    sample = first[0] if len(first) else ""
    likely = {14: readers[2], 8: readers[3], 13: readers[8]}.get(len(sample))
    if len(sample) == 19 and sample[10:11] == "T":
        likely = readers[1]
    return [likely, *(reader for reader in readers if reader is not likely)] if likely else readers


def _format(shape: str, size: int | None = None) -> Reader:
    """Reads one format; ``size`` is the exact length where the digits alone would not tell."""

    def read(text: pl.Series) -> pl.Series:
        if size is not None:
            text = text.zip_with((text.str.len_bytes() == size).fill_null(False), pl.Series([None], dtype=pl.String))
        if "%H" not in shape:
            return text.str.to_date(shape, strict=False).cast(TIME)
        return text.str.to_datetime(shape, strict=False, time_unit="ms")

    return read


def _epoch(epoch_is: str) -> Reader:
    def read(text: pl.Series) -> pl.Series:
        number = text.cast(pl.Int64, strict=False)
        none = pl.Series([None], dtype=pl.Int64)
        millis = number.zip_with(text.str.contains(MILLIS).fill_null(False), none)
        micros = (number // 1000).zip_with(text.str.contains(MICROS).fill_null(False), none)
        moment = millis.zip_with(millis.is_not_null(), micros).cast(TIME)
        return moment.dt.offset_by("8h") if epoch_is == "utc" else moment

    return read


def _zoned(text: pl.Series) -> pl.Series:
    spaced = text.str.replace("[Tt]", " ").str.replace("(Z|z)$", "+00:00")
    moment = spaced.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%:z", strict=False, time_unit="ms")
    return moment.dt.replace_time_zone(None).dt.offset_by("8h")


def to_zone(time: pl.Series) -> pl.Series:
    """Wall-clock times as moments in Shanghai, for landing. Where no clock change is near, plain arithmetic does."""
    first = time.min()
    if isinstance(first, datetime) and first < LAST_CLOCK_CHANGE:
        moment = time.dt.replace_time_zone(ZONE, ambiguous=AMBIGUOUS, non_existent="null")
        skipped = time.dt.offset_by("1h").dt.replace_time_zone(ZONE, ambiguous=AMBIGUOUS, non_existent="null")
        return moment.zip_with(moment.is_not_null() | time.is_null(), skipped)
    return time.dt.offset_by("-8h").dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE)
