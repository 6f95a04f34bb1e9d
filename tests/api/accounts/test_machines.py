"""Machines: secrets shown once and replaced with an overlap, tokens that end, addresses that are allowed."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.accounts.accounts import Accounts
from api.accounts.lockout import FREE
from api.accounts.principal import Assignment
from api.errors import ApiError
from tests.api.accounts.clock import Clock
from tests.api.accounts.conftest import HOSPITAL
from tests.api.accounts.entries import actions, entries
from tests.api.conftest import ORG_A, TESTS

HERE, THERE = "10.1.2.3", "10.9.9.9"


def add(accounts: Accounts, label: str = "HIS", allow: str = "") -> tuple[str, str]:
    client, secret = accounts.clients.add(TESTS, label, HOSPITAL, allow)
    return client.id, secret


def token(accounts: Accounts, client_id: str, secret: str, address: str = HERE) -> str:
    issued = accounts.tokens.issue(client_id, secret, address)
    assert issued is not None
    return issued.token


def test_id_and_secret_give_a_token_of_the_institution(accounts: Accounts, clock: Clock) -> None:
    client_id, secret = add(accounts)
    issued = accounts.tokens.issue(client_id, secret, HERE)
    assert issued is not None
    assert issued.seconds == 3600
    found = accounts.tokens.find(issued.token, HERE)
    assert found is not None
    assert (found.id, found.org, found.used_at) == (client_id, ORG_A, clock.now)


def test_only_hashes_are_kept(accounts: Accounts) -> None:
    client_id, secret = add(accounts)
    made = token(accounts, client_id, secret)
    with accounts.database.reading() as session:
        for table in ("clients", "client_secrets", "access_tokens", "audit_entries"):
            kept = str(session.execute(text(f"SELECT * FROM {table}")).all())
            assert secret not in kept
            assert made not in kept


def test_a_wrong_id_or_secret_gives_nothing(accounts: Accounts) -> None:
    client_id, secret = add(accounts)
    other_id, _ = add(accounts, "other")
    for wrong in ((client_id, secret[:-1]), (client_id, ""), ("", secret), ("sjc_nobody", secret), (other_id, secret)):
        assert accounts.tokens.issue(*wrong, HERE) is None
    reasons = [(target, detail["why"]) for _, action, target, detail in entries(accounts) if action == "token.refused"]
    assert Counter(reasons) == {
        (client_id, "secret"): 2, ("", "unknown"): 2, (other_id, "secret"): 1,
    }  # fmt: skip


def test_a_token_ends_after_its_hour(accounts: Accounts, clock: Clock) -> None:
    made = token(accounts, *add(accounts))
    clock.pass_(minutes=60, seconds=-1)
    assert accounts.tokens.find(made, HERE) is not None
    clock.pass_(seconds=1)
    assert accounts.tokens.find(made, HERE) is None


@pytest.mark.parametrize("wrong", ["", "sj_wrong", "' OR 1=1 --"])
def test_a_wrong_token_is_nobody(accounts: Accounts, wrong: str) -> None:
    token(accounts, *add(accounts))
    assert accounts.tokens.find(wrong, HERE) is None


def test_a_token_taken_back_ends_at_once_and_only_by_its_own_client(accounts: Accounts) -> None:
    (client_id, secret), (other_id, _) = add(accounts), add(accounts, "other")
    first, second = token(accounts, client_id, secret), token(accounts, client_id, secret)
    accounts.tokens.revoke(TESTS, first, other_id)
    assert accounts.tokens.find(first, HERE) is not None
    accounts.tokens.revoke(TESTS, first, client_id)
    assert accounts.tokens.find(first, HERE) is None
    assert accounts.tokens.find(second, HERE) is not None
    assert "token.revoke" in actions(accounts)


def test_while_a_secret_is_replaced_both_work(accounts: Accounts, clock: Clock) -> None:
    client_id, old = add(accounts)
    new = accounts.clients.rotate(TESTS, client_id, timedelta(hours=2))
    made = token(accounts, client_id, old)
    assert token(accounts, client_id, new)
    assert accounts.clients.secrets(client_id) == 2
    clock.pass_(minutes=90)
    late = accounts.tokens.issue(client_id, old, HERE)
    assert late is not None
    assert late.seconds == 1800  # a token does not outlive the secret that it was got with
    clock.pass_(minutes=30)
    assert accounts.tokens.find(made, HERE) is None
    assert accounts.tokens.find(late.token, HERE) is None
    assert accounts.tokens.issue(client_id, old, HERE) is None
    assert token(accounts, client_id, new)
    accounts.purge()
    assert accounts.clients.secrets(client_id) == 1


def test_replacing_twice_does_not_lengthen_the_life_of_the_first_secret(accounts: Accounts, clock: Clock) -> None:
    client_id, first = add(accounts)
    accounts.clients.rotate(TESTS, client_id, timedelta(hours=1))
    accounts.clients.rotate(TESTS, client_id, timedelta(hours=10))
    clock.pass_(hours=1)
    assert accounts.tokens.issue(client_id, first, HERE) is None


def test_without_overlap_the_old_secret_and_its_tokens_end_now(accounts: Accounts) -> None:
    client_id, old = add(accounts)
    made = token(accounts, client_id, old)
    new = accounts.clients.rotate(TESTS, client_id, timedelta())
    assert accounts.tokens.find(made, HERE) is None
    assert accounts.tokens.issue(client_id, old, HERE) is None
    assert token(accounts, client_id, new)


def test_a_client_taken_back_is_gone_with_secrets_and_tokens(accounts: Accounts) -> None:
    client_id, secret = add(accounts)
    made = token(accounts, client_id, secret)
    accounts.clients.revoke(TESTS, client_id)
    assert accounts.tokens.find(made, HERE) is None
    assert accounts.tokens.issue(client_id, secret, HERE) is None
    assert accounts.clients.all() == []
    assert ("system:tests", "client.revoke", client_id, {"label": "HIS", "org": ORG_A}) in entries(accounts)
    add(accounts)  # the label is free again


def test_from_another_address_neither_a_token_is_given_nor_one_is_taken(accounts: Accounts) -> None:
    client_id, secret = add(accounts, allow="10.1.2.0/24")
    made = token(accounts, client_id, secret)
    for act in (
        lambda: accounts.tokens.issue(client_id, secret, THERE), lambda: accounts.tokens.find(made, THERE),
        lambda: accounts.tokens.find(made, ""), lambda: accounts.tokens.find(made, "unknown"),
    ):  # fmt: skip
        with pytest.raises(ApiError) as error:
            act()
        assert error.value.code == "address"
    assert accounts.tokens.issue(client_id, "wrong", THERE) is None  # who has no secret learns nothing of the list
    accounts.clients.change(TESTS, client_id, label="HIS", allow="")
    assert accounts.tokens.find(made, THERE) is not None


def test_wrong_secrets_make_the_address_wait_and_never_the_client(accounts: Accounts) -> None:
    client_id, secret = add(accounts)
    for _ in range(FREE["address"]):
        assert accounts.tokens.issue(client_id, "wrong", THERE) is None
    with pytest.raises(ApiError) as error:
        accounts.tokens.issue(client_id, "wrong", THERE)
    assert error.value.code == "locked"
    assert token(accounts, client_id, secret, HERE)
    assert token(accounts, client_id, secret, THERE)  # who has the secret is not kept out


def test_a_label_is_given_once_and_networks_must_be_some(accounts: Accounts) -> None:
    client_id, _ = add(accounts)
    other_id, _ = add(accounts, "other")
    for act, code in (
        (lambda: add(accounts), "name_taken"), (lambda: add(accounts, "third", "10.1.2"), "bad_network"),
        (lambda: accounts.clients.change(TESTS, other_id, label="HIS", allow=""), "name_taken"),
        (lambda: accounts.clients.change(TESTS, client_id, label="HIS", allow="x"), "bad_network"),
        (lambda: accounts.clients.add(TESTS, "x", Assignment("hospital")), "bad_assignment"),
        (lambda: accounts.clients.rotate(TESTS, "sjc_nobody"), "unknown_client"),
        (lambda: accounts.clients.revoke(TESTS, "sjc_nobody"), "unknown_client"),
        (lambda: accounts.clients.find("sjc_nobody"), "unknown_client"),
    ):  # fmt: skip
        with pytest.raises(ApiError) as error:
            act()
        assert error.value.code == code


def test_a_client_renewed_has_one_secret_and_keeps_its_id(accounts: Accounts) -> None:
    first, old = accounts.clients.renew(TESTS, "runtime", Assignment("admin"))
    second, new = accounts.clients.renew(TESTS, "runtime", Assignment("admin"))
    assert first.id == second.id
    assert accounts.tokens.issue(first.id, old, HERE) is None
    assert token(accounts, first.id, new)


def test_a_client_taken_back_while_its_secret_is_checked_gets_no_token(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id, secret = add(accounts)
    checked = accounts.tokens._checked

    def slow(*given: str) -> object:
        found = checked(*given)
        accounts.clients.revoke(TESTS, client_id)
        return found

    monkeypatch.setattr("api.accounts.tokens.Tokens._checked", lambda _, *given: slow(*given))
    assert accounts.tokens.issue(client_id, secret, HERE) is None
