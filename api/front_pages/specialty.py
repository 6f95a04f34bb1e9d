"""Specialties (脾胃, 心血管, 康复, 儿科, 风湿): how many front pages, how long, how expensive, how good."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import polars as pl

from api.front_pages.score import parameters, rounded, scored
from api.front_pages.terms import By, specialties, terms
from api.indicators import columns as of
from api.indicators.figures import Figures, month_text, rate
from api.indicators.filters import Filters
from api.services import Services
from api.sheets import SheetColumn
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

Group = Literal["all", "org"]
_SUMS = ("pages", "days", "deaths", "procedures", "cost", "drugs", "chinese")
_COLUMNS = (
    of.MONTH, SheetColumn("specialty_zh", "专科", "specialty (Chinese)", "text", 12), of.ORG, of.NAME,
    SheetColumn("orgs", "机构数", "institutions", "int", 8, summed=False),
    SheetColumn("pages", "首页数", "front pages", "int", 10),
    SheetColumn("mean_days", "平均住院日", "mean stay (days)", "number", 11, summed=False),
    SheetColumn("mean_cost", "次均费用", "mean cost", "money", 12, summed=False),
    SheetColumn("cost", "总费用", "cost", "money", 16),
    SheetColumn("drug_share", "药占比", "share of medicine", "percent", 10, ratio=("drugs", "cost")),
    SheetColumn("chinese_share", "中医药占比", "share of Chinese medicine", "percent", 12, ratio=("chinese", "cost")),
    SheetColumn("procedure_share", "有手术操作", "with a procedure", "percent", 11, ratio=("procedures", "pages")),
    SheetColumn("death_share", "病死率", "deaths", "percent", 10, ratio=("deaths", "pages")),
    SheetColumn("score", "质量得分", "quality score", "number", 10, summed=False),
)  # fmt: skip
_BY_MONTH = ["month", "specialty", "specialty_zh", "specialty_en"]


def specialty_figures(parts: Services, seen: Reader, asked: Filters, specialty: str, by: By, group: Group) -> Figures:
    """Figures by month and specialty (``specialty`` empty: each of them), of each institution or all together. Front
    pages may belong to several specialties. Blocks."""
    known = specialties(parts.standard)
    names = [specialty] if specialty else list(known)
    frames = []
    for name in names:
        wanted = parameters(parts, asked, name, by)
        found = seen.query(load_query("front_page_specialty"), wanted)
        points = scored(seen.query(load_query("front_page_score"), wanted), terms(parts.standard))
        points = points.select("org", pl.col("number"), pl.col("score"), pl.col("pages").alias("scored"))
        number = (pl.col("month").dt.year() * 100 + pl.col("month").dt.month()).alias("number")
        frames.append(
            found.with_columns(number).join(points, on=["org", "number"], how="left").with_columns(
                pl.lit(name).alias("specialty"), pl.lit(known[name].zh).alias("specialty_zh"),
                pl.lit(known[name].en).alias("specialty_en"),
            )
        )  # fmt: skip
    frame = pl.concat(frames).drop("month").rename({"number": "month"})
    rows = _together(frame) if group == "all" else frame.with_columns(pl.lit(1, pl.UInt32).alias("orgs"))
    rows = _rates(rows).with_columns(month_text()).sort("month", "specialty", "pages", descending=[False, False, True])
    columns = [one for one in _COLUMNS if group == "org" or one.name not in ("org", "name")]
    return Figures("front_page_specialties", "病案首页专科情况", "Specialties", columns, rows, summed=False)


def _together(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by(_BY_MONTH, maintain_order=True).agg(
        *(pl.col(name).sum() for name in _SUMS), pl.col("org").n_unique().cast(pl.UInt32).alias("orgs"),
        ((pl.col("score") * pl.col("scored")).sum() / pl.col("scored").sum()).alias("score"),
    )  # fmt: skip


def _rates(frame: pl.DataFrame) -> pl.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            **row, "mean_days": rounded(rate(row["days"], row["pages"])), "score": rounded(row["score"]),
            "mean_cost": (row["cost"] / row["pages"]).quantize(Decimal("0.01")) if row["pages"] else None,
            "drug_share": _share(row["drugs"], row["cost"]), "chinese_share": _share(row["chinese"], row["cost"]),
            "procedure_share": rate(row["procedures"], row["pages"]), "death_share": rate(row["deaths"], row["pages"]),
        }
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    added: dict[str, Any] = {
        "mean_days": pl.Float64, "mean_cost": pl.Decimal(38, 2), "drug_share": pl.Float64, "chinese_share": pl.Float64,
        "procedure_share": pl.Float64, "death_share": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema={**frame.schema, **added})


def _share(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole) if whole else None
