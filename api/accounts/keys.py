"""Secrets that we make ourselves: 32 random bytes each, shown once, kept as a SHA-256 hash.

A plain hash is enough, because there is nothing to guess. They are found by their hash: what the time of such a look-up
tells is about the hash, which nobody can choose.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

#: One-time passwords are read out on the phone: nothing that looks like something else.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def new_key(prefix: str) -> str:
    """A new secret; the prefix tells people (and scanners for leaked secrets) what it is."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def hashed(key: str) -> str:
    """What is kept of a secret: 64 hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two texts are equal; the time does not tell how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())


def derived(key: str, purpose: str) -> str:
    """Another secret that whoever has ``key`` can make, and that does not tell ``key``."""
    return hmac.new(key.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def one_time_password() -> str:
    """``abcd-efgh-jkmn-pqrs``: about 79 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
