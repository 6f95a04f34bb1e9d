"""Audit entries on their way to ClickHouse.

The order of sending: 1 put a batch number on the entries that have none · 2 insert the entries of one batch, with the
number as token, so that of two processes or two tries one insert counts · 3 remove them here. A crash after 1 or 2 is
made good by the next sending: the same entries, the same token.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import delete, func, select, update

from api.accounts.audit import By, record
from api.accounts.database import Database
from api.accounts.tables import AuditEntry
from clickhouse.client import ClickHouse

#: Entries in one insert.
TOGETHER = 5000
_FIELDS = ("at", "id", "actor", "action", "target", "detail", "address")


class Outbox:
    """The entries that wait. All methods block."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def put(self, by: By, action: str, target: str, /, **detail: object) -> None:
        """Keep an entry; it is safe when this returns. Raises NotNow."""
        with self._database.writing() as session:
            record(session, self._now(), by, action, target, **detail)

    def waiting(self) -> int:
        """How many have not been sent."""
        with self._database.reading() as session:
            return session.scalar(select(func.count()).select_from(AuditEntry)) or 0

    def send(self, clickhouse: ClickHouse) -> int:
        """Send what waits; how many that were. Raises NotNow, and nothing is lost."""
        sent = 0
        while batch := self._next():
            number, rows = batch
            frame = pl.DataFrame(rows, schema_overrides={"at": pl.Datetime("ms", "UTC")})
            clickhouse.insert_once("audit_log", frame, f"audit:{number}")
            with self._database.writing() as session:
                session.execute(delete(AuditEntry).where(AuditEntry.batch == number))
            sent += len(rows)
        return sent

    def _next(self) -> tuple[str, list[dict[str, Any]]] | None:
        """The oldest batch that was begun and not finished, or a new one."""
        with self._database.reading() as session:
            number = session.scalar(select(AuditEntry.batch).where(AuditEntry.batch.is_not(None)).limit(1))
            waits = number or session.scalar(select(AuditEntry.id).limit(1))
        if not waits:
            return None
        with self._database.writing() as session:
            if number is None:
                number = uuid.uuid4().hex
                ids = select(AuditEntry.id).where(AuditEntry.batch.is_(None)).order_by(AuditEntry.at).limit(TOGETHER)
                free = AuditEntry.batch.is_(None)  # said again: another process may have taken one meanwhile
                session.execute(update(AuditEntry).where(AuditEntry.id.in_(ids), free).values(batch=number))
            entries = session.scalars(
                select(AuditEntry).where(AuditEntry.batch == number).order_by(AuditEntry.at, AuditEntry.id)
            )
            rows = [{name: getattr(entry, name) for name in _FIELDS} for entry in entries]
        return (number, rows) if rows else self._next()
