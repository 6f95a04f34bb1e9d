"""Those who stay connected: who still may, and what is removed when it has ended."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from api.accounts.accounts import Accounts
from api.accounts.keys import hashed
from api.accounts.principal import Assignment, Principal
from api.accounts.standing import standing
from api.accounts.upkeep import upkeep
from api.accounts.visible import REFRESH_SECONDS, Directory
from clickhouse.orgs import Org
from sanjian.errors import NotNow
from tests.api.accounts.clock import Clock
from tests.api.accounts.conftest import HOSPITAL, PASSWORD
from tests.api.conftest import TESTS

HERE = "10.0.0.9"


class Nobodies:
    """A directory without institutions."""

    def visible(self, assignment: Assignment) -> frozenset[str] | None:
        return None if assignment.role == "admin" else frozenset({assignment.org})


def holding(accounts: Accounts, everybody: list[Principal]) -> frozenset[str]:
    return standing(accounts, Nobodies(), everybody).holding  # type: ignore[arg-type]  # what it needs of it


def machine(accounts: Accounts, label: str) -> tuple[str, Principal]:
    client, secret = accounts.clients.add(TESTS, label, HOSPITAL)
    issued = accounts.tokens.issue(client.id, secret, HERE)
    assert issued is not None
    return client.id, Principal(HOSPITAL, label, None, "client", client.id, key=hashed(issued.token))


def person(accounts: Accounts, name: str) -> Principal:
    cookie = accounts.sessions.login(name, PASSWORD, HERE).cookie
    return Principal(HOSPITAL, name, None, "user", name, key=hashed(cookie))


def test_who_was_taken_back_or_has_ended_stands_no_more(accounts: Accounts, user: str, clock: Clock) -> None:
    (first_id, first), (_, second), listener = machine(accounts, "a"), machine(accounts, "b"), person(accounts, user)
    nobody = Principal(HOSPITAL, "x", None, key="0" * 64)
    everybody = [first, second, listener, nobody]
    assert holding(accounts, everybody) == {first.key, second.key, listener.key}
    accounts.clients.revoke(TESTS, first_id)
    assert holding(accounts, everybody) == {second.key, listener.key}
    accounts.users.end_sessions(TESTS, user)
    assert holding(accounts, everybody) == {second.key}
    again = person(accounts, user)
    clock.pass_(minutes=60)
    assert holding(accounts, [second, again]) == set()
    assert holding(accounts, []) == set()


def test_thousands_are_asked_about_in_a_few_statements(accounts: Accounts) -> None:
    _, one = machine(accounts, "a")
    many = [Principal(HOSPITAL, "x", None, key=f"{number:064d}") for number in range(2500)]
    assert holding(accounts, [*many, one]) == {one.key}


async def test_what_has_ended_is_removed_from_time_to_time(
    accounts: Accounts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.accounts.upkeep.EVERY_SECONDS", 0.001)
    client_id, _ = machine(accounts, "a")
    accounts.clients.rotate(TESTS, client_id, timedelta(hours=1))
    clock.pass_(hours=2)
    purged = asyncio.Event()
    loop, purge, calls = asyncio.get_running_loop(), Accounts.purge, iter(range(10**9))

    def once_away(self: Accounts) -> None:
        if next(calls) == 0:
            raise NotNow("away")
        purge(self)
        loop.call_soon_threadsafe(purged.set)

    monkeypatch.setattr(Accounts, "purge", once_away)
    async with upkeep(accounts), asyncio.timeout(20):
        await purged.wait()
    assert accounts.clients.secrets(client_id) == 1


def test_the_directory_reads_again_after_a_while_and_keeps_what_it_knows() -> None:
    class Orgs:
        def __init__(self) -> None:
            self.known = [Org("A", "a", "370100", "370112"), Org("T", "t", "370100", test=True)]
            self.away, self.reads = False, 0

        def all(self) -> list[Org]:
            self.reads += 1
            if self.away:
                raise NotNow("away")
            return self.known

    orgs, now = Orgs(), [0.0]
    directory = Directory(orgs, lambda: now[0])  # type: ignore[arg-type]  # what it needs of it
    city = Assignment("operator", scope="370100")
    orgs.away = True
    with pytest.raises(NotNow):
        directory.visible(city)
    assert directory.visible(Assignment("admin")) is None  # these do not need the list
    assert directory.visible(HOSPITAL) == {HOSPITAL.org}
    orgs.away = False
    assert directory.visible(city) == {"A", "T"}
    assert directory.visible(Assignment("regulator", scope="370112")) == {"A"}
    assert directory.visible(Assignment("tester")) == {"T"}
    assert directory.visible(Assignment("tester", "A")) == set()  # not a test institution
    assert directory.region("A") == "370112"
    assert directory.region("nobody") == ""
    reads = orgs.reads
    orgs.away, now[0] = True, REFRESH_SECONDS
    assert directory.visible(city) == {"A", "T"}  # what it knows is better than nobody
    assert directory.visible(city) == {"A", "T"}
    assert orgs.reads == reads + 1  # and it does not ask at each call
    orgs.away, orgs.known = False, []
    directory.forget()
    assert directory.visible(city) == set()
