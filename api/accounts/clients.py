"""Machines: an appid (``client_id``) and a secret that is shown once, replaced with an overlap, or taken back."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.accounts.addresses import networks
from api.accounts.audit import By, record
from api.accounts.database import Database
from api.accounts.keys import hashed, new_key
from api.accounts.manage import check
from api.accounts.principal import Assignment
from api.accounts.tables import Client, ClientSecret
from api.errors import ApiError

#: While a secret is replaced both work for so long: a night's batch and a working day.
OVERLAP = timedelta(hours=24)


class Clients:
    """The machines. ``now`` gives UTC. All methods block; each is one transaction with its audit entry."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def all(self) -> list[Client]:
        """Every client, by label."""
        with self._database.reading() as session:
            return list(session.scalars(select(Client).order_by(Client.label)))

    def find(self, client_id: str) -> Client:
        """A client. Raises ApiError unknown_client."""
        with self._database.reading() as session:
            return _get(session, client_id)

    def secrets(self, client_id: str) -> int:
        """How many secrets of a client work now."""
        with self._database.reading() as session:
            return len(list(session.scalars(select(ClientSecret).where(*_working(client_id, self._now())))))

    def add(self, by: By, label: str, assignment: Assignment, allow: str = "") -> tuple[Client, str]:
        """A new client and its secret. Raises ApiError name_taken, bad_assignment, bad_network."""
        check(assignment)
        _check_allow(allow)
        client = Client(
            id=f"sjc_{secrets.token_hex(8)}", label=label, allow=allow, created_at=self._now(), created_by=by.actor
        )
        client.assignment = assignment
        with self._database.writing() as session:
            session.add(client)
            try:
                session.flush()
            except IntegrityError as error:
                raise ApiError("name_taken") from error
            secret = self._new_secret(session, client)
            record(session, self._now(), by, "client.add", client.id, label=label, role=client.role, org=client.org)
        return client, secret

    def renew(self, by: By, label: str, assignment: Assignment) -> tuple[Client, str]:
        """The client of this label with a new secret, the only one that works; made when it is not there."""
        with self._database.writing() as session:
            client = session.scalar(select(Client).where(Client.label == label))
            if client is not None:
                client.assignment = assignment
                session.execute(delete(ClientSecret).where(ClientSecret.client_id == client.id))
                secret = self._new_secret(session, client)
                record(session, self._now(), by, "client.renew", client.id, label=label)
                return client, secret
        return self.add(by, label, assignment)

    def change(self, by: By, client_id: str, *, label: str, allow: str) -> Client:
        """Another label or list of networks. Raises ApiError unknown_client, name_taken, bad_network."""
        _check_allow(allow)
        with self._database.writing() as session:
            client = _get(session, client_id)
            client.label, client.allow = label, allow
            try:
                session.flush()
            except IntegrityError as error:
                raise ApiError("name_taken") from error
            record(session, self._now(), by, "client.change", client_id, label=label, allow=allow)
            return client

    def rotate(self, by: By, client_id: str, overlap: timedelta = OVERLAP) -> str:
        """A new secret; those before it work for ``overlap`` more, with zero they and their tokens end now."""
        with self._database.writing() as session:
            client, now = _get(session, client_id), self._now()
            for kept in session.scalars(select(ClientSecret).where(ClientSecret.client_id == client_id)):
                if overlap <= timedelta():
                    session.delete(kept)
                elif kept.ends_at is None or kept.ends_at > now + overlap:
                    kept.ends_at = now + overlap
            secret = self._new_secret(session, client)
            hours = round(overlap.total_seconds() / 3600, 2)
            record(session, now, by, "client.rotate", client_id, label=client.label, overlap_hours=hours)
            return secret

    def revoke(self, by: By, client_id: str) -> None:
        """Remove a client; its secrets and tokens end now. The audit log keeps who it was."""
        with self._database.writing() as session:
            client = _get(session, client_id)
            record(session, self._now(), by, "client.revoke", client_id, label=client.label, org=client.org)
            session.delete(client)

    def purge(self) -> None:
        """Remove secrets that have ended."""
        with self._database.writing() as session:
            session.execute(delete(ClientSecret).where(ClientSecret.ends_at <= self._now()))

    def _new_secret(self, session: Session, client: Client) -> str:
        secret = new_key("sjs")
        session.add(ClientSecret(hash=hashed(secret), client_id=client.id, created_at=self._now()))
        return secret


def _working(client_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (ClientSecret.client_id == client_id, or_(ClientSecret.ends_at.is_(None), ClientSecret.ends_at > now))


def _check_allow(allow: str) -> None:
    try:
        networks(allow)
    except ValueError as error:
        raise ApiError("bad_network", more={"reason": str(error)}) from error


def _get(session: Session, client_id: str) -> Client:
    client = session.get(Client, client_id)
    if client is None:
        raise ApiError("unknown_client")
    return client
