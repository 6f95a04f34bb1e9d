"""Entries of the audit log, written in the transaction that does what they tell: neither is there without the other.

From here ``api.audit_log`` takes them to ClickHouse. So an action is never done unlogged, also while ClickHouse is away
or the command line works without a server.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy.orm import Session

from api.accounts.principal import Principal
from api.accounts.tables import AuditEntry

#: What is longer was not made by us.
LONGEST = 300


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, and from where. ``client``: the id of a machine, empty for a person."""

    actor: str
    address: str = ""
    client: str = ""

    @classmethod
    def of(cls, who: Principal, address: str) -> By:
        """A principal that calls from ``address``."""
        return cls(who.actor, address, who.ident if who.kind == "client" else "")


def nobody(address: str) -> By:
    """Somebody who has not shown who it is."""
    return By("", address)


def record(session: Session, at: datetime, by: By, action: str, target: str = "", /, **detail: object) -> None:
    """Add an entry; ``detail`` holds counts, codes and names of accounts, no secrets and no personal values."""
    more = {**detail, "client": by.client} if by.client else detail
    session.add(
        AuditEntry(
            id=str(uuid.uuid4()), at=at.replace(microsecond=at.microsecond // 1000 * 1000), actor=by.actor[:120],
            action=action, target=target[:LONGEST], detail=orjson.dumps(more).decode(), address=by.address[:64],
        )
    )  # fmt: skip
