"""Named scenarios: what a simulation is for, its size, and how much goes wrong in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from sanjian.errors import Misconfigured
from simulators.faults import KINDS, Profile
from simulators.feed import BUSIEST, Feed
from simulators.manifest import Manifest
from simulators.messages import Shape
from simulators.province import Province
from simulators.site import SHANGHAI
from standard.model import Standard

#: Before this hour of the night (Shanghai) yesterday's rows would carry upload times that are still to come.
UPLOADED_HOUR = 3


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario; sizes are defaults that a caller may replace."""

    name: str
    zh: str
    en: str
    orgs: int
    days: int
    volume: float = 1.0
    completeness: float = 1.0
    profile: Profile = field(default_factory=Profile)
    tables: frozenset[str] | None = None


def _rows(rate: float) -> dict[str, float]:
    return dict.fromkeys(KINDS, rate)


_ALL = (
    Scenario("clean", "无任何问题的数据", "data without any finding", orgs=6, days=7),
    Scenario(
        "demo", "小型示例省，各类问题少量出现", "a small province with a little of every fault", orgs=8, days=30,
        volume=0.5,
        profile=Profile(
            rows=_rows(0.003), late_days=0.03, missing_days=0.03, missing_tables=0.01, bursts=0.02, burst_factor=3,
            drift=0.01, garbage=0.15,
        ),
    ),
    Scenario(
        "faults", "密集问题，用于测试", "dense faults, for tests", orgs=6, days=7, volume=0.3,
        profile=Profile(
            rows=_rows(0.02), late_days=0.2, missing_days=0.1, missing_tables=0.04, bursts=0.15, burst_factor=3,
            drift=0.05, garbage=0.6,
        ),
    ),
    Scenario(
        "load", "只有门诊费用明细，用于压力测试", "outpatient charges only, for load", orgs=12, days=30, volume=4.0,
        tables=frozenset({BUSIEST}),
    ),
    Scenario(
        "onboarding", "一家正在接入的医院，对码尚不完整", "one hospital being connected, code maps incomplete", orgs=1,
        days=3, completeness=0.7, profile=Profile(rows=_rows(0.01), missing_tables=0.05, drift=0.05, garbage=0.5),
    ),
)  # fmt: skip
SCENARIOS: Mapping[str, Scenario] = MappingProxyType({scenario.name: scenario for scenario in _ALL})


def scenario(name: str) -> Scenario:
    """A scenario by name. Raises Misconfigured naming the ones there are."""
    if name not in SCENARIOS:
        raise Misconfigured(f"There is no scenario {name!r}; choose one of {', '.join(SCENARIOS)}.")
    return SCENARIOS[name]


def last_day(now: datetime) -> date:
    """The last day whose uploads lie in the past at ``now`` (with zone): yesterday, or the day before at night."""
    local = now.astimezone(SHANGHAI)
    return (local - timedelta(days=1 if local.hour >= UPLOADED_HOUR else 2)).date()


def midnight(day: date) -> datetime:
    """When a day begins in Shanghai."""
    return datetime.combine(day, datetime.min.time(), SHANGHAI)


def make_feed(
    chosen: Scenario, end: date, seed: int, *, orgs: int | None = None, days: int | None = None,
    volume: float | None = None, shape: Shape = "batch", raw: bool = True, standard: Standard | None = None,
    code: str = "",
) -> Feed:  # fmt: skip
    """The feed of a scenario; its manifest already says what it is about. ``code``: of the first institution."""
    province = Province(
        orgs or chosen.orgs,
        days or chosen.days,
        end,
        seed,
        volume or chosen.volume,
        chosen.completeness,
        standard,
        code,
    )
    about = {
        "scenario": chosen.name, "seed": seed, "orgs": len(province.orgs), "days": len(province.dates),
        "end": end.isoformat(), "volume": province.volume, "shape": shape, "raw": raw,
        "standard": province.standard.version, "complete": False,
    }  # fmt: skip
    return Feed(province, chosen.profile, shape, raw, chosen.tables, Manifest(about=about))
