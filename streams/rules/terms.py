"""Terms and conditions of the rule vocabulary as Polars expressions over a typed frame (see ``streams.typed``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

import polars as pl

from standard.model import Standard, Table
from standard.vocabulary import MANY
from streams.typed import typed_name

DASH = "-"
DAY_MS = 24 * 3600 * 1000
#: Amounts have four places and stay below 10^10; rounding sums of products here removes what floats add.
ROUND = 6
#: Front pages write the days of an unfinished month as thirtieths.
MONTH_DAYS = 30


def text(column: str) -> pl.Expr:
    """The column's text; null when empty or the filler "-"."""
    return pl.when(pl.col(column) != DASH).then(pl.col(column))


def filled(column: str, dash_filled: bool = False) -> pl.Expr:
    """Whether there is a value; "-" is one only where the standard says so."""
    value = pl.col(column)
    return value.is_not_null() if dash_filled else value.is_not_null() & (value != DASH)


def number(column: str) -> pl.Expr:
    """The column's number as a float; null when there is none."""
    return pl.col(typed_name(column)).cast(pl.Float64)


def _number_in_text(column: str) -> pl.Expr:
    """The number that a text column holds; null when there is none ("NaN" and "inf" are none)."""
    value = pl.col(column).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def moment(column: str) -> pl.Expr:
    """The column's time or date as ``Datetime[ms]``; null when there is none."""
    return pl.col(typed_name(column)).cast(pl.Datetime("ms"))


def numeric_term(term: Any, table: Table, standard: Standard) -> pl.Expr:
    """A numeric term; see ``standard.model``."""
    if isinstance(term, int | float):
        return pl.lit(float(term))
    if isinstance(term, str):
        return number(term) if table.by_name[term].type == "number" else _number_in_text(term)
    if "lookup" in term:
        values = {str(code): float(amount) for code, amount in standard.settings[term["lookup"]].items()}
        return pl.col(term["column"]).replace_strict(values, default=None, return_dtype=pl.Float64)
    name, operand = next(iter(term.items()))
    if name == "abs":
        return numeric_term(operand, table, standard).abs()
    if name == "days":
        start, end = (moment(column).dt.date() for column in operand)
        return (end - start).dt.total_days().cast(pl.Float64)
    if name == "age_years":
        return age_years(operand[0], operand[1])
    if name == "infant_age":
        return infant_age(operand[0], operand[1], standard.settings["infant_age_is"])
    if name == "sum_filled":
        unread = pl.any_horizontal([filled(column) & number(column).is_null() for column in operand])
        return pl.when(~unread).then(pl.sum_horizontal([number(column) for column in operand]))
    operands = [numeric_term(part, table, standard) for part in operand]
    if name == "product":
        return reduce(lambda a, b: a * b, operands)
    if name == "sum":
        return reduce(lambda a, b: a + b, operands)
    if name == "max":  # silent, like the others, where one of them is missing
        return pl.when(pl.all_horizontal([part.is_not_null() for part in operands])).then(pl.max_horizontal(operands))
    raise ValueError(f"unknown numeric term {name}")


def age_years(birth: str, at: str) -> pl.Expr:
    """Whole years from a birth date column to the time in another column."""
    born, now = moment(birth), moment(at)
    # month and day are 8-bit numbers: 12 * 31 would not fit without the cast
    day_of_year = [time.dt.month().cast(pl.Int32) * 31 + time.dt.day() for time in (now, born)]
    before_birthday = day_of_year[0] < day_of_year[1]
    return (now.dt.year() - born.dt.year() - before_birthday.cast(pl.Int32)).cast(pl.Float64)


def infant_age(birth: str, at: str, unit: str) -> pl.Expr:
    """Age at a time, in days or in months and thirtieths of a month."""
    born, now = moment(birth), moment(at)
    if unit == "days":
        return (now.dt.date() - born.dt.date()).dt.total_days().cast(pl.Float64)
    days = now.dt.day().cast(pl.Int32) - born.dt.day().cast(pl.Int32)
    before = (days < 0).cast(pl.Int32)
    months = (now.dt.year() - born.dt.year()) * 12 + now.dt.month().cast(pl.Int32) - born.dt.month().cast(pl.Int32)
    return (months - before).cast(pl.Float64) + (days + before * MONTH_DAYS) / MONTH_DAYS


def text_term(term: Any) -> pl.Expr:
    """A text term; see ``standard.model``."""
    if isinstance(term, str):
        return text(term)
    name, operand = next(iter(term.items()))
    if name == "text":
        return pl.lit(operand)
    if name == "substr":
        column, start, length = operand
        return text(column).str.slice(start, length)
    if name == "date8":
        return moment(operand).dt.strftime("%Y%m%d")
    if name == "id_sex":
        digit = text(operand).str.slice(16, 1).cast(pl.Int32, strict=False)
        return pl.when(digit % 2 == 1).then(pl.lit("1")).when(digit % 2 == 0).then(pl.lit("2"))
    raise ValueError(f"unknown text term {name}")


def condition(when: Mapping[str, Any], table: Table, standard: Standard) -> pl.Expr | None:
    """All conditions of a check as one expression without nulls; None when there are none."""
    parts = list(_parts(when, table, standard))
    return reduce(lambda a, b: a & b, parts).fill_null(False) if parts else None


def _parts(when: Mapping[str, Any], table: Table, standard: Standard) -> Iterator[pl.Expr]:
    for column, ops in when.items():
        if column in MANY:
            each = [one for part in ops if (one := condition(part, table, standard)) is not None]
            yield {"any": pl.any_horizontal, "all": pl.all_horizontal}.get(column, _none)(each)
        else:
            yield from (_condition(column, op, value, table, standard) for op, value in ops.items())


def _none(each: list[pl.Expr]) -> pl.Expr:
    return ~pl.any_horizontal(each)


def _condition(column: str, op: str, value: Any, table: Table, standard: Standard) -> pl.Expr:
    if op == "filled":
        return filled(column) if value else ~filled(column)
    if op == "in":
        return text(column).is_in(list(value))
    if op == "not_in":
        return ~text(column).is_in(list(value))
    if op == "prefix":
        return pl.any_horizontal([text(column).str.starts_with(part) for part in value])
    if op in ("age_below", "age_at_least"):
        years, at = value
        age = age_years(column, at)
        return age.lt(years) if op == "age_below" else age.ge(years)
    if op == "days_at_most":
        days, at = value
        return (moment(at).dt.date() - moment(column).dt.date()).dt.total_days().le(days)
    if op == "matches":
        return text(column).str.contains(value)
    if op == "differs":
        return text(column) != text(value)
    if op == "procedure":
        return text(column).is_in([code for code, one in standard.procedures.items() if one.fields["kind"] in value])
    amount = number(column) if table.by_name[column].type == "number" else _number_in_text(column)
    compare = {"above": amount.gt, "below": amount.lt, "at_least": amount.ge, "at_most": amount.le}
    return compare[op](value)
