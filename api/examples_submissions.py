"""Example answers of the endpoints of submissions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.models import ORG
from api.models_submissions import SUBMISSION

_PATH = "/api/v1/submissions"
_MONTH = "2026-10"
_SUBMISSION: dict[str, Any] = {
    "id": SUBMISSION, "org": ORG, "month": _MONTH, "variant": "western", "state": "validating", "state_zh": "逐行校验",
    "state_en": "validating rows", "file": "202610.csv", "size": 6291456, "sha256": "", "format": "csv",
    "encoding": "gb18030", "missing": ["P8601"], "rows": 5000, "accepted": 0, "rejected": 0, "flagged": 0,
    "findings": 0, "number": 0, "current": False, "late": False, "reason": "", "line": 0, "reason_zh": "",
    "reason_en": "", "started_at": "2026-11-05T09:00:00.000+08:00", "sent_at": "2026-11-05T09:00:01.200+08:00",
    "ended_at": None, "actor": "hospital:病案科",
}  # fmt: skip
_DONE = {
    **_SUBMISSION, "state": "done", "state_zh": "已完成", "state_en": "done", "accepted": 4962, "rejected": 38,
    "flagged": 211, "findings": 274, "number": 1, "current": True, "ended_at": "2026-11-05T09:00:05.100+08:00",
}  # fmt: skip
_BEGUN = {
    **_SUBMISSION, "state": "uploading", "state_zh": "上传中", "state_en": "uploading", "format": "", "encoding": "",
    "missing": [], "rows": 0, "late": None, "sent_at": None,
}  # fmt: skip
_NOTHING: dict[str, Any] = dict.fromkeys(
    ("rows", "read_rows", "sent_rows", "validated", "accepted", "rejected", "flagged", "unreadable", "findings"), 0
)
_AT_FIRST = {
    **_NOTHING, "bytes": 0, "size": 6291456, "rows_per_second": None, "seconds_left": None, "seconds": 0.0,
}  # fmt: skip
_PROGRESS = {
    **_AT_FIRST, "bytes": 6291456, "rows": 5000, "read_rows": 5000, "sent_rows": 4000, "validated": 2500,
    "accepted": 2481, "rejected": 19, "flagged": 105, "findings": 137, "rows_per_second": 1280.4, "seconds_left": 2.0,
    "seconds": 1.952,
}  # fmt: skip
_ANSWER = {"submission": _SUBMISSION, "progress": _PROGRESS, "offset": 6291456, "piece_bytes": 8388608}
_NEW = {"submission": _BEGUN, "progress": _AT_FIRST, "offset": 0, "piece_bytes": 8388608}
_WHOLE = {
    "submission": {**_SUBMISSION, "state": "queued", "state_zh": "等待检查", "state_en": "waiting", "rows": 0},
    "progress": {**_AT_FIRST, "bytes": 6291456}, "offset": 6291456, "piece_bytes": 8388608,
}  # fmt: skip
_CANCELLED = {
    **_ANSWER,
    "submission": {
        **_SUBMISSION, "state": "cancelled", "state_zh": "已取消", "state_en": "cancelled", "reason": "cancelled",
        "reason_zh": "已取消；本月仍以之前的上报为准",
        "reason_en": "Cancelled; the earlier submission of the month still counts",
        "ended_at": "2026-11-05T09:00:03.000+08:00",
    },
}  # fmt: skip
_OPENING = {
    "org": ORG, "month": "2026-08", "until": "2026-11-30T00:00:00.000+08:00", "more": 1, "note": "系统更换补报",
    "changed_by": "operator:质控中心", "open": True,
}  # fmt: skip

#: (method, path) → answer
EXAMPLES: Mapping[tuple[str, str], Any] = {
    ("post", _PATH): _NEW,
    ("get", _PATH): {"submissions": [_DONE], "total": 1},
    ("get", f"{_PATH}/{{submission}}"): _ANSWER,
    ("get", f"{_PATH}/{{submission}}/file"): {"offset": 4194304, "size": 6291456},
    ("put", f"{_PATH}/{{submission}}/file"): {"offset": 4194304, "size": 6291456},
    ("post", f"{_PATH}/{{submission}}/finish"): _WHOLE,
    ("post", f"{_PATH}/{{submission}}/cancel"): _CANCELLED,
    ("get", f"{_PATH}/window"): {
        "org": ORG, "month": _MONTH, "opens": "2026-10-25T00:00:00.000+08:00",
        "closes": "2026-11-11T00:00:00.000+08:00", "opened_until": None, "used": 1, "allowed": 3, "may_submit": True,
        "refusal": "", "refusal_zh": "", "refusal_en": "",
    },
    ("get", f"{_PATH}/openings"): {"openings": [_OPENING]},
    ("put", f"{_PATH}/openings"): {"openings": [_OPENING]},
    ("delete", f"{_PATH}/openings"): {"deleted": 1},
}  # fmt: skip
