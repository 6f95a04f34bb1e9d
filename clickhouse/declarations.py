"""Figures that institutions declare by themselves for a month, beside which the uploaded rows are put."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from clickhouse.schedule import ALWAYS, FOREVER, stamp


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity that can be declared: an amount in yuan, or a number of visits."""

    zh: str
    en: str
    kind: Literal["money", "int"]


#: By the name that the column ``quantity`` of declarations has.
QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {
        "outpatient_amount": Quantity("门诊费用合计", "Outpatient charges", "money"),
        "outpatient_drugs": Quantity("门诊药品费", "Outpatient drugs", "money"),
        "outpatient_consumables": Quantity("门诊耗材费", "Outpatient consumables", "money"),
        "outpatient_visits": Quantity("门诊人次", "Outpatient visits", "int"),
        "inpatient_amount": Quantity("住院费用合计", "Inpatient charges", "money"),
        "inpatient_drugs": Quantity("住院药品费", "Inpatient drugs", "money"),
        "inpatient_consumables": Quantity("住院耗材费", "Inpatient consumables", "money"),
        "inpatient_admissions": Quantity("入院人次", "Admissions", "int"),
    }
)

DeclarationKey = tuple[str, date, str]
_VALUE = pl.Decimal(20, 4)


@dataclass(frozen=True, slots=True)
class Declaration:
    """One figure; ``month`` is the first day of the month. The key is (org, month, quantity)."""

    org: str
    month: date
    quantity: str
    value: Decimal
    changed_by: str = ""


class DeclarationStore:
    """Reads and writes declarations. ``clock`` gives the zoned time of a change. Every call blocks; raises NotNow."""

    def __init__(self, client: ClickHouse, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._client = client
        self._clock = clock

    def all(self, org: str = "", month_from: date = ALWAYS, month_to: date = FOREVER) -> list[Declaration]:
        """Declarations by institution, month and quantity; of one institution or all (empty), of these months."""
        wanted = {"org": org, "month_from": month_from, "month_to": month_to}
        rows = self._client.rows(load_query("declarations_now"), wanted)
        return [Declaration(**{field.name: row[field.name] for field in fields(Declaration)}) for row in rows]

    def save(self, declarations: Iterable[Declaration], changed_by: str) -> None:
        """Adds figures or replaces those of the same institution, month and quantity."""
        self._write(declarations, changed_by, deleted=False)

    def delete(self, keys: Iterable[DeclarationKey], changed_by: str) -> None:
        """Takes figures away by (institution, month, quantity)."""
        self._write([Declaration(*key, value=Decimal(0)) for key in keys], changed_by, deleted=True)

    def _write(self, declarations: Iterable[Declaration], changed_by: str, *, deleted: bool) -> None:
        latest = {(one.org, one.month, one.quantity): asdict(one) for one in declarations}
        if not latest:
            return
        frame = pl.DataFrame(list(latest.values()), schema_overrides={"value": _VALUE}).with_columns(
            *stamp(self._clock(), changed_by, deleted=deleted)
        )
        self._client.insert("declarations", frame)
