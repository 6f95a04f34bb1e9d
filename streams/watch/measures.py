"""What the detectors measure, day by day, from what is stored, and how it is judged. Blocks; raises NotNow.

Each measure gives, for some business days, one row (columns ROW) for everything there is to judge: a fresh computation
of the whole day, so that what is written does not depend on the order in which things came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, get_args

import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from standard.model import MapKind, Standard
from streams.watch import verdicts
from streams.watch.baseline import history_days, with_baseline
from streams.watch.thresholds import Thresholds

ROW: Mapping[str, Any] = {
    "biz_date": pl.Date, "org": pl.String, "table": pl.String, "detector": pl.String, "subject": pl.String,
    "numerator": pl.Float64, "denominator": pl.Float64, "baseline": pl.Float64, "spread": pl.Float64,
    "warning": pl.Float64, "critical": pl.Float64, "verdict": pl.String,
}  # fmt: skip
KEY = ("biz_date", "org", "table", "detector", "subject")

#: Some days, judged by some thresholds.
Measure = Callable[[ClickHouse, Sequence[date], Thresholds], pl.DataFrame]


def rates_and_volumes(clickhouse: ClickHouse, days: Sequence[date], thresholds: Thresholds) -> pl.DataFrame:
    """Detectors ``anomaly_rate`` and ``volume`` of every institution and table of which something came."""
    wanted = sorted({*days, *history_days(days)})
    counts = clickhouse.query(load_query("watch_counts"), {"days": wanted})
    counts = counts.with_columns(pl.col("received", "bad").cast(pl.Float64), subject=pl.lit(""))
    today = counts.filter(pl.col("biz_date").is_in(list(days)))
    history = counts.filter(pl.col("incident") == 0)
    return pl.concat([_rates(today, history, thresholds), _volumes(today, history, thresholds)])


def _rates(today: pl.DataFrame, history: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    rates = history.filter(pl.col("received") > 0).with_columns(value=pl.col("bad") / pl.col("received"))
    cells = with_baseline(today, rates, ("org", "table"))
    cells = cells.with_columns(numerator=pl.col("bad"), denominator=pl.col("received"))
    return _rows(verdicts.anomaly_rate(thresholds.frame(cells, verdicts.ANOMALY_RATE)), "anomaly_rate")


def _volumes(today: pl.DataFrame, history: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    cells = with_baseline(today, history.with_columns(value=pl.col("received")), ("org", "table"))
    cells = cells.with_columns(numerator=pl.col("received"))
    return _rows(verdicts.volume(thresholds.frame(cells, verdicts.VOLUME)), "volume")


def associations(clickhouse: ClickHouse, days: Sequence[date], thresholds: Thresholds) -> pl.DataFrame:
    """Detector ``association``: every parent reference (subject: rule) of every institution and table."""
    cells = clickhouse.query(load_query("watch_parents"), {"days": list(days)}).with_columns(
        subject=pl.col("rule_id"),
        numerator=pl.col("failed").cast(pl.Float64),
        denominator=pl.col("checked").cast(pl.Float64),
    )
    return _rows(verdicts.association(thresholds.frame(cells, verdicts.ASSOCIATION)), "association")


class Mappings:
    """Detector ``mapping``: every map (subject) of every institution, all tables together, with the maps of now."""

    def __init__(self, standard: Standard) -> None:
        self._parameters = map_parameters(standard)

    def __call__(self, clickhouse: ClickHouse, days: Sequence[date], thresholds: Thresholds) -> pl.DataFrame:
        parameters = self._parameters | {"days": list(days), "biz_from": min(days), "biz_to": max(days)}
        cells = clickhouse.query(load_query("watch_mapping"), parameters).with_columns(
            table=pl.lit(""),
            subject=pl.col("map"),
            numerator=pl.col("mapped").cast(pl.Float64),
            denominator=pl.col("rows").cast(pl.Float64),
        )
        return _rows(verdicts.mapping(thresholds.frame(cells, verdicts.MAPPING)), "mapping")


def map_parameters(standard: Standard) -> dict[str, Any]:
    """The parameters of the query mapping_codes for every institution and map, but for its days."""
    several = {column.name for table in standard.tables.values() for column in table.columns if len(column.maps) > 1}
    return {
        "maps": list(get_args(MapKind)), "both": sorted(several), "items": list(standard.catalogues["item"]),
        "table": "", "org": "", "city": "", "county": "", "type": "", "level": -1, "test": 1,
    }  # fmt: skip


def _rows(judged: pl.DataFrame, detector: str) -> pl.DataFrame:
    """Figures without a baseline have none."""
    missing = [pl.lit(float("nan")).alias(name) for name in ("baseline", "spread") if name not in judged.columns]
    return judged.with_columns(*missing, pl.lit(detector).alias("detector")).select(*ROW).cast(pl.Schema(ROW))
