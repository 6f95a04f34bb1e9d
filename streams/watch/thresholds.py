"""Thresholds: every figure that people may set, its default, and which of those that were set holds where. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from clickhouse.thresholds import Threshold
from streams.cases.limits import DEFAULTS as CASE_DEFAULTS

#: Stands for every institution, or every table, in what people set.
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Definition:
    """A threshold: its default, its unit (``share`` is 0 to 1) and what it means."""

    name: str
    default: float
    unit: str
    zh: str
    en: str


_OWN = (
    Definition("anomaly_rate_warning", 0.05, "share", "异常率（有警告+拒收）达到即警告",
               "Anomaly rate (flagged and rejected) from which it is a warning"),
    Definition("anomaly_rate_critical", 0.20, "share", "异常率达到即严重", "Anomaly rate from which it is critical"),
    Definition("anomaly_rate_spreads", 5, "", "异常率高出同星期中位数多少个离散度即警告",
               "A rate is a warning so many spreads above the median of the same weekday …"),
    Definition("anomaly_rate_rise", 0.02, "share", "……且至少高出这么多", "… and at least so much above it"),
    Definition("anomaly_rate_rows", 30, "rows", "行数不足则不判异常率", "Fewer rows are not judged by their rate"),
    Definition("volume_low_warning", 0.5, "share", "数据量低于同星期中位数的这一比例即警告",
               "Volume below this share of the median of the same weekday is a warning"),
    Definition("volume_low_critical", 0.2, "share", "低于这一比例即严重", "… below this one it is critical"),
    Definition("volume_high_warning", 2.0, "share", "数据量高于同星期中位数的这一倍数即警告",
               "Volume above this multiple of the median of the same weekday is a warning"),
    Definition("volume_spreads", 5, "", "且偏离中位数至少这么多个离散度", "… and it is at least so many spreads away"),
    Definition("volume_rows", 30, "rows", "同星期中位数不足这么多行则不判数据量",
               "Days with a median of fewer rows are not judged by volume"),
    Definition("mapping_rate_warning", 0.9, "share", "对码率低于即警告", "Mapping rate below which it is a warning"),
    Definition("mapping_rate_critical", 0.7, "share", "对码率低于即严重", "Mapping rate below which it is critical"),
    Definition("mapping_rows", 30, "rows", "行数不足则不判对码率", "Fewer rows are not judged by their mapping rate"),
    Definition("association_rate_warning", 0.02, "share", "关联失败率达到即警告",
               "Share of rows without their parent from which it is a warning"),
    Definition("association_rate_critical", 0.10, "share", "关联失败率达到即严重", "… from which it is critical"),
    Definition("association_rows", 30, "rows", "行数不足则不判关联", "Fewer rows are not judged by their parents"),
    Definition("rejection_rows", 1, "rows", "仍未更正的拒收行数达到即提醒",
               "Rejected rows that were not sent right since, from which there is an alert"),
    Definition("pipeline_lag_minutes", 10, "min", "本平台入库滞后多久即警告，六倍即严重",
               "Our own ingest is behind for so long: a warning; six times as long: critical"),
    Definition("deadletters_per_hour", 100, "messages", "一小时内死信达到即警告",
               "Dead letters within an hour from which it is a warning"),
    Definition("multi_source_tolerance", 0.01, "share", "多数据源之间允许的相对差异",
               "Relative difference between sources that is allowed"),
    Definition("front_page_open_day", 25, "", "病案首页：当月第几日起可以上报",
               "Front pages: day of the month from which they may be submitted"),
    Definition("front_page_close_day", 10, "", "病案首页：次月第几日截止（当日有效）",
               "Front pages: last day of the next month on which they may be submitted"),
    Definition("front_page_submissions", 3, "", "病案首页：每月最多上报次数",
               "Front pages: most submissions of a month"),
    Definition("onboarding_days", 7, "days", "接入：须连续满足的业务天数",
               "Onboarding: business days in a row on which the conditions have to hold"),
    Definition("onboarding_success_rate", 0.95, "share", "接入：每张表每天入库行数占接收行数的比例不低于",
               "Onboarding: least share of a table's rows of a day that are accepted"),
    Definition("onboarding_mapping_rate", 0.9, "share", "接入：每类对码率不低于",
               "Onboarding: least mapping rate of each map"),
    Definition("onboarding_association_rate", 0.98, "share", "接入：每张表能找到上级记录的比例不低于",
               "Onboarding: least share of a table's references that are found"),
)  # fmt: skip

#: Every threshold by name: those of the watch, of the indicators and of the life of cases.
THRESHOLDS: Mapping[str, Definition] = MappingProxyType(
    {one.name: one for one in _OWN}
    | {name: Definition(name, value, unit, zh, en) for name, (value, unit, zh, en) in CASE_DEFAULTS.items()}
)


class Thresholds:
    """The thresholds as they are set. Of several that apply the most specific one holds: institution and table, then
    institution, then table, then everywhere, then the default."""

    def __init__(self, given: Iterable[Threshold] = ()) -> None:
        self._given = {(one.org, one.table, one.name): one.value for one in given}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thresholds) and self._given == other._given

    __hash__ = None  # type: ignore[assignment]

    def value(self, name: str, org: str = EVERY, table: str = EVERY) -> float:
        """What holds there. Raises KeyError (a bug) for a name that there is not."""
        default = THRESHOLDS[name].default
        for place in ((org, table), (org, EVERY), (EVERY, table), (EVERY, EVERY)):
            if (*place, name) in self._given:
                return self._given[*place, name]
        return default

    def frame(self, cells: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
        """``cells`` (columns org, table and others) with a column for each of ``names``."""
        places = cells.select("org", "table").unique()
        values = {
            name: [self.value(name, org, table) for org, table in places.iter_rows()] for name in names
        }  # fmt: skip
        wide = places.with_columns(pl.Series(name, found, pl.Float64) for name, found in values.items())
        return cells.join(wide, on=["org", "table"], how="left")
