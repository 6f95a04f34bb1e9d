"""People ask for an account; administrators decide, and give it the role that they see fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.accounts.accounts import Accounts
from api.accounts.lockout import FREE
from api.accounts.principal import Assignment
from api.accounts.registrations import Wish
from api.errors import ApiError
from tests.api.accounts.conftest import HOSPITAL, PASSWORD
from tests.api.accounts.entries import entries
from tests.api.conftest import ORG_A, TESTS

WISH = Wish("wang.fang", "王芳", PASSWORD, HOSPITAL, "0531-1", "信息科")
HERE = "10.0.0.9"


def test_an_approved_wish_is_an_account_with_the_password_that_was_chosen(accounts: Accounts) -> None:
    ident = accounts.registrations.ask(WISH, HERE)
    with pytest.raises(ApiError):
        accounts.sessions.login(WISH.name, PASSWORD, HERE)
    [(waiting, taken)] = accounts.registrations.waiting()
    assert (waiting.id, waiting.contact, taken) == (ident, "0531-1", False)
    wanted = Assignment("hospital", ORG_A, manages=True)
    accounts.registrations.approve(TESTS, ident, wanted)
    user = accounts.sessions.login(WISH.name, PASSWORD, HERE).user
    assert (user.assignment, user.full_name, user.must_change) == (wanted, "王芳", False)
    assert accounts.registrations.waiting() == []
    written = {(actor, action) for actor, action, _, _ in entries(accounts)}
    assert written >= {
        ("", "registration.ask"),
        ("system:tests", "registration.approved"),
        ("system:tests", "user.add"),
    }


def test_a_refused_wish_is_no_account_and_keeps_no_password(accounts: Accounts) -> None:
    ident = accounts.registrations.ask(WISH, HERE)
    accounts.registrations.refuse(TESTS, ident, "not known here")
    for act in (
        lambda: accounts.registrations.approve(TESTS, ident, HOSPITAL), lambda: accounts.registrations.find(ident),
        lambda: accounts.registrations.refuse(TESTS, ident, ""),
    ):  # fmt: skip
        with pytest.raises(ApiError) as error:
            act()
        assert error.value.code == "unknown_registration"
    assert accounts.users.all() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "X"}, "bad_name"),
        ({"password": "short"}, "weak_password"),
        ({"password": f"{ORG_A}!"}, "weak_password"),
        ({"assignment": Assignment("admin")}, "bad_assignment"),
        ({"assignment": Assignment("hospital")}, "bad_assignment"),
        ({"assignment": replace(HOSPITAL, manages=True)}, "bad_assignment"),
        ({"assignment": replace(HOSPITAL, personal=True)}, "bad_assignment"),
    ],
)
def test_nobody_asks_for_what_nobody_may_ask_for(accounts: Accounts, change: dict[str, object], code: str) -> None:
    with pytest.raises(ApiError) as error:
        accounts.registrations.ask(replace(WISH, **change), HERE)  # type: ignore[arg-type]
    assert error.value.code == code
    assert accounts.registrations.waiting() == []


def test_a_name_that_is_taken_is_seen_by_the_administrator_only_who_gives_another(
    accounts: Accounts, user: str
) -> None:
    ident = accounts.registrations.ask(replace(WISH, name=user), HERE)  # is taken like any other
    assert [taken for _, taken in accounts.registrations.waiting()] == [True]
    with pytest.raises(ApiError) as error:
        accounts.registrations.approve(TESTS, ident, HOSPITAL)
    assert error.value.code == "name_taken"
    assert accounts.registrations.approve(TESTS, ident, HOSPITAL, "li.na2").name == "li.na2"


def test_an_address_that_asks_again_and_again_has_to_wait(accounts: Accounts) -> None:
    for _ in range(FREE["register"]):
        accounts.registrations.ask(WISH, HERE)
    with pytest.raises(ApiError) as error:
        accounts.registrations.ask(WISH, HERE)
    assert error.value.code == "locked"
    accounts.registrations.ask(WISH, "10.0.0.10")
