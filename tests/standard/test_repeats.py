"""A check or a condition that is written once for a group of columns stands for one each."""

from __future__ import annotations

from typing import Any

import pytest

from standard.repeats import repeated
from standard.settings import StandardError

GROUPS = {"procedure": {"code": ("P1", "P2"), "date": ("D1", "D2")}}


def checks(written: dict[str, Any]) -> list[dict[str, Any]]:
    return list(repeated(written, GROUPS, "here"))


def test_a_check_without_for_is_itself() -> None:
    assert checks({"kind": "mandatory", "columns": ["A"]}) == [{"kind": "mandatory", "columns": ["A"]}]


def test_a_check_for_a_group_is_one_check_each() -> None:
    written = {
        "for": "procedure", "kind": "mandatory", "columns": ["$date"],
        "when": {"$code": {"filled": True}, "A": {"in": ["1"]}},
    }  # fmt: skip
    assert checks(written) == [
        {"kind": "mandatory", "columns": [date], "when": {code: {"filled": True}, "A": {"in": ["1"]}}}
        for code, date in (("P1", "D1"), ("P2", "D2"))
    ]


def test_conditions_for_a_group_are_one_each_wherever_they_stand() -> None:
    written = {
        "kind": "never", "columns": ["A"],
        "when": {"all": [{"any": [{"A": {"in": ["1"]}}, {"for": "procedure", "$code": {"prefix": ["9"]}}]}]},
    }  # fmt: skip
    [check] = checks(written)
    any_of = [{"A": {"in": ["1"]}}, {"P1": {"prefix": ["9"]}}, {"P2": {"prefix": ["9"]}}]
    assert check["when"] == {"all": [{"any": any_of}]}


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"for": "none", "kind": "mandatory", "columns": ["$code"]}, "there is no group 'none'"),
        ({"for": "procedure", "kind": "mandatory", "columns": ["$level"]}, "no role 'level'"),
    ],
)
def test_what_is_not_there_is_refused(written: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StandardError, match=sentence):
        checks(written)
