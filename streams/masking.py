"""Personal values as others may see them: enough to find the row, not enough to know the person."""

from __future__ import annotations

import polars as pl

from standard.model import Personal

#: How many characters stay at the head and at the tail, by kind of value.
SHOWN: dict[Personal, tuple[int, int]] = {
    "name": (1, 0), "id_number": (3, 2), "phone": (3, 2), "address": (3, 0), "email": (1, 0), "card": (2, 2),
}  # fmt: skip
#: A value in a finding is for recognising it; longer ones are cut.
LONGEST = 200


def mask(value: str, personal: Personal) -> str:
    """The value with its middle replaced by stars; a short value keeps its first character, a single one not even it.

    At most half of the characters are shown.
    """
    if not personal:
        return value[:LONGEST]
    head, tail = SHOWN[personal]
    if len(value) < 2 * (head + tail):
        return (value[:1] if len(value) > 1 else "") + "*" * min(max(len(value) - 1, 1), len(value))
    return value[:head] + "*" * min(len(value) - head - tail, 12) + (value[-tail:] if tail else "")


def masked(values: pl.Series, personal: Personal) -> pl.Series:
    """A column of values, masked; nulls stay."""
    if not personal:
        return values.str.slice(0, LONGEST)
    return values.map_elements(lambda value: mask(value, personal), return_dtype=pl.String)
