"""Regions: GB/T 2260 codes of six digits, and which of them lie in which. 370000 a province, 370100 a city in it,
370112 a county of that city; 000000 is everything."""

from __future__ import annotations

import re

EVERYWHERE = "000000"
_CODE = re.compile(r"\d{6}")


def is_region(code: str) -> bool:
    """Whether ``code`` has the form of a region."""
    return _CODE.fullmatch(code) is not None


def covers(region: str, other: str) -> bool:
    """Whether ``other`` is ``region`` or lies in it. An unknown place (empty) lies in nothing but everything."""
    if region == EVERYWHERE:
        return True
    return is_region(region) and is_region(other) and other.startswith(_prefix(region))


def region_of(city: str, county: str) -> str:
    """The smallest known region of an institution; empty when none is known."""
    return county or city


def _prefix(region: str) -> str:
    if region.endswith("0000"):
        return region[:2]
    return region[:4] if region.endswith("00") else region
