"""A table that somebody sent, as records: the header is found, columns are named, cells are read one by one. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from api.imports.problems import Problem, Wrong, problem
from api.imports.values import Reader
from api.sheets import Line, SheetColumn, read_lines
from api.sheets.reading import Value
from api.sheets.refused import UnreadableSheet
from api.sheets.xlsx_in import NotAValue

#: Title lines, notes and empty lines above a header are at most so many.
HEADER_WITHIN = 20
#: Problems that are told; who has more mends these first.
MOST_PROBLEMS = 500
#: What people put behind the name of a column.
_DECORATION = re.compile(r"[\s\u00a0\u3000*＊]+|[（(](必填|required|选填|optional)[）)]")


def _same(value: object) -> object:
    return value


@dataclass(frozen=True, slots=True)
class Field:
    """A column of an import: how it is called and shown, and how a cell becomes a value.

    Without ``read`` the column is only shown in exports and not looked at. ``show`` makes of the value what an export
    writes. ``aliases`` are other names of the column. The values of a ``personal`` one are not shown in problems.
    """

    column: SheetColumn
    read: Reader | None
    required: bool = False
    show: Callable[[object], object] = _same
    aliases: tuple[str, ...] = ()
    personal: bool = False

    @property
    def name(self) -> str:
        """The name of the value."""
        return self.column.name

    @property
    def names(self) -> frozenset[str]:
        """Everything that the column may be called, as :func:`_plain` makes it."""
        return frozenset(map(_plain, (self.name, self.column.zh, self.column.en, *self.aliases)))


@dataclass(frozen=True, slots=True)
class Record:
    """A line as values by name: a column that the file does not have is not in it, an empty cell is None."""

    line: int
    values: Mapping[str, object]


@dataclass(slots=True)
class Table:
    """What was read. ``ignored``: columns that we do not know. ``problems_count`` counts those that are not told too;
    a line with a problem is no record."""

    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problems_count: int = 0
    ignored: list[str] = field(default_factory=list)
    lines: int = 0

    def wrong(self, found: Problem) -> None:
        """Note a problem."""
        self.problems_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(found)


def read_table(content: bytes, fields: Sequence[Field]) -> Table:
    """The records of a file and what is wrong with its cells.

    Raises UnreadableSheet when it is no table, has no header with our columns, or lacks a required column.
    """
    lines = read_lines(content)
    places, table = _header(lines, fields), Table()
    known, table.ignored = places
    for line in lines:
        table.lines += 1
        values, wrong = _values(line, known)
        for found in wrong:
            table.wrong(found)
        if not wrong:
            table.records.append(Record(line.number, values))
    if not table.lines:
        raise UnreadableSheet("no_lines")
    return table


def _header(lines: Iterator[Line], fields: Sequence[Field]) -> tuple[dict[int, Field], list[str]]:
    """The field at each place, and the columns that we do not know."""
    required = [one for one in fields if one.required]
    for line in lines:
        if line.number > HEADER_WITHIN:
            break
        named = {place: _plain(cell) for place, cell in enumerate(line.cells) if isinstance(cell, str)}
        found = {place: one for place, name in named.items() for one in fields if name in one.names}
        if len({one.name for one in found.values()}) < min(2, len(fields)):
            continue  # a title, or a note
        there = [one.name for one in found.values()]
        twice = sorted({one.column.zh for one in found.values() if there.count(one.name) > 1})
        if twice:
            raise UnreadableSheet("column_twice", columns="、".join(twice))
        missing = [one.column.zh for one in required if one.name not in there]
        if missing:
            raise UnreadableSheet("column_missing", columns="、".join(missing))
        ignored = [str(line.cells[place])[:60] for place in named if place not in found]
        return {place: one for place, one in found.items() if one.read}, ignored
    raise UnreadableSheet("no_header", lines=HEADER_WITHIN, columns="、".join(one.column.zh for one in required))


def _values(line: Line, known: Mapping[int, Field]) -> tuple[dict[str, object], list[Problem]]:
    values: dict[str, object] = {}
    wrong: list[Problem] = []
    for place, one in known.items():
        cell = line.cells[place] if place < len(line.cells) else None
        try:
            values[one.name] = _value(cell, one)
        except Wrong as error:
            shown = None if one.personal or isinstance(cell, NotAValue) else cell
            wrong.append(problem(line.number, one.name, one.column.zh, error, shown))
    return values, wrong


def _value(cell: Value, one: Field) -> object:
    if isinstance(cell, NotAValue):
        raise Wrong("formula" if cell is NotAValue.FORMULA else "error_value")
    if cell is None:
        if one.required:
            raise Wrong("required")
        return None
    assert one.read is not None  # only those are looked at
    return one.read(cell)


def _plain(name: str) -> str:
    return _DECORATION.sub("", name).lower()
