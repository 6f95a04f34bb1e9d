"""Example answers of the endpoints of onboarding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.models import ORG

_AT = "2026-11-21T08:00:00.412+08:00"
_TEST = "TEST0001837011211A1001"
_RECORD = {
    "org": _TEST, "name": "历城区示范医院", "formal": ORG, "region": "370112", "state": "testing", "state_zh": "测试中",
    "version": 1, "ready": False, "met": 5, "conditions": 6, "starts_on": None, "created_at": _AT,
    "created_by": "operator:county", "changed_at": _AT,
}  # fmt: skip
_APPLIED = {**_RECORD, "state": "applied", "state_zh": "已申请", "version": 2, "ready": True, "met": 6}
_APPROVED = {
    **_APPLIED, "state": "approved", "state_zh": "已批准", "version": 3, "ready": False, "met": None,
    "conditions": None, "starts_on": "2026-11-22",
}  # fmt: skip
_CONDITION = {
    "id": "success", "state": "unmet", "figure": 3.0, "needed": 7.0, "unit": "days",
    "zh": "每张表最近连续 7 个业务日入库率达标",
    "en": "Enough rows of every table are accepted on the last 7 business days in a row",
    "fix_zh": "按实时校验日志里的规则改正接口；改好之后的业务日重新计算连续天数",
    "fix_en": "Mend the interface as the rules in the validation log say; the count begins again with the days after "
    "that",
    "items": [{"name": "TB_MZ_SFMXB", "zh": "门诊费用明细表", "en": "outpatient charges", "state": "unmet",
               "figure": 3.0, "needed": 7.0, "rate": 0.93}],
}  # fmt: skip
_COUNTS = {"received": 500, "accepted": 497, "rejected": 3, "flagged": 12, "unreadable": 0}
_MESSAGE = {
    "id": "1763683200412_01a200aa-fa78-7dc0-afcd-b45ccf2406e3_2_41", "arrived_at": _AT, "landed_at": _AT,
    "table": "TB_MZ_SFMXB", "table_zh": "门诊费用明细表", "batch": "20261121-sfmx-0001", "kind": "batch", **_COUNTS,
    "repeated": 0, "findings": 15, "biz_from": "2026-11-20", "biz_to": "2026-11-20", "declared_empty": False,
    "reason": "", "unknown_columns": ["BZ2"],
    "rules": [{
        "rule_id": "SF-W-YLJGDM", "severity": "error", "column": "YLJGDM", "column_zh": "医疗机构代码", "rows": 3,
        "rule_zh": "医疗机构代码（YLJGDM）不超过22个字符",
        "rule_en": "The institution code (YLJGDM) has at most 22 characters",
        "fix_zh": "检查接口取数字段是否对应医疗机构代码，缩短后重新上传",
        "fix_en": "Check that the interface takes the institution code from the right field, shorten it, send it again",
    }],
}  # fmt: skip
_RATED = {**_COUNTS, "rate": 0.994}

#: (method, path) → answer
EXAMPLES: Mapping[tuple[str, str], Any] = {
    ("get", "/api/v1/onboarding"): {"onboardings": [_RECORD]},
    ("post", "/api/v1/onboarding"): {
        "onboarding": {**_RECORD, "met": 0},
        "credentials": {"client_id": "sjc_0f3a9b5c7d1e2f40", "client_secret": "sjs_…"},
    },
    ("get", "/api/v1/onboarding/{org}"): {
        "onboarding": _RECORD, "days": 7, "conditions": [_CONDITION], "actions": ["apply"],
        "steps": [{
            "version": 1, "at": _AT, "actor": "operator:county", "action": "start", "action_zh": "开始接入",
            "state": "testing", "note": "", "figures": {},
        }],
        "clients": [{
            "client_id": "sjc_0f3a9b5c7d1e2f40", "label": "示范医院测试", "allow": "",
            "created_at": _AT, "used_at": _AT,
        }],
    },
    ("get", "/api/v1/onboarding/{org}/log"): {
        "org": _TEST, "messages": [_MESSAGE], "next_cursor": _MESSAGE["id"], "days": 7,
        "tables": [{
            "table": "TB_MZ_SFMXB", "table_zh": "门诊费用明细表", "table_en": "outpatient charges", "today": _RATED,
            "lately": _RATED,
        }],
    },
    ("post", "/api/v1/onboarding/{org}/apply"): _APPLIED,
    ("post", "/api/v1/onboarding/{org}/withdraw"): {**_RECORD, "version": 3},
    ("post", "/api/v1/onboarding/{org}/approve"): _APPROVED,
    ("post", "/api/v1/onboarding/{org}/refuse"): {
        **_APPLIED, "state": "refused", "state_zh": "未通过", "version": 3,
    },
}  # fmt: skip
