"""POST /api/v1/changes/{table}: a batch of records from a hospital."""

from __future__ import annotations

from email.message import Message
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response

from api.accounts.principal import Principal
from api.batch import Batch, BatchHeaders, make_batch, read_headers
from api.body import read_body
from api.depends import Parts, refusals, right
from api.errors import ApiError
from api.models import UploadAnswer
from api.rows import split_rows
from sanjian import metrics
from sanjian.errors import NotNow

router = APIRouter(tags=["上传 upload"])

_TYPES = frozenset({"application/x-ndjson", "application/jsonl", "application/json"})
_LINE = '{"YLJGDM":"123701024955700014A001","SFMXID":"1","…":"…"}'
_HEADERS = [
    ("X-Sanjian-Batch", True, "批次号，本机构内唯一 batch id, unique within the institution", "20261121-sfmx-0001"),
    ("X-Sanjian-Op", False, "upsert（默认 default）或 or delete", "upsert"),
    ("X-Sanjian-Sent-At", False, "源系统生成时间 when the source made it, ISO 8601", "2026-11-21T08:00:00+08:00"),
    ("X-Sanjian-Biz-Date", False, "无业务日的业务日期（内容为空时）business date of an empty body", "2026-11-20"),
]
_OPENAPI = {
    "parameters": [
        {"name": name, "in": "header", "required": required, "description": text, "schema": {"type": "string"},
         "example": example}
        for name, required, text, example in _HEADERS
    ],
    "requestBody": {
        "description": "每行一个 JSON 对象，或一个 JSON 数组；可 gzip。One JSON object a line, or an array; gzip too.",
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}, "example": f"{_LINE}\n{_LINE}\n"},
            "application/json": {
                "schema": {"type": "array", "items": {"type": "object"}},
                "example": [{"YLJGDM": "123701024955700014A001", "SFMXID": "1"}],
            },
        },
    },
}  # fmt: skip


@router.post(
    "/api/v1/changes/{table}",
    status_code=202,
    summary="上传一批数据 Send a batch of records",
    openapi_extra=_OPENAPI,
    responses={200: {"model": UploadAnswer, "description": "该批次已收过 this batch was taken before"},
               **refusals(400, 403, 404, 408, 409, 413, 415, 429)},
)  # fmt: skip
async def send(
    table: str, request: Request, response: Response, who: Annotated[Principal, Depends(right("changes.send"))],
    parts: Parts,
) -> UploadAnswer:  # fmt: skip
    """消息代理确认之后才返回 202；503 时数据未被接收，用同一批次号重发即可。
    202 means that the broker has the batch; after 503 send the same batch id again."""
    if not who.org:
        raise ApiError("no_org")
    known = parts.standard.table(table)
    try:
        if known is None:
            raise ApiError("unknown_table")
        headers = read_headers(request.headers, parts.now())
        charset = _charset(request.headers.get("content-type", ""))
        parts.places.enter(who.org)
        try:
            body = await read_body(
                request.stream(),
                declared=request.headers.get("content-length"),
                encoding=request.headers.get("content-encoding", "").strip().lower(),
                limit=parts.settings.max_message_bytes,
            )
            batch = await to_thread.run_sync(_batch, who.org, known.name, headers, body, charset)
            del body  # the rows hold it now; not twice in memory while the broker is waited for
            done = await parts.gateway.take(batch, who.label)
        finally:
            parts.places.leave(who.org)
    except ApiError:
        metrics.UPLOADS.labels("refused").inc()
        raise
    except NotNow:
        metrics.UPLOADS.labels("not_now").inc()
        raise
    upload = done.upload
    response.status_code = 200 if done.repeated else 202
    return UploadAnswer(
        receipt_id=upload.receipt_id, status_url=f"/api/v1/receipts/{upload.receipt_id}", state="queued",
        repeated=done.repeated, org=upload.org, table=upload.table, batch=upload.batch, rows=upload.rows,
        bytes=upload.bytes, sent_at=upload.source_time,
    )  # fmt: skip


def _batch(org: str, table: str, headers: BatchHeaders, body: bytes, charset: str) -> Batch:
    return make_batch(org, table, headers, split_rows(body, charset))


def _charset(content_type: str) -> str:
    """The charset of a content type that is taken. Raises ApiError content_type."""
    header = Message()
    header["content-type"] = content_type
    if header.get_content_type() not in _TYPES:
        raise ApiError("content_type", headers={"Accept": ", ".join(sorted(_TYPES))})
    return str(header.get_param("charset") or "utf-8")
