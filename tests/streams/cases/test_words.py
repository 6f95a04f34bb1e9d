"""Every kind, step, state and limit has words in both languages, and the page about alerts names it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.models_cases import CaseEnding, CaseKind, CaseSeverity, CaseSide, CaseStage, CaseState
from streams.cases import life, loop, people, texts
from streams.cases.case import ENDINGS, STAGES, STATES
from streams.cases.limits import DEFAULTS
from streams.outbox import delivery, failures
from streams.watch.conditions import KINDS, SEVERITIES

PAGE = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text(encoding="utf-8")


def actions() -> set[str]:
    """The names of the steps that the code takes."""
    code = "".join(Path(module.__file__ or "").read_text(encoding="utf-8") for module in (life, people))
    steps = re.findall(r'(?:_step|step_of)\(\s*[\w()]+, now, "(\w+)"', code)
    return {*re.findall(r'action="(\w+)"', code), *steps, *loop.WAYS}


def test_the_steps_in_the_code_are_the_ones_with_words() -> None:
    assert actions() | {"change", "reopen"} == set(texts.ACTIONS)


def test_kinds_severities_and_states_are_the_same_everywhere() -> None:
    assert set(KINDS) == set(CaseKind.__args__) == set(texts.KINDS) - {"digest", "test"}  # type: ignore[attr-defined]
    assert set(SEVERITIES) == set(CaseSeverity.__args__) == set(texts.SEVERITIES)  # type: ignore[attr-defined]
    assert set(STAGES) == set(CaseStage.__args__) == set(texts.STAGES)  # type: ignore[attr-defined]
    assert {*ENDINGS, ""} == set(CaseEnding.__args__) == {*texts.ENDINGS, ""}  # type: ignore[attr-defined]
    assert set(CaseSide.__args__) == {*texts.SIDES, ""}  # type: ignore[attr-defined]
    assert set(STATES) == set(CaseState.__args__) == set(texts.STATES)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "words",
    [texts.KINDS, texts.SEVERITIES, texts.STATES, texts.ACTIONS, texts.STAGES, texts.SIDES, texts.ENDINGS,
     failures.REASONS],
)  # fmt: skip
def test_words_are_in_both_languages(words: texts.Words) -> None:
    for zh, en in words.values():
        assert re.search(r"[\u4e00-\u9fff]", zh)
        assert en.isascii()


@pytest.mark.parametrize("name", [*KINDS, *STATES, *STAGES, *ENDINGS, *texts.ACTIONS, *delivery.STATES])
def test_the_page_names_it(name: str) -> None:
    assert re.search(rf"\b{name}\b", PAGE)


def test_the_page_names_every_limit() -> None:
    for name in DEFAULTS:
        assert name in PAGE or name.startswith("reminder_hours_")
    assert "reminder_hours_info|warning|critical" in PAGE
