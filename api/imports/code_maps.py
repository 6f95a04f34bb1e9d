"""One code map of an institution as a table: every line is held against the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.imports.plan import Kind
from api.imports.problems import Wrong
from api.imports.table import Field
from api.imports.values import code, text
from api.sheets import Sheet, SheetColumn
from clickhouse.codemaps import CONTENT, MapEntry
from standard.model import CatalogueEntry, MapKind, Standard
from streams.maps import DRUG_FIELDS

#: Takes a mapping away; an empty cell would do so by accident in a list that is filled in bit by bit.
UNMAP = "-"
TITLES: Mapping[MapKind, tuple[str, str]] = {
    "department": ("科室", "department"), "fee": ("费用类别", "fee category"), "drug": ("药品", "drug"),
    "item": ("检验检查项目", "laboratory and examination item"),
}  # fmt: skip
#: What a drug must share with the catalogue, in words.
_DRUG = {
    "generic_name": ("通用名", "generic name"), "dosage_form": ("剂型", "dosage form"),
    "specification": ("规格", "specification"), "manufacturer": ("生产厂家", "manufacturer"),
}  # fmt: skip
_ALIASES = {"generic_name": ("药品通用名",), "manufacturer": ("生产企业", "厂家"), "dosage_form": ("剂型代码",)}


def kind(map: MapKind, standard: Standard) -> Kind[MapEntry]:
    """The kind of table. Lines without a standard code are for filling in and say nothing: leave them out of the plan
    (:func:`says_something`)."""
    catalogue = standard.catalogues[map]
    fields = (
        Field(SheetColumn("local_code", "院内编码", "local code", "text", 20), code(r".{1,100}", "1–100 个字符",
              "1 to 100 characters"), required=True, aliases=("院内代码", "本地编码", "机构编码")),
        Field(SheetColumn("local_name", "院内名称", "local name", "text", 30), text(500), aliases=("本地名称",)),
        Field(SheetColumn("standard_code", "标准编码", "standard code", "text", 20), _standard_code,
              aliases=("标准代码",)),
        Field(SheetColumn("standard_name", "标准名称", "standard name", "text", 30), None),
        *(
            Field(SheetColumn(name, zh, en, "text", 24), text(500), aliases=_ALIASES.get(name, ()))
            for name, (zh, en) in _DRUG.items()
            if map == "drug"
        ),
    )  # fmt: skip

    def make(values: Mapping[str, object], before: MapEntry | None) -> MapEntry:
        """A column that the file lacks leaves what is kept; the dosage form is kept as its code."""
        kept = {name: getattr(before, name) for name in CONTENT} if before else {}
        entry: dict[str, Any] = {**kept, **{name: value or "" for name, value in values.items()}}
        found = catalogue.get(entry["standard_code"])
        if map == "drug" and found and entry.get("dosage_form") == found.fields["dosage_form"]:
            entry["dosage_form"] = found.fields["dosage_form_code"]
        return MapEntry(**entry)

    def check(entry: MapEntry) -> Iterable[tuple[str, Wrong]]:
        if not entry.standard_code:
            return
        found = catalogue.get(entry.standard_code)
        if found is None:
            yield "standard_code", Wrong("unknown_standard_code")
        elif map == "drug":
            yield from _drug_wrongs(entry, found)

    return Kind(f"codemap_{map}", f"{TITLES[map][0]}对码", fields, _key, make, check, _values)


def catalogue(map: MapKind, standard: Standard) -> Sheet:
    """The standard codes to choose from, as a second sheet beside a map that is to be filled in."""
    details = tuple((name, zh, en) for name, (zh, en) in _DRUG.items() if map == "drug")
    columns = (
        SheetColumn("standard_code", "标准编码", "standard code", "text", 20),
        SheetColumn("standard_name", "标准名称", "standard name", "text", 40),
        *(SheetColumn(name, zh, en, "text", 24) for name, zh, en in details),
    )
    rows = (
        (code, entry.name, *(entry.fields.get(name, "") for name, _, _ in details))
        for code, entry in standard.catalogues[map].items()
    )
    return Sheet("标准目录", columns, rows)


def says_something(values: Mapping[str, object]) -> bool:
    """Whether a line gives its local code a standard code, or takes it away."""
    return values.get("standard_code") is not None


def _standard_code(value: object) -> str:
    read = code(r".{1,64}", "标准目录中的编码", "a code of the catalogue")
    found = str(read(value))  # type: ignore[arg-type]
    return "" if found == UNMAP else found


def _drug_wrongs(entry: MapEntry, found: CatalogueEntry) -> Iterable[tuple[str, Wrong]]:
    for name, (zh, en) in _DRUG.items():
        given, wanted = getattr(entry, name), found.fields.get(DRUG_FIELDS[name], "")
        if not given and wanted:
            yield name, Wrong("drug_incomplete", zh=zh, en=en)
        elif given != wanted:
            shown = found.fields["dosage_form"] + " " + wanted if name == "dosage_form" else wanted
            yield name, Wrong("drug_disagrees", zh=zh, en=en, catalogue=shown)


def _key(values: Mapping[str, object]) -> str:
    return str(values["local_code"])


def _values(entry: MapEntry) -> Mapping[str, object]:
    return {name: getattr(entry, name) for name in CONTENT}
