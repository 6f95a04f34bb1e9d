"""People: made by an administrator with a one-time password, changed, disabled, unlocked."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.accounts.attempts import Attempts
from api.accounts.audit import By, record
from api.accounts.database import Database
from api.accounts.keys import one_time_password
from api.accounts.manage import check
from api.accounts.passwords import Passwords, check_policy
from api.accounts.principal import Assignment
from api.accounts.tables import LoginSession, User
from api.errors import ApiError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


class Users:
    """The people. ``now`` gives UTC. All methods block; each is one transaction with its audit entry."""

    def __init__(
        self, database: Database, passwords: Passwords, attempts: Attempts, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._attempts = attempts
        self._now = now

    def all(self) -> list[User]:
        """Everybody, by name."""
        with self._database.reading() as session:
            return list(session.scalars(select(User).order_by(User.name)))

    def find(self, name: str) -> User:
        """Somebody by name. Raises ApiError unknown_user."""
        with self._database.reading() as session:
            return _get(session, name)

    def add(self, by: By, name: str, assignment: Assignment, full_name: str = "") -> str:
        """Make an account; its one-time password. Raises ApiError name_taken, bad_name, bad_assignment."""
        password = one_time_password()
        hash_ = self._passwords.hash(password)
        with self._database.writing() as session:
            self.put(session, by, name, assignment, full_name, hash_, must_change=True)
        return password

    def put(
        self, session: Session, by: By, name: str, assignment: Assignment, full_name: str, hash_: str, *,
        must_change: bool,
    ) -> User:  # fmt: skip
        """Make an account in a transaction of the caller's, with the hash of its password."""
        valid_name(name)
        check(assignment)
        if session.scalar(select(User).where(User.name == name)):
            raise ApiError("name_taken")
        now = self._now()
        user = User(
            id=uuid.uuid4().hex, name=name, full_name=full_name, password=hash_, must_change=must_change,
            created_at=now, created_by=by.actor, password_at=now,
        )  # fmt: skip
        user.assignment = assignment
        session.add(user)
        try:
            session.flush()
        except IntegrityError as error:
            raise ApiError("name_taken") from error
        record(session, now, by, "user.add", name, **_said(assignment))
        return user

    def change(
        self, by: By, name: str, *, assignment: Assignment | None = None, full_name: str | None = None,
        active: bool | None = None,
    ) -> User:  # fmt: skip
        """Change what is not None. Other rights or being disabled ends every session of the user.
        Raises ApiError unknown_user, bad_assignment, last_admin."""
        with self._database.writing() as session:
            user = _get(session, name)
            before = (user.assignment, user.active)
            if assignment is not None:
                check(assignment)
                user.assignment = assignment
            user.full_name = user.full_name if full_name is None else full_name
            user.active = user.active if active is None else active
            session.flush()
            if (user.assignment, user.active) != before:
                if before[0].role == "admin" and before[1]:
                    _an_admin_stays(session)
                _end_sessions(session, user)
            action = "user.change" if before[1] == user.active else "user.enable" if user.active else "user.disable"
            record(session, self._now(), by, action, name, **_said(user.assignment))
            return user

    def reset_password(self, by: By, name: str) -> str:
        """A new one-time password; ends every session and every waiting time."""
        password = one_time_password()
        hash_ = self._passwords.hash(password)
        with self._database.writing() as session:
            user = _get(session, name)
            user.password, user.must_change, user.password_at = hash_, True, self._now()
            _end_sessions(session, user)
            self._attempts.forget(session, "user", name)
            record(session, self._now(), by, "user.reset_password", name)
        return password

    def own_choice(self, by: By, name: str, password: str) -> str:
        """Give somebody a password that need not be changed (the demonstration's accounts); returns it."""
        hash_ = self._passwords.hash(password)
        with self._database.writing() as session:
            user = _get(session, name)
            user.password, user.must_change, user.password_at = hash_, False, self._now()
            record(session, self._now(), by, "user.set_password", name)
        return password

    def unlock(self, by: By, name: str) -> None:
        """Let somebody log in at once after too many failures."""
        with self._database.writing() as session:
            self._attempts.forget(session, "user", _get(session, name).name)
            record(session, self._now(), by, "user.unlock", name)

    def end_sessions(self, by: By, name: str) -> int:
        """Log somebody out everywhere; how many sessions there were."""
        with self._database.writing() as session:
            ended = _end_sessions(session, _get(session, name))
            record(session, self._now(), by, "user.end_sessions", name, sessions=ended)
            return ended

    def own_password(self, by: By, name: str, old: str, new: str) -> None:
        """Change one's own password; ends every session. Raises ApiError wrong_password, weak_password, locked."""
        user = self.find(name)
        check_policy(new, user.name, user.org)
        self._attempts.begin(("user", name))
        if not self._passwords.right(user.password, old):
            with self._database.writing() as session:
                record(session, self._now(), by, "password.failed", name)
            raise ApiError("wrong_password")
        if old == new:
            raise ApiError("same_password")
        hash_ = self._passwords.hash(new)
        with self._database.writing() as session:
            user = _get(session, name)
            user.password, user.must_change, user.password_at = hash_, False, self._now()
            self._attempts.forget(session, "user", name)
            ended = _end_sessions(session, user)
            record(session, self._now(), by, "password.change", name, sessions=ended)


def valid_name(name: str) -> None:
    """Raises ApiError bad_name."""
    if not _NAME.fullmatch(name):
        raise ApiError("bad_name")


def _get(session: Session, name: str) -> User:
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        raise ApiError("unknown_user")
    return user


def _end_sessions(session: Session, user: User) -> int:
    done = session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
    return int(done.rowcount)  # type: ignore[attr-defined]  # a delete has one


def _an_admin_stays(session: Session) -> None:
    """Of two administrators who remove each other at the same moment PostgreSQL lets one wait for the other."""
    if not session.scalars(select(User.id).where(User.role == "admin", User.active).with_for_update()).all():
        raise ApiError("last_admin")


def _said(assignment: Assignment) -> dict[str, object]:
    """An assignment in the audit log: without what is empty."""
    fields = ("role", "org", "scope", "manages", "personal")
    return {name: getattr(assignment, name) for name in fields if getattr(assignment, name)}
