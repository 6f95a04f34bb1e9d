"""Why a submission failed, in words; files that are refused have theirs in ``files/refused.py``."""

from __future__ import annotations

from collections.abc import Mapping

#: code → Chinese, English.
FAILURES: Mapping[str, tuple[str, str]] = {
    "cancelled": ("已取消；本月仍以之前的上报为准", "Cancelled; the earlier submission of the month still counts"),
    "expired": (
        "长时间没有上传完，文件已删除；请重新上报",
        "The file was not completed for a long time and was removed; submit again",
    ),
    "wrong_sum": (
        "文件校验和不一致，传输中有损坏；请重新上报",
        "The checksum is another one; the file was damaged on its way. Submit again",
    ),
    "gone": ("服务器上的文件已不在；请重新上报", "The file is no longer on the server; submit again"),
    "unreadable": (
        "有 {count} 行未能读取（机构可能已停用）；本月仍以之前的上报为准",
        "{count} rows could not be read (the institution may be inactive); the earlier submission still counts",
    ),
    "no_more_submissions": (
        "本月的上报次数已用完；本月仍以之前的上报为准",
        "There may be no more submissions of the month; the earlier one still counts",
    ),
    "internal": (
        "服务内部错误；本月仍以之前的上报为准，请联系管理员",
        "Internal error; the earlier submission still counts. Tell the administrator",
    ),
}


def failure(code: str, **values: object) -> dict[str, str]:
    """The columns of a step that say so."""
    zh, en = FAILURES[code]
    return {"reason": code, "zh": zh.format(**values), "en": en.format(**values)}
