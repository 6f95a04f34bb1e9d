"""The closed loop of a case 闭环: handed over, verified or appealed against, handled, reviewed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.accounts.principal import Principal
from api.case_acts import AtDesk
from api.depends import refusals, right
from api.errors import ApiError
from api.models_cases import AnswerBody, AssignBody, CaseAnswer, LoopBody, ReasonBody, ReviewBody
from streams.cases import loop

router = APIRouter(tags=["告警处理 cases"])

Overseeing = Annotated[Principal, Depends(right("cases.oversee"))]
Responding = Annotated[Principal, Depends(right("cases.respond"))]
_REFUSALS = refusals(403, 404, 409, 422)
_PATH = "/api/v1/cases/{case_id}"


@router.post(f"{_PATH}/assign", summary="交办核实 Hand over", responses=_REFUSALS)
async def assign(case_id: str, body: AssignBody, who: Overseeing, desk: AtDesk) -> CaseAnswer:
    """监管端把问题线索交给医院核实。The clue is handed over to the institution, to be verified until ``due_at``."""
    due = desk.due(body.due_at)
    return await desk.act(who, case_id, "assign", body.version, lambda: loop.assign(who.actor, body.note, due()))


@router.post(f"{_PATH}/confirm", summary="核实属实 Confirm", responses=_REFUSALS)
async def confirm(case_id: str, body: LoopBody, who: Responding, desk: AtDesk) -> CaseAnswer:
    """医院确认问题属实，开始处理。The institution says that it is so, and sets about it."""
    due = desk.due(None)
    return await desk.act(who, case_id, "confirm", body.version, lambda: loop.confirm(who.actor, body.note, due()))


@router.post(f"{_PATH}/appeal", summary="申诉 Appeal", responses=_REFUSALS)
async def appeal(case_id: str, body: ReasonBody, who: Responding, desk: AtDesk) -> CaseAnswer:
    """医院认为不是本院问题，须写理由。被驳回后不能再次申诉。
    The institution says why it is not its fault. Not again once an appeal was refused."""
    due = desk.due(None)
    return await desk.act(who, case_id, "appeal", body.version, lambda: loop.appeal(who.actor, body.note, due()))


@router.post(f"{_PATH}/answer", summary="答复申诉 Answer an appeal", responses=_REFUSALS)
async def answer(case_id: str, body: AnswerBody, who: Overseeing, desk: AtDesk) -> CaseAnswer:
    """成立：办结为“非本院问题”，统计数字不变；不成立：回到处理。均须写理由。
    Accepted: closed as not a fault, no figure changes; refused: to be handled. With a reason."""
    if body.accepted:
        return await desk.act(who, case_id, "accept", body.version, lambda: loop.accept(who.actor, body.note))
    due = desk.due(body.due_at)
    return await desk.act(who, case_id, "refuse", body.version, lambda: loop.refuse(who.actor, body.note, due()))


@router.post(f"{_PATH}/handled", summary="报告已处理 Report it handled", responses=_REFUSALS)
async def handled(case_id: str, body: ReasonBody, who: Responding, desk: AtDesk) -> CaseAnswer:
    """医院说明做了什么，等待复核。The institution says what it did; to be reviewed."""
    due = desk.due(None)
    return await desk.act(who, case_id, "handled", body.version, lambda: loop.handled(who.actor, body.note, due()))


@router.post(f"{_PATH}/review", summary="复核 Review", responses=_REFUSALS)
async def review(case_id: str, body: ReviewBody, who: Overseeing, desk: AtDesk) -> CaseAnswer:
    """通过即办结；退回须写理由。Passed: closed; sent back with a reason."""
    if body.passed:
        return await desk.act(who, case_id, "pass", body.version, lambda: loop.passed(who.actor, body.note))
    if not body.note.strip():
        raise ApiError("invalid", more={"fields": [{"field": "body.note", "problem": "missing", "message": "note"}]})
    due = desk.due(body.due_at)
    return await desk.act(
        who, case_id, "send_back", body.version, lambda: loop.send_back(who.actor, body.note, due())
    )  # fmt: skip
