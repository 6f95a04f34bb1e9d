"""The first accounts: an administrator with a one-time password, the client of our own commands, the demo's accounts.

Passwords and secrets made here are printed or written into files of their owner's, never logged.
"""

from __future__ import annotations

from pathlib import Path

from api.accounts.accounts import Accounts
from api.accounts.audit import By
from api.accounts.keys import one_time_password
from api.accounts.principal import Assignment
from api.accounts.rights import ROLES, Role
from sanjian import datadir

ADMIN = "admin"
#: The label of the client that ``sanjian audit``, ``listen`` and the rest use beside a running ``sanjian up``.
RUNTIME = "runtime"
DEMO_ACCOUNTS = "demo-accounts.json"
SYSTEM = By("system:sanjian")


def first_admin(accounts: Accounts) -> str | None:
    """Make the administrator where there is nobody yet; the one-time password to print, None when somebody is there."""
    if accounts.users.all():
        return None
    return accounts.users.add(SYSTEM, ADMIN, Assignment("admin"), "平台管理员")


def runtime_client(accounts: Accounts) -> dict[str, str]:
    """A new secret for our own commands; only the owner of the data directory can read it."""
    client, secret = accounts.clients.renew(SYSTEM, RUNTIME, Assignment("admin", personal=True))
    return {"client_id": client.id, "client_secret": secret}


def demo_users(accounts: Accounts, directory: Path, org: str, region: str) -> list[tuple[str, str, Role]]:
    """An account for each role, labelled as a demonstration's: (name, password, role). Made once; afterwards what the
    file says is still right. ``org``: the institution of the hospital account; ``region``: the simulated province."""
    known = datadir.read(directory, DEMO_ACCOUNTS)
    there = {user.name for user in accounts.users.all()}
    found: dict[Role, Assignment] = {
        "admin": Assignment("admin"), "regulator": Assignment("regulator", scope=region),
        "operator": Assignment("operator", scope=region, manages=True),
        "hospital": Assignment("hospital", org=org, manages=True), "tester": Assignment("tester"),
    }  # fmt: skip
    for role, assignment in found.items():
        name = f"demo-{role}"
        if name in known and name in there:
            continue
        if name in there:  # the file was removed
            accounts.users.reset_password(SYSTEM, name)
        else:
            accounts.users.add(SYSTEM, name, assignment, f"演示账号 demo · {ROLES[role][0]}")
        known[name] = {"role": role, "password": accounts.users.own_choice(SYSTEM, name, one_time_password())}
    datadir.write(directory, DEMO_ACCOUNTS, known)
    return [(name, str(known[name]["password"]), known[name]["role"]) for name in known]
