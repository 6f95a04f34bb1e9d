"""Our own pipeline: behind, with holes in its ledger, flooded with dead letters, away, or broken in a part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clickhouse.client import SHANGHAI
from streams.watch.conditions import Condition, Severity, condition_key
from streams.watch.found import Found, minute
from streams.watch.outages import Outage
from streams.watch.thresholds import Thresholds

#: A lag of so many times the threshold is critical.
CRITICAL_TIMES = 6


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of the pipeline. ``failing``: parts with a bug, and since when. ``missing``: messages of the topic
    that the ledger lacks below its newest one, None where nobody looked."""

    now: datetime
    watermark: datetime
    lag: int
    missing: int | None
    letters_last_hour: int
    outage: Outage | None
    failing: Mapping[str, datetime]


def detect(health: Health, thresholds: Thresholds) -> Found:
    """Conditions of kind pipeline; they have no institution."""
    found = Found()
    minutes = (health.now - health.watermark).total_seconds() / 60
    most = thresholds.value("pipeline_lag_minutes")
    if health.lag and minutes >= most:
        found.conditions.append(
            _condition(
                "lag", "critical" if minutes >= most * CRITICAL_TIMES else "warning", minutes, most,
                f"入库滞后 {minutes:.0f} 分钟，{health.lag} 条消息待处理；期间不判漏传和迟传",
                f"Our ingest is {minutes:.0f} minutes behind, {health.lag} messages wait; nobody is blamed meanwhile",
                "请检查 worker 是否运行、ClickHouse 是否正常，必要时增加 worker。",
                "Check that workers run and ClickHouse answers; add workers if need be.",
            )
        )  # fmt: skip
    if health.missing is None:
        found.unknown.add(_key("ledger"))
    elif health.missing:
        found.conditions.append(
            _condition(
                "ledger", "critical", health.missing, 0, f"流水缺少 {health.missing} 条消息",
                f"The ledger lacks {health.missing} messages", "请运行 sanjian audit --repair。",
                "Run sanjian audit --repair.",
            )
        )  # fmt: skip
    most = thresholds.value("deadletters_per_hour")
    if health.letters_last_hour >= most:
        found.conditions.append(
            _condition(
                "deadletters", "warning", health.letters_last_hour, most,
                f"一小时内有 {health.letters_last_hour} 条死信",
                f"{health.letters_last_hour} dead letters within an hour",
                "请查看死信列表，联系发送方。", "Look at the dead letters and call who sends them.",
            )
        )  # fmt: skip
    return Found(found.conditions + _away(health) + _failing(health), found.unknown)


def _away(health: Health) -> list[Condition]:
    outage = health.outage
    if outage is None or health.now >= outage.until:
        return []
    minutes = (outage.end - outage.start).total_seconds() / 60
    start, end, until = (minute(one.astimezone(SHANGHAI)) for one in (outage.start, outage.end, outage.until))
    return [
        _condition(
            "away", "warning", minutes, 0, f"监测曾中断：{start} 至 {end}；这段时间到期的数据 {until} 之前不判漏传",
            f"The watch was away from {start} to {end}; what was due then does not count as missing before {until}",
            "请确认中断的原因。", "Find out why.",
        )
    ]  # fmt: skip


def _failing(health: Health) -> list[Condition]:
    return [
        _condition(
            f"failing-{part}", "critical", 1, 0,
            f"监测的一部分出错：{part}，自 {minute(since.astimezone(SHANGHAI))} 起；其余部分照常",
            f"A part of the watch is broken: {part}, since {minute(since.astimezone(SHANGHAI))}; the rest goes on",
            "请查看日志 watch_bug 并报告。", "See watch_bug in the log and report it.",
        )
        for part, since in sorted(health.failing.items())
    ]  # fmt: skip


def _key(subject: str) -> str:
    return condition_key("pipeline", "", "", None, subject)


def _condition(
    subject: str, severity: Severity, numerator: float, threshold: float, zh: str, en: str, fix_zh: str, fix_en: str
) -> Condition:
    return Condition(
        kind="pipeline", key=_key(subject), org="", table="", biz_date=None, severity=severity, numerator=numerator,
        denominator=0.0, threshold=threshold, zh=zh, en=en, fix_zh=fix_zh, fix_en=fix_en, details={"subject": subject},
    )  # fmt: skip
