"""What the audit log would show."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import select

from api.accounts.accounts import Accounts
from api.accounts.tables import AuditEntry


def entries(accounts: Accounts) -> list[tuple[str, str, str, dict[str, Any]]]:
    """(actor, action, target, detail) of the entries that wait, as they were written."""
    with accounts.database.reading() as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.at, AuditEntry.id)).all()
        return [(one.actor, one.action, one.target, orjson.loads(one.detail)) for one in found]


def actions(accounts: Accounts) -> list[str]:
    """Their actions, sorted: several of one moment have no order."""
    return sorted(action for _, action, _, _ in entries(accounts))
