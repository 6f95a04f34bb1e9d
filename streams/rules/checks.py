"""The kinds of checks as expressions: true where a row violates the check, never null.

Columns of the frame: the table's columns as text, their typed companions (``streams.typed``), :data:`ORG` the
institution that sent the message, :data:`ARRIVED` when it arrived (Shanghai wall clock), :data:`CAME_BEFORE` whether
the row's key came in an earlier message of the same file, MESSAGE its number, and for mapped columns the companion of
``streams.maps``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import polars as pl

from standard.model import Check, Restriction, Standard, Table
from streams.decode import MESSAGE
from streams.maps import mapped_name
from streams.rules import checksums
from streams.rules.filling import any_filled, distinct, in_order, never, together
from streams.rules.terms import DASH, DAY_MS, ROUND, condition, filled, moment, number, numeric_term, text, text_term

ORG = "_org"
ARRIVED = "_arrived"
CAME_BEFORE = "_came_before"
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
#: Clocks of senders and brokers differ by a few minutes without anybody being wrong.
CLOCK_TOLERANCE_MINUTES = 5

Kind = Callable[[Check, str, Table, Standard], pl.Expr]


def _after(later: pl.Expr, earlier: pl.Expr, milliseconds: float) -> pl.Expr:
    return (later - earlier).dt.total_milliseconds() > milliseconds


def mandatory(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The value is missing."""
    return ~filled(column, table.by_name[column].dash_filled)


