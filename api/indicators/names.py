"""Names for what the queries give as codes: tables, maps, fee categories, states, verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from standard.model import Standard

CARE: Mapping[str, tuple[str, str]] = {"outpatient": ("门诊", "outpatient"), "inpatient": ("住院", "inpatient")}
MAPS: Mapping[str, tuple[str, str]] = {
    "department": ("科室", "departments"), "fee": ("费用类别", "fee categories"), "drug": ("药品", "drugs"),
    "item": ("检验检查项目", "lab and exam items"),
}  # fmt: skip
#: From worst to best: an institution's day is as bad as its worst table.
STATES: Mapping[str, tuple[str, str]] = {
    "missing": ("漏传", "missing"), "unknown": ("无法判断", "unknown"), "partial": ("数量偏少", "partial"),
    "late": ("迟传", "late"), "pending": ("未到期", "pending"), "received": ("已上传", "received"),
    "empty": ("无业务", "declared empty"), "not_expected": ("无需上传", "not expected"),
}  # fmt: skip
VERDICTS: Mapping[str, tuple[str, str]] = {
    "ok": ("一致", "ok"), "differs": ("不一致", "differs"), "missing": ("缺来源", "a source is missing"),
}  # fmt: skip
SEVERITIES: Mapping[str, tuple[str, str]] = {"error": ("错误", "error"), "warning": ("警告", "warning")}


def named(column: str, names: Mapping[str, tuple[str, str]]) -> Iterator[pl.Expr]:
    """``<column>_zh`` and ``<column>_en``: the names of a code, the code itself where there is none."""
    for place, lang in enumerate(("zh", "en")):
        words = {code: pair[place] for code, pair in names.items()}
        found = pl.col(column).replace_strict(words, default=pl.col(column), return_dtype=pl.String)
        yield found.alias(f"{column}_{lang}")


def tables(standard: Standard) -> dict[str, tuple[str, str]]:
    """Names of the standard's tables; the empty one is what could not be read so far."""
    return {name: (table.name_zh, table.name_en) for name, table in standard.tables.items()} | {
        "": ("无法识别", "not readable")
    }


def fees(standard: Standard) -> dict[str, tuple[str, str]]:
    """Names of the fee categories (they have Chinese ones only); the empty one is what has no standard code."""
    return {code: (entry.name, entry.name) for code, entry in standard.catalogues["fee"].items()} | {
        "": ("未对码", "unmapped")
    }
