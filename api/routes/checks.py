"""The rules of scope store on demand: run now what the leader runs by itself after every upload."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.accounts.principal import Principal
from api.depends import Parts, orgs_scope, refusals, right
from api.errors import ApiError
from api.models import ORG, Answer
from clickhouse.client import SHANGHAI
from streams.store_checks.run import StoreChecks

router = APIRouter(tags=["运维 operations"])

#: A run takes minutes a month; more than a quarter would outlast every proxy.
MOST_DAYS = 92
#: One run at a time and process: two of them would only slow each other down.
_RUNNING = asyncio.Lock()


class ChecksBody(BaseModel):
    """Business days, both included, and the institution; by default yesterday and all that one may see."""

    model_config = ConfigDict(extra="forbid")

    from_: date | None = Field(None, alias="from", examples=["2026-11-01"])
    to: date | None = Field(None, examples=["2026-11-30"])
    org: Annotated[str, Field(max_length=22)] = Field("", examples=[ORG])

    @model_validator(mode="after")
    def _in_order(self) -> ChecksBody:
        if self.from_ and self.to and not 0 <= (self.to - self.from_).days < MOST_DAYS:
            raise ValueError(f"to must not be before from, and at most {MOST_DAYS} days are run at a time")
        return self

    def days(self, today: date) -> tuple[date, date]:
        """First and last day."""
        first = self.from_ or self.to or today - timedelta(days=1)
        return first, self.to or first


class ChecksAnswer(Answer):
    """What the run did; ``checked`` and ``failed`` count rows, once for each rule."""

    biz_from: date
    biz_to: date
    cells: int = Field(description="institution × table × day")
    checked: int
    failed: int


@router.post("/api/v1/checks/run", summary="运行跨表规则 Run the store rules", responses=refusals(403, 409, 422))
async def run(
    body: ChecksBody, request: Request, who: Annotated[Principal, Depends(right("checks.run"))], parts: Parts
) -> ChecksAnswer:
    """对所选业务日期重新运行需要查看其他记录的规则（引用、跨表、合计、重复）。
    Run the rules that look at other rows again for these business days."""
    orgs = orgs_scope(who, body.org)
    if _RUNNING.locked():
        raise ApiError("checks_running")
    async with _RUNNING:
        now = parts.now()
        first, last = body.days(now.astimezone(SHANGHAI).date())
        days = {"from": first.isoformat(), "to": last.isoformat()}
        await parts.audit_log.write(who, request, "checks.run", body.org, **days)
        checks = StoreChecks(parts.clickhouse, parts.standard)
        ran = await to_thread.run_sync(checks.run_all, first, last, now, orgs)
    return ChecksAnswer(biz_from=first, biz_to=last, cells=ran.cells, checked=ran.checked, failed=ran.failed)
