"""What the indicators and the record view answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.models import ORG, Answer, Moment, RuleText


class FigureColumn(Answer):
    """A column of the rows: how it is called and what it holds."""

    name: str = Field(examples=["anomaly_rate"])
    zh: str = Field(examples=["异常率"])
    en: str = Field(examples=["anomaly rate"])
    kind: Literal["text", "int", "number", "percent", "money", "date", "time"]


class IndicatorAnswer(Answer):
    """One page of an indicator. Rates are fractions and stand beside what they were made from; null: nothing to make
    them from. Amounts are texts, exact to 4 decimals. ``totals`` are over all pages."""

    indicator: str = Field(examples=["check_report"])
    biz_from: str = Field(examples=["2026-11-01"])
    biz_to: str = Field(examples=["2026-11-30"])
    columns: list[FigureColumn]
    rows: list[dict[str, Any]]
    totals: dict[str, Any]
    total: int
    limit: int
    offset: int
    next_offset: int | None


class RecordFinding(RuleText):
    """A finding of one row. ``scope``: flight when it arrived, store by other rows. ``value`` is masked."""

    scope: Literal["flight", "store"]
    rule_id: str
    severity: Literal["error", "warning"]
    column: str
    column_zh: str
    value: str


class RecordRow(Answer):
    """A row as it was sent. ``state``: accepted, revoked by the sender (XGBZ), or rejected (then it is in no table)."""

    state: Literal["accepted", "revoked", "rejected"]
    biz_date: str = Field(examples=["2026-11-20"])
    batch: str
    arrived_at: Moment
    values: dict[str, Any] = Field(description="column → value; personal ones masked unless the token has the right")
    findings: list[RecordFinding]


class RecordColumn(Answer):
    """A column of the section's rows."""

    name: str = Field(examples=["MXXMSSJE"])
    zh: str = Field(examples=["明细项目实收金额"])
    en: str = Field(examples=["amount received"])
    personal: bool


class RecordSection(Answer):
    """The rows of one standard table."""

    part: Literal["patient", "visit", "diagnoses", "prescriptions", "charges", "settlements", "front_page"]
    table: str = Field(examples=["TB_MZ_SFMXB"])
    table_zh: str
    table_en: str
    columns: list[RecordColumn]
    rows: list[RecordRow]
    more: int = Field(description="rows that are not shown because there are too many")


class RecordAnswer(Answer):
    """Everything of one visit, in the order of its way."""

    org: str = Field(examples=[ORG])
    visit: str = Field(examples=["M2611200001"])
    personal: bool = Field(description="true: personal values are shown as sent; this look is in the audit log")
    findings: int
    sections: list[RecordSection]
