"""Channels over which notices leave besides websockets, and the outbox: what was sent, failed and given up."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal
from urllib.parse import urlsplit

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Request

from api.accounts.principal import Principal
from api.depends import Parts, Seen, refusals, right
from api.errors import ApiError
from api.models_cases import (
    ChannelAnswer,
    ChannelBody,
    ChannelName,
    ChannelsAnswer,
    ChannelSavedAnswer,
    ChannelTestAnswer,
    DeliveryAnswer,
    OutboxAnswer,
)
from api.services import Services
from clickhouse.channels import Channel
from streams.outbox.delivery import Delivery, again
from streams.outbox.failures import NotDelivered, words
from streams.outbox.store import OutboxReader
from streams.outbox.trial import trial

router = APIRouter(tags=["告警渠道 channels"])

Reading = Annotated[Principal, Depends(right("channels.read"))]
Writing = Annotated[Principal, Depends(right("channels.write"))]

_MAIL = re.compile(r"^[^@\s,<>\"]+@[A-Za-z0-9.-]+$")
#: A mail server does not take many more in one message.
MOST_RECIPIENTS = 50
_SAME = ("name", "kind", "least_severity", "digest", "active", "changed_by")


@router.get("/api/v1/channels", summary="渠道列表 Channels", responses=refusals(403))
async def channels(who: Reading, parts: Parts) -> ChannelsAnswer:
    """密钥不显示。地区人员只看到只发送其机构通知的渠道。
    Secrets are not shown. Staff of a region see channels that tell of institutions of the region only."""
    stored = await to_thread.run_sync(parts.casework.channels.all)
    return ChannelsAnswer(channels=[_answer(channel) for channel in stored if _within(who, channel.orgs)])


@router.put("/api/v1/channels/{name}", summary="设置渠道 Set a channel", responses=refusals(403, 404, 422))
async def save(
    name: Annotated[ChannelName, Path()], body: ChannelBody, request: Request, who: Writing, parts: Parts
) -> ChannelSavedAnswer:
    """未给出的网址和密钥保持不变；webhook 没有密钥时生成一个，只显示这一次。地区管理员须写明本地区的机构。
    Address and secret that are left out stay; a webhook without a secret gets one, shown this once. A region's
    administrator has to name institutions of the region."""
    if not _within(who, body.orgs):
        raise ApiError("other_org")
    before = await to_thread.run_sync(_find, parts, name)
    if before is not None and not _within(who, before.orgs):
        raise ApiError("name_taken")
    kept = before if before is not None and before.kind == body.kind else None
    target = body.target if body.target is not None else (kept.target if kept else "")
    secret = body.secret if body.secret is not None else (kept.secret if kept else "")
    made = secrets.token_urlsafe(32) if body.kind == "webhook" and not secret else None
    known = {org.org for org in await to_thread.run_sync(parts.orgs.all)}
    if not known.issuperset(body.orgs):
        raise ApiError("unknown_org")
    channel = Channel(
        name=name, kind=body.kind, target=_target(body.kind, target), secret=made or secret, orgs=tuple(body.orgs),
        kinds=tuple(body.kinds), least_severity=body.least_severity, digest=body.digest, active=body.active,
        changed_by=who.actor,
    )  # fmt: skip
    await parts.audit_log.write(
        who, request, "channel.save", name, kind=channel.kind, address=_shown(channel), orgs=len(channel.orgs),
        active=channel.active, new_target=body.target is not None, new_secret=body.secret is not None or bool(made),
    )  # fmt: skip
    await to_thread.run_sync(parts.casework.channels.save, channel)
    return ChannelSavedAnswer(channel=_answer(channel), secret=made)


@router.delete("/api/v1/channels/{name}", summary="删除渠道 Delete a channel", responses=refusals(403, 404, 422))
async def delete(name: Annotated[ChannelName, Path()], request: Request, who: Writing, parts: Parts) -> ChannelAnswer:
    """还未送出的一并放弃。What still waits for it is given up."""
    channel = await _channel(parts, who, name)
    await parts.audit_log.write(who, request, "channel.delete", name)
    await to_thread.run_sync(parts.casework.channels.delete, channel, who.actor)
    return _answer(replace(channel, active=False))


@router.post("/api/v1/channels/{name}/test", summary="发测试消息 Send a test", responses=refusals(403, 404, 422))
async def test(name: Annotated[ChannelName, Path()], request: Request, who: Writing, parts: Parts) -> ChannelTestAnswer:
    """立即发送一条，返回结果，不重试。Sends one now and says what became of it; it is not tried again."""
    channel = await _channel(parts, who, name)
    await parts.audit_log.write(who, request, "channel.test", name)
    began, reason, delivered = time.monotonic(), "", True
    try:
        reason = await parts.casework.dispatch.send(channel, trial(parts.now()))
    except NotDelivered as error:
        reason, delivered = error.reason, False
    zh, en = words(reason) if reason else ("", "")
    return ChannelTestAnswer(
        delivered=delivered, reason=reason, reason_zh=zh, reason_en=en, took_ms=round((time.monotonic() - began) * 1000)
    )


@router.get("/api/v1/outbox", summary="发送记录 Deliveries", responses=refusals(403, 422))
async def outbox(
    *,
    _: Annotated[Principal, Depends(right("outbox.read"))],
    seen: Seen,
    channel: Annotated[str, Query(max_length=40)] = "",
    org: Annotated[str, Query(max_length=22)] = "",
    state: Annotated[Literal["", "pending", "leased", "delivered", "failed", "dead"], Query()] = "",
    notice: Annotated[str, Query(max_length=80, description="通知编号 id of the notice")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> OutboxAnswer:
    """最新的在前，不含内容。The newest notice first, without its content."""

    def page() -> tuple[int, list[Delivery]]:
        return OutboxReader(seen).page(limit, offset, channel=channel, org=org, state=state, notice=notice)

    total, found = await to_thread.run_sync(page)
    following = offset + len(found)
    return OutboxAnswer(
        total=total, limit=limit, offset=offset, next_offset=following if following < total else None,
        deliveries=[_delivery(one) for one in found],
    )  # fmt: skip


@router.post("/api/v1/outbox/{delivery_id}/retry", summary="重新发送 Try again", responses=refusals(403, 404, 409))
async def retry(
    delivery_id: str, request: Request, who: Annotated[Principal, Depends(right("outbox.retry"))], parts: Parts,
    seen: Seen,
) -> DeliveryAnswer:  # fmt: skip
    """只用于已放弃的。Only for what was given up."""
    delivery = await to_thread.run_sync(OutboxReader(seen).find, delivery_id)
    if delivery is None:
        raise ApiError("unknown_delivery")
    if delivery.state != "dead":
        raise ApiError("not_dead")
    await parts.audit_log.write(who, request, "outbox.retry", delivery_id)
    step = again(delivery, parts.now())
    if not await to_thread.run_sync(parts.casework.outbox.take, step):
        raise ApiError("not_dead")  # somebody else was faster
    return _delivery(step)


def _find(parts: Services, name: str) -> Channel | None:
    return next((channel for channel in parts.casework.channels.all() if channel.name == name), None)


async def _channel(parts: Services, who: Principal, name: str) -> Channel:
    channel = await to_thread.run_sync(_find, parts, name)
    if channel is None or not _within(who, channel.orgs):
        raise ApiError("unknown_channel")
    return channel


def _within(who: Principal, orgs: Sequence[str]) -> bool:
    """Whether a channel for these institutions (none: all of them) is the caller's matter."""
    return who.sees_all or (bool(orgs) and all(who.sees(org) for org in orgs))


