"""The record view's answer: sections in the order of a patient's way, personal values masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from api.indicators.figures import plain
from api.models_indicators import RecordAnswer, RecordColumn, RecordFinding, RecordRow, RecordSection
from api.records.read import PATIENTS, Row, Visit
from api.texts import Wording
from standard.model import Column, Standard, Table
from streams.masking import mask

Part = Literal["patient", "visit", "diagnoses", "prescriptions", "charges", "settlements", "front_page"]
FRONT_PAGES = "TB_BASY"
#: Which table belongs where, in order; front pages come last, and only where there are any.
PARTS: Mapping[Part, tuple[str, ...]] = {
    "patient": (PATIENTS,),
    "visit": ("TB_MZ_GHMXB", "TB_MZ_JZMXB", "TB_ZY_CRYMXB"),
    "diagnoses": ("TB_MZ_ZDMXB", "TB_ZY_ZDMXB"),
    "prescriptions": (
        "TB_MZ_CFZB", "TB_MZ_YPCFMX", "TB_MZ_QTCFMX", "TB_ZY_YZZB", "TB_ZY_YPYZMX", "TB_ZY_QTYZMX",
    ),
    "charges": ("TB_MZ_SFMXB", "TB_ZY_SFMXB"),
    "settlements": ("TB_MZ_JSMXB", "TB_MZ_JSZFFSMXB", "TB_ZY_JSJLB", "TB_ZY_JSMXB", "TB_ZY_JSZFFSMXB"),
}  # fmt: skip


def record(
    standard: Standard, wording: Wording, org: str, visit: str, read: Visit, *, personal: bool
) -> RecordAnswer:  # fmt: skip
    """Every table of the kinds of care that the visit has; ``personal``: values as they were sent."""
    domains = {standard.tables[table].domain for table, rows in read.rows.items() if rows and table != FRONT_PAGES}
    sections = [
        _section(part, standard.tables[name], standard, wording, read, personal)
        for part, names in PARTS.items()
        for name in names
        if name in standard.tables and domains and (name == PATIENTS or standard.tables[name].domain in domains)
    ]
    if read.rows.get(FRONT_PAGES):
        sections.append(front_page(standard, wording, read, personal=personal))
    findings = sum(len(row.findings) for section in sections for row in section.rows)
    return RecordAnswer(org=org, visit=visit, personal=personal, findings=findings, sections=sections)


def front_page(standard: Standard, wording: Wording, read: Visit, *, personal: bool) -> RecordSection:
    """The front pages of a record number."""
    return _section("front_page", standard.tables[FRONT_PAGES], standard, wording, read, personal)


def _section(
    part: Part, table: Table, standard: Standard, wording: Wording, read: Visit, personal: bool
) -> RecordSection:
    rows = sorted(read.rows.get(table.name, ()), key=lambda row: (row.biz_date, row.key, row.rejected))
    return RecordSection(
        part=part, table=table.name, table_zh=table.name_zh, table_en=table.name_en, more=read.more.get(table.name, 0),
        columns=[
            RecordColumn(name=c.name, zh=c.name_zh, en=c.name_en, personal=bool(c.personal)) for c in table.columns
        ],
        rows=[_row(row, table, standard, wording, read, personal) for row in rows],
    )  # fmt: skip


def _row(row: Row, table: Table, standard: Standard, wording: Wording, read: Visit, personal: bool) -> RecordRow:
    columns = table.by_name
    revoked = row.values.get("XGBZ") in standard.settings["revoked_values"]
    flight = [_finding("flight", one, table, wording) for one in read.flight.get((table.name, row.place), ())]
    store = () if row.rejected else read.store.get((table.name, row.key), ())
    return RecordRow(
        state="rejected" if row.rejected else "revoked" if revoked else "accepted",
        biz_date=row.biz_date.isoformat(), batch=row.batch, arrived_at=row.arrived_at,
        values={name: _value(value, columns.get(name), personal) for name, value in row.values.items()},
        findings=[*flight, *(_finding("store", one, table, wording) for one in store)],
    )  # fmt: skip


def _value(value: Any, column: Column | None, personal: bool) -> Any:
    """A column that the standard does not know may hold anything: it is treated as an address."""
    if personal:
        return plain(value)
    kind = column.personal if column is not None else "address"
    return mask(str(plain(value)), kind) if kind else plain(value)


def _finding(
    scope: Literal["flight", "store"], one: Mapping[str, Any], table: Table, wording: Wording
) -> RecordFinding:  # fmt: skip
    return RecordFinding(
        scope=scope, rule_id=one["rule_id"], severity=one["severity"], column=one["column"], value=one["value"],
        **wording.of(table.name, one["rule_id"], one["column"]),
    )  # fmt: skip
