"""Thresholds as people read and enter them: shares as per cent, their group, which one holds where. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.console.language import Lang

Row = Mapping[str, Any]
Pair = tuple[str, str]

#: Stands for every institution, or every table.
EVERY = "*"
#: Beginning of the name → group, in the order of the page; the last one takes the rest.
GROUPS: Mapping[str, Pair] = {
    "anomaly_": ("异常率", "Anomaly rate"), "volume_": ("数据量", "Volume"), "mapping_": ("对码", "Code mapping"),
    "association_": ("关联", "Association"), "rejection_": ("拒收", "Rejections"),
    "multi_source_": ("多数据源", "Several sources"), "pipeline_": ("平台管道", "Our pipeline"),
    "deadletters_": ("平台管道", "Our pipeline"), "onboarding_": ("接入", "Joining"),
    "verify_": ("闭环期限", "Due dates"), "handle_": ("闭环期限", "Due dates"), "review_": ("闭环期限", "Due dates"),
    "overdue_": ("闭环期限", "Due dates"), "": ("告警提醒", "Reminders of alerts"),
}  # fmt: skip
#: Unit of a definition → what stands behind the figure.
UNITS: Mapping[str, Pair] = {
    "share": ("%", "%"), "rows": ("行", "rows"), "min": ("分钟", "minutes"), "h": ("小时", "hours"),
    "o'clock": ("点", "o'clock"), "d": ("天", "days"), "days": ("天", "days"),
    "messages": ("条", "messages"), "": ("", ""),
}  # fmt: skip
#: Shares are kept as 0.05 and entered as 5; finer than a hundredth of a per cent is not meant.
_DIGITS = 6


def group(name: str) -> Pair:
    """The group of a threshold."""
    return next(pair for start, pair in GROUPS.items() if name.startswith(start))


def unit(definition: Row, lang: Lang) -> str:
    """The unit in words."""
    pair = UNITS.get(str(definition["unit"]), (str(definition["unit"]),) * 2)
    return pair[lang != "zh"]


def figure(definition: Row, value: float | None, lang: Lang) -> str:
    """A value with its unit; None: none is set."""
    if value is None:
        return "未设置" if lang == "zh" else "not set"
    number = f"{entered(definition, value):,.6g}"
    word = unit(definition, lang)
    return f"{number}{word}" if word == "%" else f"{number} {word}".strip()


def entered(definition: Row, value: float) -> float:
    """As it stands in a field."""
    return round(value * 100, _DIGITS) if definition["unit"] == "share" else value


def kept(definition: Row, number: float) -> float:
    """As it is kept."""
    return round(number / 100, _DIGITS + 2) if definition["unit"] == "share" else number


def holds(definition: Row, entries: Iterable[Row], org: str, table: str) -> tuple[float, Pair]:
    """What holds for an institution and table ("" or ``*``: in general), and where it is set; of several the most
    specific one."""
    found = {(one["org"], one["table"]): float(one["value"]) for one in entries if one["name"] == definition["name"]}
    for place in ((org, table), (org, EVERY), (EVERY, table), (EVERY, EVERY)):
        if place in found:
            return found[place], _place(*place)
    return float(definition["default"]), ("默认", "default")


def _place(org: str, table: str) -> Pair:
    if EVERY not in (org, table):
        return ("该机构该表", "institution and table")
    if org != EVERY:
        return ("该机构", "institution")
    return ("该表", "table") if table != EVERY else ("全部", "everywhere")
