"""Machines that call the API of a test."""

from __future__ import annotations

from api.accounts.accounts import Accounts
from api.accounts.audit import By
from api.accounts.principal import Assignment
from api.accounts.region import EVERYWHERE
from sanjian.settings import Settings

#: Sees every institution.
OPERATOR = Assignment("operator", scope=EVERYWHERE)


def token_of(settings: Settings, label: str, assignment: Assignment = OPERATOR) -> str:
    """A token of a new machine; it works for an hour."""
    accounts = Accounts.open(settings)
    try:
        accounts.database.migrate()
        client, secret = accounts.clients.add(By("system:tests"), label, assignment)
        issued = accounts.tokens.issue(client.id, secret, "127.0.0.1")
        assert issued is not None
        return issued.token
    finally:
        accounts.close()
