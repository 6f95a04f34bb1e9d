"""What a row looks up in other rows: a subquery grouped by the looked-up key, joined to the rows that are checked.

Only the keys that the checked rows have (never an empty one) are looked up (``IN (SELECT … FROM own)``), so that the
cost follows the checked rows and, where the key is not a primary key, the looked-up columns of the same institutions. A
group never brings all its rows along: it brings counts, sums and at most MOST_DIFFERENT different tuples of values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clickhouse.current import current
from clickhouse.tables import table_name
from standard.model import Check, Standard, Table
from streams.store_checks.sql import Row, all_of, conditions, name, own, plain, texts

#: Rows found under one key are compared by their values; of a key that a whole institution shares by mistake (an empty
#: visit number, say) more than this would multiply into millions.
MOST_DIFFERENT = 100

#: What tables call the institution's code.
ORG_COLUMNS = frozenset({"YLJGDM", "P900"})

Pairs = tuple[tuple[str, str], ...]


def pairs_of(match: Mapping[str, str]) -> Pairs:
    """``match`` of a check: own column → other column, without the institution, which always pairs with itself."""
    return tuple((mine, theirs) for mine, theirs in match.items() if mine not in ORG_COLUMNS)


def live(table: Table, standard: Standard) -> str:
    """Rows that count: not revoked, and of the submission that counts where a table is sent by submissions."""
    if "XGBZ" in table.by_name:
        return f"{name('XGBZ')} NOT IN {texts(standard.settings['revoked_values'])}"
    return current(table)


def newest(table: Table, standard: Standard, found: str, *more: str, by_key: bool = False) -> str:
    """FROM and WHERE for the rows of the institutions asked for that fulfil ``found`` in their newest version, count,
    and fulfil ``more``.

    Finding the newest version (FINAL) sorts all that it reads by the primary key. So first the keys are found of rows
    of which any version fulfils ``found``, which is fast, and only these rows are read so. ``by_key``: ``found`` says
    the primary keys itself.
    """
    source = f"`{table_name(table)}`"
    key = ", ".join(name(column) for column in table.key)
    first = all_of([f"{name(table.org)} IN {{orgs:Array(String)}}", found])
    among = [] if by_key else [f"({key}) IN (SELECT {key} FROM {source} WHERE {first})"]
    return f"FROM {source} FINAL WHERE {all_of([*among, first, live(table, standard), *more])}"


@dataclass(frozen=True, slots=True)
class Via:
    """Tables in between, by name: own column → their column, then their column → column of the table."""

    tables: tuple[str, ...]
    match: Pairs
    to: Pairs
    where: str


@dataclass(slots=True)
class Join:
    """One look-up in ``table`` by ``pairs``; ``count`` and the like add to what it brings and say how to call it."""

    alias: str
    owner: Table  # whose rows look up
    table: Table
    pairs: Pairs
    standard: Standard
    via: Via | None = None
    by_day: bool = False
    versions: bool = False  # every version that is still there, deleted and revoked ones too, instead of the newest
    only: str = ""  # which rows of the table count at all
    brought: dict[str, str] = field(default_factory=dict)

    @property
    def other(self) -> Row:
        """The looked-up row, inside the subquery."""
        return plain(self.table)

    def bring(self, aggregate: str) -> str:
        """SQL of the value of ``aggregate`` over the rows found; the type's default when none was found."""
        short = self.brought.setdefault(aggregate, f"{self.alias}_{len(self.brought)}")
        return f"{self.alias}.{short}"

    def count(self, where: str = "1") -> str:
        """How many rows were found."""
        return self.bring(f"countIf({where})")

    def some(self, columns: Sequence[str], where: str, test: str) -> str:
        """Whether one of the rows found fulfils ``test``, which names their values by :meth:`found`."""
        values = ", ".join(name(column) for column in columns)
        tuples = self.bring(f"groupUniqArrayIf({MOST_DIFFERENT})(tuple({values}), {where})")
        return f"arrayExists(x -> {test}, {tuples})"

    def found(self, columns: Sequence[str]) -> Row:
        """One of the rows found, for ``test`` of :meth:`some`."""
        places = {column: place for place, column in enumerate(columns, 1)}
        return Row(self.table, lambda column: f"tupleElement(x, {places[column]})")

    def on(self) -> str:
        """The condition of the join."""
        keys = [f"o.{name(self.owner.org)} = {self.alias}.k0"]
        keys += [f"o.{name(mine)} = {self.alias}.k{place}" for place, mine in enumerate(self._own_keys(), 1)]
        return " AND ".join(keys)

    def subquery(self) -> str:
        """The look-up with everything that it brings."""
        values = ", ".join(f"{aggregate} AS {short}" for aggregate, short in self.brought.items())
        if self.via is not None:
            return self._through(self.via, values)
        theirs = [
            name(self.table.org),
            *(name(column) for _, column in self.pairs),
            *(["_biz_date"] if self.by_day else []),
        ]
        mine = [name(self.owner.org), *(name(column) for column in self._own_keys())]
        keys = ", ".join(f"{column} AS k{place}" for place, column in enumerate(theirs))
        groups = ", ".join(f"k{place}" for place in range(len(theirs)))
        filled = all_of(plain(self.owner).filled(column) for column, _ in self.pairs)
        found = f"({', '.join(theirs)}) IN (SELECT {', '.join(mine)} FROM own WHERE {filled})"
        if self.versions:
            return f"SELECT {keys}, {values} FROM `{table_name(self.table)}` WHERE {found} GROUP BY {groups}"
        by_key = theirs == [name(column) for column in self.table.key]
        rows = newest(self.table, self.standard, found, self.only or "1", by_key=by_key)
        return f"SELECT {keys}, {values} {rows} GROUP BY {groups}"

    def _own_keys(self) -> list[str]:
        keys = [mine for mine, _ in (self.via.match if self.via is not None else self.pairs)]
        return [*keys, "_biz_date"] if self.by_day else keys

    def _through(self, via: Via, values: str) -> str:
        links = " UNION DISTINCT ".join(self._link(via, self.standard.tables[table]) for table in via.tables)
        steps = [f"s{place}" for place in range(len(via.to))]
        theirs = [name(self.table.org), *(name(column) for _, column in via.to)]
        found = f"({', '.join(theirs)}) IN (SELECT {', '.join(['k0', *steps])} FROM ({links}))"
        linked = [
            f"v.k0 = {theirs[0]}",
            *(f"v.{step} = {their}" for step, their in zip(steps, theirs[1:], strict=True)),
        ]
        keys = [f"k{place}" for place in range(len(via.match) + 1)]
        return (
            f"SELECT {', '.join(f'v.{key} AS {key}' for key in keys)}, {values} FROM ({links}) AS v "
            f"INNER JOIN (SELECT * {newest(self.table, self.standard, found)}) AS t ON {' AND '.join(linked)} "
            f"GROUP BY {', '.join(keys)}"
        )

    def _comparable(self, between: Table, pair: tuple[str, str]) -> str:
        """A number that is a text over there (a number of admissions) as ClickHouse writes it: 1, not 1.0000."""
        column, their = pair
        cast = between.by_name[column].type == "number" and self.table.by_name[their].type == "text"
        return f"toString({name(column)})" if cast else name(column)

    def _link(self, via: Via, table: Table) -> str:
        theirs = [name(table.org), *(name(column) for _, column in via.match)]
        mine = [name(self.owner.org), *(name(column) for column, _ in via.match)]
        keys = [f"{column} AS k{place}" for place, column in enumerate(theirs)]
        keys += [f"{self._comparable(table, pair)} AS s{place}" for place, pair in enumerate(via.to)]
        filled = all_of(plain(self.owner).filled(column) for column, _ in via.match)
        found = f"({', '.join(theirs)}) IN (SELECT {', '.join(mine)} FROM own WHERE {filled})"
        return f"SELECT DISTINCT {', '.join(keys)} {newest(table, self.standard, found, via.where)}"


