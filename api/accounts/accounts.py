"""All of the accounts together, on one database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.accounts.attempts import Attempts
from api.accounts.clients import Clients
from api.accounts.contacts import Contacts
from api.accounts.database import Database
from api.accounts.onboarding import Onboardings
from api.accounts.outbox import Outbox
from api.accounts.passwords import Passwords
from api.accounts.registrations import Registrations
from api.accounts.sessions import Sessions
from api.accounts.tokens import Tokens
from api.accounts.users import Users
from sanjian.settings import Settings


@dataclass(frozen=True, slots=True)
class Accounts:
    """People and machines, and what they show to be let in."""

    database: Database
    users: Users
    sessions: Sessions
    registrations: Registrations
    onboarding: Onboardings
    contacts: Contacts
    clients: Clients
    tokens: Tokens
    attempts: Attempts
    outbox: Outbox
    now: Callable[[], datetime]

    @classmethod
    def open(
        cls, settings: Settings, *, passwords: Passwords | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Accounts:  # fmt: skip
        """The accounts that the settings name. ``passwords``: cheaper hashes in tests. ``now`` gives UTC."""
        database, passwords = Database.of(settings), passwords or Passwords()
        attempts = Attempts(database, now)
        users = Users(database, passwords, attempts, now)
        idle, longest = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
        return cls(
            database, users, Sessions(database, passwords, attempts, now, idle, longest),
            Registrations(database, passwords, attempts, users, now), Onboardings(database, now),
            Contacts(database, now), Clients(database, now),
            Tokens(database, attempts, now, timedelta(minutes=settings.token_minutes)), attempts, Outbox(database, now),
            now,
        )  # fmt: skip

    def purge(self) -> None:
        """Remove what has ended: sessions, secrets, tokens, counted failures."""
        self.sessions.purge()
        self.clients.purge()
        self.tokens.purge()
        self.attempts.purge()

    def close(self) -> None:
        """Close the database."""
        self.database.close()
