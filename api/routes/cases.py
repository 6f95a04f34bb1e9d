"""Cases: alerts through their life, and what people do about them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request

from api.accounts.principal import Principal
from api.depends import Parts, Seen, org_scope, refusals, right
from api.errors import ApiError
from api.models_cases import (
    ActBody,
    CaseAnswer,
    CaseFullAnswer,
    CaseKind,
    CasesAnswer,
    CaseSeverity,
    CaseState,
    CaseStep,
    Measure,
    NoteBody,
    SnoozeBody,
)
from api.services import Services
from api.wire import SHANGHAI
from clickhouse.narrowed import Reader
from sanjian.errors import Invalid
from streams.cases import people
from streams.cases.case import Case
from streams.cases.notice import figure
from streams.cases.store import CaseReader

router = APIRouter(tags=["告警处理 cases"])

Reading = Annotated[Principal, Depends(right("cases.read"))]
Acknowledging = Annotated[Principal, Depends(right("cases.acknowledge"))]
Working = Annotated[Principal, Depends(right("cases.work"))]

#: Nobody knows today what is right in a quarter of a year.
LONGEST_SNOOZE = timedelta(days=92)
#: Invalid of a step → code of the refusal.
_REFUSALS = {"resolved": "case_over", "changed": "case_changed", "past": "snooze_until"}
_SAME = (
    "id", "version", "key", "kind", "severity", "state", "action", "org", "table", "zh", "en", "fix_zh", "fix_en",
    "opened_at", "snoozed_until", "firing", "flapping", "reopened", "actor", "note",
)  # fmt: skip


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
    opened_from: Annotated[date | None, Query(alias="from", description="发现日期起 opened from")] = None,
    opened_to: Annotated[date | None, Query(alias="to", description="发现日期止（含）opened to, included")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> CasesAnswer:
    """最新发现的在前，只含可查看的机构。The last opened first, of institutions that one may see."""
    wanted: dict[str, Any] = {
        "org": org_scope(who, org), "state": state, "kind": kind, "severity": severity, "table": table.upper(),
    }  # fmt: skip
    if opened_from:
        wanted["opened_from"] = _midnight(opened_from)
    if opened_to:
        wanted["opened_to"] = _midnight(opened_to + timedelta(days=1))

    def page() -> tuple[int, list[CaseAnswer]]:
        total, found = CaseReader(seen).page(limit, offset, **wanted)
        names = _names(parts)
        return total, [_answer(case, names) for case in found]

    total, found = await to_thread.run_sync(page)
    following = offset + len(found)
    return CasesAnswer(
        total=total, limit=limit, offset=offset, next_offset=following if following < total else None, cases=found
    )


@router.get("/api/v1/cases/{case_id}", summary="告警及其经过 A case with its steps", responses=refusals(404))
async def case(case_id: str, _: Reading, parts: Parts, seen: Seen) -> CaseFullAnswer:
    """谁在何时做了什么。Who did what when."""

    def found() -> CaseFullAnswer:
        steps = CaseReader(seen).steps(case_id)
        if not steps:
            raise ApiError("unknown_case")  # somebody else's case is no different from none
        return CaseFullAnswer(case=_answer(steps[-1], _names(parts)), steps=[_step(step) for step in steps])

    return await to_thread.run_sync(found)


@router.post("/api/v1/cases/{case_id}/acknowledge", summary="知悉 Acknowledge", responses=refusals(404, 409, 422))
async def acknowledge(
    case_id: str, body: ActBody, request: Request, who: Acknowledging, parts: Parts, seen: Seen
) -> CaseAnswer:
    """有人处理，不再提醒，除非变得更严重。医院可知悉本机构的告警。
    Somebody takes care; no more reminders until it gets worse. Hospitals may, for their own."""
    step = people.acknowledge(who.actor, body.note)
    return await _act(parts, seen, who, request, case_id, "acknowledge", body, step)


@router.post("/api/v1/cases/{case_id}/note", summary="备注 Add a note", responses=refusals(404, 409, 422))
async def note(
    case_id: str, body: NoteBody, request: Request, who: Acknowledging, parts: Parts, seen: Seen
) -> CaseAnswer:
    """已恢复的也可备注。Also after its end. 不要写个人信息 No personal data, please."""
    return await _act(parts, seen, who, request, case_id, "note", body, people.remark(who.actor, body.note))


@router.post("/api/v1/cases/{case_id}/snooze", summary="暂停提醒 Snooze", responses=refusals(403, 404, 409, 422))
async def snooze(
    case_id: str, body: SnoozeBody, request: Request, who: Working, parts: Parts, seen: Seen
) -> CaseAnswer:
    """到期、或变得更严重时重新打开；最长 92 天。Open again then, or when it gets worse; 92 days at most."""
    until = body.until if body.until.tzinfo else body.until.replace(tzinfo=SHANGHAI)
    if until > parts.now() + LONGEST_SNOOZE:
        raise ApiError("snooze_until")
    step = people.snooze(who.actor, body.note, until)
    return await _act(parts, seen, who, request, case_id, "snooze", body, step)


@router.post("/api/v1/cases/{case_id}/resolve", summary="手工关闭 Resolve", responses=refusals(403, 404, 409, 422))
async def resolve(case_id: str, body: NoteBody, request: Request, who: Working, parts: Parts, seen: Seen) -> CaseAnswer:
    """须写明原因；问题消失后再出现、或变得更严重时重新打开。
    With a reason; opened again when it comes back after having been away, or gets worse."""
    return await _act(parts, seen, who, request, case_id, "resolve", body, people.resolve(who.actor, body.note))


async def _act(
    parts: Services, seen: Reader, who: Principal, request: Request, ident: str, action: str, body: ActBody,
    step: people.PersonStep,
) -> CaseAnswer:  # fmt: skip
    """Written into the audit log first, then done. A case never becomes another institution's."""
    if await to_thread.run_sync(CaseReader(seen).find, ident) is None:
        raise ApiError("unknown_case")  # somebody else's case is no different from none
    await parts.audit_log.write(who, request, f"case.{action}", ident)

    def act() -> CaseAnswer:
        done = parts.casework.cases.act(ident, step, parts.now(), version=body.version)
        if done is None:
            raise ApiError("unknown_case")
        return _answer(done, _names(parts))

    try:
        return await to_thread.run_sync(act)
    except Invalid as error:
        raise ApiError(_REFUSALS[error.reason]) from error


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def _names(parts: Services) -> dict[str, str]:
    return {org.org: org.name for org in parts.orgs.all()}


def _answer(case: Case, names: dict[str, str]) -> CaseAnswer:
    return CaseAnswer(
        **{name: getattr(case, name) for name in _SAME}, org_name=names.get(case.org, ""), changed_at=case.at,
        biz_date=case.biz_date.isoformat() if case.biz_date else None, measure=_measure(case),
        details=orjson.loads(case.details or "{}"),
    )  # fmt: skip


def _step(case: Case) -> CaseStep:
    names = ("version", "at", "action", "actor", "note", "state", "severity")
    return CaseStep(**{name: getattr(case, name) for name in names}, measure=_measure(case))


def _measure(case: Case) -> Measure:
    return Measure(
        numerator=figure(case.numerator), denominator=figure(case.denominator), threshold=figure(case.threshold),
        baseline=figure(case.baseline),
    )  # fmt: skip
