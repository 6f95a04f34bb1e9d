"""What the API answers when it cannot do what was asked: one shape, stable codes, texts in Chinese and English.

``{"error": {"code": "unknown_table", "message_zh": "…", "message_en": "…", "hint": "…"}}``; ``line`` and ``fields``
are added where they help. Texts never repeat a value that was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.websockets import WebSocket

from api.accounts.refusals import ACCOUNT_ERRORS
from api.submissions.refusals import SUBMISSION_ERRORS
from api.wire import OrjsonResponse
from sanjian.errors import Invalid, NotNow

log = structlog.get_logger("api")

#: A broker or database that went away is usually back after a restart of some seconds.
RETRY_SECONDS = 5

#: code → (HTTP status, Chinese, English, hint)
ERRORS: Mapping[str, tuple[int, str, str, str]] = {
    "no_token": (401, "没有访问令牌", "No access token", "Authorization: Bearer <令牌 token>"),
    "bad_token": (
        401, "访问令牌无效或已过期", "The access token is not valid (any more)",
        "重新获取 / get a new one: POST /api/v1/oauth/token",
    ),
    "token_in_url": (400, "令牌不能放在网址里", "Tokens do not belong in a URL", "Authorization: Bearer <令牌 token>"),
    "forbidden": (
        403, "您无权使用该功能", "You may not do that",
        "需要其他角色 / another role is needed",
    ),
    "other_org": (
        403, "不在您可查看的机构范围内", "Not one of the institutions that you may see",
        "去掉 org 参数 / leave out org",
    ),
    "no_org": (
        403, "不属于任何机构，不能上传", "Who belongs to no institution cannot send",
        "用机构的接入凭证上传 / use an institution's client",
    ),
    "no_http": (400, "不是有效的 HTTP 请求", "This is no HTTP request", "检查客户端或代理 / check the client or proxy"),
    "head_too_large": (
        431, "请求头过长", "Address and headers are too long",
        "不超过 32 KB；内容放在正文里 / 32 KB; data belong into the body",
    ),
    "not_found": (404, "没有这个地址", "There is no such address", "接口目录 list of endpoints: /docs"),
    "method": (405, "该地址不支持这种方法", "This address does not take this method", "接口目录: /docs"),
    "unknown_table": (404, "没有这张标准表", "There is no such standard table", "表名如 TB_MZ_SFMXB / see /docs"),
    "unknown_receipt": (404, "没有这张回执", "There is no such receipt", "核对回执号 / check the receipt id"),
    "unknown_org": (404, "没有这个机构", "There is no such institution", "核对机构代码 / check the code"),
    "unknown_dead_letter": (404, "没有这条死信", "There is no such dead letter", "GET /api/v1/deadletters"),
    "unknown_case": (404, "没有这条告警", "There is no such case", "GET /api/v1/cases"),
    "unknown_channel": (404, "没有这个渠道", "There is no such channel", "GET /api/v1/channels"),
    "unknown_delivery": (404, "没有这条发送记录", "There is no such delivery", "GET /api/v1/outbox"),
    "unknown_rule": (404, "没有这条规则", "There is no such rule", "GET /api/v1/standard/rules"),
    "unknown_code_set": (404, "没有这个值域", "There is no such list of codes", "GET /api/v1/standard/code-sets"),
    "unknown_map": (404, "没有这种对码", "There is no such code map", "department, fee, drug, item"),
    "unknown_visit": (
        404, "该机构没有这个就诊流水号", "The institution has no such visit",
        "核对就诊流水号 / check the visit number",
    ),
    "unknown_row": (404, "这次上报没有这一行", "The submission has no such row", "表头为第1行 / the header is row 1"),
    "one_org": (422, "请选择一个机构", "Choose one institution", "加上 org / add org"),
    "unknown_specialty": (
        404, "没有这个专科", "There is no such specialty", "GET /api/v1/front-pages/specialties",
    ),
    "too_many_rows": (
        422, "超过 {limit} 行，XLSX 放不下", "More than {limit} rows do not fit into XLSX",
        "用 format=csv，或缩小范围 / use format=csv, or ask for less",
    ),
    "not_here": (
        501, "本进程不提供该功能", "Not available in this process",
        "在 worker 所在的服务上调用 / ask a worker",
    ),
    "invalid": (422, "参数有误", "Some parameters are not valid", "见 fields / see fields"),
    "unusable": (422, "内容无法处理", "This cannot be taken", "见 reason / see reason"),
    "batch_header": (
        400, "缺少批次号，或批次号不合规", "X-Sanjian-Batch is missing or not valid",
        "1–100 个字符：字母、数字和 . _ : - / 1–100 letters, digits and . _ : -",
    ),
    "op_header": (
        400, "X-Sanjian-Op 只能是 upsert 或 delete", "X-Sanjian-Op is upsert or delete",
        "默认 default: upsert",
    ),
    "sent_at_header": (
        400, "X-Sanjian-Sent-At 不是 ISO 时间，或不在合理范围", "X-Sanjian-Sent-At is not an ISO time or out of range",
        "2026-11-21T08:00:00+08:00；不晚于当前时间 5 分钟 / not more than 5 minutes ahead",
    ),
    "biz_date_header": (
        400, "X-Sanjian-Biz-Date 不是日期", "X-Sanjian-Biz-Date is not a date", "2026-11-21",
    ),
    "empty": (
        400, "没有数据行", "There are no rows",
        "当天无业务：空内容加 X-Sanjian-Biz-Date: 2026-11-21 / for a day without records send X-Sanjian-Biz-Date",
    ),
    "content_type": (
        415, "不支持的内容类型", "This content type is not taken", "application/x-ndjson, application/json",
    ),
    "content_encoding": (415, "不支持的压缩方式", "This content encoding is not taken", "Content-Encoding: gzip"),
    "bad_gzip": (
        400, "gzip 数据损坏或不完整", "The gzip data are broken or cut off",
        "重新压缩后再发 / compress again",
    ),
    "bad_encoding": (
        400, "第 {line} 行不是有效的 {charset} 文本", "Line {line} is not valid {charset}",
        "用 UTF-8；GB18030 请写 charset=gb18030 / use UTF-8 or declare charset=gb18030",
    ),
    "bad_rows": (
        400, "第 {line} 行不是一个 JSON 对象（{detail}）", "Line {line} is not one JSON object ({detail})",
        "每行一个 JSON 对象，或一个 JSON 数组 / one object a line, or one array",
    ),
    "too_large": (
        413, "内容超过 {limit} 字节（解压后）", "More than {limit} bytes after decompression",
        "分成多个批次 / send several batches",
    ),
    "slow_body": (408, "内容发送过慢", "The body took too long", "检查网络后重发同一批次 / send the same batch again"),
    "batch_conflict": (
        409, "该批次号已用于不同的内容", "This batch id was used for other content",
        "新内容用新的批次号 / use a new batch id for new content",
    ),
    "case_over": (409, "该告警已恢复或关闭", "The case is resolved already", "GET /api/v1/cases/{id}"),
    "case_changed": (
        409, "该告警已被他人更改", "Somebody else has changed the case",
        "重新查看后再操作 / look at it again",
    ),
    "case_stage": (
        409, "该告警不在可以这样处理的阶段", "The case is not at a stage where this can be done",
        "见 meanwhile；可做的见 actions / see meanwhile, and actions of the case",
    ),
    "case_due": (
        422, "期限须在未来 92 天内", "due_at has to be in the next 92 days", "2026-11-27T18:00:00+08:00",
    ),
    "not_dead": (409, "该发送未被放弃", "The delivery was not given up", "只能重发已放弃的 / only dead ones"),
    "snooze_until": (
        422, "暂停提醒的时间须在未来 92 天内", "until has to be in the next 92 days", "2026-11-22T08:00:00+08:00",
    ),
    "channel_target": (
        422, "渠道地址无效", "The address of the channel is not valid",
        "https://…，或以逗号分隔的邮箱 / or e-mail addresses separated by commas",
    ),
    "bad_sheet": (422, "{zh}", "{en}", "CSV（UTF-8、GB18030）或 or .xlsx"),
    "rows_wrong": (
        422, "{count} 处有误，没有写入任何一行", "{count} things are wrong; nothing was written",
        "见 import.problems 或 problems，逐行列出 / each one is listed there",
    ),
    "unknown_entry": (404, "没有这一条", "There is no such entry", "先查询 / look it up with GET"),
    "unknown_quantity": (
        422, "没有这种申报数", "There is no such quantity", "见 quantities / GET /api/v1/declarations",
    ),
    "unknown_version": (404, "该对码没有这个版本", "This code map has no such version", "GET …/history"),
    "cannot_undo": (
        409, "其中 {count} 个编码后来又改过，不能直接撤销", "{count} of its codes were changed again later",
        "先撤销后面的版本，见 codes / undo the later version first, see codes",
    ),
    "map_too_large": (
        413, "对码表过大，无法通知各 worker（上限 {limit} 字节）", "The map is too large to be told to the workers",
        "删除不用的编码 / leave out codes that are not used",
    ),
    "not_whole": (
        409, "死信内容不完整，不能重投", "The dead letter is not whole and cannot be sent again",
        "请医院重新上传该批次 / ask the hospital to send the batch again",
    ),
    **SUBMISSION_ERRORS,
    "unknown_redrive": (404, "没有这次重投", "There is no such redrive", "POST /api/v1/rejected/redrive"),
    "redrive_running": (
        409, "正在进行另一次重投", "Another redrive is under way", "等它完成后再试 / try again when it is done",
    ),
    "checks_running": (
        409, "跨表规则正在运行", "The store rules are being run",
        "等本次运行结束 / wait until that run has ended",
    ),
    "busy": (
        429, "同时上传过多，请稍候", "Too many uploads at once",
        "稍候重发同一批次 / send the same batch again later",
    ),
    "too_many_clients": (
        429, "实时告警的连接数已达上限", "Too many connections to the alert stream",
        "关闭不用的连接，稍候再连 / close connections that are not used, connect again later",
    ),
    "not_now": (
        503, "服务暂时不可用，数据未被接收", "Not available for the moment; nothing was taken",
        "稍候重发同一批次 / send the same batch again later",
    ),
    **ACCOUNT_ERRORS,
    "internal": (
        500, "服务内部错误", "Internal error",
        "把 X-Request-ID 告诉管理员 / tell the administrator the X-Request-ID",
    ),
}  # fmt: skip


class ApiError(Exception):
    """A refusal by code; ``values`` fill the texts, ``headers`` and ``more`` (extra JSON fields) go into the answer."""

    def __init__(
        self,
        code: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status, zh, en, self.hint = ERRORS[code]
        self.message_zh = zh.format(**values) if values else zh
        self.message_en = en.format(**values) if values else en
        self.more = {**(more or {}), **({"line": values["line"]} if "line" in values else {})}
        self.headers = dict(headers or {})
        if self.status == 401:
            self.headers.setdefault("WWW-Authenticate", "Bearer")
        elif self.status in (429, 503):
            self.headers.setdefault("Retry-After", str(1 if self.status == 429 else RETRY_SECONDS))

    @property
    def close_code(self) -> int:
        """What a websocket is closed with: 4401, 4403, 4429 and so on like the status; 1013 for "try again later"."""
        return 1013 if self.status == 503 else 4000 + self.status

    def response(self) -> Response:
        """The answer as JSON."""
        error = {"code": self.code, "message_zh": self.message_zh, "message_en": self.message_en, "hint": self.hint}
        return OrjsonResponse({"error": {**error, **self.more}}, status_code=self.status, headers=self.headers)


async def _refused(connection: Request | WebSocket, error: Exception) -> Response | None:
    """A websocket is accepted and closed again: a browser tells a page nothing about a refused handshake."""
    assert isinstance(error, ApiError)
    if isinstance(connection, WebSocket):
        await connection.accept()
        await connection.close(error.close_code, error.code)
        return None
    return error.response()


async def _not_now(connection: Request | WebSocket, error: Exception) -> Response | None:
    log.warning("not_now", reason=str(error))
    return await _refused(connection, ApiError("not_now"))


async def _unusable(_: Request, error: Exception) -> Response:
    assert isinstance(error, Invalid)
    log.warning("invalid", reason=error.reason)
    return ApiError("unusable", more={"reason": error.reason}).response()


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if any(one["type"] == "json_invalid" for one in error.errors()):  # a body is read before it is known who calls
        refusal = await _unknown_caller(request)
        if refusal is not None:
            return refusal.response()
    # Only where and what kind: the offending input itself may be personal.
    fields = [
        {"field": ".".join(map(str, e["loc"])), "problem": e["type"], "message": e["msg"]} for e in error.errors()
    ]
    return ApiError("invalid", more={"fields": fields}).response()


async def _unknown_caller(request: Request) -> ApiError | None:
    """Who is not known is told so, and nothing about what was sent."""
    from api.accounts.declared import declared
    from api.depends import principal, services

    asked = (request.method, request.scope["route"].path)
    if any(one.public and asked in {(method, one.path) for method in one.methods} for one in declared(request.app)):
        return None
    try:
        await principal(request, services(request))
    except ApiError as refused:
        return refused
    return None


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 413:
        return ApiError("too_large", limit=request.app.state.services.settings.max_message_bytes).response()
    code = {404: "not_found", 405: "method", 408: "slow_body"}.get(
        error.status_code, "invalid" if error.status_code < 500 else "internal"
    )
    if error.status_code == 400 and (refusal := await _unknown_caller(request)) is not None:  # no text at all
        return refusal.response()
    return ApiError(code, headers=error.headers).response()


def install(app: FastAPI) -> None:
    """Every failure of ``app`` leaves in the one shape."""
    app.add_exception_handler(ApiError, _refused)  # type: ignore[arg-type]  # Starlette's type leaves out websockets
    app.add_exception_handler(NotNow, _not_now)  # type: ignore[arg-type]
    app.add_exception_handler(Invalid, _unusable)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