@dataclass(frozen=True, slots=True)
class Question:
    """One check of a rule of ``table``."""

    check: Check
    rule_id: str
    table: Table
    standard: Standard

    @property
    def params(self) -> Mapping[str, Any]:
        """Parameters of the check."""
        return self.check.params


@dataclass(frozen=True, slots=True)
class Decided:
    """A check as SQL over the checked row and its look-ups. Where a condition is null, it does not hold.

    applies: whether the row can violate the check at all: its conditions hold and what it compares is there.
    violated: whether it does, where it applies.
    """

    applies: str
    violated: str
    joins: tuple[Join, ...] = ()


@dataclass(slots=True)
class Joins:
    """The look-ups of all checks whose rows come from one table; equal ones are made once."""

    table: Table
    standard: Standard
    made: dict[Any, Join] = field(default_factory=dict)

    @property
    def row(self) -> Row:
        """The row that is checked."""
        return own(self.table)

    def to(
        self, table: str, pairs: Pairs, *, via: Via | None = None, by_day: bool = False, versions: bool = False,
        only: str = "",
    ) -> Join:  # fmt: skip
        """The look-up in ``table``."""
        wanted = (table, pairs, via, by_day, versions, only)
        if wanted not in self.made:
            other = self.standard.tables[table]
            alias = f"j{len(self.made)}"
            self.made[wanted] = Join(alias, self.table, other, pairs, self.standard, via, by_day, versions, only)
        return self.made[wanted]

    def filled(self, pairs: Pairs) -> str:
        """Whether the checked row has everything that the look-up needs."""
        return all_of(self.row.filled(mine) for mine, _ in pairs)

    def via(self, params: Mapping[str, Any]) -> Via:
        """``via`` of a check."""
        given = params["via"]
        tables = tuple(given.get("any_of") or (given["table"],))
        where = conditions(given.get("where", {}), plain(self.standard.tables[tables[0]]))
        return Via(tables, pairs_of(given["match"]), tuple(given["to"].items()), where)
