"""Examples of the endpoints for cases, channels and deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.models import ORG

_MEASURE = {"numerator": 60.0, "denominator": 1000.0, "threshold": 0.05, "baseline": 0.012}
_CASE = {
    "id": "202611205ee45a6c25a20dc4", "version": 2, "key": f"anomaly_rate|{ORG}|TB_MZ_SFMXB|2026-11-20",
    "kind": "anomaly_rate", "severity": "warning", "state": "acknowledged", "action": "acknowledge", "org": ORG,
    "org_name": "历城区示范医院", "table": "TB_MZ_SFMXB", "biz_date": "2026-11-20", "zh": "异常率 6.0%，超过 5%",
    "en": "Anomaly rate 6.0 %, more than 5 %", "fix_zh": "按问题明细改正后重新上传",
    "fix_en": "Mend what the findings say and send it again", "measure": _MEASURE, "details": {},
    "opened_at": "2026-11-21T12:00:00.000+08:00", "changed_at": "2026-11-21T12:20:00.000+08:00",
    "snoozed_until": None, "firing": True, "flapping": False, "reopened": 0, "actor": "operator:值班",
    "note": "已电话联系信息科", "stage": "clue", "side": "overseer", "appeal": "", "ending": "", "due_at": None,
    "overdue": False, "closed_at": None, "actions": ["acknowledge", "snooze", "resolve", "assign", "note"],
}  # fmt: skip
_STEP = {"stage": "clue", "side": "overseer", "due_at": None, "severity": "warning", "measure": _MEASURE}
_STEPS = [
    {"version": 1, "at": _CASE["opened_at"], "action": "open", "actor": "sanjian", "actor_role": "sanjian",
     "actor_name": "", "actor_of": "", "note": "", "state": "open", **_STEP},
    {"version": 2, "at": _CASE["changed_at"], "action": "acknowledge", "actor": "operator:值班",
     "actor_role": "operator", "actor_name": "值班", "actor_of": "370112", "note": "已电话联系信息科",
     "state": "acknowledged", **_STEP},
]  # fmt: skip
_DUE = "2026-11-23T12:20:00.000+08:00"
_HANDED = {
    **_CASE, "version": 3, "action": "assign", "note": "请核实", "stage": "verify", "side": "hospital",
    "due_at": _DUE, "actions": ["acknowledge", "snooze", "resolve", "note"],
}  # fmt: skip
_OWN = {"actor": f"hospital:{ORG}", "actions": ["acknowledge", "handled", "note"]}
_CLOSED = {
    "state": "resolved", "stage": "closed", "side": "", "due_at": None, "closed_at": "2026-11-22T09:00:00.000+08:00",
    "actions": ["note"],
}  # fmt: skip
_SUMMARY = {
    "org": ORG, "name": "历城区示范医院", "kind": "", "raised": 12, "closed_by_itself": 6, "closed_handled": 3,
    "closed_not_a_fault": 1, "closed_by_hand": 0, "superseded": 1, "open": 1, "appeals": 2, "appeals_accepted": 1,
    "appeals_refused": 1, "overdue": 2, "median_hours": 7.5,
}  # fmt: skip
_CHANNEL = {
    "name": "值班群", "kind": "wecom", "target": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?…",
    "has_secret": False, "orgs": [], "kinds": ["gap", "pipeline"], "least_severity": "warning", "digest": False,
    "active": True, "changed_by": "admin:平台",
}  # fmt: skip
_DELIVERY = {
    "id": "019aa4fc8e00a2185c44b0fee3cdb7f01234", "channel": "值班群", "org": ORG, "notice": f"{_CASE['id']}-1",
    "kind": "anomaly_rate", "state": "failed", "attempts": 2, "at": "2026-11-21T12:00:12.000+08:00",
    "not_before": "2026-11-21T12:00:42.000+08:00", "reason": "http_500", "reason_zh": "对方拒绝（500）",
    "reason_en": "The receiver refuses (500)",
}  # fmt: skip

#: (method, path) → answer
EXAMPLES: Mapping[tuple[str, str], Any] = {
    ("get", "/api/v1/cases"): {"total": 1, "limit": 100, "offset": 0, "next_offset": None, "cases": [_CASE]},
    ("get", "/api/v1/cases/{case_id}"): {"case": _CASE, "steps": _STEPS},
    ("post", "/api/v1/cases/{case_id}/acknowledge"): _CASE,
    ("post", "/api/v1/cases/{case_id}/note"): {**_CASE, "version": 3, "action": "note", "note": "正在补传"},
    ("post", "/api/v1/cases/{case_id}/snooze"): {
        **_CASE, "action": "snooze", "state": "snoozed", "snoozed_until": "2026-11-22T08:00:00.000+08:00",
    },
    ("post", "/api/v1/cases/{case_id}/resolve"): {**_CASE, "action": "resolve", **_CLOSED, "ending": "by_hand"},
    ("post", "/api/v1/grafana/alerts"): {"received": 1, "taken": 1, "cases": ["000000005f0c1b2a3c4d5e6f"]},
    ("post", "/api/v1/cases/{case_id}/assign"): _HANDED,
    ("post", "/api/v1/cases/{case_id}/confirm"): {
        **_HANDED, **_OWN, "version": 4, "action": "confirm", "note": "", "stage": "handle",
    },
    ("post", "/api/v1/cases/{case_id}/appeal"): {
        **_HANDED, **_OWN, "version": 4, "action": "appeal", "note": "当日系统切换，已报备", "side": "overseer",
        "appeal": "waiting", "actions": ["acknowledge", "note"],
    },
    ("post", "/api/v1/cases/{case_id}/answer"): {
        **_HANDED, **_CLOSED, "version": 5, "action": "accept", "note": "已核对报备", "appeal": "accepted",
        "ending": "not_a_fault",
    },
    ("post", "/api/v1/cases/{case_id}/handled"): {
        **_HANDED, **_OWN, "version": 5, "action": "handled", "note": "已改正并重传", "stage": "review",
        "side": "overseer", "actions": ["acknowledge", "note"],
    },
    ("post", "/api/v1/cases/{case_id}/review"): {
        **_HANDED, **_CLOSED, "version": 6, "action": "pass", "note": "", "ending": "handled",
    },
    ("get", "/api/v1/cases/summary"): {
        "month": "2026-11", "group": "org", "at": "2026-12-01T09:00:00.000+08:00", "rows": [_SUMMARY],
        "total": {**_SUMMARY, "org": "", "name": ""},
    },
    ("get", "/api/v1/cases/summary/export"): "机构代码,机构名称,发生,自动恢复,…\r\n",
    ("get", "/api/v1/channels"): {"channels": [_CHANNEL]},
    ("put", "/api/v1/channels/{name}"): {"channel": _CHANNEL, "secret": None},
    ("delete", "/api/v1/channels/{name}"): {**_CHANNEL, "active": False},
    ("post", "/api/v1/channels/{name}/test"): {
        "delivered": False, "reason": "timeout", "reason_zh": "对方没有及时回答",
        "reason_en": "The receiver does not answer in time", "took_ms": 10002,
    },
    ("get", "/api/v1/outbox"): {
        "total": 1, "limit": 100, "offset": 0, "next_offset": None, "deliveries": [_DELIVERY],
    },
    ("post", "/api/v1/outbox/{delivery_id}/retry"): {**_DELIVERY, "state": "pending", "attempts": 0},
}  # fmt: skip
