"""What stands beside the compose files: the script that makes secrets, and what goes into the image."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from docker.check import ROOT
from sanjian.cli import load_settings

MAKE = ROOT / "docker" / "secrets" / "make.sh"


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A folder in which the script has run."""
    shutil.copy(MAKE, tmp_path / "make.sh")
    subprocess.run(["sh", str(tmp_path / "make.sh")], check=True, capture_output=True)
    return tmp_path


def read(folder: Path) -> dict[str, str]:
    """Every secret."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.name != "make.sh"}


def test_secrets_are_made_once(secrets: Path) -> None:
    before = read(secrets)
    again = subprocess.run(["sh", str(secrets / "make.sh")], check=True, capture_output=True, text=True)
    assert again.stdout == ""
    assert read(secrets) == before
    assert len(before) == 10


def test_our_processes_read_what_was_made(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANJIAN_SECRETS_DIR", str(secrets))
    settings, made = load_settings(), read(secrets)
    assert urlsplit(settings.clickhouse).hostname == "clickhouse"
    assert urlsplit(settings.accounts).password == made["postgres_password"]
    assert settings.smtp == ""
    assert urlsplit(made["sanjian_clickhouse_cluster"]).password == urlsplit(settings.clickhouse).password


def test_clickhouse_holds_hashes_of_the_passwords_only(secrets: Path) -> None:
    made = read(secrets)
    kept = made["clickhouse_passwords.xml"]
    assert urlsplit(made["sanjian_clickhouse"]).password == made["clickhouse_password"]
    for user, name in (("sanjian", "clickhouse_password"), ("grafana", "clickhouse_grafana_password")):
        assert len(made[name]) == 32
        assert f"<{user}><password_sha256_hex>{hashlib.sha256(made[name].encode()).hexdigest()}<" in kept
        assert made[name] not in kept


def test_others_on_the_host_do_not_get_at_the_secrets(secrets: Path) -> None:
    assert secrets.stat().st_mode & 0o077 == 0


def test_what_follows_from_a_password_is_made_again_as_it_was(secrets: Path) -> None:
    made = read(secrets)
    for name in ("sanjian_clickhouse", "sanjian_accounts", "clickhouse_passwords.xml"):
        (secrets / name).unlink()
    subprocess.run(["sh", str(secrets / "make.sh")], check=True, capture_output=True)
    assert read(secrets) == made


def test_everything_that_is_packaged_goes_into_the_image() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE) for name in line.split()
    }
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert packages < copied
    assert {f"!{name}" for name in copied} <= set(ignored)


def test_the_image_holds_what_is_needed_to_run_and_no_tools() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not [one for one in project["dependencies"] if " " in one], "one requirement a line of runtime.txt"
    assert not [one for one in project["dependencies"] if one.startswith(("pytest", "mypy", "ruff"))]
