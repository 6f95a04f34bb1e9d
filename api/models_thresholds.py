"""What the endpoints for thresholds take and answer."""

from __future__ import annotations

from pydantic import Field

from api.models import Answer
from api.models_kept import OrgOrEvery, TableOrEvery, Taken
from clickhouse.schedule import EVERY


class ThresholdIn(Taken):
    """A threshold to set; rates are fractions (0.05 is 5 %)."""

    org: OrgOrEvery = EVERY
    table: TableOrEvery = EVERY
    name: str = Field(max_length=64, examples=["anomaly_rate_warning"])
    value: float = Field(ge=0, allow_inf_nan=False)


class ThresholdsBody(Taken):
    """Thresholds to set."""

    entries: list[ThresholdIn] = Field(min_length=1, max_length=5000)


class ThresholdOut(Answer):
    """A threshold as it is set."""

    org: str
    table: str
    name: str
    value: float
    changed_by: str


class DefinitionOut(Answer):
    """A threshold that can be set, with the value that holds where none is."""

    name: str
    default: float
    unit: str
    zh: str
    en: str


class ThresholdsAnswer(Answer):
    """What is set, and what can be. The most specific one holds: institution and table, institution, table, every."""

    entries: list[ThresholdOut]
    definitions: list[DefinitionOut]
