"""Runs the rules of scope ``store`` for days of tables.

The order of work for some cells (a cell is a day of a table of an institution):

1. read up to which change of the ledger these days are known
2. cut them into portions whose rows fit into memory; for each portion copy the rows that are checked into a table in
   memory, and ask ClickHouse what the rules say of them, a statement a group
3. write the findings · 4. write how each rule came out, zeros too · 5. write that the days are done, up to 1

A crash before 5 repeats all of it. Findings are written before the counts and carry the same ``run_at``, so that a
reader who takes findings with ``run_at`` not older than the count's never misses one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse
from standard.model import Standard
from streams.rollup.cells import Cell
from streams.store_checks import due
from streams.store_checks.compiled import compile_standard
from streams.store_checks.results import DAYS_SCHEMA, MOMENT, Outcome
from streams.store_checks.scratch import Scratch
from streams.store_checks.statement import copy_statement, statement
from streams.store_checks.version import rule_versions

#: Rows that are checked at a time: with what they look up, about 500 bytes each.
PORTION_ROWS = 300_000
#: Cells that are checked at a time: their institutions and days are parameters of the statement.
PORTION_CELLS = 2000
#: Everything is looked through once in so long, whatever was seen before.
WHOLE_LOOK = timedelta(hours=1)
LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did. ``checked`` and ``failed`` count rows, once for each rule."""

    cells: int = 0
    checked: int = 0
    failed: int = 0

    def __add__(self, other: Ran) -> Ran:
        return Ran(self.cells + other.cells, self.checked + other.checked, self.failed + other.failed)


