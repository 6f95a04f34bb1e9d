"""The maps in words, and where they are."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from api.console.words import Look

RATES, KEEP = "/reports/mapping", "/reports/mapping/upload"
#: Tab → Chinese, English, maps in it.
TABS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "drug": ("药品", "Drugs", ("drug",)),
    "department": ("科室", "Departments", ("department",)),
    "item": ("费用与项目", "Fees and items", ("fee", "item")),
}
MAPS: Mapping[str, tuple[str, str]] = {
    "drug": ("药品", "drugs"), "department": ("科室", "departments"), "fee": ("费用类别", "fee categories"),
    "item": ("检验检查项目", "lab and exam items"),
}  # fmt: skip
#: Columns of a map.
FIELDS: Mapping[str, tuple[str, str]] = {
    "local_code": ("院内编码", "local code"), "local_name": ("院内名称", "local name"),
    "standard_code": ("标准编码", "standard code"), "generic_name": ("通用名", "generic name"),
    "dosage_form": ("剂型", "dosage form"), "specification": ("规格", "specification"),
    "manufacturer": ("生产厂家", "manufacturer"),
}  # fmt: skip
ACTIONS: Mapping[str, Look] = {
    "added": Look("新增", "added", "#009E73", "#ffffff", "+"),
    "changed": Look("修改", "changed", "#E69F00", "#1b1b1b", "~"),
    "removed": Look("取消对码", "taken away", "#D55E00", "#ffffff", "−"),
}


def indicator(tab: str) -> str:
    """The indicator of a tab."""
    return f"/indicators/{tab if tab in TABS else 'drug'}_mapping"


def indicator_of(map: str) -> str:
    """The indicator that has the rates of a map."""
    return indicator(next((tab for tab, (_, _, maps) in TABS.items() if map in maps), "drug"))


def keep_address(org: str, map: str, month: str) -> str:
    """The page on which an institution's map is kept, with the rates of this month."""
    return f"{KEEP}?{urlencode({'org': org, 'map': map, 'month': month})}"
