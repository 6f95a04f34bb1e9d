"""Lists that the API gives as a whole: filtered and paged here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from api.console.parts.grid import Load, Row


def whole(rows: Callable[[], Awaitable[list[Row]]], keep: Callable[[Row], bool]) -> Load:
    """A loader of pages: asks for all rows, keeps those wanted, and gives the page."""

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        wanted = [row for row in await rows() if keep(row)]
        return wanted[offset : offset + limit], len(wanted)

    return load


def holds(row: Row, text: str, *names: str) -> bool:
    """Whether ``text`` stands in one of these fields, upper or lower case."""
    return not text or any(text.lower() in str(row.get(name, "")).lower() for name in names)
