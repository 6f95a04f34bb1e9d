"""Passwords: what is taken, what it costs to be wrong, how long one waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from api.accounts.keys import derived, hashed, new_key, one_time_password, same
from api.accounts.lockout import FREE, LONGEST, pause
from api.accounts.passwords import AT_ONCE, WAITING, Passwords, check_policy, common
from api.errors import ApiError
from tests.api.conftest import CHEAP, ORG_A


@pytest.mark.parametrize("good", ["correct horse", "医院信息科的密码很长很长", "x7#kQ2-vbn"])
def test_a_long_one_is_taken(good: str) -> None:
    check_policy(good, "li.na", ORG_A)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("short-one", "short"), ("x" * 129, "long"), ("my name is LI.NA", "name"), (f"{ORG_A}!", "name"),
        ("1234567890", "common"), ("Password1234", "common"), ("ADMIN@2026", "common"), ("aaaaaaaaaaaaaaa", "common"),
    ],
)  # fmt: skip
def test_a_short_one_one_with_the_name_and_a_common_one_are_refused(bad: str, reason: str) -> None:
    with pytest.raises(ApiError) as error:
        check_policy(bad, "li.na", ORG_A)
    assert (error.value.code, error.value.more["reason"]) == ("weak_password", reason)
    assert bad not in error.value.message_zh + error.value.message_en


def test_every_common_password_is_long_enough_to_matter() -> None:
    assert len(common()) > 150
    assert all(len(one) >= 10 for one in common())


def test_a_hash_tells_nothing_and_is_different_each_time() -> None:
    first, second = CHEAP.hash("a short sentence"), CHEAP.hash("a short sentence")
    assert first != second
    assert first.startswith("$argon2id$")
    assert CHEAP.right(first, "a short sentence")
    assert not CHEAP.right(first, "a short sentence ")
    assert not CHEAP.right("not a hash", "a short sentence")


def test_nobody_has_the_password_of_nobody() -> None:
    assert not CHEAP.right(None, "nobody has this password")


def test_a_hash_of_weaker_parameters_is_told() -> None:
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert stronger.outdated(CHEAP.hash("a short sentence"))
    assert not stronger.outdated(stronger.hash("a short sentence"))


def test_the_parameters_in_use_are_those_that_argon2_recommends() -> None:
    kept = Passwords().hash("a short sentence")
    assert "m=65536,t=3,p=4" in kept


def test_a_flood_of_logins_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.accounts.passwords.WAIT_SECONDS", 0.0)
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    for _ in range(AT_ONCE):
        assert passwords._turns.acquire(timeout=0)
    for _ in range(20):  # more than may wait: nobody keeps a place
        with pytest.raises(ApiError) as error:
            passwords.right(None, "x")
        assert error.value.code == "too_many_logins"
    for _ in range(AT_ONCE):
        passwords._turns.release()
    assert not passwords.right(None, "x")


def test_only_a_few_wait_for_a_turn() -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    for _ in range(AT_ONCE + WAITING):
        assert passwords._places.acquire(blocking=False)
    with pytest.raises(ApiError) as error:
        passwords.hash("x")
    assert error.value.code == "too_many_logins"


def test_the_pauses_double_and_end_at_the_longest() -> None:
    seconds = [pause("user", failures).total_seconds() for failures in range(1, 12)]
    assert seconds == [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320]
    assert pause("user", 10_000) == LONGEST == timedelta(minutes=15)
    assert pause("address", FREE["user"]) == timedelta()


def test_keys_are_long_different_and_recognisable() -> None:
    keys = {new_key("sj") for _ in range(100)}
    assert len(keys) == 100
    assert all(key.startswith("sj_") and len(key) == 46 for key in keys)
    assert len({hashed(key) for key in keys}) == 100


def test_texts_are_compared_whole() -> None:
    assert same("密钥", "密钥")
    assert not same("密钥", "密")
    assert derived("cookie", "csrf") != derived("cookie", "other") != derived("cookie2", "csrf")


def test_one_time_passwords_can_be_read_out_and_pass_the_policy() -> None:
    for password in (one_time_password() for _ in range(50)):
        assert not set(password) & set("0o1il")
        check_policy(password, "admin")
