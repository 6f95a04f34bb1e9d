"""Logins: what they cost, when they end, how guessing is slowed down."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from sqlalchemy import text

from api.accounts.accounts import Accounts
from api.accounts.lockout import FREE
from api.accounts.passwords import Passwords
from api.accounts.principal import Assignment
from api.accounts.sessions import csrf_token
from api.errors import ApiError
from tests.api.accounts.clock import Clock
from tests.api.accounts.conftest import HOSPITAL, NAME, PASSWORD
from tests.api.accounts.entries import actions, entries
from tests.api.conftest import TESTS

HERE, THERE = "10.0.0.9", "10.0.0.10"


def refused(accounts: Accounts, name: str, password: str = "wrong password", address: str = HERE) -> ApiError:
    with pytest.raises(ApiError) as error:
        accounts.sessions.login(name, password, address)
    return error.value


def test_a_login_gives_a_cookie_of_which_only_the_hash_is_kept(accounts: Accounts, user: str) -> None:
    cookie = accounts.sessions.login(" LI.NA ", PASSWORD, HERE).cookie
    found = accounts.sessions.find(cookie)
    assert found is not None
    assert found.name == user
    with accounts.database.reading() as session:
        kept = str(session.execute(text("SELECT * FROM sessions")).all())
    assert cookie not in kept
    assert csrf_token(cookie) not in kept
    assert ("hospital:li.na", "login", NAME, {}) in entries(accounts)


@pytest.mark.parametrize("cookie", ["", "ss_wrong", "' OR 1=1 --"])
def test_a_wrong_cookie_is_nobody(accounts: Accounts, user: str, cookie: str) -> None:
    accounts.sessions.login(user, PASSWORD, HERE)
    assert accounts.sessions.find(cookie) is None


def test_a_session_ends_when_nobody_uses_it(accounts: Accounts, user: str, clock: Clock) -> None:
    cookie = accounts.sessions.login(user, PASSWORD, HERE).cookie
    for _ in range(5):
        clock.pass_(minutes=59)
        assert accounts.sessions.find(cookie) is not None
    clock.pass_(minutes=60)
    assert accounts.sessions.find(cookie) is None


def test_a_session_ends_after_a_day_at_work_even_when_it_is_used(accounts: Accounts, user: str, clock: Clock) -> None:
    cookie = accounts.sessions.login(user, PASSWORD, HERE).cookie
    for _ in range(15):
        clock.pass_(minutes=47)
        assert accounts.sessions.find(cookie) is not None
    clock.pass_(minutes=15)
    assert accounts.sessions.find(cookie) is None


def test_using_a_session_is_written_down_once_a_minute(accounts: Accounts, user: str, clock: Clock) -> None:
    cookie = accounts.sessions.login(user, PASSWORD, HERE).cookie

    def seen() -> object:
        with accounts.database.reading() as session:
            return session.execute(text("SELECT seen_at FROM sessions")).scalar()

    first = seen()
    clock.pass_(seconds=59)
    accounts.sessions.find(cookie)
    assert seen() == first
    clock.pass_(seconds=1)
    accounts.sessions.find(cookie)
    assert seen() != first


def test_who_logs_out_is_out_and_others_are_not(accounts: Accounts, user: str) -> None:
    first, second = (accounts.sessions.login(user, PASSWORD, HERE).cookie for _ in range(2))
    accounts.sessions.logout(TESTS, first)
    assert accounts.sessions.find(first) is None
    assert accounts.sessions.find(second) is not None
    assert accounts.users.end_sessions(TESTS, user) == 1
    assert accounts.sessions.find(second) is None


def test_the_session_that_a_browser_brought_ends_with_its_login(accounts: Accounts, user: str) -> None:
    planted = accounts.sessions.login(user, PASSWORD, THERE).cookie
    own = accounts.sessions.login(user, PASSWORD, HERE, before=planted).cookie
    assert own != planted
    assert accounts.sessions.find(planted) is None


def test_nobody_of_that_name_costs_the_same_and_is_told_the_same(
    accounts: Accounts, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str | None] = []
    right = Passwords.right

    def counting(self: Passwords, kept: str | None, password: str) -> bool:
        checked.append(kept)
        return right(self, kept, password)

    monkeypatch.setattr(Passwords, "right", counting)
    wrong, unknown = refused(accounts, user), refused(accounts, "nobody")
    assert len(checked) == 2  # each time one hash was worked out
    assert checked[1] is None
    assert (wrong.status, wrong.code, wrong.message_zh) == (unknown.status, unknown.code, unknown.message_zh)


def test_a_name_that_nobody_has_is_not_written_down_because_it_may_be_a_password(accounts: Accounts, user: str) -> None:
    refused(accounts, "My secret password")
    refused(accounts, user)
    written = sorted((target, detail["why"]) for _, action, target, detail in entries(accounts) if "failed" in action)
    assert written == [("", "unknown"), (NAME, "password")]
    with accounts.database.reading() as session:
        for table in ("attempts", "audit_entries"):
            assert "my secret" not in str(session.execute(text(f"SELECT * FROM {table}")).all()).lower()


def test_after_five_wrong_passwords_a_name_waits_longer_and_longer(accounts: Accounts, user: str, clock: Clock) -> None:
    assert [refused(accounts, user).code for _ in range(5)] == ["bad_login"] * 5
    locked = refused(accounts, user, PASSWORD)  # the right one too
    assert (locked.code, locked.status, locked.headers["Retry-After"]) == ("locked", 429, "6")
    clock.pass_(seconds=5)
    assert refused(accounts, user).code == "bad_login"
    clock.pass_(seconds=9)
    assert refused(accounts, user, PASSWORD).code == "locked"
    clock.pass_(seconds=1)
    assert accounts.sessions.login(user, PASSWORD, HERE).user.name == user
    assert refused(accounts, user).code == "bad_login"  # and begins anew
    assert "login.locked" in actions(accounts)


def test_a_name_that_nobody_has_waits_just_the_same(accounts: Accounts) -> None:
    assert [refused(accounts, "nobody").code for _ in range(6)] == ["bad_login"] * 5 + ["locked"]


def test_an_administrator_unlocks_at_once(accounts: Accounts, user: str) -> None:
    for _ in range(6):
        refused(accounts, user)
    accounts.users.unlock(TESTS, user)
    assert accounts.sessions.login(user, PASSWORD, HERE).user.name == user


def test_failures_are_forgotten_after_a_day(accounts: Accounts, user: str, clock: Clock) -> None:
    for _ in range(4):
        refused(accounts, user)
    clock.pass_(hours=24, seconds=1)
    assert [refused(accounts, user).code for _ in range(4)] == ["bad_login"] * 4


def test_an_address_that_guesses_at_many_names_waits_and_others_do_not(accounts: Accounts, user: str) -> None:
    codes = [refused(accounts, f"name{number}").code for number in range(FREE["address"] + 1)]
    assert Counter(codes) == {"bad_login": FREE["address"], "locked": 1}
    assert refused(accounts, user, PASSWORD).code == "locked"
    assert accounts.sessions.login(user, PASSWORD, THERE).user.name == user


def test_an_own_account_does_not_make_room_for_guesses_at_others(accounts: Accounts, user: str) -> None:
    for number in range(FREE["address"]):
        if number % 4 == 0:
            accounts.sessions.login(user, PASSWORD, HERE)
        refused(accounts, f"name{number}")
    assert refused(accounts, user, PASSWORD).code == "locked"


def test_of_many_guesses_at_the_same_moment_each_one_counts(accounts: Accounts, user: str) -> None:
    codes: list[str] = []
    ready = threading.Barrier(10)

    def guess(number: int) -> None:
        ready.wait()
        codes.append(refused(accounts, user, address=f"10.0.1.{number}").code)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(codes) == {"bad_login": 5, "locked": 5}


def test_what_is_changed_while_the_password_is_checked_counts(
    accounts: Accounts, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Passwords.right

    def slow(self: Passwords, kept: str | None, password: str) -> bool:
        accounts.users.change(TESTS, user, active=False)
        return right(self, kept, password)

    monkeypatch.setattr(Passwords, "right", slow)
    assert refused(accounts, user, PASSWORD).code == "bad_login"


def test_a_hash_of_weaker_parameters_is_made_anew_at_the_next_login(
    accounts: Accounts, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = accounts.users.find(user).password
    accounts.sessions.login(user, PASSWORD, HERE)
    assert accounts.users.find(user).password == before
    monkeypatch.setattr(Passwords, "outdated", lambda *_: True)
    accounts.sessions.login(user, PASSWORD, HERE)
    assert accounts.users.find(user).password != before


def test_what_has_ended_is_removed(accounts: Accounts, user: str, clock: Clock) -> None:
    accounts.sessions.login(user, PASSWORD, HERE)
    refused(accounts, "nobody")
    accounts.users.add(TESTS, "other", Assignment("tester"))
    clock.pass_(hours=25)
    accounts.sessions.begin("other", HERE)
    accounts.purge()
    with accounts.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM sessions")).scalar() == 1
        assert session.execute(text("SELECT count(*) FROM attempts")).scalar() == 0


def test_a_user_that_is_gone_begins_no_session(accounts: Accounts) -> None:
    accounts.users.add(TESTS, NAME, HOSPITAL)
    accounts.users.change(TESTS, NAME, active=False)
    for name in (NAME, "nobody"):
        with pytest.raises(ApiError) as error:
            accounts.sessions.begin(name, HERE)
        assert error.value.code == "no_session"
