"""Logins of people: a cookie of 32 random bytes, kept as a hash, ending after idle and absolute times.

The order of a login: 1 count the try, or refuse it while name or address has to wait · 2 check the password; nobody of
that name costs the same · 3 in one transaction: forget the failures, end the session that the browser showed before
(nobody goes on in a session that somebody else has planted), begin a new one, write the audit entry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from api.accounts.addresses import group
from api.accounts.attempts import Attempts
from api.accounts.audit import By, nobody, record
from api.accounts.database import Database
from api.accounts.keys import derived, hashed, new_key
from api.accounts.passwords import Passwords
from api.accounts.tables import LoginSession, User
from api.errors import ApiError
from sanjian.errors import NotNow

#: Writing down each call would be a write for each; a minute is exact enough for an idle time.
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Login:
    """A login that succeeded: the cookie's value and the user."""

    cookie: str
    user: User


def csrf_token(cookie: str) -> str:
    """What a page must send with its cookie: only pages that may read our answers know it."""
    return derived(cookie, "csrf")


class Sessions:
    """The logins. ``idle`` and ``longest``: how long they last. ``now`` gives UTC."""

    def __init__(
        self, database: Database, passwords: Passwords, attempts: Attempts, now: Callable[[], datetime],
        idle: timedelta, longest: timedelta,
    ) -> None:  # fmt: skip
        self._database = database
        self._passwords = passwords
        self._attempts = attempts
        self._now = now
        self._idle, self._longest = idle, longest

    def login(self, name: str, password: str, address: str, before: str = "") -> Login:
        """Log in. ``before``: the cookie that the browser had. Raises ApiError bad_login, locked, too_many_logins."""
        name, place = name.strip().lower(), group(address)
        self._attempts.begin(("user", name), ("address", place))
        with self._database.reading() as session:
            user = session.scalar(select(User).where(User.name == name))
        right = self._passwords.right(user.password if user else None, password)
        if user is None or not right or not user.active:
            self._refuse(name, address, user, right=right)
            raise ApiError("bad_login")
        fresh = self._passwords.hash(password) if self._passwords.outdated(user.password) else None
        with self._database.writing() as session:
            kept = session.get(User, user.id)
            if kept is None or not kept.active or kept.password != user.password:  # changed meanwhile
                raise ApiError("bad_login")
            self._attempts.succeeded(session, name, place)
            session.execute(delete(LoginSession).where(LoginSession.hash == hashed(before)))
            cookie = self._begin(session, user, address)
            kept.login_at, kept.password = self._now(), fresh or kept.password
            record(session, self._now(), By(f"{user.role}:{name}", address), "login", name)
        return Login(cookie, kept)

    def begin(self, name: str, address: str) -> Login:
        """A new session for somebody who has shown who it is (after a change of password)."""
        with self._database.writing() as session:
            user = session.scalar(select(User).where(User.name == name, User.active))
            if user is None:
                raise ApiError("no_session")
            return Login(self._begin(session, user, address), user)

    def find(self, cookie: str) -> User | None:
        """The user of a session that still holds."""
        now = self._now()
        with self._database.reading() as session:
            found = session.get(LoginSession, hashed(cookie))
            if found is None or now >= min(found.seen_at + self._idle, found.created_at + self._longest):
                return None
            user = session.get_one(User, found.user_id)
        if now - found.seen_at >= min(_SEEN_EVERY, self._idle / 2):
            with suppress(NotNow), self._database.writing() as session:  # looking is possible while writing is not
                again = session.get(LoginSession, found.hash)
                if again is not None:  # not ended meanwhile
                    again.seen_at = now
        return user if user.active else None

    def open_ones(self, hashes: Sequence[str]) -> Select[str]:
        """Those of these sessions that still hold, as a statement that gives their hashes."""
        now = self._now()
        return (
            select(LoginSession.hash)
            .join(User, User.id == LoginSession.user_id)
            .where(
                LoginSession.hash.in_(hashes), LoginSession.seen_at > now - self._idle,
                LoginSession.created_at > now - self._longest, User.active,
            )
        )  # fmt: skip

    def logout(self, by: By, cookie: str) -> None:
        """End this session."""
        with self._database.writing() as session:
            session.execute(delete(LoginSession).where(LoginSession.hash == hashed(cookie)))
            record(session, self._now(), by, "logout")

    def purge(self) -> None:
        """Remove sessions that have ended."""
        now = self._now()
        with self._database.writing() as session:
            session.execute(
                delete(LoginSession).where(
                    (LoginSession.seen_at < now - self._idle) | (LoginSession.created_at < now - self._longest)
                )
            )

    def _begin(self, session: Session, user: User, address: str) -> str:
        cookie, now = new_key("ss"), self._now()
        session.add(
            LoginSession(hash=hashed(cookie), user_id=user.id, created_at=now, seen_at=now, address=address[:64])
        )
        return cookie

    def _refuse(self, name: str, address: str, user: User | None, *, right: bool) -> None:
        """Write down a login that failed. A name that nobody has is not written: it may be a password."""
        why = "unknown" if user is None else "disabled" if right else "password"
        with self._database.writing() as session:
            target = name if user else ""
            record(session, self._now(), nobody(address), "login.failed", target, why=why)
            for kind, counted in (("user", name), ("address", group(address))):
                wait = self._attempts.failed(session, kind, counted)  # type: ignore[arg-type]  # both are kinds
                if wait:
                    record(session, self._now(), nobody(address), "login.locked", target, by=kind, seconds=round(wait))
