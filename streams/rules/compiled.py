"""Rules compiled once into expressions, and evaluated on a frame: findings out.

All checks of a table that these rows can violate are one ``select``; only checks that some row violates are looked at
any further.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from standard.model import Check, Rule, Standard, Table
from streams.rules.checks import BY_COLUMN, WHOLE
from streams.rules.needs import Needs, needs_of
from streams.rules.terms import condition

#: Checks that a deletion has to pass: it names a row and carries no data.
DELETE_KINDS = ("sender",)


@dataclass(frozen=True, slots=True)
class CompiledCheck:
    """One check on one column; ``violated`` is true where a row fails it, never null."""

    rule: Rule
    kind: str
    severity: str
    column: str
    violated: pl.Expr
    needs: Needs


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """The checks of a table, errors first, then in the order of the rules."""

    table: Table
    checks: tuple[CompiledCheck, ...]
    delete_checks: tuple[CompiledCheck, ...]


def compile_table(table: Table, standard: Standard) -> CompiledTable:
    """Compile the in-flight checks of a table's rules."""
    checks = [
        compiled for rule in table.rules for check in rule.flight for compiled in _compile(rule, check, table, standard)
    ]
    checks.sort(key=lambda check: check.severity != "error")  # stable: the order of the rules within a severity
    keys = set(table.key)
    deletes = [
        check
        for check in checks
        if check.kind in DELETE_KINDS or (check.kind in ("mandatory", "width") and check.column in keys)
    ]
    return CompiledTable(table, tuple(checks), tuple(deletes))


def compile_rule(rule: Rule, table: Table, standard: Standard) -> CompiledTable:
    """One rule alone, for its examples."""
    checks = tuple(compiled for check in rule.flight for compiled in _compile(rule, check, table, standard))
    return CompiledTable(table, checks, ())


def _compile(rule: Rule, check: Check, table: Table, standard: Standard) -> list[CompiledCheck]:
    applies = condition(check.when, table, standard)
    kind = BY_COLUMN.get(check.kind)
    columns = check.columns if kind is not None else check.columns[:1]
    build = kind or WHOLE[check.kind]
    compiled = []
    for column in columns:
        violated = build(check, column, table, standard).fill_null(False)
        if applies is not None:
            violated = applies & violated
        needs = needs_of(check, column, kind is None)
        compiled.append(CompiledCheck(rule, check.kind, check.severity, column, violated, needs))
    return compiled


FINDING_SCHEMA = pl.Schema({"place": pl.UInt32, "check": pl.UInt16})


@dataclass(frozen=True, slots=True)
class Found:
    """Findings of a frame: ``place`` (index of the row) and ``check`` (index into the checks), one a row and rule;
    and for each mapping check that some row violates the places of all these rows."""

    findings: pl.DataFrame
    unmapped: dict[int, pl.Series]


def evaluate(frame: pl.DataFrame, checks: Sequence[CompiledCheck]) -> Found:
    """Which rows violate which checks. A row has one finding a rule: that of the first check in order."""
    unmapped: dict[int, pl.Series] = {}
    if not frame.height or not checks:
        return Found(pl.DataFrame(schema=FINDING_SCHEMA), unmapped)
    # one after the other: the processor's other core is for the broker, ClickHouse and the next messages
    present = {column.name for column in frame.iter_columns() if column.null_count() < len(column)}
    masks = frame.select_seq(
        check.violated.alias(str(index)) for index, check in enumerate(checks) if check.needs.met(present)
    )
    parts = []
    for mask in masks.iter_columns():
        if mask.any():
            index = int(mask.name)
            places = mask.arg_true()
            if checks[index].kind == "mapping":
                unmapped[index] = places
            parts.append(pl.DataFrame({"place": places, "check": pl.repeat(index, len(places), eager=True)}))
    if not parts:
        return Found(pl.DataFrame(schema=FINDING_SCHEMA), unmapped)
    found = pl.concat(parts).cast(FINDING_SCHEMA)
    rules = {rule: number for number, rule in enumerate(dict.fromkeys(check.rule.id for check in checks))}
    numbers = pl.Series([rules[check.rule.id] for check in checks], dtype=pl.UInt16)
    found = found.with_columns(numbers.gather(found["check"]).alias("rule"))
    first = found.unique(["place", "rule"], keep="first", maintain_order=True).select("place", "check")
    return Found(first, unmapped)
