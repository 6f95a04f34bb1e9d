"""The named queries that workers, API, boards and command line share: ``clickhouse/queries/<name>.sql``.

Each file begins with a comment that says what it returns and which parameters it takes. Parameters are bound by
ClickHouse (``{name:Type}``), never pasted; an empty text or a zero means "no filter" where the file says so.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "queries"


@cache
def load_query(name: str) -> str:
    """The SQL of a named query; raises ``KeyError`` (a bug) when there is none."""
    file = FOLDER / f"{name}.sql"
    if not file.is_file():
        raise KeyError(f"no query {name} in {FOLDER}")
    return file.read_text(encoding="utf-8").strip()


def query_names() -> list[str]:
    """Names of all queries, sorted."""
    return sorted(file.stem for file in FOLDER.glob("*.sql"))
