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
    "note": "已电话联系信息科",
}  # fmt: skip
_STEPS = [
    {"version": 1, "at": _CASE["opened_at"], "action": "open", "actor": "sanjian", "note": "", "state": "open",
     "severity": "warning", "measure": _MEASURE},
    {"version": 2, "at": _CASE["changed_at"], "action": "acknowledge", "actor": "operator:值班",
     "note": "已电话联系信息科", "state": "acknowledged", "severity": "warning", "measure": _MEASURE},
]  # fmt: skip
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
    ("post", "/api/v1/cases/{case_id}/resolve"): {**_CASE, "action": "resolve", "state": "resolved"},
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
