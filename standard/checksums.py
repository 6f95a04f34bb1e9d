"""Check characters of official numbers, one value at a time. True means that shape and check character are right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

# GB 11643-1999: weights of the first 17 digits and the check character by the sum modulo 11.
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
# GB 11714-1997: weights of the first 8 characters; letters count from A = 10.
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# GB 32100-2015: without I, O, S, V, Z; weights are powers of 3 modulo 31.
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def id_card(text: str) -> bool:
    """An identity number of 18 characters (GB 11643)."""
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", text):
        return False
    return ID_CHECKS[_weighted(text, ID_WEIGHTS, ORG_ALPHABET) % 11] == text[17]


def org_code(text: str) -> bool:
    """The organisation code (GB 11714) in the first 9 characters of an institution code."""
    if not re.match(r"[0-9A-Z]{8}[0-9X]", text):
        return False
    check = 11 - _weighted(text, ORG_WEIGHTS, ORG_ALPHABET) % 11
    return "0123456789X0"[check] == text[8]  # 10 is X, 11 is 0


def credit_code(text: str) -> bool:
    """A unified social credit code of 18 characters (GB 32100)."""
    if len(text) != 18 or any(character not in CREDIT_ALPHABET for character in text):
        return False
    check = (31 - _weighted(text, CREDIT_WEIGHTS, CREDIT_ALPHABET) % 31) % 31
    return CREDIT_ALPHABET[check] == text[17]


def luhn(text: str) -> bool:
    """Digits whose last one is a Luhn check digit."""
    if not (text.isascii() and text.isdigit()):
        return False
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _weighted(text: str, weights: tuple[int, ...], alphabet: str) -> int:
    return sum(alphabet.index(character) * weight for character, weight in zip(text, weights, strict=False))


CHECKSUMS: Mapping[str, Callable[[str], bool]] = {
    "id_card": id_card,
    "org_code": org_code,
    "credit_code": credit_code,
    "luhn": luhn,
}
