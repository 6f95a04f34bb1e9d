"""/api/v1/clients: the machines that send and listen. Their secrets are shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends

from api.accounts.principal import Principal
from api.accounts.tables import Client
from api.depends import Actor, Parts, refusals, right
from api.errors import ApiError
from api.models_accounts import (
    ClientAnswer,
    ClientBody,
    ClientChange,
    ClientsAnswer,
    RotateBody,
    SecretAnswer,
    client_answer,
)
from api.services import Services

router = APIRouter(tags=["接入凭证 clients"])
Manager = Annotated[Principal, Depends(right("clients.manage"))]


@router.get("/api/v1/clients", summary="接入凭证列表 Clients", responses=refusals(403))
async def clients(who: Manager, parts: Parts) -> ClientsAnswer:
    """管理范围内的。Those that one looks after."""

    def own() -> list[Client]:
        found = parts.accounts.clients.all()
        return [one for one in found if parts.directory.manages(who.assignment, one.assignment)]

    return ClientsAnswer(clients=[client_answer(one) for one in await to_thread.run_sync(own)])


@router.post("/api/v1/clients", summary="新增接入凭证 Add a client", status_code=201, responses=refusals(403, 409, 422))
async def add(body: ClientBody, who: Manager, parts: Parts, by: Actor) -> SecretAnswer:
    """密钥只显示一次。The secret is shown once."""

    def made() -> tuple[Client, str]:
        if body.manages:
            raise ApiError("bad_assignment", more={"reason": "manages"})  # people decide about people
        if not parts.directory.manages(who.assignment, body.assignment):
            raise ApiError("not_yours")
        return parts.accounts.clients.add(by, body.label, body.assignment, body.allow)

    client, secret = await to_thread.run_sync(made)
    return SecretAnswer(client_id=client.id, client_secret=secret)


@router.put(
    "/api/v1/clients/{client_id}", summary="修改接入凭证 Change a client", responses=refusals(403, 404, 409, 422)
)
async def change(client_id: str, body: ClientChange, who: Manager, parts: Parts, by: Actor) -> ClientAnswer:
    """名称和地址白名单。Label and networks."""

    def changed() -> Client:
        _own(parts, who, client_id)
        return parts.accounts.clients.change(by, client_id, label=body.label, allow=body.allow)

    return client_answer(await to_thread.run_sync(changed))


@router.post("/api/v1/clients/{client_id}/rotate", summary="更换密钥 A new secret", responses=refusals(403, 404, 422))
async def rotate(client_id: str, body: RotateBody, who: Manager, parts: Parts, by: Actor) -> SecretAnswer:
    """重叠期内新旧密钥都有效。Old and new secret both work for the overlap."""

    def rotated() -> str:
        _own(parts, who, client_id)
        return parts.accounts.clients.rotate(by, client_id, timedelta(hours=body.overlap_hours))

    return SecretAnswer(client_id=client_id, client_secret=await to_thread.run_sync(rotated))


@router.delete(
    "/api/v1/clients/{client_id}", summary="撤销接入凭证 Take a client back", status_code=204,
    responses=refusals(403, 404),
)  # fmt: skip
async def revoke(client_id: str, who: Manager, parts: Parts, by: Actor) -> None:
    """密钥和令牌立即失效。Its secrets and tokens end at once."""

    def revoked() -> None:
        _own(parts, who, client_id)
        parts.accounts.clients.revoke(by, client_id)

    await to_thread.run_sync(revoked)


def _own(parts: Services, who: Principal, client_id: str) -> None:
    """Raises ApiError unknown_client for one that ``who`` does not look after."""
    if not parts.directory.manages(who.assignment, parts.accounts.clients.find(client_id).assignment):
        raise ApiError("unknown_client")
