"""The standard whose names the boards show: the one that is shipped."""

from __future__ import annotations

from functools import cache

from standard.load import load
from standard.model import Standard


@cache
def standard() -> Standard:
    """Read once: every board asks for it."""
    return load()
