"""Example answers about front pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.models import ORG
from api.models_submissions import SUBMISSION

_PATH = "/api/v1/front-pages"
_ORG = {"org": ORG, "name": "历城区示范医院"}
_POINTS = {"completeness": 97.2, "logic": 98.35, "coding": 94.1, "score": 96.62}
_COUNTS = {"pages": 812, "accepted": 790, "rejected": 22, "perfect": 655, "errors": 31, "findings": 240}
_AT = "2026-11-05T15:20:41.000+08:00"
_RULE = {
    "rule_id": "HQ057", "rule_zh": "主要诊断编码必填", "rule_en": "The main diagnosis is mandatory",
    "fix_zh": "补填后重新上报", "fix_en": "Fill it in and submit again",
}  # fmt: skip
_CONTACT = {
    "org": ORG, "org_name": "历城区示范医院", "level": 3, "type": "hospital", "name": "示例联系人", "sex": "2",
    "birth_year": 1985, "age": 41, "title": "病案科主任", "phone": "0531-80000000", "mobile": "13800000000",
    "id_number": "370************34", "personal": False, "missing": [], "filled": True, "changed_at": _AT,
    "changed_by": "hospital:demo",
}  # fmt: skip
_SCORE = ("score", "得分", "score", "number")


def _page(name: str, columns: list[tuple[str, str, str, str]], row: dict[str, Any], totals: dict[str, Any]) -> Any:
    return {
        "indicator": name, "biz_from": "2026-10-01", "biz_to": "2026-10-31",
        "columns": [dict(zip(("name", "zh", "en", "kind"), column, strict=True)) for column in columns],
        "rows": [row], "totals": totals, "total": 1, "limit": 100, "offset": 0, "next_offset": None,
    }  # fmt: skip


#: (method, path) → answer
EXAMPLES: Mapping[tuple[str, str], Any] = {
    ("get", f"{_PATH}/score"): _page(
        "front_page_score", [_SCORE],
        {"month": "2026-10", **_ORG, "rank": 3, **_POINTS, "grade": "good", "grade_zh": "优良", "grade_en": "good",
         "submission": SUBMISSION, "level": 3, "type": "hospital", **_COUNTS},
        {**_COUNTS, **_POINTS, "orgs": 1},
    ),
    ("get", f"{_PATH}/score/rows"): _page(
        "front_page_score_rows", [_SCORE],
        {"month": "2026-10", **_ORG, "row_key": "BA2610120001|1", "file_row": 118,
         "submission": SUBMISSION, "outcome": "rejected", "outcome_zh": "拒收",
         "outcome_en": "rejected", "department": "0304", "diagnosis": "I21.900", "errors": 1, "findings": 2,
         "completeness": 80.0, "logic": 100.0, "coding": 95.0, "score": 90.5},
        {},
    ),
    ("get", f"{_PATH}/score/rules"): _page(
        "front_page_score_rules", [("points", "扣分合计", "points taken away", "number")],
        {"part": "completeness", "part_zh": "完整性", "part_en": "completeness", "rule_id": "HQ057",
         "severity": "error",
         "severity_zh": "错误", "severity_en": "error", "scope": "flight", "column": "P321",
         "column_zh": "主要诊断编码",
         "pages": 12, "orgs": 1, "points": 240.0, "rule_zh": "主要诊断编码必填",
         "rule_en": "The main diagnosis is mandatory",
         "fix_zh": "补填后重新上报", "fix_en": "Fill it in and submit again"},
        {"points": 240.0},
    ),
    ("get", f"{_PATH}/specialties/figures"): _page(
        "front_page_specialties", [("pages", "首页数", "front pages", "int")],
        {"month": "2026-10", "specialty": "cardiovascular", "specialty_zh": "心血管", "specialty_en": "cardiovascular",
         "orgs": 1, "pages": 118, "days": 1003, "deaths": 1, "procedures": 40, "cost": "1180000.0000",
         "drugs": "295000.0000", "chinese": "59000.0000", "mean_days": 8.5, "mean_cost": "10000.00",
         "drug_share": 0.25, "chinese_share": 0.05, "procedure_share": 0.339, "death_share": 0.0085, "score": 96.1},
        {},
    ),
    ("get", f"{_PATH}/findings"): _page(
        "front_page_found", [("file_row", "文件行号", "row of the file", "int")],
        {"file_row": 118, "row_key": "BA2610120001|1", "column": "P321", "column_zh": "主要诊断编码", "value": "",
         **_RULE, "severity": "error", "severity_zh": "错误", "severity_en": "error", "scope": "flight",
         "outcome": "rejected", "outcome_zh": "拒收", "outcome_en": "rejected"},
        {},
    ),
    ("get", f"{_PATH}/findings/rules"): _page(
        "front_page_found_rules", [("rows", "行数", "rows", "int")],
        {**_RULE, "column": "P321", "column_zh": "主要诊断编码", "severity": "error", "severity_zh": "错误",
         "severity_en": "error", "scope": "flight", "findings": 12, "rows": 12},
        {},
    ),
    ("get", f"{_PATH}/rows"): _page(
        "front_page_submitted", [("record", "病案号", "record number", "text")],
        {"file_row": 2, "record": "BA2610120001", "admission": "1", "name": "王**", "sex": "1", "age": "36",
         "admitted": "2026-10-06 10:00", "discharged": "2026-10-12 09:00", "department": "0304",
         "diagnosis": "I21.900", "diagnosis_name": "急性心肌梗死", "cost": "5900", "outcome": "accepted",
         "outcome_zh": "入库", "outcome_en": "accepted"},
        {},
    ),
    ("get", f"{_PATH}/rows/{{submission}}/{{file_row}}"): {
        "org": ORG, "visit": "BA2610120001", "personal": False, "findings": 1,
        "sections": [{
            "part": "front_page", "table": "TB_BASY", "table_zh": "住院病案首页", "table_en": "inpatient front pages",
            "more": 0, "columns": [{"name": "P4", "zh": "姓名", "en": "name", "personal": True}],
            "rows": [{
                "state": "rejected", "biz_date": "2026-10-12", "batch": f"{SUBMISSION}/2", "arrived_at": _AT,
                "values": {"P3": "BA2610120001", "P4": "王**"},
                "findings": [{
                    "scope": "flight", **_RULE, "severity": "error", "column": "P321", "column_zh": "主要诊断编码",
                    "value": "",
                }],
            }],
        }],
    },
    ("get", f"{_PATH}/comparison"): _page(
        "front_page_comparison", [("error_rate", "错误率", "error rate", "percent")],
        {"number": 2, "submission": SUBMISSION, "file": "202610.csv", "sent_at": _AT, "ended_at": _AT, "late": False,
         "rows": 812, "accepted": 790, "rejected": 22, "flagged": 100, "findings": 240, "error_rate": 0.0271,
         "findings_per_page": 0.2956, "added": 4, "removed": 1, "changed": 57, "same": 751},
        {},
    ),
    ("get", f"{_PATH}/comparison/rows"): _page(
        "front_page_changes", [("change_zh", "变化", "change", "text")],
        {"key": "BA2610120001|1", "row": 118, "before_row": 116, "change": "changed", "change_zh": "修改",
         "change_en": "changed"},
        {},
    ),
    ("get", f"{_PATH}/report"): _page(
        "front_page_month", [("state_zh", "状态", "state", "text")],
        {"month": "2026-10", **_ORG, "city": "370100", "level": 3, "state": "on_time", "state_zh": "按时上报",
         "state_en": "on time", "submissions": 2, "attempts": 1, "first_at": _AT, "last_at": _AT, "rows": 812,
         "accepted": 790, "rejected": 22, "flagged": 100, "findings": 240, "error_rate": 0.0271, "score": 96.62,
         "grade": "good", "grade_zh": "优良", "grade_en": "good", "rank": 3, "contact": True, "contact_zh": "已填写",
         "contact_en": "filled in"},
        {"missing": 0, "late": 0, "working": 0, "waiting": 0, "on_time": 1, "orgs": 1, "contacts": 1,
         "submissions": 2, "attempts": 1, "rows": 812, "accepted": 790, "rejected": 22, "error_rate": 0.0271},
    ),
    ("get", f"{_PATH}/contacts"): {"contacts": [_CONTACT], "filled": 1},
    ("get", f"{_PATH}/contacts/export"): "机构代码,单位名称,联系人姓名,…\n",
    ("get", f"{_PATH}/contacts/{{org}}"): _CONTACT,
    ("put", f"{_PATH}/contacts/{{org}}"): _CONTACT,
    ("get", f"{_PATH}/specialties"): {
        "specialties": [{
            "name": "cardiovascular", "zh": "心血管", "en": "cardiovascular", "departments": ["0304"],
            "diagnoses": ["I"], "diseases": ["A04.01", "BNX"],
        }],
    },
    ("get", f"{_PATH}/score/terms"): {
        "parts": [
            {"name": "completeness", "zh": "完整性", "en": "completeness", "weight": 0.4, "kinds": ["mandatory"]},
            {"name": "logic", "zh": "逻辑性", "en": "logic", "weight": 0.3, "kinds": []},
            {"name": "coding", "zh": "编码规范", "en": "coding", "weight": 0.3, "kinds": ["code", "pattern"]},
        ],
        "error": 20.0, "warning": 5.0, "good": 90.0, "enough": 75.0,
    },
}  # fmt: skip
