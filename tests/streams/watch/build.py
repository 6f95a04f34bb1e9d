"""What the tests of the watch are made of: two institutions, a small standard, Shanghai times."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from clickhouse.client import SHANGHAI
from clickhouse.orgs import Org
from clickhouse.schedule import QuietTime, ScheduleEntry
from streams.watch.calendar import NEVER
from streams.watch.expected import Facts, expected_days
from streams.watch.found import Names
from streams.watch.outages import Outage

HOSPITAL, CLINIC = "990102000000000000000A", "990102000000000000000B"
PATIENTS, CHARGES, WARDS = "TB_HZXX", "TB_MZ_SFMXB", "TB_ZY_SFMXB"
TABLES = {PATIENTS: "patient", CHARGES: "outpatient", WARDS: "inpatient"}
NAMES = Names({PATIENTS: ("患者", "patients"), CHARGES: ("门诊收费", "charges"), WARDS: ("住院收费", "ward charges")})
FIRST = date(2024, 1, 1)


def at(text: str) -> datetime:
    """A Shanghai time from ``2026-11-21 08:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def hospital(**changes: Any) -> Org:
    """With beds, expected from FIRST on."""
    return Org(**{"org": HOSPITAL, "name": "医院", "inpatient": True, "starts_on": FIRST, **changes})


def clinic(**changes: Any) -> Org:
    """Without beds."""
    return Org(**{"org": CLINIC, "name": "诊所", "inpatient": False, "starts_on": FIRST, **changes})


def quiet(kind: str, starts: str, ends: str, org: str = "*", table: str = "*") -> QuietTime:
    """A quiet time."""
    return QuietTime(f"{kind} {starts}", org, table, kind, at(starts), at(ends))  # type: ignore[arg-type]


def facts(
    *orgs: Org, schedule: tuple[ScheduleEntry, ...] = (), quiet: tuple[QuietTime, ...] = (),
    outages: tuple[Outage, ...] = (), first_days: dict[str, date] | None = None,
    entered: dict[str, date] | None = None,
) -> Facts:  # fmt: skip
    """What expectations are made of."""
    return Facts(orgs or (hospital(),), first_days or {}, entered or {}, schedule, quiet, outages, TABLES)


def expectation(given: Facts, day: date, table: str = CHARGES, org: str = HOSPITAL) -> dict[str, Any]:
    """The row of one institution, table and day; times that there are not are None."""
    row = expected_days(given, [day]).row(by_predicate=(pl.col("org") == org) & (pl.col("table") == table), named=True)
    return {name: None if value == NEVER else value for name, value in row.items()}


def frame(rows: list[dict[str, Any]], **defaults: Any) -> pl.DataFrame:
    """Rows with defaults."""
    return pl.DataFrame([defaults | row for row in rows], infer_schema_length=None)
