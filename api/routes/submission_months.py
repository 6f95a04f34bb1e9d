"""When front pages of a month may be submitted, and months that operators open outside of their window."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request

from api.accounts.principal import Principal
from api.depends import Parts, org_scope, refusals, right
from api.errors import ERRORS, ApiError
from api.models_kept import DeletedAnswer
from api.models_submissions import MonthText, OpeningBody, OpeningOut, OpeningsAnswer, WindowAnswer
from api.services import Services
from api.submissions.rules import Opening, allowed, refusal
from api.submissions.view import month_of
from clickhouse.schedule import EVERY

router = APIRouter(tags=["病案首页上报 submissions"])

Reading = Annotated[Principal, Depends(right("submissions.read"))]
Opening_ = Annotated[Principal, Depends(right("submissions.open"))]
_OneOrg = Annotated[str, Query(description="机构代码（监管端）institution, for operators", max_length=22)]


@router.get(
    "/api/v1/submissions/window", summary="上报时间 When a month may be submitted", responses=refusals(403, 422)
)  # fmt: skip
async def window(who: Reading, parts: Parts, month: Annotated[MonthText, Query()], org: _OneOrg = "") -> WindowAnswer:
    """上报时间、已用次数、现在能否上报。The window, what was used of it, and whether one may submit now."""
    asked = org_scope(who, org)
    if not asked:
        raise ApiError("no_org")
    return await to_thread.run_sync(_window, parts, asked, month)


@router.get("/api/v1/submissions/openings", summary="开放的月份 Months that were opened", responses=refusals(403))
async def openings(who: Reading, parts: Parts) -> OpeningsAnswer:
    """医院只看对本机构开放的。A hospital sees those that are open for it."""
    now = parts.now()
    found = await to_thread.run_sync(parts.desk.tools.store.openings)
    return OpeningsAnswer(
        openings=[
            OpeningOut(org=one.org, month=f"{one.month:%Y-%m}", until=one.until, more=one.more, note=one.note,
                       changed_by=one.changed_by, open=now < one.until)
            for one in found if one.org == EVERY or who.sees(one.org)
        ]
    )  # fmt: skip


@router.put("/api/v1/submissions/openings", summary="开放一个月份 Open a month", responses=refusals(403, 404, 422))
async def save(body: OpeningBody, request: Request, who: Opening_, parts: Parts) -> OpeningsAnswer:
    """对一个或全部机构开放，可加次数。For one institution or all, with more submissions."""
    await _may_open(parts, who, body.org)
    if body.until.tzinfo is None:
        raise ApiError("invalid")
    opening = Opening(body.org, month_of(body.month), body.until, body.more, body.note)
    await parts.audit_log.write(
        who, request, "submission.open", f"{body.org}|{body.month}", until=body.until.isoformat(), more=body.more
    )
    await to_thread.run_sync(parts.desk.tools.store.save_opening, opening, who.actor)
    return await openings(who, parts)


@router.delete(
    "/api/v1/submissions/openings", summary="收回开放 Take an opening back", responses=refusals(403, 404, 422)
)  # fmt: skip
async def delete(
    request: Request, who: Opening_, parts: Parts, org: Annotated[str, Query(max_length=22)],
    month: Annotated[MonthText, Query()],
) -> DeletedAnswer:  # fmt: skip
    """已开始的上报不受影响。Submissions that have begun are not affected."""
    await _may_open(parts, who, org)
    found = await to_thread.run_sync(parts.desk.tools.store.openings)
    mine = next((one for one in found if (one.org, one.month) == (org, month_of(month))), None)
    if mine is None:
        raise ApiError("unknown_entry")
    await parts.audit_log.write(who, request, "submission.close", f"{org}|{month}")
    await to_thread.run_sync(lambda: parts.desk.tools.store.save_opening(mine, who.actor, deleted=True))
    return DeletedAnswer(deleted=1)


async def _may_open(parts: Services, who: Principal, org: str) -> None:
    if not (who.sees_all if org == EVERY else who.sees(org)):
        raise ApiError("other_org")
    if org != EVERY and org not in {one.org for one in await to_thread.run_sync(parts.orgs.all)}:
        raise ApiError("unknown_org")


def _window(parts: Services, org: str, text: str) -> WindowAnswer:
    month, store = month_of(text), parts.desk.tools.store
    rules, opening, used = parts.desk.rules(org), store.opening(org, month), len(store.counted(org, month))
    why = refusal(parts.now(), month, rules, opening, used, store.under_way(org, month)) or ""
    _, zh, en, _ = ERRORS[why] if why else (0, "", "", "")
    span = rules.window(month)
    return WindowAnswer(
        org=org, month=text, opens=span.opens, closes=span.closes, opened_until=opening.until if opening else None,
        used=used, allowed=allowed(rules, opening), may_submit=not why, refusal=why, refusal_zh=zh, refusal_en=en,
    )  # fmt: skip
