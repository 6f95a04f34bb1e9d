"""Example answers of the endpoints for what people keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.models import ORG

_AT = "2026-11-21T08:00:00.412+08:00"
_SHEET = "机构代码,机构名称,…\r\n"
_IMPORT = {
    "dry_run": True, "ok": False, "written": False, "lines": 2204, "added": 19, "changed": 1, "unchanged": 2183,
    "problems_count": 1, "ignored_columns": ["序号"],
    "problems": [{
        "line": 7, "column": "org", "column_zh": "机构代码", "code": "number_as_code", "value": "1.23701e+21",
        "zh": "编码被存成了数字，前导零或末尾数字可能已丢失",
        "en": "A code was kept as a number; leading zeros or last digits may be lost",
        "fix_zh": "把该列格式设为“文本”，重新填入编码", "fix_en": "Format the column as text and enter the codes again",
    }],
    "changes": [{
        "line": 9, "action": "changed", "key": f"{ORG} TB_MZ_SFMXB 1970-01-01", "before": {"due_days": 1},
        "after": {"due_days": 2},
    }],
}  # fmt: skip


def _history(key: str, table: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Any:
    change = {
        "at": _AT, "key": key, "org": ORG, "table": table, "before": before, "after": after, "changed_by": "admin",
    }  # fmt: skip
    return {"total": 1, "limit": 100, "offset": 0, "next_offset": None, "changes": [change]}


_SCHEDULE = {
    "org": ORG, "table": "TB_MZ_SFMXB", "expected": True, "due_days": 1, "due_hour": 8, "grace_hours": 4,
    "valid_from": "1970-01-01", "valid_to": "2299-12-31", "note": "", "changed_by": "admin",
}  # fmt: skip
_QUIET = {
    "id": "5f0c1d2e3a4b5c6d", "org": "*", "table": "*", "kind": "holiday", "starts_at": "2027-02-06T00:00:00.000+08:00",
    "ends_at": "2027-02-13T00:00:00.000+08:00", "note": "春节", "changed_by": "admin",
}  # fmt: skip
_SAVED, _DELETED = {"saved": 1}, {"deleted": 1}
_MAP = "/api/v1/codemaps/{org}/{map}"
_PLACE = {"org": ORG, "map": "drug"}

#: (method, path) → answer
EXAMPLES: Mapping[tuple[str, str], Any] = {
    ("post", "/api/v1/orgs/import"): _IMPORT,
    ("get", "/api/v1/orgs/export"): _SHEET,
    ("get", "/api/v1/schedule"): {"entries": [_SCHEDULE]},
    ("put", "/api/v1/schedule"): _SAVED,
    ("delete", "/api/v1/schedule"): _DELETED,
    ("post", "/api/v1/schedule/import"): _IMPORT,
    ("get", "/api/v1/schedule/export"): _SHEET,
    ("get", "/api/v1/quiet-times"): {"entries": [_QUIET]},
    ("put", "/api/v1/quiet-times"): _SAVED,
    ("delete", "/api/v1/quiet-times/{id}"): _DELETED,
    ("post", "/api/v1/quiet-times/import"): _IMPORT,
    ("get", "/api/v1/quiet-times/export"): _SHEET,
    ("get", "/api/v1/thresholds"): {
        "entries": [{"org": "*", "table": "*", "name": "anomaly_rate_warning", "value": 0.03, "changed_by": "admin"}],
        "definitions": [{
            "name": "anomaly_rate_warning", "default": 0.05, "unit": "share", "zh": "异常率达到即警告",
            "en": "Anomaly rate from which it is a warning",
        }],
    },
    ("put", "/api/v1/thresholds"): _SAVED,
    ("delete", "/api/v1/thresholds"): _DELETED,
    ("post", "/api/v1/thresholds/import"): _IMPORT,
    ("get", "/api/v1/thresholds/export"): _SHEET,
    ("get", "/api/v1/thresholds/history"): _history(
        "*|*|anomaly_rate_warning", "*", {"name": "anomaly_rate_warning", "value": 0.05},
        {"name": "anomaly_rate_warning", "value": 0.03},
    ),
    ("get", "/api/v1/schedule/history"): _history(
        f"{ORG}|TB_MZ_SFMXB|1970-01-01", "TB_MZ_SFMXB", {"due_days": 1, "due_hour": 8}, {"due_days": 2, "due_hour": 8}
    ),
    ("get", "/api/v1/quiet-times/history"): _history(
        "5d41402abc4b2a76", "*", None, {"kind": "holiday", "starts_at": "2026-10-01 00:00:00.000", "note": "国庆"}
    ),
    ("get", "/api/v1/declarations/history"): _history(
        f"{ORG}|2026-10-01|outpatient_amount", "", None,
        {"month": "2026-10-01", "quantity": "outpatient_amount", "value": 1203344.5},
    ),
    ("get", "/api/v1/declarations"): {
        "entries": [{"org": ORG, "month": "2026-10-01", "figures": {"outpatient_amount": 1203344.5}}],
        "quantities": [
            {"name": "outpatient_amount", "zh": "门诊费用合计", "en": "Outpatient charges", "kind": "money"},
        ],
    },
    ("put", "/api/v1/declarations"): _SAVED,
    ("delete", "/api/v1/declarations"): {"deleted": 8},
    ("post", "/api/v1/declarations/import"): _IMPORT,
    ("get", "/api/v1/declarations/export"): _SHEET,
    ("post", f"{_MAP}/import"): {**_IMPORT, "version": 7, "skipped": 12},
    ("get", f"{_MAP}/export"): "院内编码,院内名称,标准编码,…\r\n",
    ("get", f"{_MAP}/history"): {
        **_PLACE,
        "versions": [{
            "version": 7, "at": _AT, "changed_by": "hospital a", "undoes": 0, "undone_by": 0, "codes": 120,
            "added": 118, "unmapped": 0,
        }],
    },
    ("get", f"{_MAP}/history/{{version}}"): {
        **_PLACE, "version": 7, "total": 1,
        "changes": [{"local_code": "YP00007", "before": None,
                     "after": {"local_code": "YP00007", "standard_code": "101900000379"}}],
    },
    ("post", f"{_MAP}/undo"): {**_PLACE, "version": 8, "entries": 120},
}  # fmt: skip
