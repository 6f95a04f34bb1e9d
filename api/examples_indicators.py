"""Example answers of the indicators and of the record view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.models import ORG

_ORG = {"org": ORG, "name": "历城区示范医院"}
_AT = "2026-11-21T08:00:00.412+08:00"
_TABLE = {"table": "TB_MZ_SFMXB", "table_zh": "门诊费用明细表"}
_RULE = {
    "rule_id": "SF28", "rule_zh": "开单医生编号必填", "rule_en": "The ordering doctor's number is mandatory",
    "fix_zh": "补填后重新上传", "fix_en": "Fill it in and send the row again",
}  # fmt: skip
_WORDED = {**_RULE, "severity": "error", "column": "KDYSBH", "column_zh": "开单医生编号", "value": ""}
_KEY = {"row_key": "SF2611200001", "visit": "M2611200001"}


def _page(name: str, columns: list[tuple[str, str, str, str]], row: dict[str, Any], totals: dict[str, Any]) -> Any:
    return {
        "indicator": name, "biz_from": "2026-11-01", "biz_to": "2026-11-30",
        "columns": [dict(zip(("name", "zh", "en", "kind"), column, strict=True)) for column in columns],
        "rows": [row], "totals": totals, "total": 1, "limit": 100, "offset": 0, "next_offset": None,
    }  # fmt: skip


_COUNTS = {"received": 500, "accepted": 497, "rejected": 3, "flagged": 12, "anomalies": 15, "unreadable": 0}
_RATES = {"standing": 1, "rejection_rate": 0.006, "anomaly_rate": 0.03}
_DAY = {
    "day": "2026-11-20", "state": "received", "reason": "", **_COUNTS, "first_arrived_at": _AT, "last_arrived_at": _AT,
    "due_at": "2026-11-21T08:00:00.000+08:00",
}  # fmt: skip
_MAPPED = {
    "rows": 5000, "mapped_rows": 4900, "landed_mapped": 4800, "codes": 120, "mapped_codes": 114, "rows_rate": 0.98,
    "landed_rate": 0.96, "codes_rate": 0.95,
}  # fmt: skip
_SOURCES = {
    "charges": "45225.0000",
    "settlements": "45225.0000",
    "payments": "45200.0000",
    "front_pages": None,
    "records": None,
}
_DRUGS = {
    "amount": "25000.0000", "drugs": "9000.0000", "consumables": "2500.0000", "unmapped": "300.0000",
    "drug_share": 0.36, "consumable_share": 0.1,
}  # fmt: skip
_AMOUNT = ("amount", "金额（元）", "amount (yuan)", "money")
_RATE = ("rows_rate", "行对码率", "rate of rows", "percent")
_FAILED = ("failed", "不通过行数", "rows failed", "int")
_FINDINGS = ("findings", "问题数", "findings", "int")
_VALUE = ("value", "值（个人信息已脱敏）", "value (personal ones masked)", "text")
_STATE = ("state_zh", "状态", "state", "text")
_ANOMALY = ("anomaly_rate", "异常率", "anomaly rate", "percent")
_VERDICT = ("verdict_zh", "结论", "verdict", "text")


def _mapping(name: str, map: str, map_zh: str) -> Any:
    return _page(name, [_RATE], {**_ORG, "map": map, "map_zh": map_zh, **_MAPPED}, _MAPPED)


#: (method, path) → answer
EXAMPLES: Mapping[tuple[str, str], Any] = {
    ("get", "/api/v1/indicators/calendar"): _page(
        "calendar", [_STATE], {**_ORG, "city": "370100", **_TABLE, "days": [_DAY]}, {"received": 1}
    ),
    ("get", "/api/v1/indicators/check_report"): _page(
        "check_report", [_ANOMALY],
        {"month": "2026-11", **_ORG, "city": "370100", **_TABLE, **_COUNTS, "findings": 15, **_RATES},
        {**_COUNTS, "findings": 15, **_RATES},
    ),
    ("get", "/api/v1/indicators/check_report/trend"): _page(
        "check_trend", [_ANOMALY],
        {"day": "2026-11-20", "orgs": 1, **_COUNTS, "findings": 15, "rejection_rate": 0.006, "anomaly_rate": 0.03},
        {**_COUNTS, "findings": 15, "rejection_rate": 0.006, "anomaly_rate": 0.03},
    ),
    ("get", "/api/v1/indicators/check_report/rules"): _page(
        "check_rules", [_FINDINGS],
        {"scope": "flight", **_TABLE, **_RULE, "severity": "error", "severity_zh": "错误", "findings": 3, "orgs": 1,
         "days": 1},
        {"findings": 3},
    ),
    ("get", "/api/v1/indicators/check_report/findings"): _page(
        "check_findings", [_VALUE],
        {**_ORG, **_TABLE, "biz_date": "2026-11-20", "batch": "20261121-sfmx-0001", "row": 17, **_KEY, **_WORDED,
         "severity_zh": "错误", "outcome": "rejected", "outcome_zh": "拒收", "check": "mandatory", "arrived_at": _AT},
        {},
    ),
    ("get", "/api/v1/indicators/association"): _page(
        "association", [_FAILED],
        {"month": "2026-11", **_ORG, **_TABLE, "rule_id": "SF03", "rule_zh": "患者主索引必填，且在患者表存在",
         "kind": "parent", "severity": "error", "severity_zh": "错误", "checked": 500, "failed": 2,
         "failed_rate": 0.004},
        {"checked": 500, "failed": 2, "failed_rate": 0.004},
    ),
    ("get", "/api/v1/indicators/association/rows"): _page(
        "association_rows", [_VALUE],
        {**_ORG, **_TABLE, "biz_date": "2026-11-20", **_KEY, "kind": "parent", **_WORDED, "severity_zh": "错误"}, {},
    ),
    ("get", "/api/v1/indicators/fee_shares"): _page(
        "fee_shares", [_AMOUNT],
        {"month": "2026-11", **_ORG, "care": "outpatient", "care_zh": "门诊", "code": "0101", "code_zh": "西药费",
         "rows": 300, "amount": "12500.0000", "care_amount": "25000.0000", "total_amount": "50000.0000",
         "care_share": 0.5, "total_share": 0.25},
        {"rows": 300, "amount": "12500.0000", "outpatient": "12500.0000", "inpatient": "0", "outpatient_share": 1.0,
         "inpatient_share": 0.0},
    ),
    ("get", "/api/v1/indicators/fee_shares/drugs"): _page(
        "fee_drugs", [_AMOUNT], {"month": "2026-11", **_ORG, "care": "outpatient", "care_zh": "门诊", **_DRUGS}, _DRUGS
    ),
    ("get", "/api/v1/indicators/drug_mapping"): _mapping("drug_mapping", "drug", "药品"),
    ("get", "/api/v1/indicators/department_mapping"): _mapping("department_mapping", "department", "科室"),
    ("get", "/api/v1/indicators/item_mapping"): _mapping("item_mapping", "item", "检验检查项目"),
    ("get", "/api/v1/indicators/mapping/unmapped"): _page(
        "unmapped", [("code", "院内代码", "local code", "text")],
        {**_ORG, "map": "drug", "map_zh": "药品", "code": "YP00018", "local_name": "阿莫西林胶囊",
         "columns": ["MXXMBM", "SYPBM"], "columns_zh": "MXXMBM、SYPBM", "rows": 42},
        {},
    ),
    ("get", "/api/v1/indicators/multi_source"): _page(
        "multi_source", [_VERDICT],
        {"month": "2026-11", **_ORG, "quantity": "outpatient_amount", "quantity_zh": "门诊总费用", **_SOURCES,
         "declared": "45225.0000", "difference": "25.0000", "relative": 0.00055, "tolerance": 0.01, "verdict": "ok",
         "verdict_zh": "一致"},
        {"ok": 1, "differs": 0, "missing": 0},
    ),
    ("get", "/api/v1/records/{org}/{visit}"): {
        "org": ORG, "visit": _KEY["visit"], "personal": False, "findings": 1,
        "sections": [
            {
                "part": "charges", **_TABLE, "table_en": "outpatient charges", "more": 0,
                "columns": [
                    {"name": "KDYSXM", "zh": "开单医生姓名", "en": "name of the ordering doctor", "personal": True}
                ],
                "rows": [
                    {
                        "state": "rejected", "biz_date": "2026-11-20", "batch": "20261121-sfmx-0001",
                        "arrived_at": _AT, "values": {"SFMXID": _KEY["row_key"], "KDYSXM": "张*"},
                        "findings": [{"scope": "flight", **_WORDED}],
                    },
                ],
            },
        ],
    },
}  # fmt: skip
