"""The choices above the boards. What is "empty: no filter" in a named query is the text '' for "all" here."""

from __future__ import annotations

from api.indicators.names import MAPS
from grafana.bindings import RANGE
from grafana.meaning import types
from grafana.model import Variable
from grafana.sql import panel_sql
from grafana.standards import standard

CITY = Variable("city", "地区", sql=panel_sql("cities_choice", RANGE))
LEVEL = Variable("level", "级别", choices={"3": "三级", "2": "二级", "1": "一级", "0": "未定级"}, every="'-1'")
TYPE = Variable("type", "类型", choices=types())
ORG = Variable("org", "机构", sql=panel_sql("orgs_choice", RANGE))
#: One institution: there is always one.
ONE_ORG = Variable("org", "机构", sql=panel_sql("orgs_choice", RANGE), every=None, several=False)
TABLE = Variable("table", "标准表", choices={name: table.name_zh for name, table in standard().tables.items()})
MONTH = Variable("month", "月份", sql=panel_sql("months_choice", RANGE), every=None, several=False)
MAP = Variable(
    "map", "对码类别", choices={kind: zh for kind, (zh, _) in MAPS.items()}, every="'department','fee','drug','item'"
)

#: Which institutions a board is about.
WHO = (CITY, LEVEL, TYPE, ORG)
