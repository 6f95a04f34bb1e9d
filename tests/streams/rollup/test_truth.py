"""A simulated province, landed by the pipeline's own steps: every figure is what the simulator says or sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from simulators.feed import Feed
from simulators.manifest import OUTCOMES
from simulators.messages import Row
from simulators.scenarios import make_feed, scenario
from standard.model import Table
from tests.streams.rollup.landed import Lands
from tests.streams.unit.build import standard

pytestmark = pytest.mark.stack

END = date(2026, 11, 19)
Cell = tuple[str, str, str]


def landed(client: ClickHouse, name: str, orgs: int, days: int) -> tuple[Lands, Feed]:
    """A scenario's feed, landed and rolled up."""
    migrate(client)
    feed = make_feed(scenario(name), END, 11, orgs=orgs, days=days, volume=0.15)
    lands = Lands(client, feed.province)
    lands.land_feed(feed)
    lands.settle()
    return lands, feed


def facts(client: ClickHouse) -> Mapping[Cell, dict[str, Any]]:
    rows = client.rows("SELECT * FROM day_facts FINAL")
    return {(row["org"], row["table"], row["biz_date"].isoformat()): row for row in rows}


def test_sums_rules_and_rows_are_those_of_the_manifest(empty: ClickHouse) -> None:
    lands, feed = landed(empty, "faults", 3, 3)
    manifest = feed.manifest
    sums = {(org, table, day.isoformat()): row for (org, table, day), row in lands.sums().items() if row["received"]}
    assert {cell: {name: row[name] for name in OUTCOMES} for cell, row in sums.items()} == {
        cell: manifest.outcome(cell) for cell in +manifest.received
    }
    found = facts(empty)
    rules = Counter(
        {(*cell, r["rule_id"], r["severity"]): r["findings"] for cell, row in found.items() for r in row["rules"]}
    )
    assert rules == +manifest.findings
    charges = {cell: manifest.outcome(cell)["accepted"] for cell in +manifest.received if cell[1].endswith("SFMXB")}
    assert {cell: row["rows"] for cell, row in found.items() if cell in charges} == charges
    assert sum(row["standing"] for row in found.values()) > 0


@pytest.fixture
def clean(empty: ClickHouse) -> tuple[Mapping[Cell, dict[str, Any]], Mapping[Cell, list[Row]]]:
    """Facts of clean data, and the rows that stand, by day."""
    _, feed = landed(empty, "clean", 2, 4)
    return facts(empty), standing(feed)


def standing(feed: Feed) -> dict[Cell, list[Row]]:
    """The newest version of every row of the province, by institution, table and business day."""
    newest: dict[tuple[str, str, str], tuple[str, Row]] = {}
    for batch in feed.province.batches():
        table = standard().tables[batch.table]
        for row in batch.rows:
            newest[batch.org, batch.table, row[table.key[1]]] = (business_day(row, table), row)
    rows: dict[Cell, list[Row]] = {}
    for (org, name, _), (day, row) in newest.items():
        rows.setdefault((org, name, day), []).append(row)
    return rows


def business_day(row: Row, table: Table) -> str:
    digits = row[table.biz_date].replace("-", "")[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def test_facts_of_clean_data_are_its_rows(
    clean: tuple[Mapping[Cell, dict[str, Any]], Mapping[Cell, list[Row]]],
) -> None:
    found, rows = clean
    assert {cell: row["rows"] for cell, row in found.items() if row["rows"]} == {c: len(r) for c, r in rows.items()}
    assert all(row["standing"] == 0 and not row["rules"] for row in found.values())
    for cell, mine in rows.items():
        assert {(m["measure"], m["code"]): (m["rows"], m["value"]) for m in found[cell]["measures"]} == dict(
            measured(cell[1], mine)
        ), cell
        assert {(c["column"], c["map"], c["code"]): c["rows"] for c in found[cell]["codes"]} == codes(
            standard().tables[cell[1]], mine
        ), cell
        assert all(c["standard_code"] for c in found[cell]["codes"]), "the maps of clean data are complete"


#: Only drugs, tests and examinations have to be mapped, not beds and registrations (the column with the category).
CATEGORY = {"MXXMBM": "SFXMLBBM", "XMBM": "ZLXMLBBM", "YZMXBM": "ZLXMLBBM"}


def codes(table: Table, rows: list[Row]) -> Counter[tuple[str, str, str]]:
    return Counter(
        (column.name, column.maps[0], row[column.name])
        for column in table.columns
        if column.maps
        for row in rows
        if row.get(column.name, "") not in ("", "-")
        and (column.name not in CATEGORY or row[CATEGORY[column.name]] in ("01", "02", "03"))
    )


def measured(table: str, rows: list[Row]) -> Iterator[tuple[tuple[str, str], tuple[int, Decimal]]]:
    """What is measured of a table, row by row and in the plainest way."""
    match table:
        case "TB_MZ_JZMXB" | "TB_ZY_CRYMXB":
            name = "visit" if table == "TB_MZ_JZMXB" else "admission"
            yield (name, ""), (len({row["JZLSH"] for row in rows}), Decimal(0))
        case "TB_MZ_SFMXB" | "TB_ZY_SFMXB":
            by_fee: dict[str, list[Decimal]] = {}
            for row in rows:
                by_fee.setdefault(fee(row), []).append(Decimal(row["MXXMSSJE"]))
            for code, amounts in by_fee.items():
                yield ("charge", code), (len(amounts), sum(amounts, Decimal()))
            drugs = [amount for code in ("0101", "0102", "0103", "01") for amount in by_fee.get(code, [])]
            if drugs:
                yield ("drug", ""), (len(drugs), sum(drugs, Decimal()))
            materials = by_fee.get("02", [])
            if materials:
                yield ("consumable", ""), (len(materials), sum(materials, Decimal()))
        case "TB_MZ_JSMXB" | "TB_ZY_JSJLB":
            yield ("settlement", ""), (len(rows), sum((Decimal(row["FYJSZJE"]) for row in rows), Decimal()))
        case "TB_MZ_JSZFFSMXB" | "TB_ZY_JSZFFSMXB":
            for way in {row["ZFFSBM"] for row in rows}:
                paid = [Decimal(row["ZFJE"]) for row in rows if row["ZFFSBM"] == way]
                yield ("payment", way), (len(paid), sum(paid, Decimal()))


def fee(row: Row) -> str:
    """The standard fee category, by the institution's own map."""
    return standard_fees()[row["YLJGDM"], row["FYSRGLBM"]]


@cache
def standard_fees() -> Mapping[tuple[str, str], str]:
    maps = make_feed(scenario("clean"), END, 11, orgs=2, days=1).province.maps
    entries = [entry for own in maps for entry in own.entries() if entry["map"] == "fee"]
    return {(entry["org"], entry["local_code"]): entry["standard_code"] for entry in entries}
