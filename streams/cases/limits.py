"""When people are told, when a case ends by itself, and what counts as flapping; set like every other threshold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from streams.watch.conditions import SEVERITIES, Severity

#: ``value(name, org, table)``: the threshold that holds there, the most specific one that was set.
Thresholds = Callable[[str, str, str], float]

#: name → (default, unit, Chinese, English)
DEFAULTS: Mapping[str, tuple[float, str, str, str]] = {
    "reminder_hours_info": (0, "h", "提示级告警再次提醒的间隔，0 为不提醒", "Reminder of an info case; 0: none"),
    "reminder_hours_warning": (24, "h", "警告级告警再次提醒的间隔，0 为不提醒", "Reminder of a warning; 0: none"),
    "reminder_hours_critical": (4, "h", "严重告警再次提醒的间隔，0 为不提醒", "Reminder of a critical case; 0: none"),
    # Rates near their threshold come and go with every batch; ten minutes are a few runs of the watch.
    "resolve_after_minutes": (10, "min", "恢复后多久自动关闭（漏传、迟传立即关闭）",
                              "A case ends when all is well for so long (gap and late: at once)"),
    "flapping_window_hours": (24, "h", "在此期间再次出现则重开原告警", "What comes back within it reopens its case"),
    "flapping_returns": (3, "", "在此期间反复几次视为抖动", "So many returns within the window are flapping"),
    "flapping_settle_hours": (2, "h", "抖动的告警多久不变视为稳定", "Flapping ends when nothing changes for so long"),
    # Working days are not counted: a case waits over a weekend for nobody who is on duty.
    "verify_days": (2, "d", "核实期限（交办后，或申诉后）", "Days to verify, or to answer an appeal"),
    "verify_days_critical": (1, "d", "严重告警的核实期限", "Days to verify a critical case"),
    "handle_days": (5, "d", "处理期限", "Days to handle a case"),
    "handle_days_critical": (2, "d", "严重告警的处理期限", "Days to handle a critical case"),
    "review_days": (3, "d", "复核期限", "Days to review a case"),
    "review_days_critical": (1, "d", "严重告警的复核期限", "Days to review a critical case"),
    "overdue_reminder_hours": (24, "h", "逾期后再次提醒的间隔，0 为不提醒", "Reminder of an overdue stage; 0: none"),
    "digest_hour": (9, "o'clock", "每日摘要的时刻", "Hour of the daily digest"),
}  # fmt: skip

#: Ended cases are looked at for so long; a longer flapping window is cut.
LONGEST_WINDOW = timedelta(days=7)

#: What arrived has arrived: these do not come and go, so their cases end at once. Grafana waits by itself.
AT_ONCE = frozenset({"gap", "late", "grafana"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for one case. A reminder of zero length: none."""

    reminders: Mapping[Severity, timedelta]
    resolve_after: timedelta
    flapping_window: timedelta
    flapping_returns: int
    flapping_settle: timedelta
    overdue_every: timedelta


def limits_of(thresholds: Thresholds, kind: str, org: str, table: str) -> Limits:
    """The limits of cases of this kind."""

    def hours(name: str) -> timedelta:
        return timedelta(hours=thresholds(name, org, table))

    resolve_after = timedelta(minutes=0 if kind in AT_ONCE else thresholds("resolve_after_minutes", org, table))
    return Limits(
        reminders={severity: hours(f"reminder_hours_{severity}") for severity in SEVERITIES},
        resolve_after=resolve_after,
        flapping_window=min(hours("flapping_window_hours"), LONGEST_WINDOW),
        flapping_returns=int(thresholds("flapping_returns", org, table)),
        flapping_settle=hours("flapping_settle_hours"),
        overdue_every=hours("overdue_reminder_hours"),
    )


def default_thresholds(name: str, org: str, table: str) -> float:
    """The defaults, wherever it is."""
    return DEFAULTS[name][0]
