"""/api/v1/users: administrators look after the people of their platform, region or institution."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends

from api.accounts.principal import Principal
from api.accounts.tables import User
from api.depends import Actor, Parts, refusals, right
from api.errors import ApiError
from api.models_accounts import (
    EndedAnswer,
    NewPasswordAnswer,
    UserAnswer,
    UserBody,
    UserChange,
    UsersAnswer,
    user_answer,
)
from api.services import Services

router = APIRouter(tags=["用户 users"])
Manager = Annotated[Principal, Depends(right("users.manage"))]


@router.get("/api/v1/users", summary="用户列表 Users", responses=refusals(403))
async def users(who: Manager, parts: Parts) -> UsersAnswer:
    """管理范围内的用户。The users that one looks after."""

    def own() -> list[User]:
        found = parts.accounts.users.all()
        return [user for user in found if parts.directory.manages(who.assignment, user.assignment)]

    return UsersAnswer(users=[user_answer(user) for user in await to_thread.run_sync(own)])


@router.post("/api/v1/users", summary="新增用户 Add a user", status_code=201, responses=refusals(403, 409, 422))
async def add(body: UserBody, who: Manager, parts: Parts, by: Actor) -> NewPasswordAnswer:
    """返回一次性密码，只显示一次。Answers with a one-time password, shown once."""

    def made() -> str:
        if not parts.directory.manages(who.assignment, body.assignment):
            raise ApiError("not_yours")
        return parts.accounts.users.add(by, body.name, body.assignment, body.full_name)

    return NewPasswordAnswer(name=body.name, password=await to_thread.run_sync(made))


@router.get("/api/v1/users/{name}", summary="用户 One user", responses=refusals(403, 404))
async def user(name: str, who: Manager, parts: Parts) -> UserAnswer:
    """管理范围以外等同不存在。Outside one's range is no different from not there."""
    return user_answer(await to_thread.run_sync(_own, parts, who, name))


@router.put("/api/v1/users/{name}", summary="修改用户 Change a user", responses=refusals(403, 404, 409, 422))
async def change(name: str, body: UserChange, who: Manager, parts: Parts, by: Actor) -> UserAnswer:
    """角色、范围、停用；变更后该用户须重新登录。Role, scope, disabled; the user has to log in again."""

    def changed() -> User:
        _own(parts, who, name)
        if not parts.directory.manages(who.assignment, body.assignment):
            raise ApiError("not_yours")
        return parts.accounts.users.change(
            by, name, assignment=body.assignment, full_name=body.full_name, active=body.active
        )

    return user_answer(await to_thread.run_sync(changed))


@router.post(
    "/api/v1/users/{name}/reset-password", summary="重置密码 A new one-time password", responses=refusals(403, 404)
)
async def reset_password(name: str, who: Manager, parts: Parts, by: Actor) -> NewPasswordAnswer:
    """原密码和全部登录立即失效。The old password and every session end at once."""

    def reset() -> str:
        _own(parts, who, name)
        return parts.accounts.users.reset_password(by, name)

    return NewPasswordAnswer(name=name, password=await to_thread.run_sync(reset))


@router.post("/api/v1/users/{name}/unlock", summary="解除锁定 Unlock", status_code=204, responses=refusals(403, 404))
async def unlock(name: str, who: Manager, parts: Parts, by: Actor) -> None:
    """多次输错密码后无需再等待。No more waiting after too many wrong passwords."""

    def unlocked() -> None:
        _own(parts, who, name)
        parts.accounts.users.unlock(by, name)

    await to_thread.run_sync(unlocked)


@router.delete("/api/v1/users/{name}/sessions", summary="强制下线 End all sessions", responses=refusals(403, 404))
async def end_sessions(name: str, who: Manager, parts: Parts, by: Actor) -> EndedAnswer:
    """该用户的全部登录立即失效。All of the user's sessions end at once."""

    def ended() -> int:
        _own(parts, who, name)
        return parts.accounts.users.end_sessions(by, name)

    return EndedAnswer(sessions=await to_thread.run_sync(ended))


def _own(parts: Services, who: Principal, name: str) -> User:
    """A user that ``who`` looks after. Raises ApiError unknown_user."""
    found = parts.accounts.users.find(name)
    if not parts.directory.manages(who.assignment, found.assignment):
        raise ApiError("unknown_user")
    return found
