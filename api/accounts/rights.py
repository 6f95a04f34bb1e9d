"""Roles, and which role has which right. The only place where this is said; every route names the right it needs.

A right says *what* may be done; *for which institutions* is the principal's matter (``principal.py``). A right of the
kind "personal" is given to a person or machine by name, not by role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal["admin", "regulator", "operator", "hospital", "tester"]

#: Role → Chinese, English.
ROLES: Mapping[Role, tuple[str, str]] = {
    "admin": ("平台管理员", "administrator of the platform"),
    "regulator": ("监管人员", "regulator of a province, city or county"),
    "operator": ("运维人员", "operations staff of a province, city or county"),
    "hospital": ("医疗机构", "one institution"),
    "tester": ("测试人员", "tester: test institutions only"),
}

_ALL: frozenset[Role] = frozenset(ROLES)
_ADMIN: frozenset[Role] = frozenset({"admin"})
_OPERATE: frozenset[Role] = frozenset({"admin", "operator"})
_OVERSEE: frozenset[Role] = frozenset({"admin", "operator", "regulator"})
_OWN: frozenset[Role] = frozenset({"hospital"})
_SEND: frozenset[Role] = frozenset({"hospital", "tester"})
_DECIDE: frozenset[Role] = frozenset({"admin", "operator", "regulator", "hospital"})
_KEEP: frozenset[Role] = frozenset({"admin", "operator", "hospital", "tester"})


@dataclass(frozen=True, slots=True)
class Right:
    """What may be done, in Chinese and English, and by whom. ``personal``: only by those who may read personal data
    as well; ``manages``: only by an administrator of the platform, a region or an institution."""

    zh: str
    en: str
    roles: frozenset[Role]
    personal: bool = False
    manages: bool = False


RIGHTS: Mapping[str, Right] = {
    "me": Right("查看本人、修改密码、退出", "see oneself, change one's password, log out", _ALL),
    "changes.send": Right("上传数据", "send records", _SEND),
    "submissions.send": Right("上报病案首页文件", "submit files of front pages", _KEEP),
    "submissions.read": Right("查看病案首页上报", "read submissions of front pages", _ALL),
    "submissions.open": Right("开放历史月份上报", "open months outside of their window", _OPERATE),
    "receipts.read": Right("查看回执", "read receipts", _ALL),
    "findings.read": Right("查看问题", "read findings", _ALL),
    "rejected.redrive": Right("重新校验拒收的行", "have rejected rows validated again", _KEEP),
    "records.read": Right("查看就诊记录（脱敏）", "read the records of a visit, masked", _ALL),
    "records.personal": Right("查看未脱敏的个人信息", "read personal data unmasked", _ALL, personal=True),
    "indicators.read": Right("查看和导出指标", "read and export indicators", _ALL),
    "alerts.read": Right("查看告警", "read and listen to alerts", _ALL),
    "cases.read": Right("查看告警事项", "read cases", _ALL),
    "cases.acknowledge": Right("知悉、备注告警事项", "acknowledge cases, add notes", _DECIDE),
    "cases.work": Right("暂停、关闭告警事项", "snooze and resolve cases", _OPERATE),
    "cases.oversee": Right("交办、答复申诉、复核告警事项", "hand cases over, answer appeals, review", _OVERSEE),
    "cases.report": Right("接收看板（Grafana）告警", "report alerts of Grafana as cases", _OPERATE),
    "cases.respond": Right("核实、申诉、报告已处理", "confirm, appeal against, report cases handled", _OWN),
    "channels.read": Right("查看告警渠道", "read channels", _OPERATE),
    "channels.write": Right("维护、测试告警渠道", "change and test channels", _OPERATE, manages=True),
    "outbox.read": Right("查看发送记录", "read deliveries", _OPERATE),
    "outbox.retry": Right("重新发送", "send a delivery again that was given up", _OPERATE, manages=True),
    "standard.read": Right("查看数据标准", "browse the standard and its rules", _ALL),
    "status.read": Right("查看运行状态", "see where everything stands", _ALL),
    "orgs.totals": Right("查看机构合计", "read totals of institutions", _ALL),
    "orgs.facts": Right("查看一个机构的资料", "read what is known of an institution that one may see", _ALL),
    "orgs.read": Right("查看机构名录", "read the list of institutions", _OVERSEE | {"tester"}),
    "orgs.write": Right("维护机构", "add and change institutions", _ADMIN),
    "codemaps.read": Right("查看和导出对码", "read and export code maps", _ALL),
    "codemaps.write": Right("导入、撤销对码", "import code maps, undo a change", _KEEP),
    "codemaps.set": Right("不经核对写入对码", "write code maps that are not checked", _ADMIN),
    "declarations.read": Right("查看申报数", "read declared figures", _ALL),
    "declarations.write": Right("申报", "declare figures", _KEEP),
    "schedule.read": Right("查看上传计划和静默时段", "read the schedule and quiet times", _OVERSEE),
    "schedule.write": Right("维护上传计划和静默时段", "change the schedule and quiet times", _OPERATE),
    "thresholds.read": Right("查看阈值", "read thresholds", _OVERSEE),
    "thresholds.write": Right("维护阈值", "change thresholds", _ADMIN),
    "watch.read": Right("查看监测状态", "see how the watch is", _OPERATE),
    "checks.run": Right("运行跨表规则", "run the store rules", _OPERATE),
    "ledger.audit": Right("核对流水", "compare the ledger with the topic", _OPERATE),
    "ledger.repair": Right("补齐流水", "read missing messages again", _ADMIN),
    "deadletters.read": Right("查看死信列表", "list dead letters", _OPERATE),
    "deadletters.show": Right("查看死信内容", "see the bytes of a dead letter", _ADMIN, personal=True),
    "deadletters.redrive": Right("重投死信", "send a dead letter again", _ADMIN),
    "users.manage": Right("管理用户", "manage users", _DECIDE, manages=True),
    "registrations.decide": Right("审批注册", "approve or refuse registrations", _DECIDE, manages=True),
    "clients.manage": Right("管理接入凭证", "manage machines' credentials", _DECIDE, manages=True),
    "onboarding.read": Right("查看接入进度", "see how far an onboarding is", _ALL),
    "onboarding.start": Right("建立测试机构", "make a test institution", _OVERSEE, manages=True),
    "onboarding.apply": Right("申请接入", "apply to be connected", _SEND),
    "onboarding.decide": Right("审批接入", "approve or refuse an onboarding", _OVERSEE, manages=True),
    "contacts.read": Right("查看首页联系人", "read the contact sheets of front pages", _ALL),
    "contacts.write": Right("维护首页联系人", "fill in the contact sheets of front pages", _OPERATE | _OWN),
    "audit_log.read": Right("查看审计日志", "read and export the audit log", _ADMIN),
}


def rights_of(role: Role, *, personal: bool, manages: bool) -> list[str]:
    """The names of the rights that somebody of this role has."""
    return [
        name
        for name, right in RIGHTS.items()
        if role in right.roles and (personal or not right.personal) and (manages or not right.manages)
    ]
