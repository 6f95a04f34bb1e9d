"""How figures are judged: ok, warning, critical, or that they say nothing. Pure, a frame at a time.

``no_data``: there was nothing to judge; ``too_few``: too little to judge, or too little history. Neither is ``ok``.
The spread of a baseline is never taken smaller than what chance alone does to figures of that size, so a table that was
all right for eight weeks does not fire for one bad row.
"""

from __future__ import annotations

import polars as pl

#: Makes a median absolute deviation comparable with a standard deviation.
MAD = 1.4826

#: The thresholds that each verdict needs, as columns of the frame that is given.
ANOMALY_RATE = (
    "anomaly_rate_warning", "anomaly_rate_critical", "anomaly_rate_spreads", "anomaly_rate_rise", "anomaly_rate_rows",
)  # fmt: skip
VOLUME = (
    "volume_low_warning", "volume_low_critical", "volume_high_warning", "volume_spreads", "volume_rows",
)  # fmt: skip
MAPPING = ("mapping_rate_warning", "mapping_rate_critical", "mapping_rows")
ASSOCIATION = ("association_rate_warning", "association_rate_critical", "association_rows")

_N, _D, _BASE = pl.col("numerator"), pl.col("denominator"), pl.col("baseline")
_RATE = _N / _D


def anomaly_rate(cells: pl.DataFrame) -> pl.DataFrame:
    """Flagged and rejected rows (numerator) of those received (denominator), against the fixed thresholds and against
    the same weekday's rates. Adds ``warning``, ``critical`` and ``verdict``."""
    chance = (_RATE * (1 - _RATE) / _D).sqrt()
    spread = pl.max_horizontal(pl.col("spread") * MAD, chance)
    rise = _RATE - _BASE
    unusual = (
        _BASE.is_not_nan() & (rise >= pl.col("anomaly_rate_rise")) & (rise >= pl.col("anomaly_rate_spreads") * spread)
    )
    verdict = (
        _countable("anomaly_rate_rows")
        .when(_RATE >= pl.col("anomaly_rate_critical")).then(pl.lit("critical"))
        .when((_RATE >= pl.col("anomaly_rate_warning")) | unusual).then(pl.lit("warning"))
        .otherwise(pl.lit("ok"))
    )  # fmt: skip
    return _judged(cells, "anomaly_rate_warning", "anomaly_rate_critical", verdict)


def volume(cells: pl.DataFrame) -> pl.DataFrame:
    """Rows received (numerator) against the same weekday's median (denominator, 0 without history)."""
    spread = pl.max_horizontal(pl.col("spread") * MAD, _BASE.sqrt())
    usual = (_N - _BASE).abs() < pl.col("volume_spreads") * spread
    verdict = (
        pl.when(_BASE.is_nan() | (_BASE < pl.col("volume_rows"))).then(pl.lit("too_few"))
        .when(usual).then(pl.lit("ok"))
        .when(_N < _BASE * pl.col("volume_low_critical")).then(pl.lit("critical"))
        .when(_N < _BASE * pl.col("volume_low_warning")).then(pl.lit("warning"))
        .when(_N > _BASE * pl.col("volume_high_warning")).then(pl.lit("warning"))
        .otherwise(pl.lit("ok"))
    )  # fmt: skip
    cells = cells.with_columns(_BASE.fill_nan(0.0).alias("denominator"))
    warning = pl.when(_N > _BASE).then(pl.col("volume_high_warning")).otherwise(pl.col("volume_low_warning"))
    return cells.with_columns(
        warning.alias("warning"), pl.col("volume_low_critical").alias("critical"), verdict.alias("verdict")
    )


def mapping(cells: pl.DataFrame) -> pl.DataFrame:
    """Rows whose code has a standard code (numerator) of those with a code (denominator); too low is bad."""
    verdict = (
        _countable("mapping_rows")
        .when(_RATE < pl.col("mapping_rate_critical")).then(pl.lit("critical"))
        .when(_RATE < pl.col("mapping_rate_warning")).then(pl.lit("warning"))
        .otherwise(pl.lit("ok"))
    )  # fmt: skip
    return _judged(cells, "mapping_rate_warning", "mapping_rate_critical", verdict)


def association(cells: pl.DataFrame) -> pl.DataFrame:
    """Rows without their parent (numerator) of those that name one (denominator)."""
    verdict = (
        _countable("association_rows")
        .when(_RATE >= pl.col("association_rate_critical")).then(pl.lit("critical"))
        .when(_RATE >= pl.col("association_rate_warning")).then(pl.lit("warning"))
        .otherwise(pl.lit("ok"))
    )  # fmt: skip
    return _judged(cells, "association_rate_warning", "association_rate_critical", verdict)


def _countable(rows: str) -> pl.expr.whenthen.ChainedThen:
    return pl.when(_D <= 0).then(pl.lit("no_data")).when(_D < pl.col(rows)).then(pl.lit("too_few"))


def _judged(cells: pl.DataFrame, warning: str, critical: str, verdict: pl.Expr) -> pl.DataFrame:
    return cells.with_columns(
        pl.col(warning).alias("warning"), pl.col(critical).alias("critical"), verdict.alias("verdict")
    )
