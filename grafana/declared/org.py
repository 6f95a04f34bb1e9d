"""One institution: everything about it on one board, for a call with its information department."""

from __future__ import annotations

from dataclasses import replace

from grafana import columns as of
from grafana import meaning
from grafana.bindings import EVERY_MAP, RANGE
from grafana.declared import check_report, fees, mapping, multi_source, uploads
from grafana.model import Board, Column, Panel, Section
from grafana.sql import Binding, Fixed
from grafana.variables import ONE_ORG

#: The institution alone; the other choices are not there.
_BOUND: dict[str, Binding] = (
    RANGE
    | EVERY_MAP
    | {
        **dict.fromkeys(("city", "type", "table"), Fixed("''")),
        "level": Fixed("-1"),
    }
)


def _here(panel: Panel, title: str = "", **more: object) -> Panel:
    """The panel of another board about this institution, for the range of time."""
    bindings = {**_BOUND, "kind": panel.bindings["kind"]}
    return replace(panel, title=title or panel.title, bindings=bindings, **more)  # type: ignore[arg-type]


FACTS = Panel(
    "机构资料",
    "org_facts",
    "table",
    (
        Column("org", "机构代码", "text"),
        Column("name", "机构", "text"),
        Column("city", "市", "text"),
        Column("county", "区县", "text"),
        Column("level", "级别", words=meaning.words({"0": "未定级", "1": "一级", "2": "二级", "3": "三级"})),
        Column("type", "类型", "text", words=meaning.words(meaning.types())),
        of.moment("last_at", "最近到达"),
    ),
    _BOUND,
    "名录中的资料和最近一次数据到达的时间。单位：无。",
    "最近到达停在过去：联系该机构检查发送程序。",
    width=24,
    height=4,
)
CASES = Panel(
    "未办结的告警",
    "org_cases",
    "table",
    (
        of.moment("opened_at", "发现时间"),
        Column("kind", "种类", "text", words=meaning.kinds(), width=100),
        of.severity(),
        Column("state", "状态", "text", words=meaning.case_states(), width=90),
        of.table(),
        Column("zh", "情况", "text"),
        Column("id", "编号", "text", width=200),
    ),
    _BOUND,
    "该机构尚未关闭的告警，严重的在前。单位：无。",
    "在控制台「告警处理」中交办或关闭。",
    width=24,
    height=8,
    empty="没有未办结的告警",
)

BOARD = Board(
    "sanjian-org",
    "医院一览",
    "一家机构的上传、质量、对码、费用和告警，便于电话沟通。",
    (ONE_ORG,),
    (
        Section("资料与告警", (FACTS, CASES)),
        Section(
            "上传",
            (
                _here(uploads.TODAY),
                _here(uploads.STATES),
                _here(uploads.TABLES, "上传日历（标准表 × 业务日期）"),
                _here(uploads.GAPS),
            ),
        ),
        Section(
            "质量",
            (
                _here(check_report.TOTALS, "所选日期合计"),
                _here(check_report.TREND),
                _here(check_report.VOLUME),
                _here(check_report.TABLES),
                _here(check_report.RULES),
            ),
        ),
        Section("对码", (_here(mapping.RATES), _here(mapping.UNMAPPED))),
        Section(
            "费用与多数据源",
            (_here(fees.TOTALS, "所选日期费用"), _here(fees.CATEGORIES), _here(multi_source.ROWS, "多数据源")),
        ),
    ),
    refresh="5m",
)
