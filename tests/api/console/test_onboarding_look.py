"""Joining on its page: figures of conditions, and commands without secrets."""

from __future__ import annotations

from typing import Any

import pytest

from api.console.pages.onboarding import look


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        ({"id": "days", "unit": "days", "figure": 3.0, "needed": 7.0}, "3 天 / 7 天", "3 days / 7 days"),
        ({"id": "tables", "unit": "tables", "figure": 1, "needed": 19}, "1 张表 / 19 张表", "1 table / 19 tables"),
        ({"id": "mapping", "unit": "share", "figure": 0.875, "needed": 0.9}, "87.5% / 90.0%", "87.5% / 90.0%"),
        ({"id": "mapping", "unit": "share", "figure": None, "needed": 0.9}, "– / 90.0%", "– / 90.0%"),
        ({"id": "credentials", "unit": "days", "figure": None, "needed": 7}, "还没有用过", "not used yet"),
        ({"id": "credentials", "unit": "days", "figure": 0.25, "needed": 7}, "0.2 天前用过", "used 0.2 days ago"),
    ],
)
def test_conditions_say_what_is_there_against_what_is_asked(given: dict[str, Any], zh: str, en: str) -> None:
    assert (look.against(given, "zh"), look.against(given, "en")) == (zh, en)


def test_commands_name_the_institution_and_never_carry_a_secret_in_an_address() -> None:
    told = look.commands("https://sanjian.example.cn", "TEST0001837011211A1001")
    texts = "\n".join(text for _, text in told)
    assert "SANJIAN_URL=https://sanjian.example.cn\n" in texts
    assert "--org TEST0001837011211A1001" in texts
    assert "?" not in texts, "no parameters in addresses"
    assert all(zh and en for (zh, en), _ in told)
