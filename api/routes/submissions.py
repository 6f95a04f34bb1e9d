"""Files of front pages: handing one in piece by piece, and what became of it.

``POST /api/v1/submissions`` → ``PUT …/file`` for each piece, from the offset that was answered last (after a broken
connection ``GET …/file`` tells it) → ``POST …/finish`` → ``GET …`` or the websocket ``…/live`` until it has ended.
"""

from __future__ import annotations

import re
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response

from api.accounts.principal import Principal
from api.body import read_body
from api.depends import Parts, Seen, org_scope, refusals, right
from api.errors import ApiError
from api.models_submissions import OffsetAnswer, SubmissionAnswer, SubmissionBody, SubmissionsAnswer
from api.services import Services
from api.submissions.desk import Asked
from api.submissions.submission import Submission
from api.submissions.view import answer, month_of, shown
from clickhouse.narrowed import Reader
from clickhouse.schedule import ALWAYS

router = APIRouter(tags=["病案首页上报 submissions"])

Reading = Annotated[Principal, Depends(right("submissions.read"))]
Sending = Annotated[Principal, Depends(right("submissions.send"))]
_IDENT = re.compile(r"[0-9a-f]{32}")
_PIECE = {
    "parameters": [
        {"name": "Upload-Offset", "in": "header", "required": True, "schema": {"type": "integer"}, "example": 0,
         "description": "这一段在文件中的起始位置 where this piece begins"},
        {"name": "X-Sanjian-Sha256", "in": "header", "required": False, "schema": {"type": "string"},
         "description": "这一段的 SHA-256（十六进制，可不填）of this piece, hexadecimal; may be left out"},
    ],
    "requestBody": {
        "description": "文件的一段 a piece of the file",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
}  # fmt: skip


@router.post(
    "/api/v1/submissions", status_code=201, summary="开始上报 Begin a submission",
    responses=refusals(403, 404, 409, 413, 422, 429),
)  # fmt: skip
async def begin(body: SubmissionBody, request: Request, who: Sending, parts: Parts) -> SubmissionAnswer:
    """先检查上报时间和次数；然后分段上传。The window and the number of submissions are looked at first."""
    org = _sender(who, body.org)
    if org not in await to_thread.run_sync(_registered, parts):
        raise ApiError("unknown_org")
    asked = Asked(org, month_of(body.month), body.variant, body.file, body.size, body.sha256, who.actor)
    one = await to_thread.run_sync(parts.desk.begin, asked)
    await parts.audit_log.write(who, request, "submission.begin", one.id, org=org, month=body.month, size=body.size)
    return await _answer(parts, one, current=False)


@router.get("/api/v1/submissions", summary="上报记录 Submissions", responses=refusals(403, 422))
async def submissions(
    who: Reading,
    parts: Parts,
    seen: Seen,
    org: Annotated[str, Query(description="机构代码（监管端）institution, for operators", max_length=22)] = "",
    month: Annotated[str, Query(pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$", description="2026-10；空：全部 all")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> SubmissionsAnswer:
    """最新的在前。The newest first."""
    wanted = {"org": org_scope(who, org), "month": month_of(month) if month else ALWAYS}
    found, total = await to_thread.run_sync(
        lambda: parts.desk.tools.store.page(seen, **wanted, limit=limit, offset=offset)  # type: ignore[arg-type]
    )
    return SubmissionsAnswer(submissions=[shown(one, current) for one, current in found], total=total)


@router.get(
    "/api/v1/submissions/{submission}", summary="上报进度 How far a submission is", responses=refusals(403, 404)
)  # fmt: skip
async def one_submission(submission: str, who: Reading, parts: Parts, seen: Seen) -> SubmissionAnswer:
    """已上传字节、已发送和已校验行数、速度、剩余时间。Bytes, rows sent and validated, rows a second, time left."""
    one, current = await found_submission(parts, seen, submission)
    return await _answer(parts, one, current)


@router.head("/api/v1/submissions/{submission}/file", include_in_schema=False)
@router.get(
    "/api/v1/submissions/{submission}/file", summary="已收到多少 How much of the file has arrived",
    responses=refusals(403, 404),
)  # fmt: skip
async def uploaded(submission: str, response: Response, who: Sending, parts: Parts, seen: Seen) -> OffsetAnswer:
    """断线后从 offset（Upload-Offset 头）处继续。After a break go on at offset, also in the header Upload-Offset."""
    one, _ = await found_submission(parts, seen, submission)
    offset = (await to_thread.run_sync(parts.desk.progress, one)).bytes
    response.headers["Upload-Offset"] = str(offset)
    return OffsetAnswer(offset=offset, size=one.size)


@router.put(
    "/api/v1/submissions/{submission}/file", summary="上传一段 Upload a piece", openapi_extra=_PIECE,
    responses=refusals(400, 403, 404, 408, 409, 413, 422, 429),
)  # fmt: skip
async def piece(
    submission: str, request: Request, response: Response, who: Sending, parts: Parts, seen: Seen
) -> OffsetAnswer:
    """位置不符时 409，offset 为应继续的位置。409 with the right offset when the piece does not begin there."""
    one, _ = await found_submission(parts, seen, submission)
    said = request.headers.get("upload-offset", "")
    if not (said.isascii() and said.isdigit() and len(said) < 16):
        raise ApiError("upload_offset", more={"offset": await to_thread.run_sync(parts.desk.tools.disk.size, one.id)})
    parts.places.enter(one.org)
    try:
        content = await read_body(
            request.stream(), declared=request.headers.get("content-length"),
            encoding=request.headers.get("content-encoding", "").strip().lower(),
            limit=parts.settings.max_message_bytes,
        )  # fmt: skip
        digest = request.headers.get("x-sanjian-sha256", "").lower()
        offset = await to_thread.run_sync(parts.desk.append, one, int(said), content, digest)
    finally:
        parts.places.leave(one.org)
    response.headers["Upload-Offset"] = str(offset)
    return OffsetAnswer(offset=offset, size=one.size)


@router.post(
    "/api/v1/submissions/{submission}/finish", summary="上传完毕 The file is whole",
    responses=refusals(403, 404, 409, 422),
)  # fmt: skip
async def finish(submission: str, request: Request, who: Sending, parts: Parts, seen: Seen) -> SubmissionAnswer:
    """开始检查和校验；重复调用无妨。Checking begins; calling it again does no harm."""
    one, current = await found_submission(parts, seen, submission)
    await parts.audit_log.write(who, request, "submission.finish", one.id, org=one.org, month=f"{one.month:%Y-%m}")
    one = await to_thread.run_sync(parts.desk.finish, one)
    parts.desk.wake()
    return await _answer(parts, one, current)


@router.post(
    "/api/v1/submissions/{submission}/cancel", summary="取消 Cancel", responses=refusals(403, 404, 409)
)  # fmt: skip
async def cancel(submission: str, request: Request, who: Sending, parts: Parts, seen: Seen) -> SubmissionAnswer:
    """切换版本之前都可取消，之前的上报仍有效。Until the switch; what counted goes on counting."""
    one, current = await found_submission(parts, seen, submission)
    await parts.audit_log.write(who, request, "submission.cancel", one.id, org=one.org, month=f"{one.month:%Y-%m}")
    one = await to_thread.run_sync(parts.desk.cancel, one)
    return await _answer(parts, one, current)


async def found_submission(parts: Services, seen: Reader, ident: str) -> tuple[Submission, bool]:
    """A submission that the reader may see, and whether its rows count now. Raises ApiError."""
    if not _IDENT.fullmatch(ident):
        raise ApiError("unknown_submission")
    found, _ = await to_thread.run_sync(lambda: parts.desk.tools.store.page(seen, ident=ident))
    if not found:
        raise ApiError("unknown_submission")
    return found[0]


async def _answer(parts: Services, one: Submission, current: bool) -> SubmissionAnswer:
    how_far = await to_thread.run_sync(parts.desk.progress, one)
    return answer(one, current, how_far, parts.settings.max_message_bytes)


def _sender(who: Principal, asked: str) -> str:
    """The institution that submits. Raises ApiError."""
    org = who.org or asked
    if not org:
        raise ApiError("no_org")
    if not who.sees(org) or (asked and asked != org):
        raise ApiError("other_org")
    return org


def _registered(parts: Services) -> frozenset[str]:
    return frozenset(one.org for one in parts.orgs.all() if one.active)
