"""Codes of test institutions: TEST0001 to TEST9999, a check character, and the rest as every institution's (WS 218).

Organisation codes that begin with four letters TEST are given to nobody, so a test institution is told by its code, and
its rows pass the rule on the check character like those of a real one.
"""

from __future__ import annotations

import re

from standard.checksums import org_code

PREFIX = "TEST"
#: Four digits follow the prefix.
LAST = 9999
#: Economic type state-owned, class general hospital, nature non-profit: what most have; nothing is derived from it.
_REST = "11A1001"
_CODE = re.compile(rf"{PREFIX}(\d{{4}})[0-9X]\d{{6}}{_REST}")


def test_code(serial: int, region: str) -> str:
    """The code of 22 characters for the test institution of this number in a region (GB/T 2260, 6 digits)."""
    stem = f"{PREFIX}{serial:04d}"
    check = next(character for character in "0123456789X" if org_code(stem + character))
    return f"{stem}{check}{region}{_REST}"


def serial_of(code: str) -> int | None:
    """The number of a test institution; None for a code that is not in the range."""
    found = _CODE.fullmatch(code)
    return int(found[1]) if found else None
