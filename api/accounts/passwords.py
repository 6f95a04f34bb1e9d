"""Passwords: argon2id hashes (argon2-cffi), and which passwords are taken.

The policy follows what is known to help: length, nothing that is guessed first, not one's own name. No rules about
kinds of characters, no forced change after some months: both lead to worse passwords.
"""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.errors import ApiError

SHORTEST = 10
#: A longer one adds nothing, and hashing costs by length.
LONGEST = 128
#: Each hash takes 64 MiB and a core for a moment; a flood of logins must not take the machine.
AT_ONCE = 2
#: Who waits for a turn holds a thread that other calls need: so few may wait, and only so long.
WAITING = 8
WAIT_SECONDS = 5.0

_COMMON = Path(__file__).with_name("common_passwords.txt")


class Passwords:
    """Hashes and checks passwords, two at a time. ``hasher`` is a cheaper one in tests."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(AT_ONCE)
        self._places = BoundedSemaphore(AT_ONCE + WAITING)

    def hash(self, password: str) -> str:
        """The hash to keep. Raises ApiError busy."""
        with _Turn(self._places, self._turns):
            return self._hasher.hash(password)

    def right(self, kept: str | None, password: str) -> bool:
        """Whether ``password`` has this hash. None (nobody of that name) costs the same and is wrong."""
        with _Turn(self._places, self._turns):
            nobody = self._nobody  # made here, whether it is needed or not
            try:
                return self._hasher.verify(kept or nobody, password[: LONGEST + 1]) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


class _Turn:
    def __init__(self, places: BoundedSemaphore, turns: BoundedSemaphore) -> None:
        self._places, self._turns = places, turns

    def __enter__(self) -> None:
        if not self._places.acquire(blocking=False):
            raise ApiError("too_many_logins")
        if not self._turns.acquire(timeout=WAIT_SECONDS):
            self._places.release()
            raise ApiError("too_many_logins")

    def __exit__(self, *_: object) -> None:
        self._turns.release()
        self._places.release()


def check_policy(password: str, *names: str) -> None:
    """Raises ApiError weak_password with a reason: short, long, name (holds one of ``names``), common."""
    folded = password.casefold()
    reason = ""
    if len(password) < SHORTEST:
        reason = "short"
    elif len(password) > LONGEST:
        reason = "long"
    elif any(len(name) >= 3 and name.casefold() in folded for name in names):
        reason = "name"
    elif folded in common() or len(set(folded)) < 4:
        reason = "common"
    if reason:
        raise ApiError("weak_password", shortest=SHORTEST, more={"reason": reason})


@cache
def common() -> frozenset[str]:
    """Passwords that are guessed first."""
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().casefold() for line in lines if line and not line.startswith("#"))
