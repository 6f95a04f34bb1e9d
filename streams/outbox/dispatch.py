"""Hands one notice to one channel, whatever its kind; says when and why it was not taken."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import datetime

import httpx
import orjson

from clickhouse.channels import Channel
from streams.outbox import mail, robots, webhook
from streams.outbox.failures import NotDelivered
from streams.outbox.post import http_client, post

_JSON = {"Content-Type": "application/json"}


class Dispatch:
    """``await dispatch.send(channel, payload)``. ``now`` gives the zoned time that signatures carry."""

    def __init__(
        self, server: mail.MailServer | None, now: Callable[[], datetime],
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:  # fmt: skip
        self._server = server
        self._now = now
        self._context = context
        self._client: httpx.AsyncClient | None = None

    async def send(self, channel: Channel, payload: str) -> str:
        """Send; returns when the receiver has it, with a remark (a reason of ``failures``) or an empty text.

        :param payload: JSON of the notice, sent as it is to a plain webhook. Raises NotDelivered.
        """
        if channel.kind == "webhook":
            return await self._webhook(channel, payload.encode())
        notice = orjson.loads(payload)
        if channel.kind == "email":
            if self._server is None:
                raise NotDelivered("no_smtp")
            message = mail.mail(notice, channel.target, self._server.sender)
            return await asyncio.to_thread(mail.send, self._server, message, self._context)
        if channel.kind == "wecom":
            url, body = channel.target, robots.wecom_body(notice)
        else:
            url = robots.dingtalk_url(channel.target, channel.secret, self._now())
            body = robots.dingtalk_body(notice)
        robots.check(await post(self._http(), url, body, _JSON, read=True))
        return ""

    async def close(self) -> None:
        """Close the connections that are kept open."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    async def _webhook(self, channel: Channel, body: bytes) -> str:
        notice = str(orjson.loads(body)["id"])
        await post(self._http(), channel.target, body, webhook.headers(body, channel.secret, notice, self._now()))
        return ""

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = http_client()
        return self._client
