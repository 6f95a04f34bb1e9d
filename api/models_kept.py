"""What the endpoints for schedule, quiet times, declarations and imports take and answer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from api.models import ORG, Answer, Moment
from clickhouse.schedule import ALWAYS, EVERY, FOREVER

#: An institution's code, or * for every one.
OrgOrEvery = Annotated[str, Field(pattern=r"^(\*|[0-9A-Za-z]{22})$", examples=[ORG])]
TableOrEvery = Annotated[str, Field(max_length=64, examples=["TB_MZ_SFMXB"])]
#: Amounts leave as numbers: they have at most four decimals.
Amount = Annotated[Decimal, Field(ge=0, max_digits=20, decimal_places=4), PlainSerializer(float, return_type=float)]


class ProblemAnswer(Answer):
    """One cell that is wrong; ``line`` as Excel counts, ``value`` is empty where it is personal."""

    line: int
    column: str
    column_zh: str
    code: str
    value: str
    zh: str
    en: str
    fix_zh: str
    fix_en: str


class ChangeAnswer(Answer):
    """One line that adds or changes something; ``before`` and ``after`` hold the columns that differ."""

    line: int
    action: Literal["added", "changed"]
    key: str
    before: dict[str, Any]
    after: dict[str, Any]


class ImportAnswer(Answer):
    """What a file does or would do. Nothing is written while there is a problem (``ok`` false).

    At most 500 problems and 200 changes are listed; the counts count all.
    """

    dry_run: bool
    ok: bool
    written: bool
    lines: int
    added: int
    changed: int
    unchanged: int
    problems_count: int
    problems: list[ProblemAnswer]
    changes: list[ChangeAnswer]
    ignored_columns: list[str]


class SavedAnswer(Answer):
    """So many entries were written."""

    saved: int


class DeletedAnswer(Answer):
    """So many entries were taken away."""

    deleted: int


class Taken(BaseModel):
    """What is sent: nothing but what is known."""

    model_config = ConfigDict(extra="forbid")


class ScheduleIn(Taken):
    """An entry of the schedule; of business day T, due on T + ``due_days`` at ``due_hour``, missing ``grace_hours``
    later."""

    org: OrgOrEvery = EVERY
    table: TableOrEvery = EVERY
    expected: bool = True
    due_days: int = Field(1, ge=0, le=60)
    due_hour: int = Field(8, ge=0, le=23)
    grace_hours: int = Field(4, ge=0, le=744)
    valid_from: date = ALWAYS
    valid_to: date = FOREVER
    note: str = Field("", max_length=500)


class ScheduleBody(Taken):
    """Entries to add, or to replace those with the same institution, table and first day."""

    entries: list[ScheduleIn] = Field(min_length=1, max_length=5000)


class ScheduleOut(Answer):
    """An entry as it is kept."""

    org: str
    table: str
    expected: bool
    due_days: int
    due_hour: int
    grace_hours: int
    valid_from: date
    valid_to: date
    note: str
    changed_by: str


class ScheduleAnswer(Answer):
    """The schedule; what is not in it is due at T+1 8:00 with 4 hours of grace."""

    entries: list[ScheduleOut]


class QuietTimeIn(Taken):
    """A holiday, maintenance or incident; an empty ``id`` is made from what it is and when it begins."""

    id: str = Field("", max_length=64, pattern=r"^[0-9A-Za-z_\-]*$")
    org: OrgOrEvery = EVERY
    table: TableOrEvery = EVERY
    kind: Literal["holiday", "maintenance", "incident"]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    note: str = Field("", max_length=500)


class QuietTimesBody(Taken):
    """Quiet times to add, or to replace those with the same id."""

    entries: list[QuietTimeIn] = Field(min_length=1, max_length=1000)


class QuietTimeOut(Answer):
    """A quiet time as it is kept; ``outage`` is written by the watch itself."""

    id: str
    org: str
    table: str
    kind: str
    starts_at: Moment
    ends_at: Moment
    note: str
    changed_by: str


class QuietTimesAnswer(Answer):
    """Quiet times by their beginning."""

    entries: list[QuietTimeOut]


class DeclarationIn(Taken):
    """What an institution declares for a month (its first day)."""

    org: str = Field(pattern=r"^[0-9A-Za-z]{22}$", examples=[ORG])
    month: date = Field(examples=["2026-10-01"])
    figures: dict[str, Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]] = Field(min_length=1)


class DeclarationsBody(Taken):
    """Figures to add or replace; quantities that are not named stay."""

    entries: list[DeclarationIn] = Field(min_length=1, max_length=5000)


class DeclarationOut(Answer):
    """What is declared for an institution and month."""

    org: str
    month: date
    figures: dict[str, Amount]


class QuantityOut(Answer):
    """A quantity that can be declared."""

    name: str
    zh: str
    en: str
    kind: str


class DeclarationsAnswer(Answer):
    """Declared figures by institution and month."""

    entries: list[DeclarationOut]
    quantities: list[QuantityOut]
