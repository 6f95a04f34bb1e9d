"""Whether an example row violates a check: the vocabulary read literally, one row at a time, in plain Python.

This is for the examples of the rules (``sanjian standard check``), not for data: it is slow, needs no frame, and so can
disagree with ``streams/rules`` when one of the two misreads the vocabulary. It cannot decide what needs more than the
row: ``unique`` and ``sender`` count as not violated, and ``mapping`` knows no code map of an institution, only the
catalogues.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from standard.checksums import CHECKSUMS
from standard.example_row import ExampleRow, age_of, holds, numeric, text_of
from standard.model import Check, Restriction, Standard, Table

# When the examples arrive; any time after the dates in them would do.
ARRIVAL = datetime(2026, 11, 21, 12, 0)  # noqa: DTZ001 — Shanghai time without a zone, as in the data


def violates(check: Check, row: Mapping[str, str], table: Table, standard: Standard) -> bool:
    """Whether ``row`` (column → text; absent is empty) violates ``check``. Raises KeyError for an unknown kind."""
    context = ExampleRow(row, table.by_name, standard, check)
    if not holds(context, check.when):
        return False
    return _KINDS[check.kind](context)


def _width(row: ExampleRow) -> bool:
    text = row.first
    if row.columns[row.check.columns[0]].type == "number":
        number = row.number(row.check.columns[0])
        return number is not None and abs(number) >= Decimal(10) ** row.params["max"]
    return bool(text) and not row.params.get("min", 0) <= len(text) <= row.params.get("max", len(text))


def _type(row: ExampleRow) -> bool:
    column = row.columns[row.check.columns[0]]
    if not row.first or column.type == "text":
        return False
    return row.number(column.name) is None if column.type == "number" else row.time(column.name) is None


def _range(row: ExampleRow) -> bool:
    number, params = row.number(row.check.columns[0]), row.params
    if number is None:
        return False
    limits: Mapping[str, Callable[[Any], bool]] = {
        "min": lambda limit: number < limit,
        "max": lambda limit: number > limit,
        "above": lambda limit: number <= limit,
        "below": lambda limit: number >= limit,
    }
    outside = any(beyond(Decimal(str(params[name]))) for name, beyond in limits.items() if name in params)
    return outside or bool(params.get("nonzero") and number == 0)


def _pattern(row: ExampleRow) -> bool:
    name = row.params.get("format")
    regex = row.standard.formats[name].regex if name else row.params["regex"]
    return bool(row.first) and not re.search(regex, row.first)


def _code(row: ExampleRow) -> bool:
    value, params = row.first, row.params
    if not value:
        return False
    parts = value.split(params["split"]) if "split" in params else [value]
    return any(_not_a_code(row, part) for part in parts)


def _not_a_code(row: ExampleRow, value: str) -> bool:
    params = row.params
    outside = "code_set" in params and value not in row.standard.code_sets[params["code_set"]]
    outside |= "values" in params and value not in params["values"]
    outside |= "dictionary" in params and value not in row.standard.dictionaries[params["dictionary"]]
    outside |= "prefixes" in params and not value.startswith(tuple(params["prefixes"]))
    return outside or value in params.get("not_values", ()) or value.startswith(tuple(params.get("not_prefixes", ())))


def _placeholder(row: ExampleRow) -> bool:
    value = row.first
    return bool(value) and (value in row.params["values"] or len(set(value)) == 1)


def _date_order(row: ExampleRow) -> bool:
    first, second = (row.time(column) for column in row.check.columns)
    if first is None or second is None:
        return False
    if row.params.get("calendar"):
        return first.date() > second.date()
    most = row.params.get("max_hours")
    too_late = first > second + timedelta(minutes=row.params.get("tolerance_minutes", 0))
    return too_late or (most is not None and second > first + timedelta(hours=most))


def _not_future(row: ExampleRow) -> bool:
    time = row.time(row.check.columns[0])
    return time is not None and time > ARRIVAL + timedelta(minutes=row.params.get("tolerance_minutes", 5))


def _not_before(row: ExampleRow) -> bool:
    age = age_of(row, *row.check.columns)
    return age is not None and age >= row.params["years"]


def _late(row: ExampleRow) -> bool:
    happened, sent = (row.time(column) for column in row.check.columns)
    return bool(happened and sent and sent > happened + timedelta(hours=row.params["hours"]))


def _arithmetic(row: ExampleRow) -> bool:
    left, right = numeric(row, row.params["left"]), numeric(row, row.params["right"])
    if left is None or right is None:
        return False
    operator = row.params["op"]
    if operator == "abs_le":
        left, right, operator = abs(left), abs(right), "le"
    relative = abs(right) * Decimal(str(row.params.get("relative", 0)))
    slack = max(Decimal(str(row.params.get("tolerance", 0))), relative)
    return {"eq": abs(left - right) > slack, "le": left > right + slack, "ge": left < right - slack}[operator]


def _agree(row: ExampleRow) -> bool:
    left, right = text_of(row, row.params["left"]), text_of(row, row.params["right"])
    return bool(left and right) and left != right


def _sign(row: ExampleRow) -> bool:
    number, flag = row.number(row.check.columns[0]), row.value(row.params["flag"])
    if number is None:
        return False
    if flag in row.params.get("non_negative", ()):
        return number < 0
    too_much = number > 0 if row.params.get("zero_ok") else number >= 0
    return flag in row.params.get("negative", ()) and too_much


def _reference(row: ExampleRow) -> bool:
    code, name = (row.value(column) for column in row.check.columns)
    dictionary = row.params["dictionary"]
    known = row.standard.dictionaries.get(dictionary)
    expected = known.get(code) if known is not None else None
    if dictionary in row.standard.code_sets and code in row.standard.code_sets[dictionary]:
        expected = row.standard.code_sets[dictionary].codes[code].name_zh
    return bool(code and name and expected is not None) and name != expected


def _restricted(row: ExampleRow, test: Callable[[Restriction], bool]) -> bool:
    code = row.first
    return any(
        test(restriction)
        for restriction in row.standard.restrictions
        if any(first <= code[: len(first)] and code[: len(last)] <= last for first, last in restriction.codes)
    )


def _sex(row: ExampleRow) -> bool:
    sex = row.value(row.check.columns[1])
    if row.params.get("dictionary") == "icd9cm3":
        entry = row.standard.procedures.get(row.first)
        return entry is not None and sex in ("1", "2") and entry.fields["sex"] not in ("", sex)
    return sex in ("1", "2") and _restricted(row, lambda limit: limit.sex not in ("", sex))


def _in_order(row: ExampleRow) -> bool:
    there = [bool(row.value(column)) for column in row.check.columns]
    return any(later and not before for before, later in pairwise(there))


def _distinct(row: ExampleRow) -> bool:
    values = [value for column in row.check.columns if (value := row.value(column))]
    return len(set(values)) < len(values)


def _mapping(row: ExampleRow) -> bool:
    identity = row.standard.settings["identity_maps"]
    kinds = [kind for kind in row.params["maps"] if identity[kind]]
    entry = next((found for kind in kinds if (found := row.standard.catalogues[kind].get(row.first))), None)
    if entry is None:
        return bool(row.first)
    agree = row.params.get("agree", {})
    return any(row.value(column) not in ("", entry.fields[field]) for column, field in agree.items())


def _age_limit(row: ExampleRow) -> bool:
    born, at = (row.time(column) for column in row.check.columns[1:])
    if born is None or at is None:
        return False
    days = (at.date() - born.date()).days
    return _restricted(
        row,
        lambda limit: (
            (limit.min_days is not None and days < limit.min_days)
            or (limit.max_days is not None and days > limit.max_days)
        ),
    )


_KINDS: Mapping[str, Callable[[ExampleRow], bool]] = {
    "mandatory": lambda row: not row.filled(row.check.columns[0]),
    "empty": lambda row: bool(row.first),
    "together": lambda row: len({row.filled(column) for column in row.check.columns}) > 1,
    "never": lambda row: True,
    "in_order": _in_order,
    "distinct": _distinct,
    "any_filled": lambda row: not any(row.value(column) for column in row.check.columns),
    "width": _width,
    "type": _type,
    "range": _range,
    "pattern": _pattern,
    "code": _code,
    "checksum": lambda row: bool(row.first) and not CHECKSUMS[row.params["algorithm"]](row.first),
    "placeholder": _placeholder,
    "date_order": _date_order,
    "not_future": _not_future,
    "not_before": _not_before,
    "late": _late,
    "arithmetic": _arithmetic,
    "agree": _agree,
    "sign": _sign,
    "reference": _reference,
    "sex": _sex,
    "age": _age_limit,
    "unique": lambda row: False,
    "sender": lambda row: False,
    "mapping": _mapping,
}
