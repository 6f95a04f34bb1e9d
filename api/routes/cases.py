"""Cases: alerts through their life, and what people do about them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Query

from api.accounts.principal import Principal
from api.case_acts import LONGEST, AtDesk, in_shanghai, org_names
from api.case_view import case_answer, full_answer
from api.depends import Parts, Seen, org_scope, refusals, right
from api.errors import ApiError
from api.models_cases import (
    ActBody,
    CaseAnswer,
    CaseFullAnswer,
    CaseKind,
    CasesAnswer,
    CaseSeverity,
    CaseSide,
    CaseSort,
    CaseStage,
    CaseState,
    NoteBody,
    SnoozeBody,
)
from api.wire import SHANGHAI
from streams.cases import people
from streams.cases.store import CaseReader

router = APIRouter(tags=["告警处理 cases"])

Reading = Annotated[Principal, Depends(right("cases.read"))]
Acknowledging = Annotated[Principal, Depends(right("cases.acknowledge"))]
Working = Annotated[Principal, Depends(right("cases.work"))]


@router.get("/api/v1/cases", summary="告警列表 Cases", responses=refusals(403, 422))
async def cases(
    *,
    who: Reading,
    parts: Parts,
    seen: Seen,
    state: Annotated[Literal["", "live"] | CaseState, Query(description="live：除已恢复外全部 all but resolved")] = "",
    kind: Annotated[Literal[""] | CaseKind, Query(description="种类 kind")] = "",
    severity: Annotated[Literal[""] | CaseSeverity, Query(description="级别 severity")] = "",
    org: Annotated[str, Query(description="机构代码（监管端）institution, for operators", max_length=22)] = "",
    table: Annotated[str, Query(description="标准表 table", max_length=64)] = "",
    stage: Annotated[Literal[""] | CaseStage, Query(description="闭环阶段 stage of the closed loop")] = "",
    side: Annotated[CaseSide, Query(description="轮到谁处理 whose turn it is")] = "",
    overdue: Annotated[bool, Query(description="只看逾期 only overdue ones")] = False,
    text: Annotated[str, Query(description="情况、备注、机构名称、编号中的文字 text in it", max_length=100)] = "",
    opened_from: Annotated[date | None, Query(alias="from", description="发现日期起 opened from")] = None,
    opened_to: Annotated[date | None, Query(alias="to", description="发现日期止（含）opened to, included")] = None,
    sort: Annotated[CaseSort, Query(description="排序；无期限的在最后 order; without due date: last")] = "opened_at",
    order: Annotated[Literal["asc", "desc"], Query(description="升序或降序 direction")] = "desc",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> CasesAnswer:
    """默认最新发现的在前，只含可查看的机构。The last opened first, of institutions that one may see."""
    now = parts.now()
    wanted: dict[str, Any] = {
        "org": org_scope(who, org), "state": state, "kind": kind, "severity": severity, "table": table.upper(),
        "stage": stage, "side": side, "text": text.strip(), "sort": sort, "descending": int(order == "desc"),
    }  # fmt: skip
    if overdue:
        wanted["overdue_at"] = now
    if opened_from:
        wanted["opened_from"] = _midnight(opened_from)
    if opened_to:
        wanted["opened_to"] = _midnight(opened_to + timedelta(days=1))

    def page() -> tuple[int, list[CaseAnswer]]:
        names = org_names(parts)
        if wanted["text"]:
            wanted["text_orgs"] = [code for code, name in names.items() if wanted["text"].lower() in name.lower()]
        total, found = CaseReader(seen).page(limit, offset, **wanted)
        return total, [case_answer(case, who, names, now) for case in found]

    total, found = await to_thread.run_sync(page)
    following = offset + len(found)
    return CasesAnswer(
        total=total, limit=limit, offset=offset, next_offset=following if following < total else None, cases=found
    )


@router.get("/api/v1/cases/{case_id}", summary="告警及其经过 A case with its steps", responses=refusals(404))
async def case(case_id: str, who: Reading, parts: Parts, seen: Seen) -> CaseFullAnswer:
    """谁在何时做了什么；医院只看到角色和机构（地区），看不到姓名。
    Who did what when; institutions see role and institution or region, no names."""

    def found() -> CaseFullAnswer:
        steps = CaseReader(seen).steps(case_id)
        if not steps:
            raise ApiError("unknown_case")  # somebody else's case is no different from none
        return full_answer(steps, who, org_names(parts), parts.now())

    return await to_thread.run_sync(found)


@router.post("/api/v1/cases/{case_id}/acknowledge", summary="知悉 Acknowledge", responses=refusals(404, 409, 422))
async def acknowledge(case_id: str, body: ActBody, who: Acknowledging, desk: AtDesk) -> CaseAnswer:
    """有人处理，不再提醒，除非变得更严重。医院可知悉本机构的告警。
    Somebody takes care; no more reminders until it gets worse. Hospitals may, for their own."""
    step = people.acknowledge(who.actor, body.note)
    return await desk.act(who, case_id, "acknowledge", body.version, lambda: step)


@router.post("/api/v1/cases/{case_id}/note", summary="备注 Add a note", responses=refusals(404, 409, 422))
async def note(case_id: str, body: NoteBody, who: Acknowledging, desk: AtDesk) -> CaseAnswer:
    """已恢复的也可备注。Also after its end. 不要写个人信息 No personal data, please."""
    step = people.remark(who.actor, body.note)
    return await desk.act(who, case_id, "note", body.version, lambda: step)


@router.post("/api/v1/cases/{case_id}/snooze", summary="暂停提醒 Snooze", responses=refusals(403, 404, 409, 422))
async def snooze(case_id: str, body: SnoozeBody, who: Working, parts: Parts, desk: AtDesk) -> CaseAnswer:
    """到期、或变得更严重时重新打开；最长 92 天。Open again then, or when it gets worse; 92 days at most."""
    until = in_shanghai(body.until)
    if until > parts.now() + LONGEST:
        raise ApiError("snooze_until")
    step = people.snooze(who.actor, body.note, until)
    return await desk.act(who, case_id, "snooze", body.version, lambda: step)


@router.post("/api/v1/cases/{case_id}/resolve", summary="手工关闭 Resolve", responses=refusals(403, 404, 409, 422))
async def resolve(case_id: str, body: NoteBody, who: Working, desk: AtDesk) -> CaseAnswer:
    """须写明原因；问题消失后再出现、或变得更严重时重新打开。
    With a reason; opened again when it comes back after having been away, or gets worse."""
    step = people.resolve(who.actor, body.note)
    return await desk.act(who, case_id, "resolve", body.version, lambda: step)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)
