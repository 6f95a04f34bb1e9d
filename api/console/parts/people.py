"""Who did something, in words: what is kept is ``role:name``."""

from __future__ import annotations

from api.accounts.rights import ROLES
from api.console.language import Lang

#: What the platform does by itself is written down under these names.
_OURSELVES = frozenset({"sanjian", "system:sanjian"})


def person(actor: str, lang: Lang) -> str:
    """``平台管理员 anna`` for ``admin:anna``; an actor of an unknown kind stays as it is."""
    if actor in _OURSELVES:
        return "三监自动" if lang == "zh" else "Sanjian"
    role, _, name = actor.partition(":")
    if lang != "zh" or role not in ROLES:
        return actor
    return f"{ROLES[role][0]} {name}"  # type: ignore[index]