class StoreChecks:
    """The compiled rules and the database. All methods block; raise NotNow while ClickHouse is away.

    :param now: the moment, for :meth:`pending`.
    """

    def __init__(
        self, clickhouse: ClickHouse, standard: Standard, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._clickhouse = clickhouse
        self._compiled = compile_standard(standard)
        self._standard = standard
        self._scratch = Scratch(clickhouse)
        self._statements = {
            name: [(group, statement(group)) for group in groups] for name, groups in self._compiled.groups.items()
        }
        self._now = now
        self._versions = rule_versions(standard)
        self._seen = self._looked = self._up_to_date = LONG_AGO

    def pending(self) -> list[Cell]:
        """The days that are due (see ``due``), the longest waiting first; at most ``due.MOST_CELLS`` at a time."""
        now = self._now()
        if now - self._looked >= WHOLE_LOOK:
            self._seen, self._looked = LONG_AGO, now
        parameters = {"now": due.moment(now), "since": due.moment(self._seen), "today": _today(now)}
        cells = self._cells(due.due_sql(self._compiled), parameters)
        if len(cells) < due.MOST_CELLS:
            self._seen = max(self._seen, now - due.MOST_WAITING - due.OVERLAP)
        return cells

    def outdated(self, most: int) -> list[Cell]:
        """Days that were checked with other rules than those of now, the youngest first; at most ``most``.

        Once there are none they are looked for again only every WHOLE_LOOK.
        """
        now = self._now()
        if now - self._up_to_date < WHOLE_LOOK:
            return []
        cells = self._cells(due.outdated_sql(self._versions, most), {})
        if not cells:
            self._up_to_date = now
        return cells

    def run(self, cells: Iterable[Cell], now: datetime) -> Ran:
        """Run every rule of the cells' tables for these days. Cells of tables without rules are left out."""
        wanted = {Cell(cell.org, cell.table, cell.biz_date) for cell in cells if self._compiled.rules.get(cell.table)}
        ordered = sorted(wanted, key=lambda cell: (cell.table, cell.org, cell.biz_date))
        run_at = due.moment(now)
        self._scratch.drop_leftovers()
        return sum((self._portion(portion, run_at) for portion in self._portions(ordered)), Ran())

    def run_all(self, biz_from: date, biz_to: date, now: datetime, orgs: Collection[str] | None = None) -> Ran:
        """Run every rule for every day from ``biz_from`` to ``biz_to`` that has rows; ``orgs``: of these institutions,
        None for all."""
        parameters = {"biz_from": biz_from, "biz_to": biz_to, "every": int(orgs is None), "orgs": sorted(orgs or ())}
        return self.run(self._cells(due.range_sql(self._compiled), parameters), now)

    def _cells(self, sql: str, parameters: dict[str, Any]) -> list[Cell]:
        found = self._clickhouse.query(sql, parameters)
        return [Cell(*row) for row in found.select("org", "table", "biz_date").iter_rows()]

    def _portions(self, cells: Sequence[Cell]) -> Iterator[list[tuple[Cell, datetime]]]:
        """Cells of one table, an institution's days together, with what is known of them."""
        for start in range(0, len(cells), PORTION_CELLS):
            part = cells[start : start + PORTION_CELLS]
            known = self._known(part)
            portion: list[tuple[Cell, datetime]] = []
            rows = 0
            for cell in part:
                up_to, count = known.get(cell, (LONG_AGO, 0))
                if portion and (portion[0][0].table != cell.table or rows + count > PORTION_ROWS):
                    yield portion
                    portion, rows = [], 0
                portion.append((cell, up_to))
                rows += count
            if portion:
                yield portion

    def _known(self, cells: Sequence[Cell]) -> dict[Cell, tuple[datetime, int]]:
        found = self._clickhouse.rows(due.changed_sql(self._compiled), due.cell_parameters(cells))
        return {Cell(one["org"], one["table"], one["biz_date"]): (one["up_to"], one["rows"]) for one in found}

    def _portion(self, known: Sequence[tuple[Cell, datetime]], run_at: datetime) -> Ran:
        cells = [cell for cell, _ in known]
        table = cells[0].table
        parameters = {
            "orgs": [cell.org for cell in cells], "days": [cell.biz_date for cell in cells], "today": _today(run_at),
        }  # fmt: skip
        outcome = Outcome(run_at)
        for driver in dict.fromkeys(group.driver.name for group, _ in self._statements[table]):
            asked = [(group, sql) for group, sql in self._statements[table] if group.driver.name == driver]
            copy = copy_statement(self._standard.tables[driver], self._standard, (sql for _, sql in asked))
            with self._scratch.table(copy, parameters) as own:
                for group, sql in asked:
                    outcome.add(group, self._clickhouse.query(sql, {**parameters, **own}))
        for rule in self._compiled.rules[table]:
            if rule.days_sql:
                outcome.add_days(rule, self._clickhouse.query(rule.days_sql, parameters))
        days = pl.concat([outcome.days(cells, self._compiled.rules), self._gone(cells, run_at)])
        for findings in outcome.findings:
            self._clickhouse.insert("store_findings", findings)
        self._clickhouse.insert("store_days", days)
        self._clickhouse.insert("store_done", _done(known, self._versions[table], run_at))
        return Ran(len(cells), int(days["checked"].sum()), int(days["failed"].sum()))

    def _gone(self, cells: Sequence[Cell], run_at: datetime) -> pl.DataFrame:
        """Zeros for rules that the standard no longer has, where they counted."""
        rules = [rule.rule.id for rule in self._compiled.rules[cells[0].table]]
        found = self._clickhouse.query(due.GONE_SQL, due.cell_parameters(cells) | {"rules": rules})
        gone = found.with_columns(checked=pl.lit(0), failed=pl.lit(0), run_at=pl.lit(run_at))
        return gone.select(DAYS_SCHEMA.names()).cast(DAYS_SCHEMA)


def _done(known: Sequence[tuple[Cell, datetime]], version: str, run_at: datetime) -> pl.DataFrame:
    rows = [(cell.biz_date, cell.org, cell.table, due.moment(up_to), version, run_at) for cell, up_to in known]
    names = ("biz_date", "org", "table", "up_to", "rules", "run_at")
    return pl.DataFrame(rows, schema=names, orient="row").cast({"up_to": MOMENT, "run_at": MOMENT})


def _today(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
