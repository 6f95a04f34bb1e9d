"""Whether those who stay connected may still be, and what they may see: asked for all clients of a process together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from api.accounts.accounts import Accounts
from api.accounts.principal import Assignment, Principal
from api.accounts.tables import AccessToken
from api.accounts.visible import Directory

#: Databases limit the number of parameters of a statement.
_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """How everybody stands who was asked for. ``holding``: the keys (``Principal.key``) of those whose token or session
    still holds; ``visible``: what they may see by now."""

    holding: frozenset[str]
    visible: Mapping[Assignment, frozenset[str] | None]

    def holds(self, who: Principal) -> bool:
        """Whether the token or session still holds."""
        return who.key in self.holding

    def sees_the_same(self, who: Principal) -> bool:
        """Whether the same institutions may be seen as when ``who`` connected."""
        return self.visible[who.assignment] == who.orgs


def standing(accounts: Accounts, directory: Directory, principals: Collection[Principal]) -> Standing:
    """How these stand now. Blocks; raises NotNow.

    A session is not made younger by this: who only listens has to log in again when the session ends in any case.
    """
    tokens = {one.key for one in principals if one.kind == "client"}
    cookies = {one.key for one in principals if one.kind == "user"}
    found: set[str] = set()
    with accounts.database.reading() as session:
        for some in _parts(tokens):
            holding = select(AccessToken.hash).where(AccessToken.hash.in_(some), AccessToken.ends_at > accounts.now())
            found.update(session.scalars(holding))
        for some in _parts(cookies):
            found.update(session.scalars(accounts.sessions.open_ones(some)))
    assignments = {one.assignment for one in principals}
    return Standing(frozenset(found), {one: directory.visible(one) for one in assignments})


def _parts(keys: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), _TOGETHER):
        yield ordered[start : start + _TOGETHER]
