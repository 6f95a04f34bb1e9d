"""SQL of a panel: a named query with its parameters bound to variables and macros of Grafana.

Named queries are those that API, watch and console run (``clickhouse/queries``), or, where a board puts several rows of
one together or asks what nobody else does, ``grafana/queries``: the same form, and parts (``{{other}}``) may come from
both. Nothing is written twice: the renderer only puts something in the place of each ``{parameter:Type}``.

A parameter that "empty: no filter" holds for is bound to a variable that may have several values. Its two forms in
named queries, ``{org:String} = ''`` and ``org = {org:String}``, become ``'' IN (…)`` and ``org IN (…)``; the variable's
value for "all" is the empty text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from clickhouse.query import load_query, put_together

FOLDER = Path(__file__).parent / "queries"
_PARAMETER = re.compile(r"(?<!\$)\{(\w+):([^}]+)\}")
_COMMENT = re.compile(r"\s*--[^\n]*")


@dataclass(frozen=True, slots=True)
class Fixed:
    """An expression of SQL in the place of a parameter."""

    sql: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The values of a variable in the place of a parameter, as a filter: several of them, or the one for "all"."""

    variable: str

    @property
    def values(self) -> str:
        """The values as texts of SQL, with commas; Grafana escapes quotes."""
        return f"${{{self.variable}:singlequote}}"


Binding = Fixed | Chosen
Bindings = Mapping[str, Binding]


def board_query(name: str) -> str:
    """A named query as it is written: of the boards, else one that all share. Raises KeyError (a bug) for none."""
    file = FOLDER / f"{name}.sql"
    return put_together(file.read_text(encoding="utf-8").strip(), board_query) if file.is_file() else load_query(name)


def board_query_names() -> list[str]:
    """Names of the queries that only boards use, sorted."""
    return sorted(file.stem for file in FOLDER.glob("*.sql"))


def parameters_of(name: str) -> dict[str, str]:
    """Parameters of a named query and their types."""
    return dict(_PARAMETER.findall(bare(name)))


@cache
def bare(name: str) -> str:
    """Without comments and empty lines: what a board carries is for machines."""
    lines = (_COMMENT.sub("", line) for line in board_query(name).splitlines())
    return "\n".join(line.rstrip() for line in lines if line.strip())


def panel_sql(name: str, bindings: Bindings) -> str:
    """The SQL of a panel; its first line says which named query it is. Raises KeyError (a bug): something not bound."""
    sql = bare(name)
    for parameter, kind in parameters_of(name).items():
        sql = _bound(sql, "{" + f"{parameter}:{kind}" + "}", bindings[parameter])
    if left := _PARAMETER.search(sql):
        raise KeyError(f"{left[0]} of {name} is neither compared with nothing nor with a column")
    return f"-- sanjian: {name}\n{sql}"


def _bound(sql: str, place: str, binding: Binding) -> str:
    if isinstance(binding, Fixed):
        return sql.replace(place, binding.sql)
    number = not place.endswith(":String}")
    nothing = re.compile(re.escape(place) + r" = ('[^']*'|-?\d+)")
    column = re.compile(r"([\w.`]+) = " + re.escape(place))
    sql = nothing.sub(lambda found: f"{_text(found[1])} IN ({binding.values})", sql)
    return column.sub(
        lambda found: f"{f'toString({found[1]})' if number else found[1]} IN ({binding.values})", sql
    )  # fmt: skip


def _text(literal: str) -> str:
    return literal if literal.startswith("'") else f"'{literal}'"
