"""``check``: whether the data files of the standard hold together. ``load`` only refuses what it cannot read.

Every problem is one sentence with its place; an empty list is a sound standard.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from standard.examples import violates
from standard.model import Check, Column, MapKind, Personal, Rule, Standard, Table
from standard.references import other_columns, own_columns
from standard.vocabulary import CONDITIONS, FLIGHT_CONDITIONS, MANY, complaints

# Polars' engine has no look-around and no back references: a pattern with them would fail on the first batch.
NOT_IN_RUST = re.compile(r"\(\?[=!<]|\\[1-9]")
# What tables call the institution's code; the same names are known where messages are read and rows are narrowed.
ORG_COLUMNS = ("YLJGDM", "P900")
# Kinds that one example row cannot violate.
NEED_MORE_THAN_A_ROW = frozenset({"unique", "sender"})
# The columns that make a row of a data file one of its kind.
UNIQUE = {
    "columns": ("table", "column"),
    "codes": ("code_set", "code"),
    "formats": ("name",),
    "departments": ("code",),
    "fee_categories": ("scene", "system", "code"),
    "drugs": ("drug_code",),
    "items": ("item_code",),
    "icd10": ("code",),
    "icd9cm3": ("code",),
    "tcm": ("code",),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the standard: where (table, rule, file) and what (a sentence)."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def check(standard: Standard, directory: Path) -> list[Problem]:
    """Problems of a loaded standard and of its files in ``directory``; empty when it is sound."""
    return [*_files(standard, directory), *_names(standard), *_tables(standard)]


def _files(standard: Standard, directory: Path) -> Iterator[Problem]:
    for name, key in UNIQUE.items():
        with (directory / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        counts = Counter(tuple(row[part] for part in key) for row in rows)
        yield from (Problem(f"{name}.csv", f"{'/'.join(row)} stands twice") for row, n in counts.items() if n > 1)
        if name == "columns":
            unknown = {row["table"] for row in rows} - standard.tables.keys()
            yield from (Problem("columns.csv", f"unknown table {table}") for table in sorted(unknown))
        if name == "codes":
            nameless = (row for row in rows if not row["code"] or not row["name_zh"])
            yield from (Problem("codes.csv", f"{row['code_set']}: a code without value or name") for row in nameless)
    for path in sorted((directory / "rules").glob("*.yaml")):
        if path.stem not in standard.tables:
            yield Problem(f"rules/{path.name}", "rules of an unknown table")


def _names(standard: Standard) -> Iterator[Problem]:
    for entry in standard.formats.values():
        if problem := _bad_regex(entry.regex):
            yield Problem(f"format {entry.name}", problem)
        elif not re.search(entry.regex, entry.example):
            yield Problem(f"format {entry.name}", f"its example {entry.example!r} does not match it")
    yield from (Problem(f"code set {s.name}", "has no codes") for s in standard.code_sets.values() if not s.codes)
    for kind in get_args(MapKind):
        if not standard.catalogues.get(kind):
            yield Problem(f"catalogue {kind}", "has no entries")
    for limit in standard.restrictions:
        if any(first[0] > last[0] or first > last for first, last in limit.codes):
            yield Problem("icd10_restrictions.csv", f"a range runs backwards: {limit.codes}")


def _tables(standard: Standard) -> Iterator[Problem]:
    of: dict[str, str] = {}
    for table in standard.tables.values():
        for rule in table.rules:
            if of.setdefault(rule.id, table.name) != table.name:
                yield Problem(table.name, f"rule {rule.id} is one of {of[rule.id]} already")
        yield from (Problem(table.name, what) for what in _table(table, standard))
        for column in table.columns:
            yield from (Problem(f"{table.name}.{column.name}", what) for what in _column(column, standard))
        counts = Counter(rule.id for rule in table.rules)
        yield from (Problem(table.name, f"rule {rule} stands twice") for rule, n in counts.items() if n > 1)
        for rule in table.rules:
            yield from (Problem(f"{table.name} {rule.id}", what) for what in _rule(rule, table, standard))


def _table(table: Table, standard: Standard) -> Iterator[str]:
    known = table.by_name
    if not table.columns:
        yield "has no columns"
        return
    if {column.name for column in table.columns if column.key} != set(table.key) or table.org not in ORG_COLUMNS:
        yield f"its key {table.key} is not that of columns.csv, the institution first"
    if known.get(table.biz_date) is None or known[table.biz_date].type != "timestamp":
        yield f"its business date {table.biz_date!r} is no timestamp column"
    for role, name in (("patient", table.patient_key), ("visit", table.visit_key)):
        if name not in known and (name or role == "patient"):
            yield f"its {role} key {name!r} is no column"
    for parent in table.parents:
        other = standard.tables.get(parent.table)
        if other is None:
            yield f"its parent {parent.table} is no table"
            continue
        missing = [child for child, _ in parent.columns if child not in known]
        missing += [f"{other.name}.{column}" for _, column in parent.columns if column not in other.by_name]
        yield from (f"its parent {parent.table} names the unknown column {name}" for name in missing)


def _column(column: Column, standard: Standard) -> Iterator[str]:
    if not column.name_zh or not column.name_en:
        yield "has no Chinese or English name"
    if column.type not in ("text", "number", "timestamp", "date8"):
        yield f"unknown type {column.type!r}"
    if column.type == "text" and not column.width:
        yield "a text column needs a width"
    if column.type == "number" and (column.precision is None or column.scale is None):
        yield "a number column needs precision and scale"
    if column.code_set and column.code_set not in standard.code_sets:
        yield f"unknown code set {column.code_set!r}"
    if column.personal not in get_args(Personal):
        yield f"unknown kind of personal data {column.personal!r}"
    yield from (f"unknown code map {kind!r}" for kind in column.maps if kind not in standard.catalogues)


def _rule(rule: Rule, table: Table, standard: Standard) -> Iterator[str]:
    for name in ("zh", "en", "fix_zh", "fix_en"):
        if not getattr(rule, name).strip():
            yield f"has no {name}"
    if rule.severity not in ("error", "warning"):
        yield f"unknown severity {rule.severity!r}"
    if not rule.checks:
        yield "has no checks"
    yield from (f"unknown column {name}" for name in rule.columns if name not in table.by_name)
    broken = [what for check in rule.checks for what in _check(check, table, standard)]
    yield from broken
    if not broken and not rule.generated:
        yield from _examples(rule, table, standard)


def _check(check: Check, table: Table, standard: Standard) -> Iterator[str]:
    if shape := list(complaints(check.kind, check.columns, check.params)):
        yield from shape
        return
    try:
        own = set(own_columns(check))
    except ValueError as error:
        yield str(error)
        return
    yield from (f"{check.kind}: unknown column {name}" for name in sorted(own - table.by_name.keys()))
    for name, column in sorted(set(other_columns(check, table.name))):
        if name not in standard.tables:
            yield f"{check.kind}: unknown table {name}"
        elif column and column not in standard.tables[name].by_name:
            yield f"{check.kind}: unknown column {name}.{column}"
    known = CONDITIONS | FLIGHT_CONDITIONS if check.scope == "flight" else CONDITIONS
    for conditions in (check.when, *(check.params.get(name, {}) for name in ("where", "own_where", "expect"))):
        if check.scope == "store" and conditions.keys() & MANY:
            yield f"{check.kind}: any, all and none are for checks in flight"
        operators = set(_operators(conditions))
        yield from (f"{check.kind}: unknown condition {operator}" for operator in sorted(operators - known))
        yield from (f"{check.kind}: {problem}" for regex in _regexes(conditions) if (problem := _bad_regex(regex)))
    yield from (f"{check.kind}: {what}" for what in _parameters(check.params, standard))


def _operators(conditions: Mapping[str, Any]) -> Iterator[str]:
    for column, condition in conditions.items():
        if column in MANY:
            yield from (operator for part in condition for operator in _operators(part))
        else:
            yield from condition


def _regexes(conditions: Mapping[str, Any]) -> Iterator[str]:
    for column, condition in conditions.items():
        if column in MANY:
            yield from (regex for part in condition for regex in _regexes(part))
        elif "matches" in condition:
            yield condition["matches"]


def _parameters(params: Mapping[str, Any], standard: Standard) -> Iterator[str]:
    known: Mapping[str, Any] = {
        "code_set": standard.code_sets,
        "format": standard.formats,
        "catalogue": standard.catalogues,
        "dictionary": {*standard.dictionaries, *standard.code_sets, "departments"},
    }
    for name, names in known.items():
        if name in params and params[name] not in names:
            yield f"unknown {name} {params[name]!r}"
    yield from (f"unknown code map {kind!r}" for kind in params.get("maps", ()) if kind not in standard.catalogues)
    if "regex" in params and (problem := _bad_regex(params["regex"])):
        yield problem
    for name in _lookups((params.get("left"), params.get("right"))):
        if not isinstance(standard.settings.get(name), Mapping):
            yield f"there is no table {name!r} in the settings"


def _lookups(term: Any) -> Iterator[str]:
    if isinstance(term, Mapping):
        if "lookup" in term:
            yield term["lookup"]
        yield from (name for part in term.values() for name in _lookups(part))
    elif isinstance(term, tuple):
        yield from (name for part in term for name in _lookups(part))


def _bad_regex(regex: str) -> str:
    try:
        re.compile(regex)
    except re.error as error:
        return f"bad regular expression {regex!r}: {error}"
    return f"look-around or back reference in {regex!r}" if NOT_IN_RUST.search(regex) else ""


def _examples(rule: Rule, table: Table, standard: Standard) -> Iterator[str]:
    if not any(check.kind not in NEED_MORE_THAN_A_ROW for check in rule.flight):
        return
    if not rule.pass_example or not rule.fail_example:
        yield "has no examples"
        return
    for name, example in (("pass", rule.pass_example), ("fail", rule.fail_example)):
        yield from (f"its {name} example has the unknown column {c}" for c in example if c not in table.by_name)
    if (rule.pass_example.keys() | rule.fail_example.keys()) - table.by_name.keys():
        return
    for check in rule.flight:
        if violates(check, rule.pass_example, table, standard):
            yield f"its pass example violates its {check.kind} check"
    if not any(violates(check, rule.fail_example, table, standard) for check in rule.flight):
        yield "its fail example violates nothing"