def empty(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """There is a value where there must be none."""
    return filled(column)


def width(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """Text longer or shorter than allowed, in characters; a number with more digits before the point than fit."""
    spec = table.by_name[column]
    if spec.type == "number":
        digits = (spec.precision or 18) - (spec.scale or 0)
        return number(column).abs().ge(10.0**digits)
    value, size = pl.col(column), pl.col(column).str.len_chars()
    longest, shortest = check.params.get("max"), check.params.get("min")
    # the number of bytes is known without counting; only texts with more bytes than characters allowed are counted
    too_long: pl.Expr = (value.str.len_bytes() > longest) & (size > longest) if longest is not None else pl.lit(False)
    if shortest is None:
        return too_long
    too_short: pl.Expr = filled(column) & (size < shortest)
    return too_long | too_short


def of_type(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The text cannot be read as the column's type."""
    return filled(column) & pl.col(column + "#").is_null()


def in_range(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The number is outside its limits."""
    value = numeric_term(column, table, standard)
    limits = check.params
    outside: dict[str, Callable[[float], pl.Expr]] = {
        "min": lambda v: value < v, "max": lambda v: value > v, "above": lambda v: value <= v,
        "below": lambda v: value >= v,
    }  # fmt: skip
    parts = [outside[name](limits[name]) for name in outside if name in limits]
    if limits.get("nonzero"):
        parts.append(value == 0)
    if "abs_max" in limits:
        parts.append(value.abs() > limits["abs_max"])
    return reduce(lambda a, b: a | b, parts)


def pattern(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The text has none of the formats (standard/data/formats.csv names their sources)."""
    names = check.params.get("format")
    formats = [names] if isinstance(names, str) else list(names or ())
    shapes = [standard.formats[name].regex for name in formats] or [check.params["regex"]]
    return ~reduce(lambda a, b: a | b, [text(column).str.contains(shape) for shape in shapes])


def code(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The value is not in the code set (standard/data/codes.csv names its source), or is in a list of excluded ones."""
    if "split" in check.params:
        parts = text(column).str.split(check.params["split"])
        return parts.list.eval(_not_a_code(check, pl.element(), standard)).list.any()
    return _not_a_code(check, text(column), standard)


def _not_a_code(check: Check, value: pl.Expr, standard: Standard) -> pl.Expr:
    params, parts = check.params, []
    if "not_values" in params:
        parts.append(value.is_in(list(params["not_values"])))
    if "values" in params:
        parts.append(~value.is_in(list(params["values"])))
    if "code_set" in params:
        parts.append(~value.is_in(list(standard.code_sets[params["code_set"]].codes)))
    if "dictionary" in params:
        parts.append(~value.is_in(list(standard.dictionaries[params["dictionary"]])))
    if "prefixes" in params:
        parts.append(~pl.any_horizontal([value.str.starts_with(prefix) for prefix in params["prefixes"]]))
    parts += [value.str.starts_with(prefix) for prefix in params.get("not_prefixes", ())]
    return reduce(lambda a, b: a | b, parts)


def checksum(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The check character is wrong: GB 11643, GB 11714, GB 32100 or Luhn."""
    algorithm = check.params["algorithm"]
    return ~text(column).map_batches(lambda s: checksums.right(s, algorithm), return_dtype=pl.Boolean)


def placeholder(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The value only fills the place: a listed one, or one character repeated."""
    value = text(column)
    one_character = (value.str.len_chars() > 1) & (value.str.strip_chars(value.str.slice(0, 1)) == "")
    return value.is_in(list(check.params.get("values", ()))) | one_character


def date_order(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The first time is after the second, or too long before it."""
    first, second = (moment(name) for name in check.columns[:2])
    if check.params.get("calendar"):
        return first.dt.date() > second.dt.date()
    wrong = _after(first, second, check.params.get("tolerance_minutes", 0) * MINUTE_MS)
    if "max_hours" in check.params:
        wrong = wrong | _after(second, first, check.params["max_hours"] * HOUR_MS)
    return wrong


def not_future(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The time is later than the arrival of the row's message."""
    tolerance = check.params.get("tolerance_minutes", CLOCK_TOLERANCE_MINUTES)
    return _after(moment(column), pl.col(ARRIVED), tolerance * MINUTE_MS)


def not_before(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The first time lies too many years before the second."""
    earlier, later = (moment(name) for name in check.columns[:2])
    return earlier < later.dt.offset_by(f"-{check.params['years']}y")


def late(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """Uploaded more hours after the business time than agreed."""
    business, upload = (moment(name) for name in check.columns[:2])
    return _after(upload, business, check.params["hours"] * HOUR_MS)


def arithmetic(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The left term and the right one do not stand as they must, within the tolerance."""
    left = numeric_term(check.params["left"], table, standard)
    right = numeric_term(check.params["right"], table, standard)
    slack = pl.lit(float(check.params.get("tolerance", 0)))
    if "relative" in check.params:
        slack = pl.max_horizontal(slack, right.abs() * check.params["relative"])
    op = check.params.get("op", "eq")
    if op == "abs_le":
        left, right = left.abs(), right.abs()
    difference = {"eq": (left - right).abs(), "ge": right - left}.get(op, left - right)
    return (difference - slack).round(ROUND) > 0


def agree(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """Two texts differ."""
    return text_term(check.params["left"]) != text_term(check.params["right"])


def sign(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The sign of the amount does not fit the refund flag."""
    flag, amount = text(check.params["flag"]), number(column)
    not_negative = amount > 0 if check.params.get("zero_ok") else amount >= 0
    return (flag.is_in(list(check.params.get("non_negative", ()))) & (amount < 0)) | (
        flag.is_in(list(check.params.get("negative", ()))) & not_negative
    )


def unique(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The same values came before in the row's message, or, where they are the primary key, in the row's file."""
    applies = condition(check.when, table, standard)
    parts = [pl.col(MESSAGE), *[pl.col(name) for name in check.columns]]
    if applies is not None:
        parts.append(applies.alias("_applies"))
    last = check.columns[-1]

    def repeated(keys: pl.Series) -> pl.Series:
        if keys.struct.field(last).n_unique() == len(keys):  # nearly always, and much cheaper than the whole key
            return pl.repeat(False, len(keys), dtype=pl.Boolean, eager=True)
        return ~keys.is_first_distinct()

    whole = pl.all_horizontal([filled(name) for name in check.columns])
    here = pl.struct(parts).map_batches(repeated, return_dtype=pl.Boolean)
    return whole & ((pl.col(CAME_BEFORE) | here) if check.columns == table.key else here)


def sender(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The institution of the row is not the one that sent the message."""
    return text(column) != pl.col(ORG)


def mapping(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The local code has no standard code."""
    return text(column).is_not_null() & pl.col(mapped_name(column)).is_null()


def reference(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The name is not the code's name in the dictionary."""
    wanted = check.params["dictionary"]
    if wanted in standard.dictionaries:
        names = dict(standard.dictionaries[wanted])
    elif wanted == "departments":
        names = {key: entry.name for key, entry in standard.catalogues["department"].items()}
    else:
        names = {key: found.name_zh for key, found in standard.code_sets[wanted].codes.items()}
    name = pl.col(column).replace_strict(names, default=None, return_dtype=pl.String)
    return text(check.columns[1]) != name


def sex(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The diagnosis belongs to the other sex (GB/T 2261.1; standard/data/icd10_restrictions.csv)."""
    if check.params.get("dictionary") == "icd9cm3":
        sexes = {code: entry.fields["sex"] for code, entry in standard.procedures.items() if entry.fields["sex"]}
        restricted = pl.col(column).replace_strict(sexes, default=None, return_dtype=pl.String)
    else:
        restricted = _by_code(column, lambda found: found.sex or None, pl.String, standard)
    return text(check.columns[1]).is_in(["1", "2"]) & (text(check.columns[1]) != restricted)


def age(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The diagnosis does not fit the patient's age in days (standard/data/icd10_restrictions.csv)."""
    birth, at = (moment(name) for name in check.columns[1:3])
    days = (at - birth).dt.total_milliseconds() // DAY_MS
    youngest = _by_code(column, lambda found: found.min_days, pl.Int64, standard)
    oldest = _by_code(column, lambda found: found.max_days, pl.Int64, standard)
    return (days < youngest).fill_null(False) | (days > oldest).fill_null(False)


def _by_code(
    column: str, take: Callable[[Restriction], object], dtype: type[pl.DataType], standard: Standard
) -> pl.Expr:
    """What the first restriction that covers the diagnosis says, where it says something."""

    def lookup(codes: pl.Series) -> pl.Series:
        found = {code: _first(code, take, standard) for code in codes.unique().drop_nulls()}
        return codes.replace_strict(found, default=None, return_dtype=dtype)

    return text(column).map_batches(lookup, return_dtype=dtype)


def _first(code: str, take: Callable[[Restriction], object], standard: Standard) -> object:
    for restriction in standard.restrictions:
        value = take(restriction)
        if value is not None and any(
            first <= code[: len(first)] and code[: len(last)] <= last for first, last in restriction.codes
        ):
            return value
    return None


#: Kinds that look at one column at a time: a check with several columns is one such check for each.
BY_COLUMN: dict[str, Kind] = {
    "mandatory": mandatory, "empty": empty, "width": width, "type": of_type, "range": in_range, "pattern": pattern,
    "code": code, "checksum": checksum, "placeholder": placeholder, "not_future": not_future, "sender": sender,
    "sign": sign, "mapping": mapping,
}  # fmt: skip
#: Kinds that look at all their columns together.
WHOLE: dict[str, Kind] = {
    "never": never, "in_order": in_order, "distinct": distinct, "together": together, "any_filled": any_filled,
    "date_order": date_order, "not_before": not_before, "late": late,
    "arithmetic": arithmetic, "agree": agree, "unique": unique, "reference": reference, "sex": sex, "age": age,
}  # fmt: skip

__all__ = ["ARRIVED", "BY_COLUMN", "CAME_BEFORE", "DASH", "ORG", "WHOLE", "Kind"]
