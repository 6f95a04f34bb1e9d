"""Tokens: hashed, private, taken back by deleting them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import orjson
import pytest

from api.tokens import TokenFile, new_token
from sanjian.errors import Misconfigured
from tests.api.conftest import ORG_A


def test_a_new_token_is_found_and_the_file_holds_only_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    token = new_token(path, ORG_A, "hospital", "his vendor")
    found = TokenFile(path).find(token)
    assert found is not None
    assert (found.org, found.role, found.label) == (ORG_A, "hospital", "his vendor")
    assert token not in path.read_text()


def test_the_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    new_token(path, "", "admin", "x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_wrong_token_is_nobody(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    token = new_token(path, "", "admin", "x")
    tokens = TokenFile(path)
    assert tokens.find(token[:-1]) is None
    assert tokens.find("") is None


def test_a_token_made_or_taken_back_later_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    tokens = TokenFile(path)
    first = new_token(path, ORG_A, "hospital", "first")
    second = new_token(path, "", "operator", "second")
    assert tokens.find(first) is not None
    entries = [entry for entry in orjson.loads(path.read_bytes()) if entry["label"] != "first"]
    path.write_bytes(orjson.dumps(entries))
    assert tokens.find(first) is None
    assert tokens.find(second) is not None


def test_a_half_edited_file_keeps_the_tokens_before(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    token = new_token(path, "", "admin", "x")
    tokens = TokenFile(path)
    path.write_text("[{")
    os.utime(path, (1, 1))
    assert tokens.find(token) is not None


@pytest.mark.parametrize(
    "content", ["{", "{}", '[{"sha256": "short"}]', '[{"sha256": "%s", "role": "root"}]' % ("0" * 64)]
)
def test_an_unusable_file_is_refused_at_the_start(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(content)
    with pytest.raises(Misconfigured):
        TokenFile(path)


@pytest.mark.parametrize(("org", "role"), [("", "hospital"), (ORG_A, "admin"), ("", "root")])
def test_a_token_without_sense_is_not_made(tmp_path: Path, org: str, role: str) -> None:
    with pytest.raises(Misconfigured):
        new_token(tmp_path / "tokens.json", org, role, "x")  # type: ignore[arg-type]
    assert not (tmp_path / "tokens.json").exists()


def test_a_token_may_take_the_place_of_the_one_with_its_label(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    first = new_token(path, "", "admin", "runtime", replace=True)
    other = new_token(path, "", "operator", "other")
    second = new_token(path, "", "admin", "runtime", replace=True)
    tokens = TokenFile(path)
    assert tokens.find(first) is None
    assert tokens.find(second) is not None
    assert tokens.find(other) is not None
