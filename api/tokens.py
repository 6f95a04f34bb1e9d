"""Access tokens: a JSON file of their SHA-256 hashes. The token itself is shown once, when it is made.

``[{"sha256": "…64 hex…", "org": "…22 characters or empty…", "role": "hospital|admin|operator", "label": "…",
"personal": false}]``; ``personal`` may be left out.
A token is 32 random bytes, so a plain hash is enough: there is nothing to guess. Taking a token back = deleting its
entry; the file is read again as soon as it changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import orjson
import structlog

from sanjian.errors import Misconfigured

Role = Literal["hospital", "admin", "operator"]
log = structlog.get_logger("api.tokens")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls. ``org`` is empty for admin and operator; ``label`` is what the audit log names; ``personal``: may see
    personal values unmasked (each look is written into the audit log)."""

    org: str
    role: Role
    label: str
    personal: bool = False

    @property
    def sees_all(self) -> bool:
        """Whether every institution's data may be shown."""
        return self.role != "hospital"


def new_token(path: Path, org: str, role: Role, label: str, *, replace: bool = False, personal: bool = False) -> str:
    """Make a token, keep its hash in ``path`` (mode 0600) and return it. Raises Misconfigured for a bad combination.

    :param replace: whether tokens with the same label end with it.
    :param personal: whether it shows personal values unmasked.
    """
    principal = _principal({"org": org, "role": role, "label": label, "personal": personal})
    token = f"sj_{secrets.token_urlsafe(32)}"
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        entries = _entries(path) if path.exists() else []
        entries = [entry for entry in entries if not (replace and entry["label"] == label)]
        entry = {"sha256": _hash(token), "org": principal.org, "role": principal.role, "label": principal.label}
        entries.append(entry | ({"personal": True} if personal else {}))
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(orjson.dumps(entries, option=orjson.OPT_INDENT_2) + b"\n")
        part.replace(path)
    return token


class TokenFile:
    """The tokens of a file. Raises Misconfigured when the file is there and cannot be read at the start."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._known: list[tuple[bytes, Principal]] = []
        self._stamp = self._state()
        self._read()

    def find(self, token: str) -> Principal | None:
        """Who has this token; the time does not tell how much of it was right."""
        self._reload()
        wanted = _hash(token).encode()
        found = None
        for known, principal in self._known:  # never leaves early
            if hmac.compare_digest(known, wanted):
                found = principal
        return found

    @property
    def version(self) -> object:
        """Another one whenever the file has changed: who was known before may not be any more."""
        self._reload()
        return self._stamp

    def _state(self) -> tuple[int, int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def _reload(self) -> None:
        stamp = self._state()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._read()
        except Misconfigured as error:  # half-edited: the tokens before stay valid until it is whole again
            log.error("tokens_file_not_read", problem=str(error))

    def _read(self) -> None:
        entries = _entries(self._path) if self._stamp else []
        self._known = [(str(entry["sha256"]).lower().encode(), _principal(entry)) for entry in entries]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        entries = orjson.loads(path.read_bytes() or b"[]")
    except (OSError, orjson.JSONDecodeError) as error:
        raise Misconfigured(f"The tokens file {path} is not readable JSON.") from error
    if not isinstance(entries, list) or not all(
        isinstance(e, dict) and len(str(e.get("sha256"))) == 64 for e in entries
    ):
        raise Misconfigured(f"The tokens file {path} must be a list of objects with sha256, org, role and label.")
    return entries


def _principal(entry: Mapping[str, Any]) -> Principal:
    role, org = entry.get("role", ""), entry.get("org", "")
    if role not in get_args(Role):
        raise Misconfigured("The role of a token is hospital, admin or operator.")
    if (role == "hospital") != bool(org):
        raise Misconfigured("A hospital's token names its institution; the others name none.")
    personal = entry.get("personal", False)
    if not isinstance(personal, bool):
        raise Misconfigured("The right to see personal values (personal) of a token is true or false.")
    return Principal(org, role, entry.get("label", ""), personal)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two commands at once must not lose each other's token."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
