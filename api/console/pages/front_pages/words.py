"""Words and looks of front pages that several of their pages share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from api.console.words import Look
from api.wire import SHANGHAI

GROUP = "front_pages"
_BLUE, _GREEN, _ORANGE, _RED, _GREY = "#0072B2", "#009E73", "#E69F00", "#D55E00", "#7b868f"
_INK, _DARK = "#ffffff", "#1b1b1b"

#: State of a submission.
STATES: Mapping[str, Look] = {
    "uploading": Look("上传中", "uploading", _BLUE, _INK, "↑"),
    "queued": Look("等待检查", "waiting", _GREY, _INK, "…"),
    "checking": Look("检查文件", "checking the file", _BLUE, _INK, "◔"),
    "sending": Look("送入校验", "sending rows", _BLUE, _INK, "◑"),
    "validating": Look("逐行校验", "validating rows", _BLUE, _INK, "◕"),
    "switching": Look("切换版本", "switching", _BLUE, _INK, "⇄"),
    "done": Look("已完成", "done", _GREEN, _INK, "✓"),
    "refused": Look("文件未通过检查", "refused", _RED, _INK, "✕"),
    "cancelled": Look("已取消", "cancelled", _GREY, _INK, "∅"),
    "expired": Look("未传完，已过期", "expired", _GREY, _INK, "z"),
    "failed": Look("失败", "failed", _RED, _INK, "!"),
}
#: Nothing more happens to a submission in one of these.
ENDED = frozenset({"done", "refused", "cancelled", "expired", "failed"})
#: What became of a row.
OUTCOMES: Mapping[str, Look] = {
    "accepted": Look("入库", "accepted", _BLUE, _INK, "✓"),
    "flagged": Look("有警告", "flagged", _ORANGE, _DARK, "◆"),
    "rejected": Look("拒收", "rejected", _RED, _INK, "✕"),
}
#: State of an institution's month.
MONTHS: Mapping[str, Look] = {
    "missing": Look("未上报", "not submitted", _RED, _INK, "✕"),
    "late": Look("逾期上报", "late", _ORANGE, _DARK, "迟"),
    "working": Look("上报中", "under way", _BLUE, _INK, "↑"),
    "waiting": Look("未到截止", "not due yet", "#ffffff", "#5b6670", "…"),
    "on_time": Look("按时上报", "on time", _GREEN, _INK, "✓"),
}
GRADES: Mapping[str, Look] = {
    "good": Look("优良", "good", _GREEN, _INK, "✓"),
    "enough": Look("合格", "enough", _ORANGE, _DARK, "◐"),
    "poor": Look("待改进", "poor", _RED, _INK, "▲"),
}
VARIANTS: Mapping[str, tuple[str, str]] = {
    "western": ("西医首页", "western medicine"),
    "tcm": ("中医首页", "Chinese medicine"),
}


def last_month() -> str:
    """The month whose front pages are due now: the one before this, in Shanghai."""
    first = datetime.now(SHANGHAI).replace(day=1)
    return f"{first - timedelta(days=1):%Y-%m}"
