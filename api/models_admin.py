"""What the endpoints for operators and administrators take and answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.models import ORG, Answer, Moment
from clickhouse.schedule import ALWAYS
from standard.model import MapKind

OrgCode = Annotated[str, Field(min_length=22, max_length=22, pattern=r"^[0-9A-Za-z]{22}$", examples=[ORG])]


class Org(Answer):
    """An institution as it is kept."""

    org: OrgCode
    name: str = Field(min_length=1, max_length=200, examples=["历城区示范医院"])
    city: str = Field("", pattern=r"^(\d{6})?$", examples=["370100"])
    county: str = Field("", pattern=r"^(\d{6})?$", examples=["370112"])
    level: int = Field(0, ge=0, le=3)
    type: str = Field("hospital", max_length=40)
    outpatient: bool = True
    inpatient: bool = False
    contact: str = Field("", max_length=100)
    phone: str = Field("", max_length=40)
    test: bool = False
    active: bool = True
    #: The first business day that is expected; 1970-01-01: the day it was entered, or the first one sent if earlier.
    starts_on: date = ALWAYS


class OrgsAnswer(Answer):
    """All institutions."""

    orgs: list[Org]


class MapEntry(BaseModel):
    """One local code. An empty standard code unmaps it."""

    model_config = ConfigDict(extra="forbid")

    local_code: str = Field(min_length=1, max_length=100, examples=["0231"])
    local_name: str = Field("", max_length=500, examples=["心内科门诊"])
    standard_code: str = Field("", max_length=64, examples=["0304"])
    generic_name: str = Field("", max_length=500)
    dosage_form: str = Field("", max_length=200)
    specification: str = Field("", max_length=500)
    manufacturer: str = Field("", max_length=500)


class MapBody(BaseModel):
    """Local codes to add or to replace; others stay as they are."""

    model_config = ConfigDict(extra="forbid")

    #: Each entry travels in one Kafka message of the compacted topic: 5,000 entries stay below 8 MiB.
    entries: list[MapEntry] = Field(min_length=1, max_length=5000)


class MapAnswer(Answer):
    """The map was kept as ``version`` and published to the workers."""

    org: str
    map: MapKind
    version: int
    entries: int


class AuditPartition(Answer):
    """One partition compared with the ledger. ``missing``: below the newest one of the ledger, at most 1000 are listed;
    ``waiting``: after it."""

    topic_id: str
    partition: int
    first: int
    end: int
    waiting: int
    missing_count: int
    missing: list[int]


class AuditAnswer(Answer):
    """``complete``: the ledger has every message of the topic."""

    complete: bool
    partitions: list[AuditPartition]


class DeadLetterAnswer(Answer):
    """A message (row 0) or row that could not be read, without its bytes."""

    topic_id: str
    partition: int
    offset: int
    row: int
    org: str
    table: str
    batch: str
    reason: str
    detail: str
    size: int
    arrived_at: Moment


class DeadLettersAnswer(Answer):
    """One page of dead letters, newest first."""

    total: int
    limit: int
    offset: int
    dead_letters: list[DeadLetterAnswer]


class DeadLetterBytes(DeadLetterAnswer):
    """With its bytes, base64; cut at 64 KiB. They may hold personal data: looking is written into the audit log."""

    content_base64: str


class DeadLetterAnswerFull(Answer):
    """All of one message that could not be read."""

    dead_letters: list[DeadLetterBytes]


class RedriveAnswer(Answer):
    """The message went through the pipeline's entrance again, at this offset."""

    partition: int
    offset: int
    new_offset: int
