"""Indicator 7: the same quantity from several sources side by side."""

from __future__ import annotations

from grafana import columns as of
from grafana import meaning
from grafana.bindings import MONTH
from grafana.meaning import GOOD, PLAIN, WARN
from grafana.model import Board, Column, Panel, Section
from grafana.variables import MONTH as CHOICE
from grafana.variables import WHO

_ASK = "请机构核对差额最大的来源；缺来源的先补传该表，或在「申报数」补报。"

TOTALS = Panel(
    "本月结论",
    "sources_totals",
    "stat",
    (
        of.good_rate("ok_rate", "一致率"),
        of.count("ok", "一致", GOOD),
        of.count("differs", "不一致", steps=of.NONE_AT_ALL),
        of.count("missing", "缺来源", steps=((None, GOOD), (1, WARN))),
    ),
    MONTH,
    "机构 × 项目的比较次数；允许差异按阈值 multi_source_tolerance。不含测试机构。单位：次、比率。",
    _ASK,
    width=24,
    height=5,
)
QUANTITIES = Panel(
    "各项目一致率",
    "sources_quantities",
    "bargauge",
    (of.name(), of.good_rate("ok_rate", "一致率")),
    MONTH,
    "各来源一致的机构所占比率。单位：比率。",
    "某项目普遍不一致：先核对取数口径。",
    width=24,
    height=8,
)
ROWS = Panel(
    "各机构各项目",
    "sources_rows",
    "table",
    (
        *of.org(),
        Column("quantity", "项目", "text", words=meaning.quantities(), width=150),
        *(
            Column(field, zh, unit="locale", decimals=2, colour=PLAIN)
            for field, zh in (
                ("charges", "收费明细"),
                ("settlements", "结算"),
                ("payments", "支付方式"),
                ("front_pages", "病案首页"),
                ("records", "就诊/出入院记录"),
                ("declared", "机构申报"),
                ("difference", "差额"),
            )
        ),
        of.bad_rate("relative", "差异率"),
        of.rate("tolerance", "允许差异", colour=PLAIN),
        Column("verdict", "结论", "text", words=meaning.verdicts(), cell="background", width=100),
    ),
    MONTH,
    "不一致且差异大的在前；空白为该来源没有数据。单位：元或人次、比率。",
    _ASK,
    width=24,
    height=16,
)

BOARD = Board(
    "sanjian-multi-source",
    "多数据源校验",
    "同一数量在收费、结算、支付、病案首页、就诊记录和机构申报中的差异。指标 7。",
    (CHOICE, *WHO),
    (Section("合计", (TOTALS, QUANTITIES)), Section("明细", (ROWS,))),
    ranged=False,
)
