"""The audit log: who did what, when, from where. What is not written down is not done: it raises."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import orjson
import polars as pl
from anyio import to_thread
from fastapi import Request

from api.tokens import Principal
from clickhouse.client import ClickHouse


class AuditLog:
    """Appends to the table audit_log. Raises NotNow while ClickHouse is away."""

    def __init__(self, clickhouse: ClickHouse, now: Callable[[], datetime]) -> None:
        self._clickhouse = clickhouse
        self._now = now

    async def write(self, who: Principal, request: Request, action: str, target: str, **detail: object) -> None:
        """One entry; ``detail`` holds counts and codes, no personal values."""
        row = {
            "at": self._now(), "actor": f"{who.role}:{who.label}", "action": action, "target": target,
            "detail": orjson.dumps(detail).decode(), "address": request.client.host if request.client else "",
        }  # fmt: skip
        frame = pl.DataFrame([row], schema_overrides={"at": pl.Datetime("ms", "UTC")})
        await to_thread.run_sync(self._clickhouse.insert, "audit_log", frame)
