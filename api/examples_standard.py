"""Example answers of the endpoints that show the standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_VERSION = "1c778a09dcf3"
_TABLE = {
    "table": "TB_MZ_SFMXB", "name_zh": "门诊费用明细表", "name_en": "outpatient charges", "domain": "outpatient",
    "domain_zh": "门诊", "key": ["YLJGDM", "SFMXID"], "biz_date": "STFSJ", "patient_key": "BRZSY", "visit_key": "JZLSH",
    "columns": 39, "rules": 76, "aliases": [], "note": "",
}  # fmt: skip
_COLUMN = {
    "number": 4, "name": "BRZSY", "name_zh": "患者主索引", "name_en": "patient index", "type": "text",
    "type_zh": "文本", "length": "64", "width": 64, "precision": None, "scale": None, "key": False, "required": True,
    "dash_filled": False, "code_set": "", "maps": [], "personal": "", "personal_zh": "", "rules": 2, "note": "",
}  # fmt: skip
_RULE = {
    "rule_id": "SF03", "table": "TB_MZ_SFMXB", "table_zh": "门诊费用明细表", "severity": "error", "severity_zh": "错误",
    "scope": ["flight", "store"], "kind": "cross_table", "columns": ["BRZSY"], "columns_zh": ["患者主索引"],
    "zh": "患者主索引必填，且在患者表存在", "en": "The patient index is mandatory and exists in TB_HZXX",
    "fix_zh": "先上传患者基本信息（TB_HZXX），再上传业务数据；核对患者主索引取数一致",
    "fix_en": "Send the patient (TB_HZXX) before the rows about the patient, with the same patient index",
    "source": "knowledge", "confidence": "medium", "generated": False,
}  # fmt: skip
_CODES = {
    "name": "gender", "kind": "code_set", "kind_zh": "值域", "codes": 4, "source": "GB/T 2261.1-2003",
    "used_by": ["TB_HZXX.XB"], "called_zh": "性别", "called_en": "sex",
}  # fmt: skip
_PAGE = {"version": _VERSION, "total": 1, "limit": 100, "offset": 0, "next_offset": None}

#: (method, path) → answer
EXAMPLES: Mapping[tuple[str, str], Any] = {
    ("get", "/api/v1/standard"): {
        "version": _VERSION, "tables": 19, "columns": 617, "rules": 1167, "errors": 983, "warnings": 184,
        "code_sets": 96, "codes": 2271, "settings": {"late_hours": 72, "unmapped_severity": "warning"},
    },
    ("get", "/api/v1/standard/tables"): {"version": _VERSION, "tables": [_TABLE]},
    ("get", "/api/v1/standard/tables/{table}"): {
        **_TABLE, "version": _VERSION, "column_list": [_COLUMN], "rule_list": [_RULE],
        "parents": [{
            "table": "TB_HZXX", "table_zh": "患者基本信息表", "columns": {"YLJGDM": "YLJGDM", "BRZSY": "BRZSY"},
            "group": "",
        }],
    },
    ("get", "/api/v1/standard/rules"): {**_PAGE, "rules": [_RULE]},
    ("get", "/api/v1/standard/rules/{rule_id}"): {
        **_RULE, "pass_example": {"BRZSY": "P001"}, "fail_example": {"BRZSY": ""},
        "checks": [
            {"kind": "mandatory", "columns": ["BRZSY"], "scope": "flight", "severity": "error", "params": {},
             "when": {}},
            {"kind": "parent", "columns": ["BRZSY"], "scope": "store", "severity": "error",
             "params": {"table": "TB_HZXX", "match": {"BRZSY": "BRZSY"}}, "when": {}},
        ],
    },
    ("get", "/api/v1/standard/code-sets"): {"version": _VERSION, "code_sets": [_CODES]},
    ("get", "/api/v1/standard/code-sets/{name}"): {
        **_PAGE, **_CODES, "code_list": [{"code": "1", "name_zh": "男", "name_en": "male", "fields": {}}],
    },
}  # fmt: skip
