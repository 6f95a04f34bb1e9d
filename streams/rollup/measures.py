"""What is measured of the rows of a day, by table. Amounts carry their sign: a refund is negative by the standard's own
rules (SF13, JS09, MF16 and their kin reject anything else), so that a plain sum is what was really charged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from standard.model import Standard


@dataclass(frozen=True, slots=True)
class Measure:
    """A sum of ``value`` by ``code``, or how many different values ``distinct`` has. Names are columns of the standard;
    empty: none. ``plus`` are columns whose amounts are added to it. It is limited to rows whose standard code in
    ``only`` belongs to ``group``."""

    name: str
    value: str = ""
    plus: tuple[str, ...] = ()
    code: str = ""
    mapped: bool = False  # by the standard code of the column, not by what was sent
    distinct: str = ""
    only: str = ""
    group: str = ""  # of fee categories


FEE = "FYSRGLBM"
#: Groups of fee_categories.csv.
DRUGS, CONSUMABLES = "药品", "材料"

_CHARGES = (
    Measure("charge", "MXXMSSJE", code=FEE, mapped=True),
    Measure("drug", "MXXMSSJE", only=FEE, group=DRUGS),
    Measure("consumable", "MXXMSSJE", only=FEE, group=CONSUMABLES),
)
_SETTLEMENTS = (Measure("settlement", "FYJSZJE"),)
_PAYMENTS = (Measure("payment", "ZFJE", code="ZFFSBM"),)
#: A front page has its amounts in columns of its own: the total; western, patent and herbal medicine; materials for
#: examinations, treatments and operations.
_FRONT_PAGES = (
    Measure("front_page", "P782"),
    Measure("front_page_drug", "P769", plus=("P771", "P772")),
    Measure("front_page_consumable", "P778", plus=("P779", "P780")),
)

MEASURES: Mapping[str, tuple[Measure, ...]] = MappingProxyType(
    {
        "TB_MZ_JZMXB": (Measure("visit", distinct="JZLSH"),),
        "TB_MZ_SFMXB": _CHARGES,
        "TB_MZ_JSMXB": _SETTLEMENTS,
        "TB_MZ_JSZFFSMXB": _PAYMENTS,
        "TB_ZY_CRYMXB": (Measure("admission", distinct="JZLSH"),),
        "TB_ZY_SFMXB": _CHARGES,
        "TB_ZY_JSJLB": _SETTLEMENTS,
        "TB_ZY_JSZFFSMXB": _PAYMENTS,
        "TB_BASY": _FRONT_PAGES,
    }
)


def fee_codes(standard: Standard, group: str) -> list[str]:
    """The standard fee categories of a group, sorted."""
    return sorted(code for code, entry in standard.catalogues["fee"].items() if entry.fields["group_zh"] == group)
