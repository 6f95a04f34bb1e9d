"""Who calls: a person or a machine, with role, institutions and the right to personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.accounts.region import EVERYWHERE
from api.accounts.rights import RIGHTS, Role


@dataclass(frozen=True, slots=True)
class Assignment:
    """What somebody is here: the role, and for what. ``org`` for a hospital (and a tester of one institution),
    ``scope`` (a region's code) for regulators and operators; ``manages``: is the administrator of that institution or
    region (an admin always is one); ``personal``: may read personal data."""

    role: Role
    org: str = ""
    scope: str = ""
    manages: bool = False
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls. ``label`` is the user's name or the client's label; ``ident`` the id of user or client.

    ``orgs`` are the institutions that may be seen, None for all. ``must_change``: only the password may be changed.
    ``key``: the hash of the token or cookie that was shown (``standing.py``).
    """

    assignment: Assignment
    label: str
    orgs: frozenset[str] | None
    kind: Literal["user", "client"] = "client"
    ident: str = ""
    must_change: bool = False
    key: str = ""

    @property
    def role(self) -> Role:
        """The role."""
        return self.assignment.role

    @property
    def org(self) -> str:
        """The institution that this principal belongs to, empty for none."""
        return self.assignment.org

    @property
    def personal(self) -> bool:
        """Whether names, numbers, phones and addresses are shown unmasked."""
        return self.assignment.personal

    @property
    def manages(self) -> bool:
        """Whether this is an administrator of the platform, a region or an institution."""
        return self.role == "admin" or self.assignment.manages

    @property
    def sees_all(self) -> bool:
        """Whether every institution's data may be shown."""
        return self.orgs is None

    @property
    def actor(self) -> str:
        """The name in the audit log."""
        return f"{self.role}:{self.label}"

    @property
    def authority(self) -> str:
        """The institution or region for which somebody acts: what others may know who must not know the name."""
        return self.org or self.assignment.scope or (EVERYWHERE if self.role == "admin" else "")

    def sees(self, org: str) -> bool:
        """Whether this institution's data may be shown."""
        return self.orgs is None or org in self.orgs

    def may(self, right: str) -> bool:
        """Whether the right of this name is held. Raises KeyError (a bug) for a right that there is not."""
        needed = RIGHTS[right]
        return (
            self.role in needed.roles
            and (self.personal or not needed.personal)
            and (self.manages or not needed.manages)
        )
