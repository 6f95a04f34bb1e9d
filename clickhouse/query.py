"""The named queries that workers, API, boards and command line share: ``clickhouse/queries/<name>.sql``.

Each file begins with a comment that says what it returns and which parameters it takes. Parameters are bound by
ClickHouse (``{name:Type}``), never pasted; an empty text or a zero means "no filter" where the file says so.
``{{other}}`` stands for the named query ``other`` as a subquery, so that nothing is written twice; its final ORDER BY
is left out, because sorting rows that are put together with others costs and gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "queries"
_PART = re.compile(r"\{\{(\w+)\}\}")
_FINAL_ORDER = re.compile(r"\nORDER BY [^\n]*\Z")


@cache
def load_query(name: str) -> str:
    """The SQL of a named query with its parts in place; raises ``KeyError`` (a bug) when there is none."""
    file = FOLDER / f"{name}.sql"
    if not file.is_file():
        raise KeyError(f"no query {name} in {FOLDER}")
    return put_together(file.read_text(encoding="utf-8").strip(), load_query)


def put_together(text: str, load: Callable[[str], str]) -> str:
    """The text of a query with its parts, which ``load`` gives by name, in place."""
    return _PART.sub(lambda part: f"(\n{_FINAL_ORDER.sub('', load(part[1]))}\n)", text)


def query_names() -> list[str]:
    """Names of all queries, sorted."""
    return sorted(file.stem for file in FOLDER.glob("*.sql"))
