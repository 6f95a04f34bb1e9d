"""The front page of the medical record: all its columns and rules, and what each rule finds in a whole row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from standard.load import load
from standard.model import Rule, Table
from streams.rules.compiled import compile_table, evaluate
from tests.standard.front_page import front_page
from tests.streams.unit.rules import frame_of

TABLE = "TB_BASY"


def table() -> Table:
    return load().tables[TABLE]


def found(rows: Iterable[Mapping[str, str]], page: Table | None = None) -> list[set[str]]:
    """The rules that each of these whole rows violates."""
    given = [{name: value.strip(" ") or None for name, value in row.items()} for row in rows]
    compiled = compile_table(page or table(), load())
    # each row is its own message, sent by the institution that it names
    frame = frame_of([row | {"_message": number, "_org": row["P900"]} for number, row in enumerate(given)], table())
    result = evaluate(frame, compiled.checks).findings
    rules = [set[str]() for _ in given]
    for place, check in result.select("place", "check").iter_rows():
        rules[place].add(compiled.checks[check].rule.id)
    return rules


def written() -> list[Rule]:
    return [rule for rule in table().rules if not rule.generated]


def test_a_right_front_page_violates_nothing() -> None:
    assert found([front_page()]) == [set()]


def test_every_bad_example_violates_its_rule_and_no_other_in_a_whole_row() -> None:
    rules = [rule for rule in written() if rule.fail_example]
    verdicts = found(front_page(rule.fail_example) for rule in rules)
    wrong = [
        f"{rule.id} finds {sorted(verdict)}"
        for rule, verdict in zip(rules, verdicts, strict=True)
        if verdict != {rule.id, *rule.also}
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_good_example_violates_nothing_in_a_whole_row() -> None:
    rules = [rule for rule in written() if rule.pass_example]
    verdicts = found(front_page(rule.pass_example) for rule in rules)
    wrong = [f"{rule.id}: {sorted(verdict)}" for rule, verdict in zip(rules, verdicts, strict=True) if verdict]
    assert not wrong, "\n" + "\n".join(wrong)
