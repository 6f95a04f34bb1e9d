"""The institutions of the synthetic province.

Their codes have the real structure (9 organisation code with its check character, 6 area, 2 economic type, 4 class,
1 nature; WS 218) on area codes beginning 99, which GB/T 2260 does not use, and names that say "example".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import orjson

from simulators.numbers import org_check

#: Cities and their counties; GB/T 2260 knows no province 99.
CITIES = (
    ("990100", "示例市", (("990102", "东区"), ("990103", "西区"), ("990121", "甲县"))),
    ("990200", "样本市", (("990202", "城区"), ("990221", "乙县"), ("990222", "丙县"))),
    ("990300", "模拟市", (("990302", "新区"), ("990321", "丁县"))),
    ("990400", "演示市", (("990402", "中区"), ("990421", "戊县"), ("990422", "己县"))),
)
TOWNSHIPS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
#: Level, class of institution (WS 218: letter and 3 digits), type, inpatient care; the mix repeats over the province.
MIX = (
    (3, "A100", "hospital", True),
    (2, "A100", "hospital", True),
    (1, "C210", "health_centre", False),
    (2, "A210", "tcm_hospital", True),
    (1, "C220", "health_centre", True),
    (1, "B100", "community_centre", False),
)
#: Visits on an ordinary weekday at volume 1; a small copy of what such institutions see.
DAILY_VISITS = {3: 120, 2: 60, 1: 36}


@dataclass(frozen=True, slots=True)
class Org:
    """An institution, with the columns of the table ``orgs`` that are not set by the server."""

    org: str
    name: str
    city: str
    county: str
    level: int
    type: str
    outpatient: int
    inpatient: int
    contact: str
    phone: str
    test: int
    active: int

    @property
    def daily_visits(self) -> int:
        """Outpatient visits on an ordinary weekday at volume 1."""
        return DAILY_VISITS[self.level]


def make_orgs(count: int, seed: int, code: str = "") -> tuple[Org, ...]:
    """``count`` institutions; the same seed gives the same ones, another seed gives others. With ``code`` the first one
    is that institution: a test institution that is to send."""
    made = tuple(_org(number, seed) for number in range(count))
    return (replace(made[0], org=code), *made[1:]) if code else made


def _org(number: int, seed: int) -> Org:
    rng = Random(f"{seed}/org/{number}")
    level, org_class, kind, inpatient = MIX[number % len(MIX)]
    city, city_name, counties = CITIES[(number // len(MIX) + number) % len(CITIES)]
    county, county_name = counties[rng.randrange(len(counties))]
    serial = f"SJ{seed % 1000:03d}{number:03d}"
    code = f"{serial}{org_check(serial)}{county}11{org_class}1"
    return Org(
        org=code, name=_name(number, level, kind, city_name, county_name), city=city, county=county, level=level,
        type=kind, outpatient=1, inpatient=int(inpatient), contact="信息科", phone=f"099{city[3]}-7000{number:04d}",
        test=0, active=1,
    )  # fmt: skip


def _name(number: int, level: int, kind: str, city: str, county: str) -> str:
    round_ = number // len(MIX)
    ordinal = TOWNSHIPS[round_ % len(TOWNSHIPS)]
    if level == 3:
        return f"{city}第{ordinal}人民医院"
    if kind == "tcm_hospital":
        return f"{city}{county}第{ordinal}中医医院"
    if level == 2:
        return f"{city}{county}第{ordinal}医院"
    if kind == "community_centre":
        return f"{city}{county}第{ordinal}社区卫生服务中心"
    return f"{city}{county}{ordinal}{number % len(MIX)}号示例乡镇卫生院"


def org_rows(orgs: Sequence[Org]) -> list[dict[str, Any]]:
    """Rows of the table ``orgs``."""
    return [asdict(org) for org in orgs]


def write_orgs(orgs: Sequence[Org], path: Path) -> None:
    """Write the institutions as a JSON list, so that they can be registered."""
    path.write_bytes(orjson.dumps(org_rows(orgs), option=orjson.OPT_INDENT_2))
