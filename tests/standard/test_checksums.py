"""Check characters after their standards, on numbers that belong to nobody."""

from __future__ import annotations

import pytest

from standard.checksums import CHECKSUMS
from standard.load import load


@pytest.mark.parametrize(
    ("algorithm", "right", "wrong"),
    [
        ("id_card", "11010519491231002X", "110105194912310021"),  # the example printed in GB 11643
        ("org_code", "D2143569X", "D21435691"),  # the example printed in GB 11714
        ("credit_code", "91350100M000100Y43", "91350100M000100Y44"),  # the example printed in GB 32100
        ("luhn", "79927398713", "79927398710"),
    ],
)
def test_the_check_character_decides(algorithm: str, right: str, wrong: str) -> None:
    assert CHECKSUMS[algorithm](right)
    assert not CHECKSUMS[algorithm](wrong)


@pytest.mark.parametrize("text", ["", "-", "1", "11010519491231002x", "１１０１０５", "中" * 18])
def test_what_has_not_the_shape_is_wrong_and_raises_nothing(text: str) -> None:
    assert not any(CHECKSUMS[name](text) for name in ("id_card", "org_code", "credit_code"))


def test_the_examples_of_the_formats_carry_right_check_characters() -> None:
    formats = load().formats
    assert CHECKSUMS["id_card"](formats["Identity number"].example)
    assert CHECKSUMS["org_code"](formats["Institution code"].example)
    assert CHECKSUMS["credit_code"](formats["Unified social credit code"].example)


def test_every_drug_code_of_the_catalogue_has_its_luhn_digit() -> None:
    assert all(CHECKSUMS["luhn"](code) for code in load().catalogues["drug"])
