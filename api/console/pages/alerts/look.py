"""Words and looks of alerts beyond those that every page shares: stages, endings, who acted, how long ago. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from api.accounts.rights import ROLES
from api.console.language import Lang
from api.console.words import Look
from streams.cases.texts import ACTIONS, ENDINGS, SIDES

STAGES: Mapping[str, Look] = {
    "clue": Look("问题线索", "Clue", "#7b868f", "#ffffff", "1"),
    "verify": Look("核实", "Verification", "#56B4E9", "#1b1b1b", "2"),
    "handle": Look("处理", "Handling", "#0072B2", "#ffffff", "3"),
    "review": Look("复核", "Review", "#CC79A7", "#1b1b1b", "4"),
    "closed": Look("办结", "Closed", "#009E73", "#ffffff", "✓"),
}
#: What each stage is for.
STAGE_HINTS: Mapping[str, tuple[str, str]] = {
    "clue": ("监测发现，待交办", "Seen by the watch, to be handed over"),
    "verify": ("医院核实，属实或申诉", "The institution confirms or appeals"),
    "handle": ("医院改正并报告", "The institution mends it and says so"),
    "review": ("监管端检查结果", "Overseers look at the result"),
    "closed": ("", ""),
}
APPEALS: Mapping[str, tuple[str, str]] = {
    "waiting": ("申诉待答复", "appeal waits for an answer"),
    "accepted": ("申诉成立", "appeal accepted"),
    "refused": ("申诉不成立", "appeal refused"),
}
#: Steps that the platform takes by itself and that tell a reader nothing but figures.
QUIET = frozenset({"measure", "gone", "back"})

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def one_of(pairs: Mapping[str, tuple[str, str]], name: str, lang: Lang) -> str:
    """The word for ``name``; a name that is not known stays as it is."""
    zh, en = pairs.get(name, (name, name))
    return zh if lang == "zh" else en


def action(name: str, lang: Lang) -> str:
    """What a step was."""
    return one_of(ACTIONS, name, lang)


def ending(name: str, lang: Lang) -> str:
    """How an alert ended."""
    return one_of(ENDINGS, name, lang)


def side(name: str, lang: Lang) -> str:
    """Who has to act."""
    return one_of(SIDES, name, lang)


def actor(step: Mapping[str, Any], lang: Lang) -> str:
    """Who took a step: the role and, where the reader may know it, the name; for whom otherwise."""
    role = str(step["actor_role"])
    if role == "sanjian":
        return "三监自动" if lang == "zh" else "Sanjian"
    who = str(step["actor_name"] or step["actor_of"])
    word = one_of(ROLES, role, lang)  # type: ignore[arg-type]
    return f"{word} {who}" if who else word


def ago(since: datetime, now: datetime, lang: Lang) -> str:
    """How long something has lasted, in its largest unit."""
    spent = max(now - since, timedelta(0))
    if spent < _HOUR:
        return _count(int(spent.total_seconds() // 60), ("分钟", "minute"), lang)
    if spent < 2 * _DAY:
        return _count(int(spent / _HOUR), ("小时", "hour"), lang)
    return _count(spent.days, ("天", "day"), lang)


def _count(number: int, unit: tuple[str, str], lang: Lang) -> str:
    if lang == "zh":
        return f"{number} {unit[0]}"
    return f"{number} {unit[1]}{'' if number == 1 else 's'}"
