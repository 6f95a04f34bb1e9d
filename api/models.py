"""What the endpoints answer, as models with examples: the OpenAPI page is made from them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from api.wire import iso

#: Times leave as Shanghai time with offset and milliseconds.
Moment = Annotated[datetime, PlainSerializer(iso, return_type=str)]

ORG = "123701024955700014A001"
RECEIPT = "8f14e45fceea167a5a36dedd4bea2543"


class Answer(BaseModel):
    """Base of every answer; made from dictionaries or from objects with the same attributes."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")


class ErrorBody(BaseModel):
    """``code`` is stable; the texts are for people. ``line`` and ``fields`` come where they help."""

    code: str = Field(examples=["bad_rows"])
    message_zh: str = Field(examples=["第 3 行不是一个 JSON 对象"])
    message_en: str = Field(examples=["Line 3 is not one JSON object"])
    hint: str = Field(examples=["每行一个 JSON 对象 / one object a line"])


class ErrorAnswer(BaseModel):
    """Every refusal has this shape."""

    error: ErrorBody


class UploadAnswer(Answer):
    """The broker has the batch. Ask ``status_url`` for what became of it."""

    receipt_id: str = Field(examples=[RECEIPT])
    status_url: str = Field(examples=[f"/api/v1/receipts/{RECEIPT}"])
    state: Literal["queued"]
    repeated: bool = Field(description="true: this batch had been taken before; nothing was sent again")
    org: str = Field(examples=[ORG])
    table: str = Field(examples=["TB_MZ_SFMXB"])
    batch: str = Field(examples=["20261121-sfmx-0001"])
    rows: int = Field(examples=[500])
    bytes: int = Field(examples=[385210])
    sent_at: Moment = Field(examples=["2026-11-21T08:00:00.000+08:00"])


class DayCounts(Answer):
    """One business date of a batch; 1970-01-01: the date could not be read."""

    biz_date: str = Field(examples=["2026-11-20"])
    received: int
    accepted: int
    rejected: int
    flagged: int
    unreadable: int
    findings: int
    unmapped: int
    declared_empty: bool


class RuleText(Answer):
    """A rule's wording from the standard."""

    rule_zh: str = Field(examples=["医疗机构代码（YLJGDM）不超过22个字符"])
    rule_en: str
    fix_zh: str
    fix_en: str


class RuleCount(RuleText):
    """Findings of one rule in a batch."""

    rule_id: str = Field(examples=["SF-W-YLJGDM"])
    severity: Literal["error", "warning"]
    column: str
    column_zh: str
    rows: int = Field(examples=[3])
    first_row: int = Field(description="line of the batch with the first of them, from 1")
    first_key: str = Field(description="its row key, without the institution")
    first_value: str = Field(description="its value, masked when personal")


class ReceiptAnswer(Answer):
    """taken: not in the broker yet (send again if it stays so) · queued · done · lost: the embedded broker ended before
    the batch was landed; send it again."""

    receipt_id: str = Field(examples=[RECEIPT])
    state: Literal["taken", "queued", "done", "lost"]
    org: str
    table: str
    batch: str
    op: str
    rows: int
    sent_at: Moment
    taken_at: Moment
    landed_at: Moment | None = None
    counts: dict[str, int] = Field(
        examples=[{"received": 500, "accepted": 497, "rejected": 3, "flagged": 12, "unreadable": 0}]
    )
    days: list[DayCounts]
    rules: list[RuleCount]
    unknown_columns: list[str] = Field(description="columns that the standard does not know; they were left out")
    reasons: list[str] = Field(description="why the message or rows of it could not be read")


class Finding(RuleText):
    """One rule violated by one row. ``value`` is masked when it is personal."""

    org: str
    table: str
    biz_date: str
    batch: str
    row: int = Field(description="line of the batch, from 1")
    row_key: str
    visit: str
    column: str
    column_zh: str
    value: str
    rule_id: str
    check: str
    severity: Literal["error", "warning"]
    outcome: Literal["accepted", "rejected"]
    arrived_at: Moment
    topic_id: str
    partition: int
    offset: int


class FindingsAnswer(Answer):
    """One page of findings; ``next_offset`` is null on the last."""

    total: int
    limit: int
    offset: int
    next_offset: int | None
    findings: list[Finding]


class AlertsAnswer(Answer):
    """Alerts as they are sent over the websocket, newest first."""

    alerts: list[dict[str, Any]]


class PartitionAnswer(Answer):
    """One partition of his.changes; ``lag`` counts messages that are not landed."""

    partition: int
    newest_offset: int | None
    ledger_offset: int | None
    lag: int | None


class BrokerAnswer(Answer):
    """The broker in use. ``memory_bytes`` is what the embedded one holds, and loses when the machine dies."""

    embedded: bool
    addresses: list[str]
    answers: bool
    memory_bytes: int | None


class ClickHouseAnswer(Answer):
    """The ClickHouse in use."""

    embedded: bool
    answers: bool
    database: str


class WorkerAnswer(Answer):
    """The stream worker of this process, if there is one."""

    here: bool
    running: bool
    progressing: bool
    detail: str


class StatusAnswer(Answer):
    """Where everything stands."""

    version: str
    standard: str
    at: Moment
    total: dict[str, int]
    today: dict[str, int]
    lag: int | None
    partitions: list[PartitionAnswer]
    broker: BrokerAnswer
    clickhouse: ClickHouseAnswer
    worker: WorkerAnswer
    alert_stream: bool


class OrgTotals(Answer):
    """One institution's totals. The empty institution holds what has no readable sender."""

    org: str
    name: str
    city: str
    level: int
    test: bool
    received: int
    accepted: int
    rejected: int
    flagged: int
    unreadable: int
    findings: int
    received_today: int
    rejected_today: int
    flagged_today: int
    last_arrival: Moment


class OrgTotalsAnswer(Answer):
    """Institutions that have sent something, largest first."""

    orgs: list[OrgTotals]


class HealthAnswer(Answer):
    """``ready`` and what it was made from."""

    ready: bool
    checks: dict[str, bool]
    detail: str = ""
