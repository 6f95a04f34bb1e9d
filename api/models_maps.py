"""What the endpoints for code maps answer."""

from __future__ import annotations

from api.models import Answer, Moment
from api.models_kept import ImportAnswer


class MapImportAnswer(ImportAnswer):
    """With the version of the institution's maps afterwards; ``skipped``: lines without a standard code."""

    version: int
    skipped: int


class MapVersionOut(Answer):
    """One change of a code map; ``undoes`` is the version that it takes back, ``undone_by`` the one that took it back
    (0: none)."""

    version: int
    at: Moment
    changed_by: str
    undoes: int
    undone_by: int
    codes: int
    added: int
    unmapped: int


class MapHistoryAnswer(Answer):
    """Changes of a code map, newest first."""

    org: str
    map: str
    versions: list[MapVersionOut]


class MapChangeOut(Answer):
    """One local code of a change, as it was before (null: it was not there) and is after; empty fields are left out."""

    local_code: str
    before: dict[str, str] | None
    after: dict[str, str]


class MapVersionAnswer(Answer):
    """What one version changed; ``total`` local codes, a page of them."""

    org: str
    map: str
    version: int
    total: int
    changes: list[MapChangeOut]
