"""Indicator 2: what came and what was wrong with it, by institution, table and rule."""

from __future__ import annotations

from grafana import columns as of
from grafana.bindings import MONTH, YEAR, with_table
from grafana.meaning import BAD, MAIN, PLAIN, WARN
from grafana.model import Board, Panel, Section
from grafana.variables import MONTH as CHOICE
from grafana.variables import TABLE, WHO

_FIX = "把机构的错误明细（控制台「问题明细」可导出）发给该机构，按规则的处理办法改正后重传。"
_BOUND = with_table(MONTH)

TOTALS = Panel(
    "本月合计",
    "check_totals",
    "stat",
    (
        of.count("received", "接收"),
        of.count("accepted", "入库"),
        of.count("rejected", "拒收", BAD),
        of.count("flagged", "有警告", WARN),
        of.count("unreadable", "无法读取", PLAIN),
        of.count("standing", "拒收未改正", steps=of.NONE_AT_ALL),
        of.count("findings", "问题数", PLAIN),
        of.bad_rate("rejection_rate", "拒收率"),
        of.bad_rate("anomaly_rate", "异常率"),
    ),
    _BOUND,
    "按业务日期；没有可读业务日期的行计入到达月。异常率 =（拒收 + 有警告）÷ 接收。不含测试机构。单位：行、比率。",
    _FIX,
    width=24,
    height=5,
)
TREND = Panel(
    "每日拒收率与异常率",
    "check_trend",
    "timeseries",
    (
        of.time("业务日期"),
        of.rate("rejection_rate", "拒收率", colour=BAD),
        of.rate("anomaly_rate", "异常率", colour=WARN),
    ),
    _BOUND,
    "所选月份逐日的比率，所选机构合计。单位：比率。",
    "某天突然升高：看当天的规则表，多为医院升级了系统。",
)
VOLUME = Panel(
    "每日入库与拒收",
    "check_volume",
    "timeseries",
    (of.time("业务日期"), of.count("accepted", "入库", MAIN), of.count("rejected", "拒收", BAD)),
    _BOUND,
    "所选月份逐日的行数，所选机构合计。单位：行。",
    "突然减少：看「数据上传实时监控」是否漏传。",
)
MONTHS = Panel(
    "近 12 个月拒收率与异常率",
    "check_trend",
    "timeseries",
    (of.time("月份"), of.rate("rejection_rate", "拒收率", colour=BAD), of.rate("anomaly_rate", "异常率", colour=WARN)),
    with_table(YEAR),
    "到所选月份为止 12 个月。单位：比率。",
    "连续上升：与该机构约谈整改。",
    width=24,
)
ORGS = Panel(
    "各机构",
    "check_orgs",
    "table",
    (
        *of.org(),
        of.count("received", "接收"),
        of.count("accepted", "入库"),
        of.count("rejected", "拒收"),
        of.count("flagged", "有警告"),
        of.count("unreadable", "无法读取"),
        of.count("standing", "拒收未改正"),
        of.bad_rate("rejection_rate", "拒收率"),
        of.bad_rate("anomaly_rate", "异常率", cell="background"),
    ),
    _BOUND,
    "异常率高的在前。点机构进入「医院一览」。单位：行、比率。",
    _FIX,
    width=24,
    height=12,
)
TABLES = Panel(
    "各标准表",
    "check_tables",
    "table",
    (
        of.table(),
        of.count("received", "接收"),
        of.count("rejected", "拒收"),
        of.count("flagged", "有警告"),
        of.count("standing", "拒收未改正"),
        of.bad_rate("rejection_rate", "拒收率"),
        of.bad_rate("anomaly_rate", "异常率", cell="background"),
    ),
    _BOUND,
    "异常率高的在前。单位：行、比率。",
    "同一张表多家机构都高：检查接口文档与规则，而不是单家机构。",
    width=12,
    height=12,
)
RULES = Panel(
    "违反最多的规则",
    "check_rules",
    "table",
    (
        of.rule(),
        of.table(),
        of.severity(),
        of.count("findings", "问题数", cell="bar"),
        of.count("orgs", "机构数"),
        of.count("days", "机构日数"),
    ),
    with_table(MONTH),
    "入库前检查和跨表检查的规则，问题多的在前。单位：个。",
    "机构数多：检查标准和接口文档；机构数为 1：联系该机构。",
    width=12,
    height=12,
    empty="所选范围内没有违反规则的数据",
)

BOARD = Board(
    "sanjian-check-report",
    "数据检查报告",
    "各机构、各表到了多少行，错了多少，违反了哪些规则。指标 2。",
    (CHOICE, *WHO, TABLE),
    (
        Section("合计", (TOTALS,)),
        Section("走势", (TREND, VOLUME, MONTHS)),
        Section("机构", (ORGS,)),
        Section("标准表与规则", (TABLES, RULES)),
    ),
    ranged=False,
)
