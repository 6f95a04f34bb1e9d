"""``load()``: the data files of this package as one typed, immutable ``Standard``.

The files under ``standard/data`` are the standard; a table, a column, a code or a rule is added there, not here.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import yaml

from standard.model import (
    CatalogueEntry,
    Code,
    CodeSet,
    Column,
    Format,
    MapKind,
    Parent,
    Restriction,
    Rule,
    Standard,
    Table,
)
from standard.rules import Loader, generated_rules, parent_rules, read_rules
from standard.settings import StandardError, freeze, read_settings, resolve

DATA = Path(__file__).parent / "data"
# The code system of FYSRGLBM among those that fee_categories.csv holds side by side.
FEE_SYSTEM = "FYSRGLBM"
# The code set of departments in front pages, made from departments.csv.
HQMS_DEPARTMENTS = "department_hqms"
VERSION_LENGTH = 12  # hex digits: enough to tell versions apart, short enough for every ledger row


@cache
def load(settings_file: Path | None = None) -> Standard:
    """The standard with the settings of ``settings_file`` over the delivered ones; cached by path.

    Raises StandardError (a ValueError, one clear sentence) for unknown settings, kinds or parameters.
    """
    return read(DATA, settings_file)


def read(directory: Path, settings_file: Path | None = None) -> Standard:
    """The standard in ``directory``, not cached. Errors as in ``load``."""
    settings = read_settings(directory / "settings.yaml", settings_file)
    columns = _columns(directory / "columns.csv", settings)
    entries = yaml.load((directory / "tables.yaml").read_text(encoding="utf-8"), Loader)
    rules = directory / "rules"
    names = {name: (entry.get("name_zh", ""), entry.get("name_en", "")) for name, entry in entries.items()}
    tables = {
        name: _table(name, entry, columns.get(name, ()), rules / f"{name}.yaml", settings, names)
        for name, entry in entries.items()
    }
    return Standard(
        version=_version(directory, settings),
        tables=MappingProxyType(tables),
        code_sets=_code_sets(directory),
        formats=_keyed(Format(*_pick(row, "name regex example meaning source")) for row in _rows(directory, "formats")),
        catalogues=_catalogues(directory),
        dictionaries=MappingProxyType(
            {
                name: MappingProxyType({row["code"]: row["name_zh"] for row in _rows(directory, name)})
                for name in ("icd10", "icd9cm3", "tcm")
            }
        ),
        procedures=_catalogue(_rows(directory, "icd9cm3"), "code", "name_zh", "kind sex level"),
        restrictions=tuple(_restriction(row) for row in _rows(directory, "icd10_restrictions")),
        settings=settings,
    )


def _rows(directory: Path, name: str) -> Iterator[dict[str, str]]:
    with (directory / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _pick(row: Mapping[str, str], names: str) -> tuple[str, ...]:
    return tuple(row[name] for name in names.split())


def _keyed(formats: Iterator[Format]) -> Mapping[str, Format]:
    return MappingProxyType({entry.name: entry for entry in formats})


def _columns(path: Path, settings: Mapping[str, Any]) -> Mapping[str, tuple[Column, ...]]:
    found: dict[str, list[Column]] = {}
    for row in _rows(path.parent, path.stem):
        column = Column(
            name=row["column"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            type=cast(Any, row["type"]),
            width=_whole(row["width"]),
            precision=_whole(row["precision"]),
            scale=_whole(row["scale"]),
            key=row["key"] == "Y",
            mandatory=row["mandatory"] == "Y",
            dash_filled=row["dash_filled"] == "Y" or row["column"] in settings["dash_filled"].get(row["table"], ()),
            code_set=resolve(row["code_set"], settings),
            personal=cast(Any, row["personal"]),
            maps=cast(tuple[MapKind, ...], tuple(row["maps"].split(";")) if row["maps"] else ()),
            variant=cast(Any, row["variant"]),
            note=row["note"],
        )
        found.setdefault(row["table"], []).append(column)
    return {table: tuple(columns) for table, columns in found.items()}


def _whole(text: str) -> int | None:
    return int(text) if text else None


def _table(
    name: str, entry: Mapping[str, Any], columns: tuple[Column, ...], rules: Path, settings: Mapping[str, Any],
    names: Mapping[str, tuple[str, str]],
) -> Table:  # fmt: skip
    groups: Mapping[str, Any] = freeze(entry.get("groups", {}))
    written: tuple[Rule, ...] = read_rules(rules, name, settings, groups) if rules.exists() else ()
    try:
        parents = tuple(
            Parent(parent["table"], tuple(parent["columns"].items()), parent.get("group", ""))
            for parent in entry["parents"]
        )
        return Table(
            name=name,
            name_zh=entry["name_zh"],
            name_en=entry["name_en"],
            domain=entry["domain"],
            columns=columns,
            key=tuple(entry["key"]),
            biz_date=entry["biz_date"],
            patient_key=entry["patient_key"],
            visit_key=entry["visit_key"],
            parents=parents,
            rules=written
            + generated_rules(name, entry["prefix"], columns, written)
            + parent_rules(name, entry["prefix"], parents, columns, written, names),
            aliases=tuple(entry.get("aliases", ())),
            note=entry.get("note", ""),
            cadence=entry.get("cadence", "daily"),
            groups=groups,
        )
    except KeyError as missing:
        raise StandardError(f"tables.yaml: {name} lacks {missing}") from missing


def _code_sets(directory: Path) -> Mapping[str, CodeSet]:
    codes: dict[str, dict[str, Code]] = {}
    sources: dict[str, str] = {}
    for row in _rows(directory, "codes"):
        name = row["code_set"]
        codes.setdefault(name, {})[row["code"]] = Code(row["code"], row["name_zh"], row["name_en"])
        sources.setdefault(name, row["source"])
    for row in _rows(directory, "departments"):  # front pages write the same departments without dots
        code = row["hqms_code"]
        codes.setdefault(HQMS_DEPARTMENTS, {})[code] = Code(code, row["name_zh"], "")
        sources.setdefault(HQMS_DEPARTMENTS, row["source"])
    return MappingProxyType(
        {name: CodeSet(name, MappingProxyType(set_), sources[name]) for name, set_ in codes.items()}
    )


def _catalogues(directory: Path) -> Mapping[MapKind, Mapping[str, CatalogueEntry]]:
    departments = _catalogue(_rows(directory, "departments"), "code", "name_zh", "parent hqms_code level")
    # Both scenes list the same FYSRGLBM codes: the later row replaces an equal one.
    fee_rows = (row for row in _rows(directory, "fee_categories") if row["system"] == FEE_SYSTEM)
    drugs = _catalogue(
        _rows(directory, "drugs"),
        "drug_code",
        "generic_name",
        "generic_name dosage_form dosage_form_code specification manufacturer unit package category drug_class "
        "antibacterial controlled",
    )
    items = _catalogue(_rows(directory, "items"), "item_code", "name_zh", "category subcategory unit sex")
    fees = _catalogue(fee_rows, "code", "name_zh", "group_zh")
    return MappingProxyType({"department": departments, "fee": fees, "drug": drugs, "item": items})


def _catalogue(rows: Iterator[dict[str, str]], code: str, name: str, fields: str) -> Mapping[str, CatalogueEntry]:
    names = fields.split()
    return MappingProxyType(
        {
            row[code]: CatalogueEntry(row[code], row[name], MappingProxyType({field: row[field] for field in names}))
            for row in rows
        }
    )


def _restriction(row: Mapping[str, str]) -> Restriction:
    first_last = tuple(cast(tuple[str, str], tuple(block.split("-"))) for block in row["codes"].split("|"))
    return Restriction(first_last, row["sex"], _whole(row["min_days"]), _whole(row["max_days"]), row["source"])


def _version(directory: Path, settings: Mapping[str, Any]) -> str:
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*")):
        if path.suffix in (".csv", ".yaml") and path.name != "settings.yaml":
            digest.update(path.relative_to(directory).as_posix().encode() + b"\0" + path.read_bytes())
    digest.update(json.dumps(settings, default=dict, sort_keys=True).encode())
    return digest.hexdigest()[:VERSION_LENGTH]
