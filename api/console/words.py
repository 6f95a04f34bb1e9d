"""The words and colours of the console that several pages share: Chinese, English, and what they look like.

Colours are those of Okabe and Ito, which people with every kind of colour vision can tell apart; each state also has a
sign of its own, so that colour is never the only difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """How a value is shown: its names, its colour (and that of text on it), its sign."""

    zh: str
    en: str
    colour: str
    ink: str
    sign: str


#: State of an institution, table and day (see docs/watch.md), in the order of a legend.
STATES: Mapping[str, Look] = {
    "received": Look("已接收", "received", "#0072B2", "#ffffff", "✓"),
    "late": Look("迟到", "late", "#E69F00", "#1b1b1b", "迟"),
    "partial": Look("不完整", "partial", "#F0E442", "#1b1b1b", "◐"),
    "missing": Look("缺失", "missing", "#D55E00", "#ffffff", "✕"),
    "empty": Look("零申报", "declared empty", "#56B4E9", "#1b1b1b", "0"),
    "pending": Look("待接收", "pending", "#ffffff", "#5b6670", "…"),
    "unknown": Look("未知（平台延迟）", "unknown, our ingest is behind", "#CC79A7", "#1b1b1b", "?"),
    "not_expected": Look("不要求", "not expected", "#e3e7ea", "#7b868f", "–"),
}

SEVERITIES: Mapping[str, Look] = {
    "critical": Look("严重", "critical", "#D55E00", "#ffffff", "▲"),
    "error": Look("错误", "error", "#D55E00", "#ffffff", "▲"),
    "warning": Look("警告", "warning", "#E69F00", "#1b1b1b", "◆"),
    "info": Look("提示", "info", "#56B4E9", "#1b1b1b", "●"),
}

CASE_STATES: Mapping[str, Look] = {
    "open": Look("待处理", "open", "#D55E00", "#ffffff", "●"),
    "acknowledged": Look("已知悉", "acknowledged", "#0072B2", "#ffffff", "◐"),
    "snoozed": Look("已暂停", "snoozed", "#7b868f", "#ffffff", "z"),
    "resolved": Look("已关闭", "resolved", "#009E73", "#ffffff", "✓"),
}

#: Kind of an alert (DESIGN: alert life cycle).
KINDS: Mapping[str, tuple[str, str]] = {
    "rejection": ("拒收", "rejection"),
    "unreadable": ("无法读取", "unreadable"),
    "gap": ("漏传", "gap"),
    "late": ("迟传", "late"),
    "anomaly_rate": ("异常率", "anomaly rate"),
    "volume": ("数据量", "volume"),
    "mapping": ("对码", "mapping"),
    "association": ("关联", "association"),
    "schema_drift": ("结构变化", "schema drift"),
    "pipeline": ("平台管道", "pipeline"),
    "grafana": ("看板告警", "alert rule of a board"),
}

#: Colours of figures, by meaning.
ACCEPTED, FLAGGED, REJECTED, NEUTRAL = "#0072B2", "#E69F00", "#D55E00", "#7b868f"
#: Several things beside each other that are neither good nor bad (fee categories, sources).
SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C6BB1", "#B8A233", "#5b6670", "#A0522D")


def named(pairs: Mapping[str, tuple[str, str]] | Mapping[str, Look], name: str, lang: str) -> str:
    """The word for ``name``; a name that is not known stays as it is."""
    found = pairs.get(name)
    if found is None:
        return name
    zh, en = (found.zh, found.en) if isinstance(found, Look) else found
    return zh if lang == "zh" else en
