"""Access tokens of machines: got for client id and secret, good for an hour, ended at any time.

A token is opaque and looked up at each call: so taking back a token, its secret or its client counts at once, in every
process. A wrong secret is not worth a waiting time of the client (there is nothing to guess in 32 random bytes, and
anybody could keep a hospital out with it); the address that sends wrong ones has to wait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from api.accounts.addresses import group, networks, within
from api.accounts.attempts import Attempts
from api.accounts.audit import By, nobody, record
from api.accounts.database import Database
from api.accounts.keys import hashed, new_key, same
from api.accounts.tables import AccessToken, Client, ClientSecret
from api.errors import ApiError


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as it is given out, and for how many seconds it works."""

    token: str
    seconds: int


class Tokens:
    """The tokens. ``lifetime``: how long one works. ``now`` gives UTC."""

    def __init__(
        self, database: Database, attempts: Attempts, now: Callable[[], datetime], lifetime: timedelta
    ) -> None:
        self._database = database
        self._attempts = attempts
        self._now = now
        self._lifetime = lifetime

    def issue(self, client_id: str, secret: str, address: str) -> Issued | None:
        """A token; None for a wrong id or secret. Raises ApiError address (not allowed from there), locked."""
        found, now = self._checked(client_id, secret, address), self._now()
        if found is None:
            return None
        client, right = found
        token = new_key("sj")
        ends_at = min(now + self._lifetime, right.ends_at or now + self._lifetime)
        with self._database.writing() as session:
            if session.get(ClientSecret, right.hash) is None:  # taken back meanwhile
                return None
            session.execute(delete(AccessToken).where(AccessToken.client_id == client.id, AccessToken.ends_at <= now))
            session.add(
                AccessToken(hash=hashed(token), client_id=client.id, secret=right.hash, created_at=now, ends_at=ends_at)
            )
            session.get_one(Client, client.id).used_at = now
            by = By(f"{client.role}:{client.label}", address, client.id)
            record(session, now, by, "token.issue", client.id)
        return Issued(token, round((ends_at - now).total_seconds()))

    def known(self, client_id: str, secret: str, address: str) -> Client | None:
        """The client with this id and secret; None and errors as in :meth:`issue`."""
        found = self._checked(client_id, secret, address)
        return found[0] if found else None

    def find(self, token: str, address: str) -> Client | None:
        """The client of a token that still works. Raises ApiError address when it may not come from there."""
        with self._database.reading() as session:
            found = session.get(AccessToken, hashed(token))
            if found is None or found.ends_at <= self._now():
                return None
            client = session.get_one(Client, found.client_id)
        if not _allowed(client, address):
            raise ApiError("address")
        return client

    def revoke(self, by: By, token: str, client_id: str) -> None:
        """End a token of this client; one that is not its own, or none, is left as it is."""
        with self._database.writing() as session:
            found = session.get(AccessToken, hashed(token))
            if found is not None and same(found.client_id, client_id):
                session.delete(found)
                record(session, self._now(), by, "token.revoke", client_id)

    def purge(self) -> None:
        """Remove tokens that have ended."""
        with self._database.writing() as session:
            session.execute(delete(AccessToken).where(AccessToken.ends_at <= self._now()))

    def _checked(self, client_id: str, secret: str, address: str) -> tuple[Client, ClientSecret] | None:
        now, wanted = self._now(), hashed(secret)
        with self._database.reading() as session:
            client = session.get(Client, client_id)
            known = list(session.scalars(select(ClientSecret).where(ClientSecret.client_id == client_id)))
        right = None
        for kept in known:  # never leaves early
            if same(kept.hash, wanted) and (kept.ends_at is None or kept.ends_at > now):
                right = kept
        if client is None or right is None:
            self._refuse(client, address)
            return None
        if not _allowed(client, address):
            with self._database.writing() as session:
                record(session, now, nobody(address), "token.refused", client.id, why="address", label=client.label)
            raise ApiError("address")
        return client, right

    def _refuse(self, client: Client | None, address: str) -> None:
        self._attempts.begin(("address", group(address)))
        with self._database.writing() as session:
            target = client.id if client else ""
            record(
                session, self._now(), nobody(address), "token.refused", target, why="secret" if client else "unknown"
            )


def _allowed(client: Client, address: str) -> bool:
    return not client.allow or within(address, networks(client.allow))
