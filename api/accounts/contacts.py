"""Contact sheets: whom to ask at an institution about its front pages. Kept here, with the other names of staff."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import select

from api.accounts.audit import By, record
from api.accounts.database import Database
from api.accounts.tables import ContactSheet


class Contacts:
    """``now`` gives UTC. All methods block; a change is one transaction with its audit entry, which names the columns
    and not their values."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def all(self) -> dict[str, ContactSheet]:
        """Every sheet, by institution."""
        with self._database.reading() as session:
            return {one.org: one for one in session.scalars(select(ContactSheet))}

    def find(self, org: str) -> ContactSheet | None:
        """The sheet of an institution; None: nothing was filled in yet."""
        with self._database.reading() as session:
            return session.get(ContactSheet, org)

    def save(self, by: By, org: str, values: Mapping[str, str | int]) -> ContactSheet:
        """Fill in columns; those that are not given stay."""
        with self._database.writing() as session:
            found = session.get(ContactSheet, org)
            if found is None:
                found = ContactSheet(org=org, changed_at=self._now())
                session.add(found)
            for name, value in values.items():
                setattr(found, name, value)
            found.changed_at, found.changed_by = self._now(), by.actor
            session.flush()
            record(session, self._now(), by, "contacts.save", org, columns=sorted(values))
            return found
