"""Settings: refused when unsafe, all of them documented."""

from __future__ import annotations

from pathlib import Path

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


def test_what_nobody_should_see_in_the_environment_is_read_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sanjian_clickhouse").write_text("clickhouse://app:p%40ss@db:8123/sanjian\n", encoding="utf-8")
    (tmp_path / "sanjian_smtp").write_text("", encoding="utf-8")
    (tmp_path / "grafana_admin").write_text("not ours", encoding="utf-8")
    monkeypatch.setenv("SANJIAN_SECRETS_DIR", str(tmp_path))
    settings = load_settings()
    assert (settings.clickhouse, settings.smtp) == ("clickhouse://app:p%40ss@db:8123/sanjian", "")
    monkeypatch.setenv("SANJIAN_CLICKHOUSE", "clickhouse://other:8123/sanjian")
    assert load_settings().clickhouse == "clickhouse://other:8123/sanjian"


def test_a_file_with_a_wrong_value_is_refused_like_a_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sanjian_clickhouse").write_text("db:8123", encoding="utf-8")
    monkeypatch.setenv("SANJIAN_SECRETS_DIR", str(tmp_path))
    with pytest.raises(Misconfigured, match="SANJIAN_CLICKHOUSE"):
        load_settings()


def test_a_file_env_may_hold_what_docker_compose_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("WORKERS=2\nSANJIAN_PARTITIONS=12\n", encoding="utf-8")
    assert load_settings().partitions == 12
    (tmp_path / ".env").write_text("SANJIAN_PARTITION=12\n", encoding="utf-8")
    with pytest.raises(Misconfigured, match="SANJIAN_"):
        load_settings()


def test_only_servers_can_be_replicated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANJIAN_CLICKHOUSE_REPLICATED", "true")
    with pytest.raises(Misconfigured, match="address of a cluster's server"):
        load_settings()
    monkeypatch.setenv("SANJIAN_CLICKHOUSE", "clickhouse://app:secret@db:8123/sanjian")
    assert load_settings().clickhouse_replicated
