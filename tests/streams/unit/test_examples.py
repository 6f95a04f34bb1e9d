"""Every written rule of the standard finds its bad example and lets its good one pass."""

from __future__ import annotations

import random

import polars as pl
import pytest

from standard.examples import violates
from standard.model import Rule, Table
from streams.rules.compiled import compile_rule, compile_table, evaluate
from tests.streams.unit.build import decider, standard
from tests.streams.unit.rules import frame_of

#: Rows mixed for each table; enough that every check is violated and held many times.
MIXTURES = 150
#: Rows that are looked at one by one.
ROWS_ALONE = 5
TABLES = [table for table in standard().tables.values() if any(rule.pass_example for rule in table.rules)]


def findings(table: Table, rule: Rule, row: pl.DataFrame) -> list[str]:
    """The kinds of the checks that the example violates, one a finding."""
    compiled = compile_rule(rule, table, standard())
    result = evaluate(row, compiled.checks)
    return [f"{compiled.checks[index].kind}({compiled.checks[index].column})" for index in result.findings["check"]]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_written_rule_agrees_with_its_examples(table: Table) -> None:
    wrong = []
    rules = [rule for rule in table.rules if rule.flight and not rule.generated]
    examples = [example for rule in rules for example in (rule.pass_example, rule.fail_example)]
    frame = frame_of([{name: value.strip(" ") or None for name, value in one.items()} for one in examples], table)
    for place, rule in enumerate(rules):
        good, bad = frame.slice(2 * place, 1), frame.slice(2 * place + 1, 1)
        if rule.pass_example and (found := findings(table, rule, good)):
            wrong.append(f"{rule.id} finds {found} in its good example {dict(rule.pass_example)}")
        if rule.fail_example and len(found := findings(table, rule, bad)) != 1:
            wrong.append(f"{rule.id} has {len(found)} findings {found} in its bad example {dict(rule.fail_example)}")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_frames_and_plain_python_read_the_vocabulary_alike(table: Table) -> None:
    """Each check on mixtures of its table's examples: two readings of the same words, made independently."""
    others = {"unique", "sender"}  # need more than a row
    examples = mixtures(table)
    rows = [{name: value.strip(" ") or None for name, value in example.items()} for example in examples]
    frame = frame_of(rows, table)
    wrong = []
    chosen = [(rule, check) for rule in table.rules for check in rule.flight if check.kind not in others]
    compiled = [compile_rule(_only(rule, check), table, standard()).checks for rule, check in chosen]
    verdicts = frame.with_columns(one.violated.alias(str(place)) for place, [one] in enumerate(compiled))
    for place, (rule, check) in enumerate(chosen):
        for example, verdict in zip(examples, verdicts[str(place)], strict=True):
            if verdict != violates(check, example, table, standard()):
                wrong.append(f"{rule.id} {check.kind}{check.columns}: frames say {verdict} of {example}")
    assert not wrong, f"\n{len(wrong)} differ\n" + "\n".join(wrong[:30])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_check_whose_needs_are_not_met_finds_nothing(table: Table) -> None:
    """Single rows leave most columns empty: what is left out there is what would find nothing."""
    compiled = compile_table(table, standard()).checks
    wrong = set()
    for example in mixtures(table)[-ROWS_ALONE:]:
        frame = frame_of([{name: value.strip(" ") or None for name, value in example.items()}], table)
        present = {column.name for column in frame.iter_columns() if column.null_count() == 0}
        left_out = [check for check in compiled if not check.needs.met(present)]
        verdicts = frame.with_columns(check.violated.alias(str(place)) for place, check in enumerate(left_out))
        wrong |= {f"{one.rule.id} {one.kind}" for place, one in enumerate(left_out) if verdicts[str(place)].any()}
    assert not wrong


def mixtures(table: Table) -> list[dict[str, str]]:
    """All examples of a table, and rows whose values are drawn from any of them, or are empty or "-"."""
    examples = [dict(e) for rule in table.rules for e in (rule.pass_example, rule.fail_example) if e]
    values: dict[str, list[str]] = {}
    for example in examples:
        for name, value in example.items():
            values.setdefault(name, ["", "-"]).append(value)
    chance = random.Random(20261121)
    mixed = [{name: chance.choice(choices) for name, choices in values.items()} for _ in range(MIXTURES)]
    return examples + mixed


def _only(rule: Rule, check: object) -> Rule:
    chosen = tuple(one for one in rule.checks if one is check)
    return Rule(rule.id, rule.table, rule.columns, rule.severity, "", "", "", "", chosen)


def test_most_written_rules_have_examples() -> None:
    rules = [rule for table in decider().standard.tables.values() for rule in table.rules]
    written = [rule for rule in rules if rule.flight and not rule.generated]
    assert sum(bool(rule.pass_example and rule.fail_example) for rule in written) >= 0.9 * len(written)
