"""Sums over the rows that the simulator sent, made without the program: plain dictionaries and decimals.

For feeds without rejected rows. A row counts in its newest version; revoked ones (XGBZ 1) do not count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson

from simulators.faults import DUTIES
from standard.model import Standard
from tests.stack.feeds import Sample

Row = dict[str, Any]
CHARGES = {"TB_MZ_SFMXB": "outpatient", "TB_ZY_SFMXB": "inpatient"}
SETTLEMENTS = {"TB_MZ_JSMXB": "outpatient", "TB_ZY_JSJLB": "inpatient"}
PAYMENTS = {"TB_MZ_JSZFFSMXB": "outpatient", "TB_ZY_JSZFFSMXB": "inpatient"}


class Sent:
    """The rows as they stand after everything was sent, by table."""

    def __init__(self, sample: Sample, standard: Standard) -> None:
        self.standard = standard
        self.sample = sample
        kept: dict[tuple[str, ...], tuple[str, str, Row]] = {}
        for message in sample.messages:
            header, *lines = message.value.split(b"\n")
            table = standard.tables[orjson.loads(header)["table"]]
            for line in filter(None, lines):
                row = orjson.loads(line)
                month = row[table.biz_date].replace("-", "")[:6]
                kept[table.name, *(row[column] for column in table.key)] = (table.name, f"{month[:4]}-{month[4:]}", row)
        self.rows = [one for one in kept.values() if one[2]["XGBZ"] != "1"]
        self.maps = {
            (own.org, entry["map"], entry["local_code"]): entry["standard_code"]
            for own in sample.province.maps
            for entry in own.entries()
        }

    def of(self, *tables: str) -> Iterator[tuple[str, str, Row]]:
        """(table, month, row) of these tables."""
        return (one for one in self.rows if one[0] in tables)

    def standard_code(self, org: str, kinds: tuple[str, ...], code: str) -> tuple[str, str]:
        """(map, standard code) of a local code; of an unknown one the first map and an empty code."""
        for kind in kinds:
            if found := self.maps.get((org, kind, code)):
                return kind, found
        for kind in kinds:
            if code in self.standard.catalogues[kind]:  # type: ignore[index]  # texts are kinds here
                return kind, code
        return kinds[0], ""

    def fees(self) -> dict[tuple[str, str, str, str], tuple[int, Decimal]]:
        """(month, org, care, fee category) → rows, amount."""
        found: dict[tuple[str, str, str, str], tuple[int, Decimal]] = {}
        for table, month, row in self.of(*CHARGES):
            _, code = self.standard_code(row["YLJGDM"], ("fee",), row["FYSRGLBM"])
            key = (month, row["YLJGDM"], CHARGES[table], code)
            rows, amount = found.get(key, (0, Decimal(0)))
            found[key] = (rows + 1, amount + Decimal(row["MXXMSSJE"]))
        return found

    def mapping(self) -> tuple[Counter[tuple[str, str, str]], Counter[tuple[str, str, str]]]:
        """Rows by (org, map, code): all that have a duty to be mapped, and those that are mapped."""
        every: Counter[tuple[str, str, str]] = Counter()
        mapped: Counter[tuple[str, str, str]] = Counter()
        for table, _, row in self.rows:
            duties = {duty.column: duty for duty in DUTIES.get(table, ())}
            for column in self.standard.tables[table].columns:
                code = row.get(column.name)
                duty = duties.get(column.name)
                if not column.maps or not code or (duty is not None and not duty.applies(row)):
                    continue
                kind, standard_code = self.standard_code(row["YLJGDM"], column.maps, code)
                every[row["YLJGDM"], kind, code] += 1
                mapped[row["YLJGDM"], kind, code] += bool(standard_code)
        return every, mapped

    def quantities(self) -> dict[tuple[str, str, str], dict[str, Decimal]]:
        """(month, org, quantity) → source → figure."""
        found: dict[tuple[str, str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for tables, source, column in (
            (CHARGES, "charges", "MXXMSSJE"), (SETTLEMENTS, "settlements", "FYJSZJE"), (PAYMENTS, "payments", "ZFJE"),
        ):  # fmt: skip
            for table, month, row in self.of(*tables):
                found[month, row["YLJGDM"], f"{tables[table]}_amount"][source] += Decimal(row[column])
        for table, month, row in self.of(*CHARGES):
            _, code = self.standard_code(row["YLJGDM"], ("fee",), row["FYSRGLBM"])
            if code[:2] == "01":  # drugs: 01, 0101, 0102, 0103
                found[month, row["YLJGDM"], f"{CHARGES[table]}_drugs"]["charges"] += Decimal(row["MXXMSSJE"])
        for table, quantity in (("TB_MZ_JZMXB", "outpatient_visits"), ("TB_ZY_CRYMXB", "inpatient_admissions")):
            days = {(month, row["YLJGDM"], self._day(table, row), row["JZLSH"]) for _, month, row in self.of(table)}
            for month, org, _, _ in days:
                found[month, org, quantity]["records"] += 1
        return found

    def _day(self, table: str, row: Row) -> str:
        return str(row[self.standard.tables[table].biz_date]).replace("-", "")[:8]
