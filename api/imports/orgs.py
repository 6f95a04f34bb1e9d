"""Institutions as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from api.imports.known import ORG_SHAPE
from api.imports.plan import Kind
from api.imports.problems import Wrong
from api.imports.table import Field
from api.imports.values import choice, code, day, flag, text
from api.sheets import SheetColumn
from clickhouse.orgs import Org
from clickhouse.schedule import ALWAYS

#: Types of institutions as they are written in Chinese. Other words of letters and _ are taken as they are.
TYPES: Mapping[str, str] = {
    "综合医院": "hospital", "中医医院": "tcm_hospital", "专科医院": "specialist_hospital",
    "妇幼保健院": "maternity_hospital", "社区卫生服务中心": "community_centre", "乡镇卫生院": "health_centre",
    "村卫生室": "village_clinic", "诊所": "clinic",
}  # fmt: skip
_TYPE_NAMES = {name: zh for zh, name in TYPES.items()}
_LEVELS: Mapping[str, object] = {
    "0": 0, "1": 1, "2": 2, "3": 3, "未定级": 0, "一级": 1, "二级": 2, "三级": 3,
    **{f"{level}级{grade}等": n for n, level in enumerate("一二三", 1) for grade in ("甲", "乙", "丙")},
}  # fmt: skip
_AREA = (r"\d{6}", "6 位行政区划代码", "a GB/T 2260 code of 6 digits")
_type = code("[a-z][a-z_]{0,39}", "、".join(TYPES), ", ".join(TYPES.values()))


def _yes(value: object) -> str:
    return "是" if value else "否"


FIELDS = (
    Field(SheetColumn("org", "机构代码", "institution", "text", 25), code(*ORG_SHAPE), required=True,
          aliases=("医疗机构代码", "YLJGDM")),
    Field(SheetColumn("name", "机构名称", "name", "text", 30), text(200), required=True, aliases=("医疗机构名称",)),
    Field(SheetColumn("city", "市代码", "city", "text", 10), code(*_AREA), aliases=("市州代码", "市行政区划代码")),
    Field(SheetColumn("county", "县区代码", "county", "text", 10), code(*_AREA), aliases=("区县代码", "县代码")),
    Field(SheetColumn("level", "级别", "level", "int", 8), choice(_LEVELS), aliases=("医院级别", "医院等级")),
    Field(SheetColumn("type", "类型", "type", "text", 20), lambda value: TYPES.get(str(value)) or _type(value),
          show=lambda value: _TYPE_NAMES.get(str(value), value), aliases=("机构类型", "机构类别")),
    Field(SheetColumn("outpatient", "有门诊", "outpatient", "text", 9), flag, show=_yes, aliases=("门诊",)),
    Field(SheetColumn("inpatient", "有住院", "inpatient", "text", 9), flag, show=_yes, aliases=("住院",)),
    Field(SheetColumn("starts_on", "开始日期", "starts on", "date", 12), day, aliases=("接入日期", "上传开始日期")),
    Field(SheetColumn("contact", "联系人", "contact", "text", 12), text(100), personal=True),
    Field(SheetColumn("phone", "电话", "phone", "text", 16), text(40), personal=True, aliases=("联系电话",)),
    Field(SheetColumn("test", "测试机构", "test", "text", 9), flag, show=_yes),
    Field(SheetColumn("active", "启用", "active", "text", 8), flag, show=_yes),
)  # fmt: skip


def _key(values: Mapping[str, object]) -> str:
    return str(values["org"])


def _make(values: Mapping[str, object], before: Org | None) -> Org:
    """A column that the file lacks leaves what is kept; an empty cell is the default."""
    kept = before or Org(str(values["org"]), "")
    default = asdict(Org("", ""))
    given: dict[str, Any] = {name: default[name] if value is None else value for name, value in values.items()}
    return replace(kept, **given)


def _check(org: Org) -> Iterable[tuple[str, Wrong]]:
    if org.city and org.county and org.city[:2] != org.county[:2]:
        yield "county", Wrong("pattern", zh="与市代码同省的区划代码", en="a code of the same province as the city's")
    if not org.outpatient and not org.inpatient:
        yield "outpatient", Wrong("pattern", zh="门诊、住院至少一项为“是”", en="outpatient or inpatient care")


def _values(org: Org) -> Mapping[str, object]:
    return {**asdict(org), "starts_on": None if org.starts_on == ALWAYS else org.starts_on}


KIND = Kind("orgs", "机构", FIELDS, _key, _make, _check, _values)
