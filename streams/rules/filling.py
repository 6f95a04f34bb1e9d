"""Kinds of checks about which columns of a row are filled together, in order, or with different values."""

from __future__ import annotations

from itertools import combinations, pairwise

import polars as pl

from standard.model import Check, Standard, Table
from streams.rules.terms import filled, text


def together(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """Some of the columns are filled and others are not."""
    there = [filled(name, table.by_name[name].dash_filled) for name in check.columns]
    return pl.any_horizontal(there) & ~pl.all_horizontal(there)


def never(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """The conditions of the check hold: what they say together is wrong."""
    return pl.lit(True)


def in_order(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """A column is filled although the one before it is not."""
    pairs = pairwise(check.columns)
    return pl.any_horizontal([~filled(before) & filled(later) for before, later in pairs])


def distinct(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """Two of the columns have the same value."""
    return pl.any_horizontal([text(one) == text(other) for one, other in combinations(check.columns, 2)])


def any_filled(check: Check, column: str, table: Table, standard: Standard) -> pl.Expr:
    """None of the columns is filled."""
    return ~pl.any_horizontal([filled(name) for name in check.columns])
