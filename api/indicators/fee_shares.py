"""Indicator 4, fee shares (门诊住院费用占比): what was charged, by fee category, institution and month."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import polars as pl

from api.indicators import columns as of
from api.indicators.figures import Figures, month_text, total_of
from api.indicators.filters import Filters
from api.indicators.names import CARE, fees, named
from api.services import Services
from api.sheets import SheetColumn
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

Group = Literal["org", "all"]

_COLUMNS = (
    of.MONTH, of.ORG, of.NAME, SheetColumn("care_zh", "类别", "care", "text", 8),
    SheetColumn("code", "费用类别代码", "fee category", "text", 12),
    SheetColumn("code_zh", "费用类别", "fee category (Chinese)", "text", 26),
    SheetColumn("rows", "明细行数", "rows", "int", 10),
    SheetColumn("amount", "金额（元）", "amount (yuan)", "money", 16),
    SheetColumn("care_share", "占本类别", "share of this care", "percent", 10),
    SheetColumn("total_share", "占机构合计", "share of the institution", "percent", 10),
)  # fmt: skip

_DRUG_COLUMNS = (
    of.MONTH, of.ORG, of.NAME, SheetColumn("care_zh", "类别", "care", "text", 8),
    SheetColumn("amount", "金额（元）", "amount (yuan)", "money", 16),
    SheetColumn("drugs", "药品（元）", "drugs (yuan)", "money", 16),
    SheetColumn("drug_share", "药占比", "share of drugs", "percent", 10, ratio=("drugs", "amount")),
    SheetColumn("consumables", "耗材（元）", "consumables (yuan)", "money", 16),
    SheetColumn(
        "consumable_share", "耗材占比", "share of consumables", "percent", 10, ratio=("consumables", "amount")
    ),
    SheetColumn("unmapped", "未对码（元）", "unmapped (yuan)", "money", 16),
)  # fmt: skip


def fee_shares(parts: Services, seen: Reader, asked: Filters, group: Group) -> Figures:
    """Amounts and shares by month, institution, kind of care and fee category. Blocks."""
    frame = seen.query(load_query("indicator_fee_shares"), asked.parameters())
    if group == "all":
        frame = _together(frame)
    frame = frame.with_columns(month_text(), *named("care", CARE), *named("code", fees(parts.standard)))
    by_care = {care: total_of(frame.filter(pl.col("care") == care), "amount") or Decimal(0) for care in CARE}
    amount = sum(by_care.values(), Decimal(0))
    totals: dict[str, Any] = {"rows": total_of(frame, "rows"), "amount": amount} | by_care
    totals |= {f"{care}_share": float(part / amount) if amount else None for care, part in by_care.items()}
    return Figures("fee_shares", "门诊住院费用占比", "Fee shares", _columns(_COLUMNS, group), frame, totals)


def _together(frame: pl.DataFrame) -> pl.DataFrame:
    """All institutions as one."""
    summed = frame.group_by("month", "care", "code").agg(pl.col("rows", "amount").sum())
    care, total = (pl.col("amount").sum().over(keys) for keys in (("month", "care"), ("month",)))
    return (
        summed.with_columns(care.alias("care_amount"), total.alias("total_amount"))
        .with_columns(_share("amount", "care_amount", "care_share"), _share("amount", "total_amount", "total_share"))
        .sort("month", "care", "code", descending=(False, True, False))
    )


def _share(part: str, of_whole: str, name: str) -> pl.Expr:
    below = pl.col(of_whole).cast(pl.Float64)
    return pl.when(below != 0).then(pl.col(part).cast(pl.Float64) / below).alias(name)


def _columns(columns: tuple[SheetColumn, ...], group: Group) -> tuple[SheetColumn, ...]:
    return tuple(one for one in columns if group == "org" or one not in (of.ORG, of.NAME))


def drug_shares(parts: Services, seen: Reader, asked: Filters, group: Group) -> Figures:
    """Drugs and consumables in what was charged, by month, institution and kind of care. Blocks."""
    frame = seen.query(load_query("indicator_fee_drugs"), asked.parameters())
    names = ("amount", "drugs", "consumables", "unmapped")
    if group == "all":
        summed = frame.group_by("month", "care").agg(pl.col(*names).sum())
        frame = summed.sort("month", "care", descending=(False, True)).with_columns(
            _share("drugs", "amount", "drug_share"), _share("consumables", "amount", "consumable_share")
        )
    frame = frame.with_columns(month_text(), *named("care", CARE))
    totals: dict[str, Any] = {name: total_of(frame, name) or Decimal(0) for name in names}
    amount = totals["amount"]
    totals["drug_share"] = float(totals["drugs"] / amount) if amount else None
    totals["consumable_share"] = float(totals["consumables"] / amount) if amount else None
    columns = _columns(_DRUG_COLUMNS, group)
    return Figures("fee_drugs", "药占比与耗材占比", "Shares of drugs and consumables", columns, frame, totals)
