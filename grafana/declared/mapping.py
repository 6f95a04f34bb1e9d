"""Indicators 5 and 6: how many local codes of drugs, departments, fee categories and items have a standard code."""

from __future__ import annotations

from grafana import columns as of
from grafana import meaning
from grafana.bindings import MONTH
from grafana.model import Board, Column, Panel, Section
from grafana.variables import MAP, WHO
from grafana.variables import MONTH as CHOICE

_MAP = Column("map", "对码类别", "text", words=meaning.maps(), width=120)
_FIX = "请该机构按「未对码代码」补齐对码表（控制台「对码」可导出、导入）；对码后比率立即更新，无需重传。"

RATES = Panel(
    "各类对码率（按行）",
    "mapping_totals",
    "bargauge",
    (of.name(), of.good_rate("rate", "对码率")),
    MONTH,
    "本月带院内代码的行中，代码现在有标准代码的比率；不含测试机构。单位：比率。",
    _FIX,
    width=24,
    height=7,
)
ORGS = Panel(
    "各机构对码率",
    "mapping_orgs",
    "table",
    (
        *of.org(),
        _MAP,
        of.count("rows", "行数"),
        of.count("mapped_rows", "已对码行数"),
        of.good_rate("rows_rate", "行对码率", cell="background"),
        of.good_rate("landed_rate", "入库时对码率"),
        of.count("codes", "代码数"),
        of.count("mapped_codes", "已对码代码数"),
        of.good_rate("codes_rate", "代码对码率"),
    ),
    MONTH,
    "行对码率低的在前；「入库时」为数据到达当时的情况。单位：行、个、比率。",
    _FIX,
    width=24,
    height=12,
)
UNMAPPED = Panel(
    "未对码代码",
    "mapping_unmapped",
    "table",
    (
        *of.org(),
        _MAP,
        Column("code", "院内代码", "text"),
        Column("local_name", "院内名称", "text"),
        of.count("rows", "行数", cell="bar"),
    ),
    MONTH,
    "现在仍没有标准代码的院内代码，用得最多的在前，最多 1000 个。单位：行。",
    _FIX,
    width=24,
    height=12,
    empty="所选范围内的代码都已对码",
)

BOARD = Board(
    "sanjian-mapping",
    "药品、科室、项目对码",
    "院内代码有多少已对到标准代码，还缺哪些。指标 5、6。",
    (CHOICE, *WHO, MAP),
    (Section("合计", (RATES,)), Section("机构", (ORGS,)), Section("未对码代码", (UNMAPPED,))),
    ranged=False,
)
