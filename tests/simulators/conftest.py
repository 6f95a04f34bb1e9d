"""One small clean province for the tests that look at its rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest

from simulators.messages import Row
from simulators.province import Province

END = date(2026, 11, 20)


@pytest.fixture(scope="session")
def province() -> Province:
    return Province(4, 5, END, seed=3, volume=0.4)


@pytest.fixture(scope="session")
def rows(province: Province) -> dict[str, list[Row]]:
    """Every row by table, in the order in which it is sent."""
    found: dict[str, list[Row]] = defaultdict(list)
    for batch in province.batches():
        found[batch.table].extend(batch.rows)
    return found
