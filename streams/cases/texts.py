"""Words for kinds, severities and steps, Chinese and English: what channels, pages and the command print."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, tuple[str, str]]

KINDS: Words = {
    "rejection": ("拒收", "Rejected rows"),
    "unreadable": ("无法读取", "Unreadable messages"),
    "gap": ("漏传", "Missing upload"),
    "late": ("迟传", "Late upload"),
    "anomaly_rate": ("异常率", "Anomaly rate"),
    "volume": ("数据量异常", "Unusual volume"),
    "mapping": ("对码率", "Code mapping"),
    "association": ("数据关联", "Association"),
    "schema_drift": ("结构变化", "Schema drift"),
    "pipeline": ("平台管道", "Our pipeline"),
    "grafana": ("看板告警", "Alert rule of a board"),
    "digest": ("每日摘要", "Daily digest"),
    "test": ("测试消息", "Test message"),
}

SEVERITIES: Words = {
    "info": ("提示", "Info"),
    "warning": ("警告", "Warning"),
    "critical": ("严重", "Critical"),
}

STATES: Words = {
    "open": ("未处理", "Open"),
    "acknowledged": ("已知悉", "Acknowledged"),
    "snoozed": ("暂停提醒", "Snoozed"),
    "resolved": ("已恢复", "Resolved"),
}

#: What a step says to people; steps that nobody hears of are named for the history of the case.
ACTIONS: Words = {
    "open": ("新告警", "New"),
    "reopen": ("再次出现", "Back again"),
    "change": ("级别变化", "Severity changed"),
    "measure": ("数值更新", "New figures"),
    "gone": ("暂时恢复", "Not seen now"),
    "back": ("又出现", "Seen again"),
    "remind": ("仍未解决", "Still open"),
    "wake": ("暂停提醒到期", "Snooze over"),
    "settle": ("抖动后已稳定", "Stable after flapping"),
    "clear": ("手工关闭后已恢复", "Gone after it was closed by hand"),
    "supersede": ("转为漏传", "Has become a gap"),
    "resolve": ("已恢复", "Resolved"),
    "acknowledge": ("已知悉", "Acknowledged"),
    "snooze": ("暂停提醒", "Snoozed"),
    "note": ("备注", "Note"),
    "assign": ("交办核实", "Handed over to be verified"),
    "confirm": ("核实属实", "Confirmed"),
    "appeal": ("申诉", "Appealed against"),
    "accept": ("申诉成立", "Appeal accepted: not a fault"),
    "refuse": ("申诉不成立", "Appeal refused"),
    "handled": ("已处理，待复核", "Handled, to be reviewed"),
    "pass": ("复核通过", "Review passed"),
    "send_back": ("复核退回", "Sent back by the review"),
    "overdue": ("已逾期", "Overdue"),
}

#: The stages of the closed loop.
STAGES: Words = {
    "clue": ("问题线索", "Clue"),
    "verify": ("核实", "Verification"),
    "handle": ("处理", "Handling"),
    "review": ("复核", "Review"),
    "closed": ("办结", "Closed"),
}

SIDES: Words = {
    "hospital": ("医疗机构", "Institution"),
    "overseer": ("监管端", "Overseers"),
}

ENDINGS: Words = {
    "by_itself": ("自动恢复", "By itself"),
    "handled": ("处理后办结", "After handling"),
    "not_a_fault": ("申诉成立", "Not a fault"),
    "by_hand": ("手工关闭", "Closed by hand"),
    "superseded": ("转为漏传", "Has become a gap"),
}

#: Said once, when a case begins to flap.
FLAPPING = (
    "反复出现和恢复（抖动），稳定之前不再提醒",
    "It comes and goes (flapping); no more notices until it is stable",
)
