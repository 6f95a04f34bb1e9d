"""People who ask for an account, and the administrators who approve, assign or refuse (属地化管理).

Whoever asks always gets the same answer, so that nobody learns which names there are: that a name is taken the
administrator sees, and gives another.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.accounts.addresses import group
from api.accounts.attempts import Attempts
from api.accounts.audit import By, nobody, record
from api.accounts.database import Database
from api.accounts.manage import check
from api.accounts.passwords import Passwords, check_policy
from api.accounts.principal import Assignment
from api.accounts.tables import Registration, User
from api.accounts.users import Users, valid_name
from api.errors import ApiError


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for. ``contact``: how the administrator reaches them (seen by administrators only)."""

    name: str
    full_name: str
    password: str
    assignment: Assignment
    contact: str = ""
    note: str = ""


class Registrations:
    """The registrations. ``now`` gives UTC. All methods block."""

    def __init__(
        self, database: Database, passwords: Passwords, attempts: Attempts, users: Users, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._attempts = attempts
        self._users = users
        self._now = now

    def ask(self, wish: Wish, address: str) -> str:
        """Keep the wish; its id. Raises ApiError bad_name, bad_assignment, weak_password, locked."""
        if wish.assignment.role == "admin" or wish.assignment.manages or wish.assignment.personal:
            raise ApiError("bad_assignment", more={"reason": "role"})
        check(wish.assignment)
        valid_name(wish.name)
        check_policy(wish.password, wish.name, wish.assignment.org)
        self._attempts.begin(("register", group(address)))
        hash_ = self._passwords.hash(wish.password)
        found = Registration(
            id=uuid.uuid4().hex, name=wish.name, full_name=wish.full_name, contact=wish.contact, note=wish.note,
            password=hash_, created_at=self._now(), address=address[:64],
        )  # fmt: skip
        found.assignment = wish.assignment
        with self._database.writing() as session:
            session.add(found)
            asked = wish.assignment
            record(
                session, self._now(), nobody(address), "registration.ask", found.id, name=wish.name, role=asked.role,
                org=asked.org, scope=asked.scope,
            )  # fmt: skip
        return found.id

    def waiting(self) -> list[tuple[Registration, bool]]:
        """Those that nobody has decided, oldest first, and whether the name is taken."""
        with self._database.reading() as session:
            found = session.scalars(
                select(Registration).where(Registration.state == "waiting").order_by(Registration.created_at)
            )
            taken = set(session.scalars(select(User.name)))
            return [(one, one.name in taken) for one in found]

    def find(self, ident: str) -> Registration:
        """One that waits. Raises ApiError unknown_registration."""
        with self._database.reading() as session:
            return _waiting(session, ident)

    def approve(self, by: By, ident: str, assignment: Assignment, name: str = "") -> User:
        """Make the account as ``assignment`` with the password that was chosen. Raises ApiError name_taken, …"""
        with self._database.writing() as session:
            found = _waiting(session, ident)
            user = self._users.put(
                session, by, name or found.name, assignment, found.full_name, found.password, must_change=False
            )
            self._decide(session, by, found, "approved", "")
            return user

    def refuse(self, by: By, ident: str, reason: str) -> None:
        """Refuse, with a reason for the record."""
        with self._database.writing() as session:
            self._decide(session, by, _waiting(session, ident), "refused", reason)

    def _decide(self, session: Session, by: By, found: Registration, state: str, reason: str) -> None:
        found.state, found.reason, found.password = state, reason, ""
        found.decided_at, found.decided_by = self._now(), by.actor
        record(session, self._now(), by, f"registration.{state}", found.id, name=found.name)


def _waiting(session: Session, ident: str) -> Registration:
    found = session.get(Registration, ident, with_for_update=True)
    if found is None or found.state != "waiting":
        raise ApiError("unknown_registration")
    return found
