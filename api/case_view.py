"""Cases as the API shows them: what they say, what the caller may do with them, who did what.

Institutions see of a person the role and for which institution or region it acted, not the name; overseers see both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from api.accounts.principal import Principal
from api.models_cases import CaseAnswer, CaseFullAnswer, CaseStep, Measure
from streams.cases import loop
from streams.cases.case import ITSELF, Case
from streams.cases.notice import figure

_OVERSEERS = frozenset({"admin", "regulator", "operator"})
_SAME = (
    "id", "version", "key", "kind", "severity", "state", "action", "org", "table", "zh", "en", "fix_zh", "fix_en",
    "opened_at", "snoozed_until", "firing", "flapping", "reopened", "note", "stage", "side", "appeal", "ending",
    "due_at", "closed_at",
)  # fmt: skip
#: Steps of the loop → the endpoint that takes them.
_ENDPOINTS: Mapping[loop.Action, str] = {
    "assign": "assign", "confirm": "confirm", "appeal": "appeal", "accept": "answer", "refuse": "answer",
    "handled": "handled", "pass": "review", "send_back": "review",
}  # fmt: skip


def case_answer(case: Case, who: Principal, names: Mapping[str, str], now: datetime) -> CaseAnswer:
    """A case as ``who`` may see it. ``names``: of institutions."""
    return CaseAnswer(
        **{name: getattr(case, name) for name in _SAME}, org_name=names.get(case.org, ""), changed_at=case.at,
        actor=_actor(case, who), biz_date=case.biz_date.isoformat() if case.biz_date else None,
        measure=_measure(case), details=orjson.loads(case.details or "{}"), overdue=case.overdue(now),
        actions=actions(case, who),
    )  # fmt: skip


def full_answer(
    steps: Sequence[Case], who: Principal, names: Mapping[str, str], now: datetime
) -> CaseFullAnswer:  # fmt: skip
    """A case with all its steps."""
    return CaseFullAnswer(
        case=case_answer(steps[-1], who, names, now), steps=[step_answer(step, who) for step in steps]
    )


def step_answer(case: Case, who: Principal) -> CaseStep:
    """One step."""
    names = ("version", "at", "action", "actor_of", "note", "state", "stage", "side", "due_at", "severity")
    role, _, name = case.actor.partition(":")
    return CaseStep(
        **{name: getattr(case, name) for name in names}, actor=_actor(case, who), actor_role=role,
        actor_name=name if who.role in _OVERSEERS else "", measure=_measure(case),
    )  # fmt: skip


def actions(case: Case, who: Principal) -> list[str]:
    """What ``who`` may do with the case as it is."""
    found: list[str] = []
    if case.live:
        found += ["acknowledge"] if who.may("cases.acknowledge") else []
        found += ["snooze", "resolve"] if who.may("cases.work") else []
        found += [_ENDPOINTS[one] for one in loop.possible(case, "overseer")] if who.may("cases.oversee") else []
        found += [_ENDPOINTS[one] for one in loop.possible(case, "hospital")] if who.may("cases.respond") else []
    found += ["note"] if who.may("cases.acknowledge") else []
    return list(dict.fromkeys(found))


def meanwhile(steps: Sequence[Case], version: int | None, who: Principal) -> dict[str, Any]:
    """What was done since ``who`` saw the case, for a refusal; without a version: the last thing that somebody did."""
    since = [step for step in steps if step.version > version] if version else []
    since = since or [step for step in steps if step.actor != ITSELF][-1:]
    return {
        "version": steps[-1].version, "state": steps[-1].state, "stage": steps[-1].stage,
        "actions": actions(steps[-1], who),
        "meanwhile": [step_answer(step, who).model_dump(mode="json") for step in since],
    }  # fmt: skip


def _actor(case: Case, who: Principal) -> str:
    return case.actor if who.role in _OVERSEERS else case.public_actor


def _measure(case: Case) -> Measure:
    return Measure(
        numerator=figure(case.numerator), denominator=figure(case.denominator), threshold=figure(case.threshold),
        baseline=figure(case.baseline),
    )  # fmt: skip
