"""Counts failures by name and address. A try is counted before the password is looked at: of many at the same moment
each one counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.accounts.database import Database
from api.accounts.keys import hashed
from api.accounts.lockout import FORGOTTEN, Kind, pause
from api.accounts.tables import Attempt
from api.errors import ApiError


class Attempts:
    """The counters. ``now`` gives UTC."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def begin(self, *counted: tuple[Kind, str]) -> None:
        """Count a try against each of the names and addresses. Raises ApiError locked when one has to wait."""
        try:
            self._begin(counted)
        except IntegrityError:  # PostgreSQL: the first two tries of a name at the same moment
            self._begin(counted)

    def _begin(self, counted: tuple[tuple[Kind, str], ...]) -> None:
        now = self._now()
        with self._database.writing() as session:
            rows = [(kind, self._row(session, kind, name, now)) for kind, name in sorted(counted)]
            wait = max((row.wait_until - now).total_seconds() for _, row in rows)
            if wait > 0:
                seconds = int(wait) + 1
                raise ApiError("locked", seconds=seconds, headers={"Retry-After": str(seconds)})
            for kind, row in rows:
                row.failures += 1
                row.last_at, row.wait_until = now, now + pause(kind, row.failures)

    def failed(self, session: Session, kind: Kind, name: str) -> float:
        """Seconds that this name or address has to wait now, after a try that was counted and failed."""
        row = session.get(Attempt, _key(kind, name))
        return max(0.0, (row.wait_until - self._now()).total_seconds()) if row else 0.0

    def succeeded(self, session: Session, user: str, address: str) -> None:
        """Forget a person's failures; of an address only this try: one account must not cover guesses at others."""
        self.forget(session, "user", user)
        row = session.get(Attempt, _key("address", address))
        if row is not None:
            row.failures, row.wait_until = max(0, row.failures - 1), self._now()

    def forget(self, session: Session, kind: Kind, name: str) -> None:
        """Let somebody try at once again."""
        session.execute(delete(Attempt).where(Attempt.key == _key(kind, name)))

    def purge(self) -> None:
        """Remove what does not count any more."""
        with self._database.writing() as session:
            session.execute(delete(Attempt).where(Attempt.last_at < self._now() - FORGOTTEN))

    @staticmethod
    def _row(session: Session, kind: Kind, name: str, now: datetime) -> Attempt:
        row = session.get(Attempt, _key(kind, name), with_for_update=True)
        if row is None:
            row = Attempt(key=_key(kind, name), failures=0, last_at=now, wait_until=now)
            session.add(row)
            session.flush()
        elif row.last_at < now - FORGOTTEN:
            row.failures = 0
        return row


def _key(kind: Kind, name: str) -> str:
    return hashed(f"{kind}:{name}")
