"""Indicator 1: which institution has not uploaded which table for which day, and what comes in now."""

from __future__ import annotations

from grafana import columns as of
from grafana import meaning
from grafana.bindings import RANGE, with_table
from grafana.meaning import BAD, GOOD, MAIN, PLAIN, WARN
from grafana.model import Board, Column, Panel, Section
from grafana.variables import TABLE, WHO

_CALL = "电话联系所列机构信息科，请其补传；若为节假日或停机，在「上传计划」登记静默时段。"

TODAY = Panel(
    "今日到达",
    "uploads_today",
    "stat",
    (
        of.count("received", "接收"),
        of.count("accepted", "入库", GOOD),
        of.count("rejected", "拒收", BAD),
        of.count("flagged", "有警告", WARN),
        of.count("orgs", "上传机构数", PLAIN),
    ),
    RANGE,
    "今天 0 时（北京时间）以来到达的行数，按到达时间计；不含测试机构。单位：行。",
    "拒收突然增多时看「数据检查报告」的规则表；接收为 0 时先看「管道健康」。",
    width=14,
    height=5,
)
STATES = Panel(
    "所选日期的上传情况",
    "uploads_states",
    "stat",
    (
        of.good_rate("complete", "上传完成率"),
        of.count("missing", "漏传", steps=of.NONE_AT_ALL),
        of.count("partial", "数量偏少", steps=((None, GOOD), (1, WARN))),
        of.count("late", "迟传", steps=((None, GOOD), (1, WARN))),
        of.count("unknown", "无法判断", PLAIN),
    ),
    with_table(RANGE),
    "机构 × 标准表 × 业务日期的格数；完成率 = 已到（含迟传、偏少、零申报）÷ 应到已到期。单位：格、比率。",
    _CALL,
    width=10,
    height=5,
)
CALENDAR = Panel(
    "上传日历（机构 × 业务日期）",
    "uploads_calendar",
    "status-history",
    (of.time("业务日期"), of.name("机构"), of.state_number()),
    with_table(RANGE),
    "每格为该机构当天各表中最差的状态。灰色为无需上传或未到期，红色为漏传。单位：状态。",
    _CALL,
    width=24,
    height=16,
    empty="所选日期没有应上传的数据：请先在「上传计划」登记机构",
)
TABLES = Panel(
    "上传日历（标准表 × 业务日期）",
    "uploads_tables",
    "status-history",
    (
        of.time("业务日期"),
        of.name("标准表"),
        Column("state_number", "状态", words=meaning.state_numbers(), steps=((None, PLAIN),)),
    ),
    with_table(RANGE),
    "每格为所选机构中该表当天最差的状态。某一表整行变红，多为接口或标准问题。单位：状态。",
    "同一张表多家机构同时漏传，先检查该表的接口和上传计划，再联系厂商。",
    width=24,
    height=12,
)
RATE = Panel(
    "每分钟入库（近 6 小时）",
    "uploads_rate",
    "timeseries",
    (
        of.time(),
        Column("accepted", "入库", unit="suffix: 行/分", colour=MAIN),
        Column("rejected", "拒收", unit="suffix: 行/分", colour=BAD),
        Column("flagged", "有警告", unit="suffix: 行/分", colour=WARN),
    ),
    RANGE,
    "按入库时刻计，不含测试机构。与日期选择无关，总是最近 6 小时。单位：行/分。",
    "降到 0 且「管道健康」显示积压：检查 worker 和 ClickHouse；没有积压：医院没有发送。",
    width=24,
    last="6h",
    empty="近 6 小时没有数据入库",
)
GAPS = Panel(
    "漏传、迟传明细",
    "uploads_gaps",
    "table",
    (
        *of.org(),
        of.table(),
        of.moment("day", "业务日期"),
        Column("state", "状态", "text", words=meaning.states(), cell="background", width=110),
        Column(
            "reason",
            "原因",
            "text",
            words=meaning.words(
                {"incident": "已登记事件", "lag": "平台延迟", "outage": "平台中断", "late": "同时迟传", "": ""}
            ),
        ),
        of.count("received", "已到行数"),
        of.moment("due_at", "应到时间"),
    ),
    with_table(RANGE),
    "漏传、无法判断、数量偏少、迟传的格，最差的在前，最多 1000 行。单位：行。",
    _CALL,
    width=24,
    height=12,
    empty="所选范围内没有漏传和迟传",
)

BOARD = Board(
    "sanjian-uploads",
    "数据上传实时监控",
    "哪家机构、哪张表、哪一天没有上传；现在每分钟进来多少。指标 1。",
    (*WHO, TABLE),
    (
        Section("今日与所选日期", (TODAY, STATES)),
        Section("上传日历", (CALENDAR, TABLES)),
        Section("实时", (RATE,)),
        Section("明细", (GAPS,)),
    ),
    refresh="1m",
)
