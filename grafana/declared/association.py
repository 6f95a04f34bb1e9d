"""Indicator 3: rows whose patient, visit or other parent is not there."""

from __future__ import annotations

from grafana import columns as of
from grafana.bindings import MONTH, YEAR, with_table
from grafana.meaning import BAD, MAIN
from grafana.model import Board, Panel, Section
from grafana.sql import Fixed
from grafana.variables import MONTH as CHOICE
from grafana.variables import TABLE, WHO

_FIX = "请该机构先传患者信息（TB_HZXX）和上级记录，再传明细；补传后比率自动恢复。"
_PARENTS = with_table(MONTH) | {"kind": Fixed("'parent'")}

TOTALS = Panel(
    "本月合计",
    "association_totals",
    "stat",
    (
        of.bad_rate("failed_rate", "不通过率"),
        of.count("failed", "不通过行数", steps=of.NONE_AT_ALL),
        of.count("checked", "检验行数", MAIN),
        of.count("orgs", "涉及机构数"),
    ),
    _PARENTS,
    "各表中找不到患者或上级记录的行；后来补上的不算。不含测试机构。单位：行、比率。",
    _FIX,
    width=24,
    height=5,
)
MONTHS = Panel(
    "近 12 个月不通过率",
    "association_months",
    "timeseries",
    (of.time("月份"), of.rate("failed_rate", "不通过率", colour=BAD)),
    with_table(YEAR) | {"kind": Fixed("'parent'")},
    "到所选月份为止 12 个月，所选机构合计。单位：比率。",
    "突然升高：多为某机构改变了患者标识的编法。",
    width=24,
)
ORGS = Panel(
    "各机构",
    "association_orgs",
    "table",
    (
        *of.org(),
        of.count("checked", "检验行数"),
        of.count("failed", "不通过行数"),
        of.bad_rate("failed_rate", "不通过率", cell="background"),
    ),
    _PARENTS,
    "不通过率高的在前。单位：行、比率。",
    _FIX,
    width=24,
    height=11,
)
TABLES = Panel(
    "各表各项关联",
    "association_tables",
    "table",
    (
        of.table(),
        of.rule(store=True),
        of.severity(),
        of.count("checked", "检验行数"),
        of.count("failed", "不通过行数"),
        of.bad_rate("failed_rate", "不通过率", cell="background"),
        of.count("orgs", "涉及机构数"),
    ),
    _PARENTS,
    "一张表对患者表和各上级表的每项引用。单位：行、比率。",
    _FIX,
    width=24,
    height=11,
)
OTHERS = Panel(
    "其他跨行、跨表规则",
    "association_tables",
    "table",
    TABLES.columns,
    with_table(MONTH),
    "所有跨行、跨表规则（含上面的关联），不通过率高的在前。单位：行、比率。",
    "按规则的说明请机构改正。",
    width=24,
    height=11,
)

BOARD = Board(
    "sanjian-association",
    "数据关联性检验",
    "各表的行能否找到患者、就诊等上级记录。指标 3。",
    (CHOICE, *WHO, TABLE),
    (
        Section("合计", (TOTALS,)),
        Section("走势", (MONTHS,)),
        Section("机构", (ORGS,)),
        Section("标准表", (TABLES,)),
        Section("其他规则", (OTHERS,), folded=True),
    ),
    ranged=False,
)
