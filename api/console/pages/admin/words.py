"""Words of the audit log: what an entry was about. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from api.console.language import Lang

#: What an action was about (before the point) and what was done (behind it), as they stand in the audit log.
_ABOUT: Mapping[str, str] = {
    "login": "登录", "logout": "退出", "password": "密码", "registration": "注册", "user": "用户", "client": "接入凭证",
    "token": "令牌", "org": "机构", "orgs": "机构", "codemap": "对码", "thresholds": "阈值", "schedule": "上传计划",
    "quiet_times": "静默时段", "declarations": "申报数", "channel": "告警渠道", "delivery": "发送记录", "case": "告警",
    "cases": "告警", "onboarding": "接入", "record": "就诊记录", "rejected": "拒收的行", "findings": "错误明细",
    "indicator": "指标", "standard": "标准", "deadletter": "死信", "audit": "流水", "audit_log": "审计日志",
    "checks": "跨表规则", "upload": "文件上传",
}  # fmt: skip
_DONE: Mapping[str, str] = {
    "add": "新增", "change": "修改", "save": "保存", "delete": "删除", "import": "导入", "export": "导出",
    "undo": "撤销", "enable": "启用", "disable": "停用", "unlock": "解锁", "issue": "签发", "revoke": "吊销",
    "renew": "换发", "rotate": "更换密钥", "refused": "被拒绝", "failed": "失败", "locked": "锁定", "ask": "申请",
    "approve": "批准", "refuse": "退回", "apply": "申请", "withdraw": "撤回", "start": "开始", "test": "测试",
    "retry": "重新发送", "redrive": "重新处理", "show": "查看内容", "personal": "查看个人信息", "repair": "补齐",
    "run": "运行", "set_password": "设置密码", "reset_password": "重置密码", "end_sessions": "结束会话",
    "acknowledge": "知悉", "snooze": "暂停", "resolve": "关闭", "note": "备注", "assign": "交办",
    "confirm": "属实", "appeal": "申诉", "answer": "答复", "handled": "已处理", "review": "复核",
}  # fmt: skip


def action(name: str, lang: Lang) -> str:
    """``用户 · 新增`` for ``user.add``; what has no word, and English, stays as it is."""
    about, _, done = name.partition(".")
    if lang != "zh" or about not in _ABOUT or (done and done not in _DONE):
        return name
    return f"{_ABOUT[about]} · {_DONE[done]}" if done else _ABOUT[about]
