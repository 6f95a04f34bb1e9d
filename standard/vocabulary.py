"""The kinds of checks and what each may say: the one schema that the loader and ``standard.check`` share.

``standard.model`` explains what each flight kind means; here stands which parameters every kind must and may have, how
many columns it looks at and where it is evaluated. A kind that is not here does not exist.

**Store checks** look at the rows that have landed. Everywhere: the institution pairs with itself without saying so;
rows whose XGBZ is a revoked value do not count on either side; ``when`` are conditions on the own row, ``where`` on the
other; a row is silent where its own columns in ``match`` are empty or "-"; ``match`` maps own column → column of the
other table; ``via`` is a table in between: ``{table | any_of, match: own → its column, to: its column → column of the
other table, where}``.

================  ===================================================================================================
parent            no row of ``table`` (or of one of ``any_of: [{table, match}]``) has the values of ``match``
cross_table       none of the rows of ``table`` that ``match`` finds agrees with the own row. No row found is silent
                  except for ``exists``, ``min_rows``, ``max_rows``. ``exists: false`` none may be there; ``min_rows``,
                  ``max_rows`` how many; ``agree`` own column → equal column (both filled); ``age`` {own: age in
                  years, birth, at} within 1 year; ``expect`` conditions on the other row (an age at an own time);
                  ``not_before``, ``not_after`` own time → other time, with ``tolerance_minutes``; ``open_end`` an
                  empty other time is no limit; ``within`` {own, other, hours}. ``own_where``: the other way round,
                  each row of ``table`` (``where``) needs ``min_rows`` own rows that fulfil it; ``covered_by``: each
                  row of ``table`` needs an own row
unique_store      another record has the same ``columns`` (the primary key: its versions belong to different patients);
                  ``split`` values at this separator first, ``ignore`` these values
refund_store      within the table, rows whose ``flag`` is in ``refund`` against rows whose flag is in ``original``,
                  paired by ``match`` (refund column → column of the original) and equal ``by`` columns. ``exists`` a
                  refund without original; ``reverse`` an original (its columns[0]) without refund; ``later`` the
                  refund's time is not after the original's; ``compare`` the absolute sum of the refunds exceeds that
                  of the originals by more than ``tolerance``; ``same_amount`` absolute values differ
sum_store         ``columns[0]`` differs from the sum of ``sum`` over the rows of ``table``, or (``total``) the sum of
                  ``columns[0]`` over the own rows with the same ``match`` differs from ``total`` of the other row, by
                  more than ``tolerance``
volume            ``per: day``: rows (or the sum of ``measure``) of an institution's day are more than the fraction
                  ``drop`` below the mean of the ``days`` before (silent where that is few rows). ``per: stay``:
                  ``gap_days`` days in a row within ``stay`` {table, match, from, to} have no own row (``where``)
duplicate         two records have equal ``columns``
cross_record      within the own table, rows grouped by ``group`` (``per: day`` and by the day of the business date),
                  only rows that fulfil ``where``: ``distinct`` a column has more than one value; ``rows`` {min, max}
                  of groups with a row that fulfils ``when``; ``no_overlap`` [from, to] intervals overlap;
                  ``max_sum`` {column, max}; ``requires`` no row of the group fulfils it though one fulfils ``when``;
                  ``differ`` two columns of a row are equal; ``older_than_days`` the row's business date lies this
                  far back from today; ``rising`` [number, time]: a row with a higher number has an earlier time;
                  ``follows`` {end, start, days}: a row that fulfils ``where`` ended within so many days before
                  the row's start;
                  ``distinct`` with ``order_by`` and ``first``: a value occurs twice, or the
                  lowest row does not fulfil ``first``; ``valid_only`` {table, match, where} rows count only with
                  such a row
sex_store         as sex, with the sex in ``table``; ``catalogue: item`` uses the item's own restriction
age_store         as age, with the birth date in ``table``, at the own time ``at``
registered        ``columns[0]`` is not the name that the institution was registered with
dictionary_store  ``columns[0]`` (its standard code where the column is mapped) is not in ``dictionary``; with
                  ``catalogue``: ``agree`` column → field differs, or the standard code is in ``not_values`` for the
                  value of ``by``
================  ===================================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from standard.model import Scope

ANY = 99  # "as many columns as a table has"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a check of one kind looks like. ``columns`` is the closed range of how many columns it looks at."""

    scope: Scope
    columns: tuple[int, int] = (1, 1)
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()  # at least one of these has to be there


def _flight(columns: tuple[int, int], required: str = "", optional: str = "", one_of: str = "") -> Kind:
    return Kind("flight", columns, *(frozenset(names.split()) for names in (required, optional, one_of)))


def _store(columns: tuple[int, int], required: str = "", optional: str = "", one_of: str = "") -> Kind:
    return Kind("store", columns, *(frozenset(names.split()) for names in (required, optional, one_of)))