def _target(kind: str, target: str) -> str:
    """The address as it is kept. Raises ApiError channel_target; administrators may name any host, private ones too."""
    if kind == "email":
        recipients = [part.strip() for part in target.split(",")]
        if not all(_MAIL.match(one) for one in recipients) or len(recipients) > MOST_RECIPIENTS:
            raise ApiError("channel_target")
        return ",".join(recipients)
    try:
        parts = urlsplit(target)
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        right = False
    if not right or not target.isascii() or not target.isprintable() or " " in target:
        raise ApiError("channel_target")
    return target


def _shown(channel: Channel) -> str:
    """The address without what may be a key."""
    if channel.kind == "email":
        return channel.target
    parts = urlsplit(channel.target)
    return f"{parts.scheme}://{parts.netloc}{parts.path}{'?…' if parts.query else ''}"


def _answer(channel: Channel) -> ChannelAnswer:
    return ChannelAnswer(
        **{name: getattr(channel, name) for name in _SAME}, target=_shown(channel), has_secret=bool(channel.secret),
        orgs=list(channel.orgs), kinds=list(channel.kinds),
    )  # fmt: skip


def _delivery(delivery: Delivery) -> DeliveryAnswer:
    names = ("id", "channel", "org", "notice", "kind", "state", "attempts", "at", "not_before", "reason")
    zh, en = words(delivery.reason) if delivery.reason else ("", "")
    return DeliveryAnswer(**{name: getattr(delivery, name) for name in names}, reason_zh=zh, reason_en=en)
