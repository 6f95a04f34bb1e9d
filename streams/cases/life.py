"""What becomes of a case when its condition is seen, or not seen any more. Pure: state in, next step or nothing out.

- seen for the first time, or again after the flapping window: a new case
- seen again within the window: the same case again; too often, or too often worse: flapping, and nobody is told until
  nothing has changed for a while
- graver: told, and open again whoever had acknowledged or snoozed it; less grave: shown
- not seen for ``resolve_after``: resolved; what is not known is left as it is (callers do not ask)
- a stage of the closed loop that is overdue: told, and again every day; what ends leaves the loop
- resolved by hand while it is still seen: stays so until it has been away, or gets worse
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from streams.cases.case import ITSELF, Case, anew, case_id, ended, same_figure, worse
from streams.cases.limits import Limits
from streams.watch.conditions import Condition

#: New figures alone are a step not more often than this: a lag is another number every time one looks.
MEASURE_EVERY = timedelta(minutes=10)


def seen(
    case: Case | None, condition: Condition, limits: Limits, now: datetime, openings: int = 0
) -> Case | None:  # fmt: skip
    """The next step of the newest case of this key; None: nothing changes.

    :param openings: without a case: how many there were, too long ago to matter.
    """
    if case is None:
        return _opened(condition, openings + 1, now)
    if case.live:
        return _still(case, condition, limits, now)
    if case.firing:  # resolved by hand
        return _returned(case, condition, limits, now) if worse(condition.severity, case.severity) else None
    if now - case.turned_at <= limits.flapping_window:
        return _returned(case, condition, limits, now)
    return _opened(condition, case.opening + 1, now)


def not_seen(case: Case, limits: Limits, now: datetime) -> Case | None:
    """The next step of a case whose condition is not there (not: is not known); None: nothing changes."""
    gone: dict[str, Any] = {"firing": False, "turned_at": now}
    if not case.live:
        if case.firing:
            return _step(case, now, "clear", **gone)
        return _settled(case, limits, now)
    if case.firing and limits.resolve_after > timedelta(0):
        return _step(case, now, "gone", **gone)
    if not case.firing and now - case.turned_at < limits.resolve_after:
        return None
    done = gone if case.firing else {}
    return _step(case, now, "resolve", told=_unless_flapping(case), **ended("by_itself", now), **done)


def superseded(step: Case) -> Case:
    """What was late is missing now: its case ends, but nobody should hear that all is well."""
    if step.action != "resolve":
        return step
    return replace(step, action="supersede", told="stream", ending="superseded")


def _opened(condition: Condition, opening: int, now: datetime) -> Case:
    return Case(
        id=case_id(condition.key, condition.biz_date, opening), version=1, at=now, key=condition.key,
        kind=condition.kind, org=condition.org, table=condition.table, biz_date=condition.biz_date, state="open",
        action="open", told="all", actor=ITSELF, note="", opening=opening, opened_at=now, snoozed_until=None,
        reminded_at=now, firing=True, turned_at=now, returns=(), reopened=0, flapping=False, **_figures(condition),
    )  # fmt: skip


def _returned(case: Case, condition: Condition, limits: Limits, now: datetime) -> Case:
    """Back, or worse than before: open again, and told unless it has been flapping before."""
    returns = (*(moment for moment in case.returns if now - moment <= limits.flapping_window), now)
    flapping = case.flapping or len(returns) >= limits.flapping_returns
    return _step(
        case, now, "change" if case.live else "reopen", state="open", snoozed_until=None, firing=True, turned_at=now,
        returns=returns, reopened=case.reopened + (not case.live), flapping=flapping, told=_unless_flapping(case),
        **({} if case.live else anew()), **_figures(condition),
    )  # fmt: skip


def _still(case: Case, condition: Condition, limits: Limits, now: datetime) -> Case | None:
    figures = _figures(condition)
    if worse(condition.severity, case.severity):
        return _returned(case, condition, limits, now)
    if not case.firing:
        return _step(case, now, "back", firing=True, turned_at=now, **figures)
    if condition.severity != case.severity:
        return _step(case, now, "change", told="nobody" if case.flapping else "stream", **figures)
    if case.flapping:
        settled = _settled(case, limits, now)
        return replace(settled, **figures) if settled else _measured(case, now, figures)
    if case.snoozed_until is not None and now >= case.snoozed_until:
        return _step(case, now, "wake", state="open", snoozed_until=None, told="all", **figures)
    if _overdue(case, limits, now):
        return _step(case, now, "overdue", told="all", **figures)
    reminder = limits.reminders[case.severity]
    if case.state == "open" and timedelta(0) < reminder <= now - case.reminded_at:
        return _step(case, now, "remind", told="all", **figures)
    return _measured(case, now, figures)


def _overdue(case: Case, limits: Limits, now: datetime) -> bool:
    """Whether people should hear (again) that a stage is overdue; who snoozed the case wants to hear nothing."""
    if case.due_at is None or now < case.due_at or case.state == "snoozed" or not limits.overdue_every:
        return False
    return case.reminded_at < case.due_at or now - case.reminded_at >= limits.overdue_every


def _settled(case: Case, limits: Limits, now: datetime) -> Case | None:
    """Stable again after flapping: people hear how it stands."""
    if not case.flapping or now - case.turned_at < limits.flapping_settle:
        return None
    return _step(case, now, "settle", flapping=False, returns=(), told="all")


def _measured(case: Case, now: datetime, figures: dict[str, Any]) -> Case | None:
    if now - case.at < MEASURE_EVERY or all(_same(getattr(case, name), value) for name, value in figures.items()):
        return None
    return _step(case, now, "measure", **figures)


def _same(one: Any, other: Any) -> bool:
    return same_figure(one, other) if isinstance(one, float) else bool(one == other)


def _step(case: Case, now: datetime, action: str, **changes: Any) -> Case:
    changes = {"told": "nobody", "actor": ITSELF, "actor_of": "", "note": "", **changes}
    if changes["told"] == "all":
        changes["reminded_at"] = now
    return replace(case, version=case.version + 1, at=now, action=action, **changes)


def _unless_flapping(case: Case) -> str:
    return "nobody" if case.flapping else "all"


def _figures(condition: Condition) -> dict[str, Any]:
    return {
        "severity": condition.severity, "numerator": float(condition.numerator),
        "denominator": float(condition.denominator), "threshold": float(condition.threshold),
        "baseline": float(condition.baseline), "zh": condition.zh, "en": condition.en, "fix_zh": condition.fix_zh,
        "fix_en": condition.fix_en,
        "details": orjson.dumps(condition.details, option=orjson.OPT_SORT_KEYS).decode(),
    }  # fmt: skip
