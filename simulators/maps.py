"""Each institution's own codes for departments, drugs, items and fee classes, and the map from them to the standard.

An institution keeps a part of the catalogues under codes of its own making. Its map is complete by default; with a
lower completeness some entries are missing and their local codes stay unmapped.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import orjson

from simulators.orgs import Org
from simulators.people import CHILD_YEARS
from standard.model import CatalogueEntry, MapKind, Standard

#: Departments of a general hospital: where patients are seen, and who works for all of them.
OUTPATIENT = (
    "03.01", "03.02", "03.03", "03.04", "03.07", "04.01", "04.03", "04.04", "05.01", "07", "10", "11", "12.01", "13.01",
)  # fmt: skip
SMALL = ("02", "03", "04", "07")
CHINESE = ("50.01", "50.03", "50.10", "50.13")
EMERGENCY, LABORATORY, IMAGING, CHILDREN, WOMEN, CHINESE_MEDICINE = "20", "30", "32", "07", "05", "50"
#: Drugs and items that an institution of a level keeps (western, patent, herbs, laboratory, examinations).
STOCK = {3: (110, 36, 40, 70, 40), 2: (70, 24, 30, 45, 24), 1: (36, 14, 0, 16, 6)}
LABORATORY_PREFIX = "25"
#: FYSRGLBM (income class) of what is charged.
WESTERN_FEE, HERB_FEE, PATENT_FEE = "0101", "0102", "0103"
EXAM_FEE, LAB_FEE, BED_FEE, NURSING_FEE, REGISTRATION_FEE = "0302", "0303", "0307", "0308", "0301"
FEES = (
    WESTERN_FEE, HERB_FEE, PATENT_FEE, EXAM_FEE, LAB_FEE, BED_FEE, NURSING_FEE, REGISTRATION_FEE,
)  # fmt: skip
#: Of a code map as a table; a drug's has all of them, the others the first three.
MAP_COLUMNS = (
    "local_code", "local_name", "standard_code", "generic_name", "dosage_form", "specification", "manufacturer",
)  # fmt: skip
#: How an institution writes its own codes: department, drug, item; fee classes have four characters at most.
STYLES = (("KS{:03d}", "YP{:05d}", "XM{:05d}", "F{:02d}"), ("D-{:02d}", "M{:06d}", "T{:06d}", "S{:03d}"))


@dataclass(frozen=True, slots=True)
class Department:
    """A department: local code and name, standard code."""

    code: str
    name: str
    standard: str


def fits(department: Department, age: int, sex: str) -> bool:
    """Whether a department takes a patient of this age and sex (GB/T 2261.1)."""
    if department.standard.startswith(CHILDREN):
        return age < CHILD_YEARS
    return sex == "2" or not department.standard.startswith(WOMEN)


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug in stock; ``cents`` for one unit of dispensing, ``kind`` 1 western, 2 patent, 3 herbs."""

    code: str
    name: str
    standard: str
    kind: str
    form: str
    specification: str
    manufacturer: str
    cents: int
    unit: str


@dataclass(frozen=True, slots=True)
class Item:
    """A laboratory test or an examination with its price in cents."""

    code: str
    name: str
    standard: str
    laboratory: bool
    cents: int


@dataclass(frozen=True, slots=True)
class OrgMaps:
    """What an institution calls things. ``fees`` by income class; ``missing`` are the unmapped (map, local code)."""

    org: str
    departments: tuple[Department, ...]
    emergency: Department
    laboratory: Department
    imaging: Department
    drugs: tuple[Drug, ...]
    herbs: tuple[Drug, ...]
    tests: tuple[Item, ...]
    examinations: tuple[Item, ...]
    fees: Mapping[str, str]
    missing: frozenset[tuple[str, str]]
    standard: Standard

    def entries(self) -> list[dict[str, Any]]:
        """Rows of the table ``code_maps``, without the missing ones, version 1."""
        every = [
            *(self._entry("department", d.code, d.name, d.standard) for d in self.all_departments),
            *(self._entry("drug", d.code, d.name, d.standard) for d in (*self.drugs, *self.herbs)),
            *(self._entry("item", i.code, i.name, i.standard) for i in (*self.tests, *self.examinations)),
            *(self._entry("fee", code, self._name("fee", fee), fee) for fee, code in self.fees.items()),
        ]
        return [entry for entry in every if (entry["map"], entry["local_code"]) not in self.missing]

    @property
    def all_departments(self) -> tuple[Department, ...]:
        """Departments with patients and those that serve them."""
        return (*self.departments, self.emergency, self.laboratory, self.imaging)

    def _name(self, kind: MapKind, code: str) -> str:
        return self.standard.catalogues[kind][code].name

    def _entry(self, kind: MapKind, local: str, name: str, code: str) -> dict[str, Any]:
        fields = self.standard.catalogues[kind][code].fields if kind == "drug" else {}
        return {
            "org": self.org, "map": kind, "local_code": local, "local_name": name, "standard_code": code,
            "generic_name": fields.get("generic_name", ""), "dosage_form": fields.get("dosage_form_code", ""),
            "specification": fields.get("specification", ""), "manufacturer": fields.get("manufacturer", ""),
            "version": 1,
        }  # fmt: skip


