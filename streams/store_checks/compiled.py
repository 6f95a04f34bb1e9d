"""The rules of scope ``store`` of every table as SQL: which there are, what they look at, what runs together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from standard.model import Check, Rule, Standard, Table
from standard.references import other_columns
from streams.store_checks.catalogues import age_store, dictionary_store, registered, sex_store
from streams.store_checks.groups import cross_record, duplicate, unique_store
from streams.store_checks.joins import Decided, Join, Joins, Question
from streams.store_checks.lookups import cross_table, parent, turned
from streams.store_checks.refunds import refund_store
from streams.store_checks.sums import sum_store
from streams.store_checks.volumes import day_volume, stay_volume

KINDS: Mapping[str, Callable[[Question, Joins], Decided]] = {
    "parent": parent, "cross_table": cross_table, "unique_store": unique_store, "duplicate": duplicate,
    "cross_record": cross_record, "refund_store": refund_store, "sum_store": sum_store, "volume": stay_volume,
    "sex_store": sex_store, "age_store": age_store, "dictionary_store": dictionary_store,
    "registered": registered,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CompiledCheck:
    """A check of a rule; ``column`` is what its findings name."""

    column: str
    decided: Decided


@dataclass(frozen=True, slots=True)
class StoreRule:
    """A rule of ``table`` with its store checks. ``driver``: whose rows are checked (mostly the table's own).

    ``looks_at``: every table whose rows decide about it, the own one included. ``after_days``: it says something else
    of a day once so many days have gone by, without any new row; None: it does not.
    """

    rule: Rule
    kind: str
    severity: str
    driver: str
    looks_at: frozenset[str]
    checks: tuple[CompiledCheck, ...] = ()
    days_sql: str = ""  # of a check of whole days
    after_days: int | None = None

    @property
    def turned(self) -> bool:
        """Whether rows of another table are checked for missing rows of this one."""
        return self.driver != self.rule.table


@dataclass(frozen=True, slots=True)
class Group:
    """Rules of one table that look up the same: one statement (see ``statement``)."""

    table: Table
    driver: Table
    rules: tuple[StoreRule, ...]
    joins: tuple[Join, ...]
    standard: Standard


@dataclass(frozen=True, slots=True)
class CompiledStandard:
    """By table: what is run for its days."""

    rules: Mapping[str, tuple[StoreRule, ...]]
    groups: Mapping[str, tuple[Group, ...]]


def compile_standard(standard: Standard) -> CompiledStandard:
    """Compile every store rule. Raises ValueError for a rule whose checks look at rows of different tables."""
    rules, groups = {}, {}
    for table in standard.tables.values():
        joins: dict[str, Joins] = {}
        compiled = [_rule(rule, table, standard, joins) for rule in table.rules if rule.store]
        rules[table.name] = tuple(compiled)
        groups[table.name] = tuple(_groups(table, standard, compiled))
    return CompiledStandard(rules, groups)


def _rule(rule: Rule, table: Table, standard: Standard, joins: dict[str, Joins]) -> StoreRule:
    drivers = {turned(check) or table.name for check in rule.store}
    if len(drivers) > 1:
        raise ValueError(f"{rule.id}: its checks look at rows of {' and '.join(sorted(drivers))}")
    driver = drivers.pop()
    looks_at = {driver, table.name} | {other for check in rule.store for other, _ in other_columns(check, table.name)}
    checks, days_sql = [], ""
    ordered = sorted(rule.store, key=lambda check: check.severity != "error")  # stable: the order within a severity
    for check in ordered:
        asked = Question(check, rule.id, table, standard)
        if check.kind == "volume" and check.params["per"] == "day":
            days_sql = day_volume(asked)
            checks.append(CompiledCheck(check.columns[0], Decided("1", "0")))
        else:
            mine = joins.setdefault(driver, Joins(standard.tables[driver], standard))
            checks.append(CompiledCheck(check.columns[0], KINDS[check.kind](asked, mine)))
    after_days = next((days for check in ordered if (days := _after_days(check)) is not None), None)
    first = ordered[0]
    return StoreRule(
        rule, first.kind, first.severity, driver, frozenset(looks_at), tuple(checks), days_sql, after_days
    )  # fmt: skip


def _after_days(check: Check) -> int | None:
    """After how many days a check says something else although nothing came: the day is over, the stay is long."""
    if "older_than_days" in check.params:
        return int(check.params["older_than_days"])
    return 0 if check.kind == "volume" and check.params["per"] == "day" else None


def _groups(table: Table, standard: Standard, rules: list[StoreRule]) -> Iterator[Group]:
    together: dict[tuple[str, tuple[str, ...]], list[StoreRule]] = {}
    joins: dict[str, Join] = {}
    for rule in rules:
        if rule.days_sql:
            continue
        used = {join.alias: join for check in rule.checks for join in check.decided.joins}
        together.setdefault((rule.driver, tuple(sorted(used))), []).append(rule)
        joins.update({f"{rule.driver}/{alias}": join for alias, join in used.items()})
    for (driver, aliases), found in together.items():
        looked_up = tuple(joins[f"{driver}/{alias}"] for alias in aliases)
        yield Group(table, standard.tables[driver], tuple(found), looked_up, standard)
