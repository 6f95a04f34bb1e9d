"""Indicators 5 and 6, code mapping (对码): drugs, departments, fee categories and lab and exam items. How many rows and
how many distinct local codes have a standard code, and which have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from api.indicators import columns as of
from api.indicators.figures import CHUNK, Figures, Listing, rate, total_of
from api.indicators.filters import Filters
from api.indicators.names import MAPS, named
from api.services import Services
from api.sheets import SheetColumn
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from standard.model import MapKind, Standard

#: There are never more unmapped codes than institutions × their codes; counting them costs as much as giving them.
EVERY = 10_000_000
_SUMS = ("rows", "mapped_rows", "landed_mapped", "codes", "mapped_codes")
_COLUMNS = (
    of.ORG, of.NAME, SheetColumn("map_zh", "对码类别", "map", "text", 14),
    SheetColumn("rows", "行数", "rows", "int", 12), SheetColumn("mapped_rows", "已对码行数", "rows mapped", "int", 12),
    SheetColumn("rows_rate", "行对码率", "rate of rows", "percent", 10, ratio=("mapped_rows", "rows")),
    SheetColumn("landed_mapped", "入库时已对码", "mapped on arrival", "int", 12),
    SheetColumn("landed_rate", "入库时对码率", "rate on arrival", "percent", 12, ratio=("landed_mapped", "rows")),
    SheetColumn("codes", "代码数", "codes", "int", 10),
    SheetColumn("mapped_codes", "已对码代码数", "codes mapped", "int", 12),
    SheetColumn("codes_rate", "代码对码率", "rate of codes", "percent", 10, ratio=("mapped_codes", "codes")),
)  # fmt: skip
_CODE_COLUMNS = (
    of.ORG, of.NAME, SheetColumn("map_zh", "对码类别", "map", "text", 14),
    SheetColumn("code", "院内代码", "local code", "text", 20),
    SheetColumn("local_name", "院内名称", "local name", "text", 32),
    SheetColumn("columns_zh", "出现的列", "columns", "text", 28), SheetColumn("rows", "行数", "rows", "int", 12),
)  # fmt: skip


def parameters(standard: Standard, asked: Filters, maps: Sequence[MapKind]) -> dict[str, Any]:
    """The parameters of the mapping queries."""
    several = {column.name for table in standard.tables.values() for column in table.columns if len(column.maps) > 1}
    return asked.parameters() | {
        "maps": list(maps), "both": sorted(several), "items": list(standard.catalogues["item"]),
    }  # fmt: skip


def mapping(parts: Services, seen: Reader, asked: Filters, name: str, maps: Sequence[MapKind]) -> Figures:
    """Mapping rates by institution and map. Blocks."""
    frame = seen.query(load_query("indicator_mapping"), parameters(parts.standard, asked, maps))
    frame = frame.with_columns(*named("map", MAPS))
    totals: dict[str, Any] = {column: total_of(frame, column) for column in _SUMS}
    totals["rows_rate"] = rate(totals["mapped_rows"], totals["rows"])
    totals["landed_rate"] = rate(totals["landed_mapped"], totals["rows"])
    totals["codes_rate"] = rate(totals["mapped_codes"], totals["codes"])
    zh = "、".join(MAPS[kind][0] for kind in maps) + "对码"
    en = "Code mapping: " + ", ".join(MAPS[kind][1] for kind in maps)
    return Figures(name, zh, en, _COLUMNS, frame, totals)


def unmapped(parts: Services, seen: Reader, asked: Filters, maps: Sequence[MapKind]) -> Listing:
    """Local codes without a standard code now, the most used first, as the institution calls them. Blocks."""
    wanted = parameters(parts.standard, asked, maps) | {"limit": EVERY, "offset": 0}
    frame = seen.query(load_query("indicator_mapping_unmapped"), wanted).with_columns(*named("map", MAPS))

    def page(limit: int, offset: int) -> list[dict[str, Any]]:
        rows = frame.slice(offset, limit).to_dicts()
        called = _names(seen, rows)
        return [
            row | {
                "local_name": called.get((row["org"], row["code"]), row["local_name"]),
                "columns_zh": "、".join(row["columns"]),
            }
            for row in rows
        ]  # fmt: skip

    def chunks() -> Iterator[list[dict[str, Any]]]:
        for offset in range(0, frame.height, CHUNK):
            yield page(CHUNK, offset)

    return Listing("unmapped", "未对码代码", "Unmapped codes", _CODE_COLUMNS, frame.height, page, chunks)


def _names(seen: Reader, rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    if not rows:
        return {}
    wanted = {"orgs": sorted({row["org"] for row in rows}), "codes": sorted({row["code"] for row in rows})}
    found = seen.rows(load_query("unmapped_names"), wanted)
    return {(row["org"], row["code"]): row["name"] for row in found}
