"""Personal values in findings and alerts: enough to find the row, not enough to know the person."""

from __future__ import annotations

from typing import get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standard.model import Personal
from streams.masking import LONGEST, SHOWN, mask, masked

KINDS: list[Personal] = [kind for kind in get_args(Personal) if kind]


def test_every_kind_of_personal_value_has_its_mask() -> None:
    assert set(SHOWN) == set(KINDS)


@pytest.mark.parametrize(
    ("value", "personal", "shown"),
    [
        ("990000199003070013", "id_number", "990************13"),
        ("王小明", "name", "王**"),
        ("欧阳小明", "name", "欧***"),
        ("王", "name", "*"),
        ("王明", "name", "王*"),
        ("13800000000", "phone", "138******00"),
        ("12345", "phone", "1****"),
        ("123456", "phone", "1*****"),
        ("示例市示例路1号", "address", "示例市*****"),
        ("示例路", "address", "示**"),
        ("name@example.com", "email", "n************"),
        ("6222000011112222", "card", "62************22"),
        ("1234", "card", "1***"),
        ("", "name", ""),
    ],
)
def test_a_value_shows_its_ends_at_most(value: str, personal: Personal, shown: str) -> None:
    assert mask(value, personal) == shown


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(KINDS), st.text(st.characters(exclude_characters="*"), max_size=40))
def test_at_most_half_of_a_personal_value_is_shown(personal: Personal, value: str) -> None:
    shown = mask(value, personal)
    stars = shown.count("*")
    kept = len(shown) - stars
    assert kept <= len(value) / 2
    assert kept == 0 or stars >= 1
    assert shown == "" or value == "" or stars >= 1


@pytest.mark.parametrize("personal", KINDS)
def test_a_very_long_value_does_not_tell_its_length(personal: Personal) -> None:
    assert len(mask("x" * 1000, personal)) == len(mask("x" * 500, personal)) < 20


def test_what_is_not_personal_is_only_cut() -> None:
    assert mask("90000001499000011A1001", "") == "90000001499000011A1001"
    assert mask("长" * 500, "") == "长" * LONGEST


def test_a_column_is_masked_like_its_values_and_keeps_what_is_empty() -> None:
    column = pl.Series(["王小明", None, "李", ""])
    assert masked(column, "name").to_list() == ["王**", None, "*", ""]
    assert masked(pl.Series(["x" * 500, None]), "").to_list() == ["x" * LONGEST, None]
    assert masked(pl.Series([None], dtype=pl.String), "name").to_list() == [None]
