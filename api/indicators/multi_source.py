"""Indicator 7, multi-source check (多数据源校验): the same quantity from charges, settlements, payments, front pages,
records and what the institution declared itself, side by side."""

from __future__ import annotations

from api.indicators import columns as of
from api.indicators.figures import Figures, month_text
from api.indicators.filters import Filters
from api.indicators.names import VERDICTS, named
from api.services import Services
from api.sheets import SheetColumn
from clickhouse.declarations import QUANTITIES
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from streams.watch.thresholds import THRESHOLDS

TOLERANCE = "multi_source_tolerance"  # the threshold's name
_SOURCES = (
    ("charges", "收费明细", "charges"), ("settlements", "结算", "settlements"), ("payments", "支付方式", "payments"),
    ("front_pages", "病案首页", "front pages"), ("records", "就诊/出入院记录", "visits, admissions"),
    ("declared", "机构申报", "declared"),
)  # fmt: skip
_QUANTITIES = {name: (quantity.zh, quantity.en) for name, quantity in QUANTITIES.items()}
_COLUMNS = (
    of.MONTH, of.ORG, of.NAME, SheetColumn("quantity_zh", "项目", "quantity (Chinese)", "text", 20),
    *(SheetColumn(name, zh, en, "money", 16) for name, zh, en in _SOURCES),
    SheetColumn("difference", "差额", "difference", "money", 14),
    SheetColumn("relative", "差异率", "relative difference", "percent", 10),
    SheetColumn("tolerance", "允许差异", "tolerance", "percent", 10),
    SheetColumn("verdict_zh", "结论", "verdict", "text", 10),
)  # fmt: skip


def multi_source(parts: Services, seen: Reader, asked: Filters) -> Figures:
    """Quantities by month and institution; whole months, because declarations are monthly. Blocks."""
    wanted = asked.whole_months().parameters() | {"tolerance": THRESHOLDS[TOLERANCE].default}
    frame = seen.query(load_query("indicator_multi_source"), wanted)
    frame = frame.with_columns(month_text(), *named("quantity", _QUANTITIES), *named("verdict", VERDICTS))
    counts = dict(frame["verdict"].value_counts().iter_rows())
    totals = {verdict: counts.get(verdict, 0) for verdict in VERDICTS}
    return Figures("multi_source", "多数据源校验", "Multi-source check", _COLUMNS, frame, totals, summed=False)
