"""The plain webhook: the notice as JSON, signed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

#: ``t=<seconds since 1970>,v1=<HMAC-SHA256 over "<t>." + body, hexadecimal>``
SIGNATURE = "X-Sanjian-Signature"
#: The same in every attempt: who has seen it may answer 200 and forget the message.
NOTICE_ID = "X-Sanjian-Id"


def headers(body: bytes, secret: str, notice: str, now: datetime) -> Mapping[str, str]:
    """The headers of a message."""
    seconds = int(now.timestamp())
    return {
        "Content-Type": "application/json", NOTICE_ID: notice,
        SIGNATURE: f"t={seconds},v1={signature(body, secret, seconds)}",
    }  # fmt: skip


def signature(body: bytes, secret: str, seconds: int) -> str:
    """HMAC-SHA256 over time and body: neither can be changed, and an old message cannot be sent again unnoticed."""
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
