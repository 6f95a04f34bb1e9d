"""/api/v1/registrations: people ask for an account; who looks after their institution or region decides."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request

from api.accounts.identify import from_our_pages
from api.accounts.principal import Assignment, Principal
from api.accounts.registrations import Wish
from api.accounts.tables import Registration, User
from api.depends import PUBLIC, Actor, Address, Parts, refusals, right
from api.errors import ApiError
from api.models_accounts import (
    ApprovalBody,
    AskedAnswer,
    RefusalBody,
    RegistrationBody,
    RegistrationsAnswer,
    UserAnswer,
    registration_answer,
    user_answer,
)
from api.services import Services

router = APIRouter(tags=["用户 users"])
Decider = Annotated[Principal, Depends(right("registrations.decide"))]


@router.post(
    "/api/v1/registrations", summary="自助注册 Ask for an account", status_code=202, dependencies=[PUBLIC],
    responses=refusals(403, 422, 429),
)  # fmt: skip
async def ask(body: RegistrationBody, request: Request, parts: Parts, address: Address) -> AskedAnswer:
    """由本机构或本地区管理员审批。The administrator of the institution or region decides."""
    if not parts.settings.registration:
        raise ApiError("no_registration")
    from_our_pages(request, parts.settings)
    wish = Wish(
        body.name, body.full_name, body.password.get_secret_value(), Assignment(body.role, body.org, body.scope),
        body.contact, body.note,
    )  # fmt: skip
    return AskedAnswer(id=await to_thread.run_sync(parts.accounts.registrations.ask, wish, address))


@router.get("/api/v1/registrations", summary="待审批 Waiting", responses=refusals(403))
async def waiting(who: Decider, parts: Parts) -> RegistrationsAnswer:
    """管理范围内的，先申请的在前。Those that one may decide on, oldest first."""

    def own() -> list[tuple[Registration, bool]]:
        found = parts.accounts.registrations.waiting()
        return [one for one in found if parts.directory.manages(who.assignment, one[0].assignment)]

    found = await to_thread.run_sync(own)
    return RegistrationsAnswer(registrations=[registration_answer(one, taken) for one, taken in found])


@router.post(
    "/api/v1/registrations/{ident}/approve", summary="批准 Approve and assign", responses=refusals(403, 404, 409, 422)
)
async def approve(ident: str, body: ApprovalBody, who: Decider, parts: Parts, by: Actor) -> UserAnswer:
    """以所给角色和范围建立账号。The account gets the role and scope given here."""

    def approved() -> User:
        _own(parts, who, ident)
        if not parts.directory.manages(who.assignment, body.assignment):
            raise ApiError("not_yours")
        return parts.accounts.registrations.approve(by, ident, body.assignment, body.name)

    return user_answer(await to_thread.run_sync(approved))


@router.post(
    "/api/v1/registrations/{ident}/refuse", summary="拒绝 Refuse", status_code=204, responses=refusals(403, 404)
)
async def refuse(ident: str, body: RefusalBody, who: Decider, parts: Parts, by: Actor) -> None:
    """理由与注册一同保存。The reason is kept with the registration."""

    def refused() -> None:
        _own(parts, who, ident)
        parts.accounts.registrations.refuse(by, ident, body.reason)

    await to_thread.run_sync(refused)


def _own(parts: Services, who: Principal, ident: str) -> None:
    """Raises ApiError unknown_registration for one that ``who`` may not decide on."""
    if not parts.directory.manages(who.assignment, parts.accounts.registrations.find(ident).assignment):
        raise ApiError("unknown_registration")
