"""Examples of the endpoints for findings' files and rejected rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.models import ORG

_SHEET = "机构代码,机构名称,标准表,表名,业务日期,批次,行号,…\r\n"
_ROW = {
    "org": ORG, "org_name": "历城区示范医院", "table": "TB_MZ_SFMXB", "table_zh": "门诊费用明细表",
    "biz_date": "2026-11-20", "batch": "20261121-sfmx-0001", "row": 17, "row_key": "20261120000017", "op": "upsert",
    "rules": [{
        "rule_id": "SF28", "column": "KDYSBH", "column_zh": "开单医生编号", "value": "", "severity": "error",
        "rule_zh": "开单医生编号不能为空", "rule_en": "The ordering doctor is missing", "fix_zh": "补齐开单医生编号",
        "fix_en": "Fill in the ordering doctor",
    }],
    "arrived_at": "2026-11-21T08:00:01.000+08:00", "topic_id": "3f2c8d7e-1b9a-4e53-a1d0-6a7b8c9d0e1f", "partition": 0,
    "offset": 4711,
}  # fmt: skip
_REDRIVE = {
    "id": "5f2b8c0e9d3a4f7c8b1e6a2d4c9f0b13", "dry_run": False, "state": "done", "messages": 4, "rows": 61,
    "matching": 58, "sent_messages": 4, "sent_rows": 61, "waiting": 0, "accepted": 58, "rejected": 3, "unreadable": 0,
    "repeated": 0, "more": False, "started_at": "2026-11-22T09:00:00.000+08:00",
    "changed_at": "2026-11-22T09:00:01.200+08:00",
    "not_possible": [{
        "reason": "gone", "reason_zh": "内容已过保存期（180 天），请医院重新上传",
        "reason_en": "The content is not kept any more (180 days): to be sent again by the hospital", "messages": 1,
        "rows": 7,
    }],
}  # fmt: skip

#: (method, path) → answer
EXAMPLES: Mapping[tuple[str, str], Any] = {
    ("get", "/api/v1/findings/export"): _SHEET,
    ("get", "/api/v1/rejected"): {"total": 1, "limit": 100, "offset": 0, "next_offset": None, "rejected": [_ROW]},
    ("get", "/api/v1/rejected/export"): _SHEET,
    ("post", "/api/v1/rejected/redrive"): _REDRIVE,
    ("get", "/api/v1/rejected/redrives/{ident}"): {**_REDRIVE, "matching": None},
}  # fmt: skip
