"""Rules of a table: read from ``data/rules/<TABLE>.yaml``, and generated from the columns and references.

A written rule looks like this; ``kind`` and ``columns`` of a check are followed by the parameters of its kind, and its
severity is the rule's unless it says another::

    - id: GH12
      severity: warning
      zh: …            en: …            what must hold
      fix_zh: …        fix_en: …        what the hospital does about it
      kind: logic      source: …        confidence: medium
      checks:
        - {kind: code, columns: [GHLB], values: ["200"], when: {SFJZ: {in: ["1"]}}}
      examples:
        pass: {SFJZ: "1", GHLB: "200"}
        fail: {SFJZ: "1", GHLB: "100"}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from standard.model import EMPTY, Check, Column, Parent, Rule, Severity
from standard.repeats import Groups, repeated
from standard.settings import StandardError, freeze, resolve
from standard.texts import FourTexts, Texts
from standard.vocabulary import KINDS, complaints

# The C parser is ten times faster; PyYAML comes without it only where it was built without libyaml.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
RULE_KEYS = frozenset({"id", "severity", "zh", "en", "fix_zh", "fix_en", "checks"})
OPTIONAL_KEYS = frozenset({"columns", "kind", "source", "confidence", "examples"})


def read_rules(path: Path, table: str, settings: Mapping[str, Any], groups: Groups = EMPTY) -> tuple[Rule, ...]:
    """The written rules of one file, in its order. Raises StandardError naming file and rule."""
    entries = yaml.load(path.read_text(encoding="utf-8"), Loader) or []
    return tuple(_rule(entry, table, settings, groups, path.name) for entry in entries)


def _rule(
    entry: Mapping[str, Any], table: str, settings: Mapping[str, Any], groups: Groups, file: str
) -> Rule:  # fmt: skip
    where = f"{file}: rule {entry.get('id', '?')}"
    if (missing := RULE_KEYS - entry.keys()) or (unknown := entry.keys() - RULE_KEYS - OPTIONAL_KEYS):
        problem = f"lacks {', '.join(sorted(missing))}" if missing else f"has unknown {', '.join(sorted(unknown))}"
        raise StandardError(f"{where} {problem}")
    checks = tuple(
        _check(check, entry["severity"], settings, where)
        for written in entry["checks"]
        for check in repeated(written, groups, where)
    )
    columns = entry.get("columns") or dict.fromkeys(column for check in checks for column in check.columns)
    examples = entry.get("examples") or {}
    return Rule(
        id=entry["id"],
        table=table,
        columns=tuple(columns),
        severity=entry["severity"],
        zh=entry["zh"],
        en=entry["en"],
        fix_zh=entry["fix_zh"],
        fix_en=entry["fix_en"],
        checks=checks,
        kind=entry.get("kind", ""),
        source=entry.get("source", ""),
        confidence=entry.get("confidence", ""),
        pass_example=freeze(examples.get("pass", {})),
        fail_example=freeze(examples.get("fail", {})),
        also=tuple(examples.get("also", ())),
    )


def _check(entry: Mapping[str, Any], severity: Severity, settings: Mapping[str, Any], where: str) -> Check:
    resolved: dict[str, Any] = resolve(dict(entry), settings)
    kind, columns = resolved.pop("kind", ""), tuple(resolved.pop("columns", ()))
    when, own = resolved.pop("when", None), resolved.pop("severity", severity)
    if problem := next(complaints(kind, columns, resolved), None):
        raise StandardError(f"{where}: {problem}")
    return Check(
        kind=kind,
        columns=columns,
        scope=KINDS[kind].scope,
        severity=settings["unmapped_severity"] if kind == "mapping" else own,
        params=freeze(resolved),
        when=freeze(when) if when else EMPTY,
    )


def generated_rules(
    table: str, prefix: str, columns: tuple[Column, ...], written: tuple[Rule, ...]
) -> tuple[Rule, ...]:
    """Rules that follow from the columns: type (T), width (W), mandatory (M), code set (C).

    None where a written rule already has an unconditional check of that kind on the column.
    """
    decided = {
        (check.kind, column)
        for rule in written
        for check in rule.flight
        for column in check.columns
        if not check.when and (check.kind != "width" or "max" in check.params)
    }
    return tuple(
        rule
        for column in columns
        for rule in _of_column(table, prefix, column)
        if (rule.checks[0].kind, column.name) not in decided
    )


def parent_rules(
    table: str, prefix: str, parents: tuple[Parent, ...], columns: tuple[Column, ...], written: tuple[Rule, ...],
    tables: Mapping[str, tuple[str, str]],
) -> tuple[Rule, ...]:  # fmt: skip
    """Rules that follow from the references of tables.yaml (P and the table that is referred to): a row without its
    parent, a warning. None where a written rule already asks for that parent; alternatives are one rule.

    :param tables: (Chinese, English) names of all tables.
    """
    decided = [place for rule in written for check in rule.store for place in _asked_for(table, check)]
    together: dict[str, list[Parent]] = {}
    for parent in parents:
        together.setdefault(parent.group or parent.table, []).append(parent)
    made = []
    for group in together.values():
        places = [{"table": one.table, "match": dict(one.columns[1:])} for one in group]
        if any(_covered(place, decided) for place in places):
            continue
        column = next(found for found in columns if found.name == group[0].columns[1][0])
        params: dict[str, Any] = places[0] if len(places) == 1 else {"any_of": places}
        names = [tables[one.table] for one in group]
        texts = Texts(column).parent("、".join(zh for zh, _ in names), " or ".join(en for _, en in names))
        check = _on(column, "parent", "warning", **params)
        made.append(_generated(table, f"{prefix}-P", check, texts, group[0].table))
    return tuple(made)


def _asked_for(table: str, check: Check) -> Iterator[tuple[str, Mapping[str, str]]]:
    """(table, match) of every parent that a written check asks for."""
    if check.kind == "refund_store" and check.params.get("exists"):
        yield table, check.params.get("match", {})
    elif check.kind == "parent":
        for place in check.params.get("any_of", (check.params,)):
            yield place["table"], place["match"]


def _covered(place: Mapping[str, Any], decided: list[tuple[str, Mapping[str, str]]]) -> bool:
    return any(place["table"] == table and place["match"].items() <= match.items() for table, match in decided)


def _of_column(table: str, prefix: str, column: Column) -> Iterator[Rule]:
    texts = Texts(column)
    if column.type != "text":
        yield _generated(table, f"{prefix}-T", _on(column, "type", "error"), texts.type())
    if column.type == "number":
        digits = (column.precision or 0) - (column.scale or 0)
        yield _generated(table, f"{prefix}-W", _on(column, "width", "error", max=digits), texts.digits(digits))
    elif column.type == "text" and column.width:
        check = _on(column, "width", "error", max=column.width)
        yield _generated(table, f"{prefix}-W", check, texts.width(column.width))
    if column.mandatory:
        yield _generated(table, f"{prefix}-M", _on(column, "mandatory", "error"), texts.mandatory())
    if column.code_set:
        check = _on(column, "code", "warning", code_set=column.code_set)
        yield _generated(table, f"{prefix}-C", check, texts.code_set())


def _on(column: Column, kind: str, severity: Severity, **params: Any) -> Check:
    return Check(kind, (column.name,), KINDS[kind].scope, severity, freeze(params))


def _generated(table: str, stem: str, check: Check, texts: FourTexts, subject: str = "") -> Rule:
    zh, en, fix_zh, fix_en = texts
    return Rule(
        id=f"{stem}-{subject or check.columns[0]}",
        table=table,
        columns=check.columns,
        severity=check.severity,
        zh=zh,
        en=en,
        fix_zh=fix_zh,
        fix_en=fix_en,
        checks=(check,),
        kind=check.kind,
        source="column definition" if not subject else "table reference",
        generated=True,
    )