def make_maps(org: Org, standard: Standard, seed: int, completeness: float = 1.0) -> OrgMaps:
    """An institution's codes; ``completeness`` is the share of them that its map holds."""
    rng = Random(f"{seed}/maps/{org.org}")
    style = STYLES[rng.randrange(len(STYLES))]
    departments = _departments(org, standard, style[0])
    western, patent, herbs, tests, examinations = STOCK[org.level]
    drugs = standard.catalogues["drug"]
    free = [entry for entry in drugs.values() if not entry.fields.get("controlled")]  # the others need special forms
    stock = _pick(rng, [e for e in free if e.code[0] == "1"], western)
    stock += _pick(rng, [e for e in free if e.code[0] == "2"], patent)
    pieces = _pick(rng, [e for e in free if e.code[0] == "3"], herbs)
    items = [e for e in standard.catalogues["item"].values() if not e.fields.get("sex")]  # these fit everybody
    lab = _pick(rng, [e for e in items if e.code.startswith(LABORATORY_PREFIX)], tests)
    exams = _pick(rng, [e for e in items if not e.code.startswith(LABORATORY_PREFIX)], examinations)
    # Hospitals with beds bill by the standard's income classes, small ones have their own.
    fees = {fee: fee if org.inpatient else style[3].format(place) for place, fee in enumerate(FEES, 1)}
    made = OrgMaps(
        org=org.org, departments=departments[:-3], emergency=departments[-3], laboratory=departments[-2],
        imaging=departments[-1],
        drugs=tuple(_drug(rng, style[1].format(n * 7 + 11), e) for n, e in enumerate(stock)),
        herbs=tuple(_drug(rng, style[1].format(n * 7 + 14), e) for n, e in enumerate(pieces)),
        tests=tuple(_item(rng, style[2].format(n * 3 + 1), e) for n, e in enumerate(lab)),
        examinations=tuple(_item(rng, style[2].format(n * 3 + 2), e) for n, e in enumerate(exams)),
        fees=fees, missing=frozenset(), standard=standard,
    )  # fmt: skip
    return made if completeness >= 1 else _with_gaps(made, rng, completeness)


def _pick(rng: Random, entries: Sequence[CatalogueEntry], count: int) -> list[CatalogueEntry]:
    return rng.sample(entries, min(count, len(entries)))


def _departments(org: Org, standard: Standard, style: str) -> tuple[Department, ...]:
    codes = {3: (*OUTPATIENT, "50.01"), 2: (*OUTPATIENT[:9], *CHINESE), 1: (*SMALL, "50.01")}[org.level]
    if org.type == "tcm_hospital":
        codes = (*CHINESE, "03.04", "04.01", "07", "50.11")
    names = standard.catalogues["department"]
    return tuple(
        Department(style.format(place * 10 + 1), names[code].name.removesuffix("专业") + "门诊", code)
        for place, code in enumerate((*codes, EMERGENCY, LABORATORY, IMAGING))
    )


def _drug(rng: Random, code: str, entry: CatalogueEntry) -> Drug:
    kind = entry.code[0]
    cents = rng.randrange(4, 60) if kind == "3" else rng.randrange(400, 4000)
    fields = entry.fields
    return Drug(
        code, entry.name, entry.code, kind, fields["dosage_form_code"], fields["specification"],
        fields["manufacturer"], cents, fields.get("unit", "片") or "片",
    )  # fmt: skip


def _item(rng: Random, code: str, entry: CatalogueEntry) -> Item:
    laboratory = entry.code.startswith(LABORATORY_PREFIX)
    return Item(
        code, entry.name, entry.code, laboratory, rng.randrange(800, 4000) if laboratory else rng.randrange(3000, 16000)
    )


def _with_gaps(maps: OrgMaps, rng: Random, completeness: float) -> OrgMaps:
    """Take local codes out of each map; which ones is part of the expected result."""
    missing: set[tuple[str, str]] = set()
    for kind, codes in (
        ("department", [d.code for d in maps.all_departments]),
        ("drug", [d.code for d in (*maps.drugs, *maps.herbs)]),
        ("item", [i.code for i in (*maps.tests, *maps.examinations)]),
        ("fee", [code for fee, code in maps.fees.items() if code != fee]),  # a standard code maps to itself
    ):
        missing |= {(kind, code) for code in rng.sample(codes, round(len(codes) * (1 - completeness)))}
    return OrgMaps(**{name: getattr(maps, name) for name in OrgMaps.__slots__} | {"missing": frozenset(missing)})


def write_maps(maps: Iterable[OrgMaps], path: Path) -> None:
    """Write the map entries of all institutions: into a file ``….json`` as one list, otherwise into a folder as tables
    ``<institution>-<map>.csv`` that ``sanjian codemaps import`` takes."""
    entries = [entry for one in maps for entry in one.entries()]
    if path.suffix == ".json":
        path.write_bytes(orjson.dumps(entries, option=orjson.OPT_INDENT_2))
        return
    path.mkdir(parents=True, exist_ok=True)
    tables: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for entry in entries:
        tables.setdefault((entry["org"], entry["map"]), []).append(entry)
    for (org, kind), rows in tables.items():
        with (path / f"{org}-{kind}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, MAP_COLUMNS[: None if kind == "drug" else 3], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