KINDS: Mapping[str, Kind] = {
    "mandatory": _flight((1, 1)),
    "empty": _flight((1, 1)),
    "together": _flight((2, ANY)),
    "never": _flight((1, ANY)),
    "in_order": _flight((2, ANY)),
    "distinct": _flight((2, ANY)),
    "any_filled": _flight((1, ANY)),  # "-" is never enough, unlike in mandatory and together
    "width": _flight((1, 1), one_of="max min"),
    "type": _flight((1, 1)),
    "range": _flight((1, 1), one_of="min max above below nonzero"),
    "pattern": _flight((1, 1), one_of="format regex"),
    "code": _flight((1, 1), optional="split", one_of="code_set values not_values prefixes not_prefixes dictionary"),
    "checksum": _flight((1, 1), "algorithm"),
    "placeholder": _flight((1, 1), "values"),
    "date_order": _flight((2, 2), optional="tolerance_minutes max_hours calendar"),
    "not_future": _flight((1, 1), optional="tolerance_minutes"),
    "not_before": _flight((2, 2), "years"),
    "late": _flight((2, 2), "hours"),
    "arithmetic": _flight((1, ANY), "left op right", "tolerance relative"),
    "agree": _flight((1, ANY), "left right"),
    "sign": _flight((1, 1), "flag", "non_negative negative zero_ok"),
    "unique": _flight((1, ANY)),
    "sender": _flight((1, 1)),
    "mapping": _flight((1, 1), "maps", "name local agree"),
    "reference": _flight((2, 2), "dictionary"),
    "sex": _flight((2, 2), optional="dictionary"),
    "age": _flight((3, 3)),
    "parent": _store((1, ANY), optional="where match", one_of="table any_of"),
    "cross_table": _store(
        (1, ANY),
        optional="match where own_where via exists min_rows max_rows agree age expect not_before not_after within "
        "tolerance_minutes open_end covered_by",
        one_of="table any_of",
    ),
    "unique_store": _store((1, ANY), optional="split ignore"),
    "refund_store": _store(
        (1, ANY),
        "flag refund original",
        "match by compare exists reverse later same_amount tolerance",
        one_of="match by",
    ),
    "sum_store": _store((1, 1), "table tolerance", "match where via sum total"),
    "volume": _store((1, 2), "per", "days drop measure gap_days where stay"),
    "duplicate": _store((1, ANY)),
    "cross_record": _store(
        (1, ANY),
        optional="group where per order_by first valid_only",
        one_of="distinct rows no_overlap older_than_days differ requires max_sum rising follows",
    ),
    "sex_store": _store((1, 1), "table match sex", "catalogue"),
    "age_store": _store((1, 1), "table match birth at"),
    "registered": _store((1, 1)),
    "dictionary_store": _store((1, 2), optional="agree by not_values", one_of="dictionary catalogue"),
}

OPERATORS = frozenset({"eq", "le", "ge", "abs_le"})
ALGORITHMS = frozenset({"id_card", "org_code", "credit_code", "luhn"})
CONDITIONS = frozenset(
    {"in", "not_in", "filled", "prefix", "above", "below", "at_least", "at_most", "age_below", "age_at_least"}
)
# Conditions that only checks in flight have; MANY hold lists of conditions and stand in the place of a column.
FLIGHT_CONDITIONS = frozenset({"days_at_most", "matches", "differs", "procedure"})
MANY = frozenset({"any", "all", "none"})
NUMERIC_TERMS = frozenset({"product", "sum", "sum_filled", "abs", "max", "days", "age_years", "infant_age", "lookup"})
TEXT_TERMS = frozenset({"text", "substr", "date8", "id_sex"})


def complaints(kind: str, columns: tuple[str, ...], params: Mapping[str, Any]) -> Iterator[str]:
    """Sentences on what is wrong with the shape of a check; none when it fits its kind."""
    known = KINDS.get(kind)
    if known is None:
        yield f"unknown kind {kind!r}"
        return
    least, most = known.columns
    if not least <= len(columns) <= most:
        yield f"{kind} looks at {least}{'' if least == most else f' to {most}'} columns, not {len(columns)}"
    if missing := known.required - params.keys():
        yield f"{kind} needs {', '.join(sorted(missing))}"
    if unknown := params.keys() - known.required - known.optional - known.one_of:
        yield f"{kind} has no parameter {', '.join(sorted(unknown))}"
    if known.one_of and not known.one_of & params.keys():
        yield f"{kind} needs one of {', '.join(sorted(known.one_of))}"
    if kind == "arithmetic" and params.get("op") not in OPERATORS:
        yield f"unknown operator {params.get('op')!r}"
    if kind == "checksum" and params.get("algorithm") not in ALGORITHMS:
        yield f"unknown algorithm {params.get('algorithm')!r}"


def columns_of(term: Any) -> Iterator[str]:
    """The column names in a numeric or text term; raises ValueError on a term that is not in the vocabulary."""
    if isinstance(term, str):
        yield term
    elif isinstance(term, Mapping):
        yield from _columns_of_function(term)
    elif not isinstance(term, int | float):
        raise ValueError(f"not a term: {term!r}")


def _columns_of_function(term: Mapping[str, Any]) -> Iterator[str]:
    name = next(iter(term.keys() & (NUMERIC_TERMS | TEXT_TERMS)), None)
    if name is None:
        raise ValueError(f"not a term: {dict(term)!r}")
    argument = term[name]
    if name == "text":
        return
    if name == "lookup":
        yield term["column"]
    elif name == "substr":
        yield argument[0]
    elif name in ("abs", "date8", "id_sex"):
        yield from columns_of(argument)
    else:
        for part in argument:
            yield from columns_of(part)
