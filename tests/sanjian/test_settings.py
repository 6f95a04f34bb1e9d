"""Settings: refused when unsafe, all of them documented."""

from __future__ import annotations

import pytest

from sanjian.cli import load_settings
from sanjian.errors import Misconfigured
from sanjian.settings import Settings
from sanjian.settings_page import PAGE, render


def test_the_page_of_settings_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == render()


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KAFKA", "localhost:9092"),
        ("CLICKHOUSE", "http://localhost"),
        ("PARTITIONS", "0"),
        ("PORT", "70000"),
        ("RUN_MAX_BYTES", "2000"),
    ],
)
def test_an_unsafe_value_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SANJIAN_{name}", value)
    with pytest.raises(Misconfigured, match="SANJIAN_"):
        load_settings()


def test_without_servers_both_parts_are_embedded() -> None:
    settings = Settings()
    assert settings.embedded_broker
    assert settings.clickhouse_dsn.startswith("chdb://")
