"""Check characters of official numbers, for whole columns at once: text in, true where the number is right.

The characters of a column of equal length make one byte matrix; the weights are multiplied in one step.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

Matrix = NDArray[np.uint8]

#: GB 11643: weights of the 17 digits and the check character by the sum modulo 11.
ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
ID_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
ID_SHAPE = r"^[1-9][0-9]{5}(18|19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]$"
#: GB 11714: weights of the 8 characters of an organisation code; letters count from A = 10.
ORG_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
ORG_CHECKS = np.frombuffer(b"0123456789X", dtype=np.uint8)
ORG_SHAPE = r"^[0-9A-Z]{8}[0-9X]"
#: GB 32100: 31 characters, weights powers of 3 modulo 31.
CREDIT_ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = np.array([pow(3, place, 31) for place in range(17)])
CREDIT_SHAPE = r"^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
LUHN_SHAPE = r"[0-9]{2,}"


def right(values: pl.Series, algorithm: str) -> pl.Series:
    """Whether each number has the shape and the check character of ``algorithm``; null where the value is null.

    :param algorithm: ``id_card``, ``org_code``, ``credit_code`` or ``luhn``.
    """
    distinct = list(dict.fromkeys(value for value in values.to_list() if value is not None))  # staff repeat a lot
    verdicts = dict(zip(distinct, _right(pl.Series(distinct, dtype=pl.String), algorithm), strict=True))
    return pl.Series([verdicts.get(value) for value in values.to_list()], dtype=pl.Boolean)


def _right(values: pl.Series, algorithm: str) -> list[bool]:
    if algorithm == "luhn":
        return [_luhn(value) for value in values]
    shape, width, rule = _RULES[algorithm]
    shaped = values.str.contains(shape).to_numpy()
    verdict = np.zeros(len(values), dtype=bool)
    if shaped.any():
        text = "".join(values.filter(pl.Series(shaped)).str.slice(0, width).to_list())
        verdict[shaped] = rule(np.frombuffer(text.encode("ascii"), dtype=np.uint8).reshape(-1, width))
    found: list[bool] = verdict.tolist()
    return found


def _id_card(matrix: Matrix) -> NDArray[np.bool_]:
    total = ((matrix[:, :17] - ord("0")).astype(np.int64) * ID_WEIGHTS).sum(axis=1)
    verdict: NDArray[np.bool_] = ID_CHECKS[total % 11] == matrix[:, 17]
    return verdict


def _org_code(matrix: Matrix) -> NDArray[np.bool_]:
    letters = matrix[:, :8].astype(np.int64)
    values = np.where(letters >= ord("A"), letters - ord("A") + 10, letters - ord("0"))
    verdict: NDArray[np.bool_] = ORG_CHECKS[(11 - (values * ORG_WEIGHTS).sum(axis=1) % 11) % 11] == matrix[:, 8]
    return verdict


def _credit_code(matrix: Matrix) -> NDArray[np.bool_]:
    place = np.zeros(256, dtype=np.int64)
    place[np.frombuffer(CREDIT_ALPHABET, dtype=np.uint8)] = np.arange(31)
    total = (place[matrix[:, :17]] * CREDIT_WEIGHTS).sum(axis=1)
    verdict: NDArray[np.bool_] = (31 - total % 31) % 31 == place[matrix[:, 17]]
    return verdict


def _luhn(value: str) -> bool:
    if not re.fullmatch(LUHN_SHAPE, value):
        return False
    digits = [int(digit) for digit in reversed(value)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


_RULES = {
    "id_card": (ID_SHAPE, 18, _id_card),
    "org_code": (ORG_SHAPE, 9, _org_code),
    "credit_code": (CREDIT_SHAPE, 18, _credit_code),
}
