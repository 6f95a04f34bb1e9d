"""Level and type of an institution in words."""

from __future__ import annotations

from collections.abc import Mapping

_LEVELS: Mapping[str, tuple[str, str]] = {
    "0": ("未定级", "not graded"), "1": ("一级", "level 1"), "2": ("二级", "level 2"), "3": ("三级", "level 3"),
}  # fmt: skip
#: The types that the list of institutions knows by name (api/imports/orgs.py).
TYPES: Mapping[str, tuple[str, str]] = {
    "hospital": ("综合医院", "general hospital"), "tcm_hospital": ("中医医院", "TCM hospital"),
    "specialist_hospital": ("专科医院", "specialist hospital"),
    "maternity_hospital": ("妇幼保健院", "maternity hospital"),
    "community_centre": ("社区卫生服务中心", "community centre"), "health_centre": ("乡镇卫生院", "health centre"),
    "village_clinic": ("村卫生室", "village clinic"), "clinic": ("诊所", "clinic"),
}  # fmt: skip


def level_name(lang: str, level: str) -> str:
    """一级 for 1."""
    return _LEVELS.get(level, (level, level))[lang != "zh"]


def type_name(lang: str, kind: str) -> str:
    """综合医院 for hospital."""
    return TYPES.get(kind, (kind, kind))[lang != "zh"]
