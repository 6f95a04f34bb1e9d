"""POST /api/v1/rejected/redrive: rejected rows validated again, after a rule, a map or the standard has changed."""

from __future__ import annotations

import uuid
from typing import Annotated

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Request

from api.accounts.principal import Principal
from api.case_acts import org_names
from api.depends import Parts, Seen, org_scope, refusals, right
from api.error_detail import ANY_DAY, known_table
from api.errors import ApiError
from api.models_rejected import NotPossible, RedriveBody, RedriveJobAnswer
from api.redrive.jobs import Job
from api.redrive.plan import REASONS, Plan, Wanted, make_plan

router = APIRouter(tags=["拒收 rejected"])

Redriving = Annotated[Principal, Depends(right("rejected.redrive"))]
#: Small redrives are done with the answer; of others the page asks how far they are.
WAIT_SECONDS = 3.0


@router.post(
    "/api/v1/rejected/redrive", summary="重投拒收的行 Validate rejected rows again",
    responses=refusals(403, 404, 409, 422),
)  # fmt: skip
async def redrive(body: RedriveBody, request: Request, who: Redriving, parts: Parts, seen: Seen) -> RedriveJobAnswer:
    """按原内容、原批次、原到达时间重新校验；入库的不再是拒收，仍不合格的仍只计一次。``dry_run`` 只说明有多少。
    The same content, batch and time of arrival are validated again: what is accepted now is rejected no longer, what is
    not stays rejected once. With ``dry_run`` only how many there are."""
    wanted = Wanted(
        org_scope(who, body.org), known_table(parts, body.table), body.rule_id, body.biz_from or ANY_DAY,
        body.biz_to or ANY_DAY,
    )  # fmt: skip
    plan = await to_thread.run_sync(lambda: make_plan(seen, wanted, org_names(parts).keys(), parts.standard.tables))
    if body.dry_run or not plan.messages:
        return _planned(plan, dry_run=body.dry_run)
    if parts.redrives.busy:
        raise ApiError("redrive_running")
    ident = uuid.uuid4().hex
    await parts.audit_log.write(
        who, request, "rejected.redrive", ident, messages=len(plan.messages), rows=plan.rows, org=wanted.org,
        table=wanted.table, rule_id=wanted.rule_id, first=str(body.biz_from or ""), last=str(body.biz_to or ""),
    )  # fmt: skip
    await parts.redrives.start(ident, _whose(who), wanted, plan, seen, WAIT_SECONDS)
    found = await _found(parts, who, ident)
    return found.model_copy(update={"matching": plan.matching})


@router.get(
    "/api/v1/rejected/redrives/{ident}", summary="重投进度 How far a redrive is", responses=refusals(403, 404)
)  # fmt: skip
async def redrive_progress(ident: str, who: Redriving, parts: Parts) -> RedriveJobAnswer:
    """已发送、已校验的行数；只给发起人和管理员看。Rows sent and validated; for who began it and administrators."""
    return await _found(parts, who, ident)


async def _found(parts: Parts, who: Principal, ident: str) -> RedriveJobAnswer:
    found = await to_thread.run_sync(parts.redrives.find, ident)
    if found is None or (found[0].actor != _whose(who) and who.role != "admin"):
        raise ApiError("unknown_redrive")
    return _job(*found)


def _whose(who: Principal) -> str:
    """Names are not unique among institutions and regions."""
    return f"{who.actor} {who.authority}"


def _job(job: Job, outcome: dict[str, int]) -> RedriveJobAnswer:
    left = job.sent_rows - sum(outcome.values())
    return RedriveJobAnswer(
        id=job.id, dry_run=False, state=job.state, messages=job.messages, rows=job.rows, matching=None,
        sent_messages=job.sent_messages, sent_rows=job.sent_rows, **outcome, waiting=max(0, left),
        more=bool(job.more), started_at=job.started_at, changed_at=job.at,
        not_possible=[
            _reason(reason, count["messages"], count["rows"])
            for reason, count in orjson.loads(job.not_possible).items()
        ],
    )  # fmt: skip


def _planned(plan: Plan, *, dry_run: bool) -> RedriveJobAnswer:
    return RedriveJobAnswer(
        id="", dry_run=dry_run, state="planned" if dry_run else "done", messages=len(plan.messages), rows=plan.rows,
        matching=plan.matching, sent_messages=0, sent_rows=0, accepted=0, rejected=0, unreadable=0, repeated=0,
        waiting=0, more=plan.more, started_at=None, changed_at=None,
        not_possible=[_reason(reason, one.messages, one.rows) for reason, one in plan.not_possible.items()],
    )  # fmt: skip


def _reason(reason: str, messages: int, rows: int) -> NotPossible:
    zh, en = REASONS[reason]
    return NotPossible(reason=reason, reason_zh=zh, reason_en=en, messages=messages, rows=rows)
