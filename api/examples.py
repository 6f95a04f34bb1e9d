"""An example answer for every endpoint, shown by /docs and /openapi.json; a test holds them against the models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api import (
    examples_accounts,
    examples_batches,
    examples_cases,
    examples_front_pages,
    examples_indicators,
    examples_kept,
    examples_onboarding,
    examples_rejected,
    examples_standard,
    examples_submissions,
)
from api.models import ORG, RECEIPT

_BATCH = {"org": ORG, "table": "TB_MZ_SFMXB", "batch": "20261121-sfmx-0001"}
_COUNTS = {"received": 500, "accepted": 497, "rejected": 3, "flagged": 12, "unreadable": 0, "findings": 15}
_RULE = {
    "rule_id": "SF-W-YLJGDM", "severity": "error", "rule_zh": "医疗机构代码（YLJGDM）不超过22个字符",
    "rule_en": "The institution code (YLJGDM) has at most 22 characters",
    "fix_zh": "检查接口取数字段是否对应医疗机构代码，缩短后重新上传",
    "fix_en": "Check that the interface takes the institution code from the right field, shorten it, send it again",
    "column": "YLJGDM", "column_zh": "医疗机构代码",
}  # fmt: skip
_PLACE = {"topic_id": "01a200aa-fa78-7dc0-afcd-b45ccf2406e3", "partition": 2, "offset": 41}
_TOTALS = {**_COUNTS, "repeated": 0, "alerts": 1}
_PARTITION = {"partition": 0, "newest_offset": 41, "ledger_offset": 41, "lag": 0}
_WORKER = {"here": True, "running": True, "progressing": True, "detail": ""}
_AT = "2026-11-21T08:00:00.412+08:00"
_ORG = {
    "org": ORG, "name": "历城区示范医院", "city": "370100", "county": "370112", "level": 2, "type": "hospital",
    "outpatient": True, "inpatient": True, "contact": "信息科", "phone": "", "test": False, "active": True,
    "starts_on": "1970-01-01",
}  # fmt: skip
_ORG_TOTALS = {
    "org": ORG, "name": "历城区示范医院", "city": "370100", "level": 2, "test": False, **_COUNTS,
    "received_today": 500, "rejected_today": 3, "flagged_today": 12, "last_arrival": _AT,
}  # fmt: skip
_ALERT = {
    "id": "5f0c…", "kind": "rejection", **_BATCH, "severity": "error", "raised_at": _AT,
    "counts": {"received": 500, "accepted": 497, "rejected": 3, "flagged": 12, "unreadable": 0},
    "rules": [{"rule_id": "SF-W-YLJGDM", "severity": "error", "rows": 3, "zh": _RULE["rule_zh"], "en": _RULE["rule_en"],
               "fix_zh": _RULE["fix_zh"], "fix_en": _RULE["fix_en"]}],
    "examples": [{"row": 17, "row_key": "1|2026", "column": "YLJGDM", "column_zh": "医疗机构代码", "value": "12***",
                  "rule_id": "SF-W-YLJGDM", "reason_zh": _RULE["rule_zh"], "reason_en": _RULE["rule_en"],
                  "fix_zh": _RULE["fix_zh"]}],
    "unreadable": None, "place": {"topic": "his.changes", **_PLACE},
}  # fmt: skip
_AUDIT = {
    "complete": False,
    "partitions": [
        {"topic_id": _PLACE["topic_id"], "partition": 2, "first": 0, "end": 42, "waiting": 0, "missing_count": 1,
         "missing": [17]},
    ],
}  # fmt: skip
_LETTER = {
    **_PLACE, "row": 0, **_BATCH, "reason": "count_mismatch", "detail": "header 500, lines 498", "size": 381220,
    "arrived_at": _AT,
}  # fmt: skip

#: (method, path) → answer
EXAMPLES: Mapping[tuple[str, str], Any] = {
    ("post", "/api/v1/changes/{table}"): {
        "receipt_id": RECEIPT, "status_url": f"/api/v1/receipts/{RECEIPT}", "state": "queued", "repeated": False,
        **_BATCH, "rows": 500, "bytes": 385210, "sent_at": "2026-11-21T08:00:00.000+08:00",
    },
    ("get", "/api/v1/receipts/{receipt_id}"): {
        "receipt_id": RECEIPT, "state": "done", **_BATCH, "op": "upsert", "rows": 500, "sent_at": _AT, "taken_at": _AT,
        "landed_at": _AT, "counts": {**_COUNTS, "unmapped": 4},
        "days": [{"biz_date": "2026-11-20", **_COUNTS, "unmapped": 4, "declared_empty": False}],
        "rules": [{**_RULE, "rows": 3, "first_row": 17, "first_key": "1|2026", "first_value": "12***"}],
        "unknown_columns": ["BZ2"], "reasons": [],
    },
    ("get", "/api/v1/findings"): {
        "total": 1, "limit": 100, "offset": 0, "next_offset": None,
        "findings": [{
            **_BATCH, **_RULE, **_PLACE, "biz_date": "2026-11-20", "row": 17, "row_key": "1|2026", "visit": "M1",
            "value": "12***", "check": "width", "outcome": "rejected", "arrived_at": _AT,
        }],
    },
    ("get", "/api/v1/alerts"): {"alerts": [_ALERT]},
    ("get", "/api/v1/status"): {
        "version": "0.1.0", "standard": "1c778a09dcf3", "at": _AT, "total": _TOTALS, "today": _TOTALS, "lag": 0,
        "partitions": [_PARTITION],
        "broker": {"embedded": True, "addresses": ["127.0.0.1:40529"], "answers": True, "memory_bytes": 52428800},
        "clickhouse": {"embedded": True, "answers": True, "database": "sanjian"},
        "worker": _WORKER, "alert_stream": True,
    },
    ("get", "/api/v1/orgs/totals"): {"orgs": [_ORG_TOTALS]},
    ("get", "/health/live"): {"ready": True, "checks": {}, "detail": ""},
    ("get", "/health/ready"): {
        "ready": True, "detail": "",
        "checks": {"clickhouse": True, "broker": True, "alert_stream": True, "worker": True},
    },
    ("get", "/metrics"): "sanjian_lag_messages{partition=\"0\"} 0.0\n",
    ("get", "/api/v1/orgs"): {"orgs": [_ORG]},
    ("post", "/api/v1/orgs"): _ORG,
    ("get", "/api/v1/orgs/{org}"): _ORG,
    ("put", "/api/v1/codemaps/{org}/{map}"): {"org": ORG, "map": "department", "version": 7, "entries": 1},
    ("get", "/api/v1/audit"): _AUDIT,
    ("post", "/api/v1/audit/repair"): {**_AUDIT, "complete": True, "partitions": []},
    ("post", "/api/v1/checks/run"): {
        "biz_from": "2026-11-20", "biz_to": "2026-11-20", "cells": 2088, "checked": 1480312, "failed": 917,
    },
    ("get", "/api/v1/watch"): {
        "running": True, "at": "2026-11-21T09:00:12.400+08:00", "watcher": "node1-4711",
        "watermark": "2026-11-21T09:00:12.100+08:00", "lag": 0, "firing": 3, "took_ms": 420,
        "cases": {"gap": 2, "anomaly_rate": 1},
        "outages": [{"starts_at": "2026-11-20T02:10:00.000+08:00", "ends_at": "2026-11-20T02:31:30.000+08:00"}],
    },
    ("get", "/api/v1/deadletters"): {"total": 1, "limit": 100, "offset": 0, "dead_letters": [_LETTER]},
    ("get", "/api/v1/deadletters/{topic_id}/{partition}/{offset}"): {
        "dead_letters": [{**_LETTER, "content_base64": "eyJzYW5qaWFuIjoxfQ=="}],
    },
    ("post", "/api/v1/deadletters/{topic_id}/{partition}/{offset}/redrive"): {
        "partition": 2, "offset": 41, "new_offset": 58,
    },
    **examples_accounts.EXAMPLES,
    **examples_batches.EXAMPLES,
    **examples_cases.EXAMPLES,
    **examples_front_pages.EXAMPLES,
    **examples_indicators.EXAMPLES,
    **examples_kept.EXAMPLES,
    **examples_rejected.EXAMPLES,
    **examples_onboarding.EXAMPLES,
    **examples_standard.EXAMPLES,
    **examples_submissions.EXAMPLES,
}  # fmt: skip
