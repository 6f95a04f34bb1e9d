"""A condition: something that is wrong now, as a detector saw it. Cases (``streams.cases``) are made of conditions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Severity = Literal["info", "warning", "critical"]
#: From harmless to grave.
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")

#: What can be wrong; the kinds of the alerts.
KINDS = (
    "rejection", "unreadable", "gap", "late", "anomaly_rate", "volume", "mapping", "association", "schema_drift",
    "pipeline", "grafana",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """Something wrong now. Two conditions with the same ``key`` are the same thing, seen twice.

    ``numerator`` of ``denominator`` was measured against ``threshold`` and, where there is history, ``baseline`` (the
    median of the same weekday); NaN: there is no such figure. ``table`` is empty for several tables, ``org`` for our
    own pipeline. Texts say what is wrong (``zh``, ``en``) and what to do (``fix_zh``, ``fix_en``); neither they nor
    ``details`` (JSON) hold personal values.
    """

    kind: str
    key: str
    org: str
    table: str
    biz_date: date | None
    severity: Severity
    numerator: float
    denominator: float
    threshold: float
    zh: str
    en: str
    fix_zh: str
    fix_en: str
    baseline: float = math.nan
    details: Mapping[str, Any] = field(default_factory=dict)


def condition_key(kind: str, org: str, table: str, biz_date: date | None, subject: str = "") -> str:
    """``kind|institution|table|day`` and, where a kind has several of them, ``|subject``; empty parts stay empty."""
    parts = (kind, org, table, biz_date.isoformat() if biz_date else "")
    return "|".join((*parts, subject) if subject else parts)
