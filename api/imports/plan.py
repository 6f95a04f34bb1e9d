"""What an import would do, decided before anything is written: which lines are wrong, what is added, what changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from api.imports.problems import Problem, Wrong, problem
from api.imports.table import Field, Record, Table
from api.sheets import Sheet

Entry = TypeVar("Entry")

#: Changes that are told one by one; all of them are counted.
MOST_CHANGES = 200


@dataclass(frozen=True)
class Kind(Generic[Entry]):
    """A kind of table that people keep.

    ``key`` is what tells entries apart; ``make`` makes an entry of a record, given what is kept under its key;
    ``check`` yields (column, what is wrong) that a single cell does not show; ``values`` is an entry as the fields have
    it, None where a cell is empty.
    """

    name: str
    title: str
    fields: Sequence[Field]
    key: Callable[[Mapping[str, object]], Hashable]
    make: Callable[[Mapping[str, object], Entry | None], Entry]
    check: Callable[[Entry], Iterable[tuple[str, Wrong]]]
    values: Callable[[Entry], Mapping[str, object]]

    def sheet(self, entries: Iterable[Entry], **more: Callable[[Entry], object]) -> Sheet:
        """The entries as they would be imported again; ``more`` are values of columns that are only shown."""
        return Sheet(self.title, [one.column for one in self.fields], (self._row(entry, more) for entry in entries))

    def _row(self, entry: Entry, more: Mapping[str, Callable[[Entry], object]]) -> list[object]:
        values = self.values(entry)
        return [more[f.name](entry) if f.name in more else _shown(f, values.get(f.name)) for f in self.fields]

    def problems(self, entry: Entry, line: int) -> list[Problem]:
        """What is wrong with an entry beyond its single cells."""
        titles = {one.name: one for one in self.fields}
        values = self.values(entry)
        return [
            problem(line, name, titles[name].column.zh, wrong, _told(titles[name], values.get(name)))
            for name, wrong in self.check(entry)
        ]


@dataclass(frozen=True, slots=True)
class Change:
    """One line that adds or changes something; ``before`` and ``after`` hold the columns that differ."""

    line: int
    action: Literal["added", "changed"]
    key: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(slots=True)
class Plan(Generic[Entry]):
    """What an import does. ``entries`` are to be written; nothing is when there is a problem."""

    lines: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    entries: list[Entry] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problems_count: int = 0
    ignored: list[str] = field(default_factory=list)


def plan(table: Table, kind: Kind[Entry], kept: Mapping[Any, Entry]) -> Plan[Entry]:
    """What the table would do to what is ``kept`` by key. A line that stands there twice counts once; with other
    content it is a conflict."""
    made, seen = Plan[Entry](lines=table.lines, ignored=table.ignored), dict[Hashable, tuple[Record, Entry]]()
    for record in table.records:
        key = kind.key(record.values)
        before = kept.get(key)
        entry = kind.make(record.values, before)
        if key in seen:
            first, earlier = seen[key]
            if kind.values(earlier) != kind.values(entry):
                name = kind.fields[0]
                table.wrong(problem(record.line, name.name, name.column.zh, Wrong("conflict", other=first.line)))
            else:
                made.unchanged += 1
            continue
        seen[key] = record, entry
        found = kind.problems(entry, record.line)
        for one in found:
            table.wrong(one)
        if not found:
            _note(made, kind, record, entry, before)
    made.problems = sorted(table.problems, key=lambda one: one.line)
    made.problems_count = table.problems_count
    return made


def _note(made: Plan[Entry], kind: Kind[Entry], record: Record, entry: Entry, before: Entry | None) -> None:
    now, then = kind.values(entry), kind.values(before) if before is not None else {}
    differs = [one for one in kind.fields if one.read and now.get(one.name) != then.get(one.name)]
    if before is not None and not differs:
        made.unchanged += 1
        return
    made.entries.append(entry)
    if before is None:
        made.added += 1
    else:
        made.changed += 1
    if len(made.changes) < MOST_CHANGES:
        key = kind.key(record.values)
        shown = " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
        made.changes.append(
            Change(
                record.line, "added" if before is None else "changed", shown,
                {one.name: _told(one, then.get(one.name)) for one in differs if before is not None},
                {one.name: _told(one, now.get(one.name)) for one in differs if now.get(one.name) is not None},
            )
        )  # fmt: skip


def _shown(one: Field, value: object) -> object:
    return None if value is None else one.show(value)


def _told(one: Field, value: object) -> object:
    return "***" if one.personal and value else _shown(one, value)
