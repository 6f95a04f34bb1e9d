"""What is said when a file of front pages cannot be submitted or uploaded; part of ``api.errors.ERRORS``. What is wrong
with the file itself is said in ``api.submissions.files.refused``."""

from __future__ import annotations

from collections.abc import Mapping

#: code → (HTTP status, Chinese, English, hint)
SUBMISSION_ERRORS: Mapping[str, tuple[int, str, str, str]] = {
    "unknown_submission": (404, "没有这次上报", "There is no such submission", "GET /api/v1/submissions"),
    "too_early": (
        409, "本月病案首页尚未到上报时间", "Front pages of this month may not be submitted yet",
        "见 GET /api/v1/submissions/window",
    ),
    "window_over": (
        409, "该月上报时间已过", "The time for submitting this month is over",
        "请联系质控中心开放该月 / ask the centre to open the month",
    ),
    "no_more_submissions": (
        409, "该月上报次数已用完", "There may be no more submissions of this month",
        "请联系质控中心 / ask the centre",
    ),
    "submission_under_way": (
        409, "该月有一次上报尚未结束", "Another submission of this month has not ended yet",
        "等它完成，或先取消 / wait for it, or cancel it",
    ),
    "submission_over": (
        409, "这次上报已经结束，或正在切换版本", "The submission has ended, or is being switched to",
        "重新查看 / look at it again",
    ),
    "uploads_full": (
        429, "正在上传的文件过多", "Too many files are being uploaded", "稍候再试 / try again later",
    ),
    "file_too_large": (
        413, "文件超过 {limit} 字节", "The file is larger than {limit} bytes",
        "分月上报，或存为 CSV / by month, or as CSV",
    ),
    "upload_offset": (
        409, "上传位置不对", "The upload goes on elsewhere", "从 offset 处继续 / go on at offset",
    ),
    "upload_too_long": (
        409, "收到的内容比声明的 {limit} 字节多", "More came than the {limit} bytes that were declared",
        "取消后重新上报 / cancel, and submit again",
    ),
    "upload_busy": (
        409, "同一文件正有另一个请求在写入", "Another request is writing to the same file",
        "稍候从 offset 处继续 / ask for the offset, and go on there",
    ),
    "upload_over": (
        409, "文件已不在上传中", "The file is not being uploaded any more", "GET /api/v1/submissions/{id}",
    ),
    "not_whole_yet": (
        409, "文件还没有传完", "The file is not whole yet", "从 offset 处继续 / go on at offset",
    ),
    "chunk_sum": (
        422, "这一段的校验和不一致", "The checksum of this piece is another one",
        "从 offset 处重传 / send it again from offset",
    ),
    "wrong_sum": (
        422, "文件校验和不一致", "The checksum of the file is another one", "重新上报 / submit it again",
    ),
}  # fmt: skip
