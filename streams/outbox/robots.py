"""Group robots of WeCom (企业微信) and DingTalk (钉钉): markdown messages, and what their answers mean.

Both answer HTTP 200 whatever happens; ``errcode`` tells. Both take 20 messages a minute.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlsplit

import orjson

from streams.outbox.failures import NotDelivered
from streams.outbox.texts import cut, markdown, title

#: Documented limits: bytes of WeCom's markdown.content; DingTalk's whole body may have 20 000.
WECOM_BYTES, DINGTALK_BYTES = 4096, 18_000
#: "Too fast": WeCom counts by the minute, DingTalk does not listen for ten.
TOO_FAST: Mapping[int, timedelta] = {
    45009: timedelta(minutes=1),
    130101: timedelta(minutes=10),
    410100: timedelta(minutes=10),
}


def wecom_body(payload: Mapping[str, Any]) -> bytes:
    """The request of WeCom's group robot."""
    return orjson.dumps({"msgtype": "markdown", "markdown": {"content": cut(markdown(payload, "wecom"), WECOM_BYTES)}})


def dingtalk_body(payload: Mapping[str, Any]) -> bytes:
    """The request of DingTalk's robot; its title is what a notification shows."""
    text = cut(markdown(payload, "dingtalk"), DINGTALK_BYTES)
    return orjson.dumps({"msgtype": "markdown", "markdown": {"title": title(payload), "text": text}})


def dingtalk_url(target: str, secret: str, now: datetime) -> str:
    """The address with time and signature (加签); without a secret the address alone."""
    if not secret:
        return target
    milliseconds = round(now.timestamp() * 1000)
    digest = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    sign = quote_plus(base64.b64encode(digest))
    joint = "&" if urlsplit(target).query else "?"
    return f"{target}{joint}timestamp={milliseconds}&sign={sign}"


def check(answer: bytes) -> None:
    """Raises NotDelivered unless the robot says that it took the message."""
    try:
        said = orjson.loads(answer)
        code = int(said["errcode"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise NotDelivered("bad_answer") from None
    if code != 0:
        raise NotDelivered("robot", str(code), TOO_FAST.get(code))
