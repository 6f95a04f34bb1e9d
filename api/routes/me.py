"""/api/v1/me: who one is, one's own password and sessions."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response

from api.accounts.identify import cookie_name
from api.accounts.principal import Principal
from api.depends import Actor, Address, Parts, refusals, right
from api.models_accounts import EndedAnswer, MeAnswer, PasswordBody
from api.routes.session import begun, me_answer, only_people

router = APIRouter(tags=["登录 login"])
Me = Annotated[Principal, Depends(right("me"))]


@router.get("/api/v1/me", summary="本人 Who one is", responses=refusals())
async def me(request: Request, who: Me, parts: Parts) -> MeAnswer:
    """角色、权限和可见范围；人员另有 csrf_token。Role, rights and scope; for people also the csrf_token."""
    if who.kind == "client":
        return me_answer(who, "", "")
    user = await to_thread.run_sync(parts.accounts.users.find, who.label)
    return me_answer(who, user.full_name, request.cookies[cookie_name(parts.settings)])


@router.post("/api/v1/me/password", summary="修改密码 Change one's password", responses=refusals(403, 422, 429))
async def password(
    body: PasswordBody, response: Response, who: Me, parts: Parts, by: Actor, address: Address
) -> MeAnswer:
    """其他登录全部失效，本浏览器得到新的 Cookie。Every other session ends; this browser gets a new cookie."""
    only_people(who)
    old, new = body.old.get_secret_value(), body.new.get_secret_value()
    await to_thread.run_sync(parts.accounts.users.own_password, by, who.label, old, new)
    return await begun(response, parts, await to_thread.run_sync(parts.accounts.sessions.begin, who.label, address))


@router.delete("/api/v1/me/sessions", summary="退出所有登录 End all of one's sessions", responses=refusals(403))
async def end_sessions(who: Me, parts: Parts, by: Actor) -> EndedAnswer:
    """包括本次登录。This one too."""
    only_people(who)
    return EndedAnswer(sessions=await to_thread.run_sync(parts.accounts.users.end_sessions, by, who.label))
