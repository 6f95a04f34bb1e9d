"""Check characters of the numbers that the simulated people and institutions carry."""

from __future__ import annotations

#: GB 11643-1999: weights of the first 17 digits and the check character by the sum modulo 11.
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
#: GB 11714-1997: weights of the first 8 characters (digits as they are, A = 10 … Z = 35).
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def id_check(first17: str) -> str:
    """The 18th character of an identity number (GB 11643) from its first 17 digits."""
    return ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, ID_WEIGHTS, strict=True)) % 11]


def org_check(first8: str) -> str:
    """The 9th character of an organisation code (GB 11714) from its first 8 characters (0-9, A-Z)."""
    total = sum(int(character, 36) * weight for character, weight in zip(first8, ORG_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def money(cents: int) -> str:
    """An amount as text with two decimals: -150 → ``-1.50``."""
    return f"{cents // 100}.{cents % 100:02d}" if cents >= 0 else f"-{-cents // 100}.{-cents % 100:02d}"
