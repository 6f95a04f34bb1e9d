"""The rows of one visit from the standard's tables, and what was found in them. Blocks.

1 the rows of every table that has a visit number · 2 the rows of the visit that were rejected, unless the same row was
accepted later · 3 the patients of all of them · 4 what was found in them on arrival, and by rules of scope store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson

from clickhouse.current import current
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from clickhouse.tables import table_name
from standard.model import Standard, Table

PATIENTS = "TB_HZXX"
#: Of one table: a long stay has some thousand charges; more than this nobody reads.
MOST_ROWS = 3000
_META = ("_biz_date", "_batch", "_arrived_at", "_topic_id", "_partition", "_offset", "_row")

Place = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``values`` by column (typed when accepted, text when rejected), empty ones left out."""

    key: str
    place: Place
    biz_date: date
    batch: str
    arrived_at: datetime
    rejected: bool
    values: Mapping[str, Any]


@dataclass(slots=True)
class Visit:
    """Rows by table, how many of them are too many to show, and findings by row."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    more: dict[str, int] = field(default_factory=dict)
    flight: dict[tuple[str, Place], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    store: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def found(self) -> bool:
        """Whether there is any row of the visit."""
        return any(self.rows.values())


def read_visit(clickhouse: Reader, standard: Standard, org: str, visit: str) -> Visit:
    """Everything of a visit number; nothing found when the institution has no such visit. Raises NotNow."""
    read = Visit()
    for table in standard.tables.values():  # of a front page: its record number
        if table.visit_key:
            _stored(clickhouse, read, table, org, table.visit_key, [visit])
    _rejected(clickhouse, read, standard, org, visit)
    patients = _patients(read, standard)
    if patients:
        _stored(clickhouse, read, standard.tables[PATIENTS], org, standard.tables[PATIENTS].patient_key, patients)
    if read.found:
        _findings(clickhouse, read, org, visit, patients)
    return read


def _stored(
    clickhouse: Reader, read: Visit, table: Table, org: str, column: str, wanted: Sequence[str]
) -> None:  # fmt: skip
    names = [name.name.lower() for name in table.columns]
    institution, *key = (name.lower() for name in table.key)
    sql = (
        f"SELECT {', '.join(f'`{name}`' for name in (*names, *_META))}, count() OVER () AS _all "
        f"FROM `{table_name(table)}` FINAL "
        f"WHERE `{institution}` = {{org:String}} AND `{column.lower()}` IN {{wanted:Array(String)}} "
        f"AND {current(table)} ORDER BY _biz_date, {', '.join(f'`{name}`' for name in key)} LIMIT {MOST_ROWS}"
    )
    rows = clickhouse.rows(sql, {"org": org, "wanted": list(wanted)})
    if rows:
        read.rows[table.name] = [stored_row(table, row) for row in rows]
        read.more[table.name] = rows[0]["_all"] - len(rows)


def stored_row(table: Table, row: Mapping[str, Any]) -> Row:
    """A row of the standard's table in ClickHouse."""
    values = {column.name: row[column.name.lower()] for column in table.columns}
    return Row(
        key="|".join(str(row[name.lower()]) for name in table.key[1:]),
        place=(row["_topic_id"], row["_partition"], row["_offset"], row["_row"]), biz_date=row["_biz_date"],
        batch=row["_batch"], arrived_at=row["_arrived_at"], rejected=False,
        values={name: value for name, value in values.items() if value is not None},
    )  # fmt: skip


def _rejected(clickhouse: Reader, read: Visit, standard: Standard, org: str, visit: str) -> None:
    for row in clickhouse.rows(load_query("record_rejected"), {"org": org, "visit": visit}):
        if row["table"] not in standard.tables:
            continue
        known = read.rows.setdefault(row["table"], [])
        if any(one.key == row["row_key"] and one.arrived_at > row["arrived_at"] for one in known if not one.rejected):
            continue  # it was mended
        place = (row["topic_id"], row["partition"], row["offset"], row["row"])
        values = {name: value for name, value in orjson.loads(row["raw"]).items() if value is not None}
        known.append(Row(row["row_key"], place, row["biz_date"], row["batch"], row["arrived_at"], True, values))


def _patients(read: Visit, standard: Standard) -> list[str]:
    found = {
        row.values.get(standard.tables[table].patient_key, "") for table, rows in read.rows.items() for row in rows
    }
    return sorted(found - {""})


def _findings(clickhouse: Reader, read: Visit, org: str, visit: str, patients: list[str]) -> None:
    days = [row.biz_date for rows in read.rows.values() for row in rows]
    wanted = {"org": org, "visit": visit, "patients": patients, "biz_from": min(days), "biz_to": max(days)}
    for row in clickhouse.rows(load_query("record_findings"), wanted):
        place = (row["topic_id"], row["partition"], row["offset"], row["row"])
        read.flight[row["table"], place].append(row)
    for row in clickhouse.rows(load_query("record_store_findings"), wanted):
        read.store[row["table"], row["row_key"]].append(row)
