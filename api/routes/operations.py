"""For operators: the ledger compared with the topic, and what could not be read."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request

from api.accounts.principal import Principal
from api.depends import Parts, orgs_scope, refusals, right
from api.errors import ApiError
from api.models_admin import (
    AuditAnswer,
    AuditPartition,
    DeadLetterAnswer,
    DeadLetterAnswerFull,
    DeadLetterBytes,
    DeadLettersAnswer,
    RedriveAnswer,
)
from api.ports import Auditor, DeadLetter, DeadLetters, PartitionAudit
from api.services import Services
from sanjian.errors import Invalid

router = APIRouter(tags=["运维 operations"])

#: A list of missing offsets is for looking at; the repair works on all of them.
LISTED = 1000


@router.get("/api/v1/audit", summary="核对流水 Compare the ledger with the topic", responses=refusals(403, 501))
async def audit(_: Annotated[Principal, Depends(right("ledger.audit"))], parts: Parts) -> AuditAnswer:
    """列出消息代理里有而流水里没有的消息。Messages that the broker has and the ledger lacks."""
    return _audit(await to_thread.run_sync(_auditor(parts).audit))


@router.post("/api/v1/audit/repair", summary="补齐流水 Read the missing messages again", responses=refusals(403, 501))
async def repair(
    request: Request, who: Annotated[Principal, Depends(right("ledger.repair"))], parts: Parts
) -> AuditAnswer:
    """重读并处理缺失的消息，返回仍缺的。What is still missing afterwards."""
    auditor = _auditor(parts)
    await parts.audit_log.write(who, request, "audit.repair", parts.settings.changes_topic)
    return _audit(await to_thread.run_sync(auditor.repair))


@router.get("/api/v1/deadletters", summary="死信列表 Dead letters", responses=refusals(403, 422, 501))
async def dead_letters(
    *,
    who: Annotated[Principal, Depends(right("deadletters.read"))],
    parts: Parts,
    org: Annotated[str, Query(max_length=22)] = "",
    table: Annotated[str, Query(max_length=64)] = "",
    reason: Annotated[str, Query(max_length=40, examples=["count_mismatch"])] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> DeadLettersAnswer:
    """最新的在前，不含内容；只含可查看的机构。Newest first, of institutions that one may see, without their bytes."""
    letters, orgs = _letters(parts), orgs_scope(who, org)

    def page() -> tuple[int, Sequence[DeadLetter]]:
        return letters.list(orgs=orgs, table=table.upper(), reason=reason, limit=limit, offset=offset)

    total, found = await to_thread.run_sync(page)
    shown = [DeadLetterAnswer(**_fields(letter)) for letter in found]
    return DeadLettersAnswer(total=total, limit=limit, offset=offset, dead_letters=shown)


_ONE = "/api/v1/deadletters/{topic_id}/{partition}/{offset}"


@router.get(_ONE, summary="死信内容 One dead letter with its bytes", responses=refusals(403, 404, 422, 501))
async def dead_letter(
    *, topic_id: str, partition: int, offset: int, request: Request, parts: Parts,
    who: Annotated[Principal, Depends(right("deadletters.show"))],
) -> DeadLetterAnswerFull:  # fmt: skip
    """内容可能含个人信息，查看会记入审计日志。May hold personal data; looking is written into the audit log."""
    found = await to_thread.run_sync(_letters(parts).show, topic_id, partition, offset)
    if not found:
        raise ApiError("unknown_dead_letter")
    await parts.audit_log.write(who, request, "deadletter.show", f"{topic_id}/{partition}/{offset}")
    shown = [
        DeadLetterBytes(**_fields(letter), content_base64=base64.b64encode(letter.bytes_).decode()) for letter in found
    ]
    return DeadLetterAnswerFull(dead_letters=shown)


@router.post(f"{_ONE}/redrive", summary="重投死信 Send it again", responses=refusals(403, 404, 409, 422, 501))
async def redrive(
    *, topic_id: str, partition: int, offset: int, request: Request, parts: Parts,
    who: Annotated[Principal, Depends(right("deadletters.redrive"))],
) -> RedriveAnswer:  # fmt: skip
    """原样重新进入管道。The same bytes enter the pipeline again."""
    letters = _letters(parts)
    if not await to_thread.run_sync(letters.show, topic_id, partition, offset):
        raise ApiError("unknown_dead_letter")
    await parts.audit_log.write(who, request, "deadletter.redrive", f"{topic_id}/{partition}/{offset}")
    try:
        new_offset = await to_thread.run_sync(letters.redrive, topic_id, partition, offset)
    except Invalid as error:
        raise ApiError("not_whole", more={"reason": error.reason}) from error
    return RedriveAnswer(partition=partition, offset=offset, new_offset=new_offset)


def _auditor(parts: Services) -> Auditor:
    if parts.ports.auditor is None:
        raise ApiError("not_here")
    return parts.ports.auditor


def _letters(parts: Services) -> DeadLetters:
    if parts.ports.dead_letters is None:
        raise ApiError("not_here")
    return parts.ports.dead_letters


def _audit(found: Sequence[PartitionAudit]) -> AuditAnswer:
    partitions = [
        AuditPartition(
            topic_id=one.topic_id, partition=one.partition, first=one.first, end=one.end,
            waiting=one.waiting, missing_count=len(one.missing), missing=list(one.missing[:LISTED]),
        )
        for one in found
    ]  # fmt: skip
    return AuditAnswer(complete=not any(one.missing_count for one in partitions), partitions=partitions)


def _fields(letter: DeadLetter) -> dict[str, Any]:
    return {name: getattr(letter, name) for name in DeadLetterAnswer.model_fields}
