"""How long somebody has to wait after wrong passwords: pure, so that the curve is seen in one place.

A person's name gets five tries, an address twenty (a hospital is one address); from then on each failure doubles the
pause. The longest pause leaves four guesses an hour, which is hopeless. Who goes on guessing at a name makes its owner
wait as well; that is seen in the audit log, and an administrator lets the owner in (``sanjian user unlock``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

Kind = Literal["user", "address", "register"]

FREE: dict[Kind, int] = {"user": 5, "address": 20, "register": 5}
FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=15)
#: Failures so long ago do not count any more.
FORGOTTEN = timedelta(hours=24)


def pause(kind: Kind, failures: int) -> timedelta:
    """The time to wait after so many failures in a row."""
    over = failures - FREE[kind]
    if over < 0:
        return timedelta()
    return min(FIRST * (1 << min(over, 20)), LONGEST)
