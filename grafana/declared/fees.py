"""Indicator 4: what was charged in outpatient and inpatient care, and the shares of drugs and consumables."""

from __future__ import annotations

from grafana import columns as of
from grafana import meaning
from grafana.bindings import MONTH, YEAR
from grafana.meaning import BAD, MAIN, WARN
from grafana.model import Board, Column, Panel, Section
from grafana.variables import MONTH as CHOICE
from grafana.variables import WHO

_ASK = "比率异常时先看未对码金额：未对码的收费不进任何占比；再请机构核对收费明细。"
_CARE = Column("care", "门诊/住院", "text", words=meaning.care(), width=90)

TOTALS = Panel(
    "本月合计",
    "fees_totals",
    "stat",
    (
        of.money("total", "总费用", colour=MAIN),
        of.money("outpatient", "门诊费用"),
        of.money("inpatient", "住院费用"),
        of.rate("outpatient_share", "门诊占比", colour=MAIN),
        of.rate("drug_share", "药占比", colour=MAIN),
        of.rate("consumable_share", "耗占比", colour=MAIN),
        of.money("unmapped", "未对码金额", steps=((None, meaning.GOOD), (1, WARN))),
    ),
    MONTH,
    "按业务日期，退费按负数计；不含测试机构。单位：元、比率。",
    _ASK,
    width=24,
    height=5,
)
CARE = Panel(
    "门诊、住院占比",
    "fees_care",
    "piechart",
    (of.name(), of.money("amount_sum", "金额")),
    MONTH,
    "所选机构合计。单位：元。",
    _ASK,
    width=8,
    height=10,
)
MONTHS = Panel(
    "近 12 个月药占比、耗占比",
    "fees_months",
    "timeseries",
    (
        of.time("月份"),
        of.rate("outpatient_drugs", "门诊药占比", colour=MAIN),
        of.rate("inpatient_drugs", "住院药占比", colour=BAD),
        of.rate("consumable_rate", "耗占比", colour=WARN),
    ),
    YEAR,
    "到所选月份为止 12 个月，所选机构合计。单位：比率。",
    "突变：先看收费类别对码是否改动，再看收费政策。",
    width=16,
    height=10,
)
CATEGORIES = Panel(
    "各费用类别",
    "fees_categories",
    "table",
    (
        _CARE,
        Column("code", "费用类别", "text", words=meaning.fees(), width=220),
        of.money("amount", "金额"),
        of.rate("share", "占比", cell="bar", colour=MAIN, highest=1),
        of.count("rows", "行数"),
    ),
    MONTH,
    "占同类（门诊或住院）费用的比率；未对码单列。单位：元、比率。",
    _ASK,
    width=24,
    height=11,
)
ORGS = Panel(
    "各机构药占比、耗占比",
    "fees_orgs",
    "table",
    (
        *of.org(),
        _CARE,
        of.money("amount_sum", "金额"),
        of.rate("drugs_of", "药占比", colour=MAIN),
        of.rate("consumables_of", "耗占比", colour=MAIN),
        of.bad_rate("unmapped_of", "未对码占比", cell="background"),
    ),
    MONTH,
    "药占比高的在前。单位：元、比率。",
    _ASK,
    width=24,
    height=11,
)

BOARD = Board(
    "sanjian-fees",
    "门诊住院费用占比",
    "门诊和住院费用、各费用类别以及药占比、耗占比。指标 4。",
    (CHOICE, *WHO),
    (
        Section("合计", (TOTALS,)),
        Section("构成与走势", (CARE, MONTHS)),
        Section("费用类别", (CATEGORIES,)),
        Section("机构", (ORGS,)),
    ),
    ranged=False,
)
