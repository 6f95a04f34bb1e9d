"""People: made with a one-time password, changed, disabled; one administrator always stays."""

from __future__ import annotations

import threading

import pytest

from api.accounts.accounts import Accounts
from api.accounts.principal import Assignment
from api.errors import ApiError
from tests.api.accounts.clock import Clock
from tests.api.accounts.conftest import HOSPITAL, NAME, PASSWORD
from tests.api.accounts.entries import entries
from tests.api.conftest import ORG_A, ORG_B, TESTS

ADMIN = Assignment("admin")


def code_of(error: pytest.ExceptionInfo[ApiError]) -> str:
    return error.value.code


def test_somebody_new_gets_a_password_that_has_to_be_changed(accounts: Accounts) -> None:
    password = accounts.users.add(TESTS, NAME, HOSPITAL, "李娜")
    found = accounts.users.find(NAME)
    assert (found.full_name, found.assignment, found.must_change, found.active) == ("李娜", HOSPITAL, True, True)
    assert password not in found.password
    assert accounts.sessions.login(NAME, password, "10.0.0.9").user.must_change
    assert ("system:tests", "user.add", NAME, {"role": "hospital", "org": ORG_A}) in entries(accounts)


@pytest.mark.parametrize("name", ["", "ab", "Li.Na", "-li", "li na", "李娜", "x" * 41, "a/../b", "a\nb"])
def test_a_name_that_is_none_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(ApiError) as error:
        accounts.users.add(TESTS, name, HOSPITAL)
    assert code_of(error) == "bad_name"
    assert entries(accounts) == []


def test_a_name_is_given_once(accounts: Accounts, user: str) -> None:
    with pytest.raises(ApiError) as error:
        accounts.users.add(TESTS, user, HOSPITAL)
    assert code_of(error) == "name_taken"


def test_of_two_at_the_same_moment_one_gets_the_name(accounts: Accounts) -> None:
    codes: list[str] = []
    ready = threading.Barrier(4)

    def add() -> None:
        ready.wait()
        try:
            accounts.users.add(TESTS, NAME, HOSPITAL)
            codes.append("added")
        except ApiError as error:
            codes.append(error.code)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["added", *["name_taken"] * 3]
    assert len(accounts.users.all()) == 1


def test_other_rights_end_every_session_and_another_name_does_not(accounts: Accounts, user: str) -> None:
    cookie = accounts.sessions.login(user, PASSWORD, "10.0.0.9").cookie
    accounts.users.change(TESTS, user, full_name="李娜")
    assert accounts.sessions.find(cookie) is not None
    accounts.users.change(TESTS, user, assignment=Assignment("hospital", ORG_B))
    assert accounts.sessions.find(cookie) is None
    assert accounts.users.find(user).org == ORG_B


def test_who_is_disabled_is_out_at_once_and_cannot_come_back(accounts: Accounts, user: str) -> None:
    cookie = accounts.sessions.login(user, PASSWORD, "10.0.0.9").cookie
    accounts.users.change(TESTS, user, active=False)
    assert accounts.sessions.find(cookie) is None
    with pytest.raises(ApiError) as error:
        accounts.sessions.login(user, PASSWORD, "10.0.0.9")
    assert code_of(error) == "bad_login"  # no different from a wrong password
    accounts.users.change(TESTS, user, active=True)
    assert accounts.sessions.login(user, PASSWORD, "10.0.0.9").user.name == user
    written = [action for _, action, _, _ in entries(accounts)]
    assert {"user.disable", "user.enable", "login.failed"} <= set(written)


def test_the_last_administrator_stays(accounts: Accounts) -> None:
    accounts.users.add(TESTS, "first", ADMIN)
    for change in ({"active": False}, {"assignment": HOSPITAL}):
        with pytest.raises(ApiError) as error:
            accounts.users.change(TESTS, "first", **change)  # type: ignore[arg-type]
        assert code_of(error) == "last_admin"
    accounts.users.add(TESTS, "second", ADMIN)
    accounts.users.change(TESTS, "first", active=False)
    with pytest.raises(ApiError):
        accounts.users.change(TESTS, "second", active=False)


def test_a_new_one_time_password_ends_the_old_one_and_every_session(accounts: Accounts, user: str) -> None:
    cookie = accounts.sessions.login(user, PASSWORD, "10.0.0.9").cookie
    password = accounts.users.reset_password(TESTS, user)
    assert accounts.sessions.find(cookie) is None
    with pytest.raises(ApiError):
        accounts.sessions.login(user, PASSWORD, "10.0.0.9")
    assert accounts.sessions.login(user, password, "10.0.0.9").user.must_change


def test_ones_own_password_is_changed_with_the_old_one_and_ends_every_session(accounts: Accounts, user: str) -> None:
    cookies = [accounts.sessions.login(user, PASSWORD, "10.0.0.9").cookie for _ in range(2)]
    accounts.users.own_password(TESTS, user, PASSWORD, "another sentence")
    assert [accounts.sessions.find(cookie) for cookie in cookies] == [None, None]
    found = accounts.sessions.login(user, "another sentence", "10.0.0.9").user
    assert not found.must_change
    assert ("system:tests", "password.change", user, {"sessions": 2}) in entries(accounts)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("wrong password", "another sentence", "wrong_password"), (PASSWORD, "short", "weak_password"),
        (PASSWORD, f"{NAME} is my name", "weak_password"), (PASSWORD, PASSWORD, "same_password"),
    ],
)  # fmt: skip
def test_a_password_that_cannot_be_is_refused_and_the_old_one_stays(
    accounts: Accounts, user: str, old: str, new: str, code: str
) -> None:
    with pytest.raises(ApiError) as error:
        accounts.users.own_password(TESTS, user, old, new)
    assert code_of(error) == code
    assert accounts.sessions.login(user, PASSWORD, "10.0.0.9").user.name == user


def test_a_stolen_session_cannot_guess_the_old_password(accounts: Accounts, user: str, clock: Clock) -> None:
    codes = []
    for _ in range(7):
        with pytest.raises(ApiError) as error:
            accounts.users.own_password(TESTS, user, "wrong password", "another sentence")
        codes.append(code_of(error))
    assert codes == ["wrong_password"] * 5 + ["locked"] * 2


def test_nobody_is_changed_reset_or_unlocked(accounts: Accounts) -> None:
    users = accounts.users
    for act in (
        lambda: users.find("nobody"), lambda: users.change(TESTS, "nobody", active=False),
        lambda: users.reset_password(TESTS, "nobody"), lambda: users.unlock(TESTS, "nobody"),
        lambda: users.end_sessions(TESTS, "nobody"),
    ):  # fmt: skip
        with pytest.raises(ApiError) as error:
            act()
        assert code_of(error) == "unknown_user"
    assert entries(accounts) == []
