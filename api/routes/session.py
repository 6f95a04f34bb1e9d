"""/api/v1/session: people log in and out; /api/v1/me and /api/v1/registrations are in modules of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response

from api.accounts.identify import cookie_name, from_our_pages, principal_of
from api.accounts.principal import Principal
from api.accounts.rights import rights_of
from api.accounts.sessions import Login, csrf_token
from api.depends import PUBLIC, Actor, Address, Parts, refusals, right
from api.errors import ApiError
from api.models_accounts import LoginBody, MeAnswer
from api.services import Services

router = APIRouter(tags=["登录 login"])


@router.post("/api/v1/session", summary="登录 Log in", responses=refusals(403, 422, 429), dependencies=[PUBLIC])
async def login(body: LoginBody, request: Request, response: Response, parts: Parts, address: Address) -> MeAnswer:
    """成功后浏览器得到 Cookie；修改数据的请求须带 X-CSRF-Token。首次登录须先修改密码。
    The browser gets a cookie; calls that change something need X-CSRF-Token. A first login must change the password."""
    from_our_pages(request, parts.settings)  # nobody is logged in as somebody else by a foreign page
    before = request.cookies.get(cookie_name(parts.settings), "")
    done = await to_thread.run_sync(
        parts.accounts.sessions.login, body.name, body.password.get_secret_value(), address, before
    )
    return await begun(response, parts, done)


@router.delete("/api/v1/session", summary="退出 Log out", status_code=204, responses=refusals(403))
async def logout(
    request: Request, response: Response, who: Annotated[Principal, Depends(right("me"))], parts: Parts, by: Actor
) -> None:
    """本次登录立即失效。This session ends at once."""
    only_people(who)
    name = cookie_name(parts.settings)
    await to_thread.run_sync(parts.accounts.sessions.logout, by, request.cookies.get(name, ""))
    response.delete_cookie(name, path="/", secure=parts.settings.tls, httponly=True, samesite="lax")


async def begun(response: Response, parts: Services, done: Login) -> MeAnswer:
    """Give the browser the cookie of a new session, and say who it is."""
    longest = timedelta(hours=parts.settings.session_hours)
    response.set_cookie(
        cookie_name(parts.settings), done.cookie, max_age=int(longest.total_seconds()), path="/",
        secure=parts.settings.tls, httponly=True, samesite="lax",
    )  # fmt: skip
    who = await to_thread.run_sync(principal_of, done.user, parts.directory)
    return me_answer(who, done.user.full_name, done.cookie)


def only_people(who: Principal) -> None:
    """Raises ApiError forbidden for a machine: it has no password and no session."""
    if who.kind != "user":
        raise ApiError("forbidden")


def me_answer(who: Principal, full_name: str, cookie: str) -> MeAnswer:
    """Who calls; ``cookie`` is empty for a machine."""
    return MeAnswer(
        name=who.label, full_name=full_name, kind=who.kind, role=who.role, org=who.org, scope=who.assignment.scope,
        manages=who.manages, personal=who.personal, must_change=who.must_change,
        rights=rights_of(who.role, personal=who.personal, manages=who.manages),
        csrf_token=csrf_token(cookie) if cookie else "",
    )  # fmt: skip
