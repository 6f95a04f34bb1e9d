"""Quality score of front pages by institution and month, with ranks; the front pages behind it, and the rules.

100 points in completeness, logic and coding for each front page, less what the rules that it violates take away; the
mean over the front pages of an institution; the three weighted. See ``docs/front_page_reports.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from api.errors import ApiError
from api.front_pages.terms import GRADES, PARTS, By, Terms, chosen, specialties, terms
from api.indicators import columns as of
from api.indicators.figures import CHUNK, Figures, Listing, month_text, total_of
from api.indicators.filters import Filters
from api.indicators.names import SEVERITIES, named
from api.services import Services
from api.sheets import SheetColumn
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

TABLE = "TB_BASY"
_POINTS = tuple(SheetColumn(part, zh, en, "number", 10, summed=False) for part, (zh, en) in PARTS.items())
_SCORE = SheetColumn("score", "得分", "score", "number", 10, summed=False)
_COLUMNS = (
    SheetColumn("rank", "名次", "rank", "int", 8, summed=False), of.MONTH, of.ORG, of.NAME, _SCORE,
    SheetColumn("grade_zh", "等级", "grade", "text", 10), *_POINTS,
    SheetColumn("pages", "首页数", "front pages", "int", 10), SheetColumn("accepted", "入库", "accepted", "int", 10),
    SheetColumn("rejected", "拒收", "rejected", "int", 10),
    SheetColumn("perfect", "无问题", "without findings", "int", 10),
    SheetColumn("errors", "错误", "errors", "int", 10), SheetColumn("findings", "问题", "findings", "int", 10),
)  # fmt: skip
_ROW_COLUMNS = (
    of.MONTH, of.ORG, of.NAME, SheetColumn("row_key", "病案号|住院次数", "record number|admission", "text", 22),
    SheetColumn("file_row", "文件行号", "row of the file", "int", 10, summed=False),
    SheetColumn("outcome_zh", "结果", "outcome", "text", 8),
    SheetColumn("department", "出院科别", "department", "text", 10),
    SheetColumn("diagnosis", "主要诊断", "main diagnosis", "text", 12), _SCORE, *_POINTS,
    SheetColumn("errors", "错误", "errors", "int", 8), SheetColumn("findings", "问题", "findings", "int", 8),
)  # fmt: skip
_RULE_COLUMNS = (
    SheetColumn("part_zh", "方面", "part", "text", 10), of.RULE, of.RULE_ZH, of.SEVERITY_ZH, of.COLUMN, of.COLUMN_ZH,
    SheetColumn("pages", "首页数", "front pages", "int", 10),
    SheetColumn("orgs", "机构数", "institutions", "int", 10, summed=False),
    SheetColumn("points", "扣分合计", "points taken away", "number", 12), of.FIX_ZH,
)  # fmt: skip
_SUMS = ("pages", "accepted", "rejected", "perfect", "errors", "findings")
_TEXTS = ("rule_zh", "rule_en", "fix_zh", "fix_en", "column_zh")
_DECIMALS = 2
_OUTCOMES = {"accepted": ("入库", "accepted"), "rejected": ("拒收", "rejected")}


def parameters(parts: Services, asked: Filters, specialty: str, by: By) -> dict[str, Any]:
    """What the queries of the score take: whole months. Raises ApiError unknown_specialty."""
    known = specialties(parts.standard)
    if specialty and specialty not in known:
        raise ApiError("unknown_specialty")
    codes = chosen(known.get(specialty), by)
    return asked.whole_months().parameters() | terms(parts.standard).parameters() | codes


def score(parts: Services, seen: Reader, asked: Filters, specialty: str, by: By) -> Figures:
    """Scores by month and institution, the best first, with ranks within each month. Blocks."""
    frame = seen.query(load_query("front_page_score"), parameters(parts, asked, specialty, by))
    known = terms(parts.standard)
    frame = scored(frame, known).with_columns(month_text("number"), *named("grade", GRADES)).rename({"number": "month"})
    return Figures(
        "front_page_score", "病案首页质量评分", "Quality score of front pages", _COLUMNS, frame, _totals(frame, known)
    )  # fmt: skip


def scored(frame: pl.DataFrame, known: Terms) -> pl.DataFrame:
    """With ``score``, ``grade``, ``rank`` within the month (equal scores share one) and ``number`` (202611); by month,
    the best first."""
    total = pl.sum_horizontal(pl.col(part) * known.weights[part] for part in PARTS)
    graded = pl.when(pl.col("score") >= known.grades["good"]).then(pl.lit("good"))
    grade = graded.when(pl.col("score") >= known.grades["enough"]).then(pl.lit("enough")).otherwise(pl.lit("poor"))
    return (
        frame.with_columns(pl.col(*PARTS).round(_DECIMALS), total.round(_DECIMALS).alias("score"))
        .with_columns(
            grade.alias("grade"),
            pl.col("score").rank("min", descending=True).over("month").cast(pl.UInt32).alias("rank"),
            (pl.col("month").dt.year() * 100 + pl.col("month").dt.month()).alias("number"),
        )
        .sort("month", "rank", "org")
        .drop("month")
    )


def _totals(frame: pl.DataFrame, known: Terms) -> dict[str, Any]:
    """All front pages together: a front page counts as much as any other one, whatever institution it is of."""
    pages = total_of(frame, "pages")
    totals: dict[str, Any] = {name: total_of(frame, name) for name in _SUMS} | {"orgs": frame["org"].n_unique()}
    if not pages:
        return totals | dict.fromkeys([*PARTS, "score"])
    means = {str(part): float((frame[part] * frame["pages"]).sum() / pages) for part in PARTS}
    return totals | {part: rounded(points) for part, points in means.items()} | {"score": rounded(known.score(**means))}


def rounded(points: float | None) -> float | None:
    """As points are shown."""
    return None if points is None else round(points, _DECIMALS)


def score_rows(parts: Services, seen: Reader, asked: Filters, specialty: str, by: By) -> Listing:
    """The front pages behind the scores, those that lost most first. Blocks."""
    wanted = parameters(parts, asked, specialty, by)
    [count] = seen.rows(f"SELECT count() AS rows FROM ({load_query('front_page_points')})", wanted)

    def page(limit: int, offset: int) -> list[dict[str, Any]]:
        rows = seen.rows(load_query("front_page_score_rows"), wanted | {"limit": limit, "offset": offset})
        return [_row(row) for row in rows]

    def chunks() -> Iterator[list[dict[str, Any]]]:
        for offset in range(0, count["rows"], CHUNK):
            yield page(CHUNK, offset)

    return Listing(
        "front_page_score_rows", "病案首页逐份得分", "Points of each front page", _ROW_COLUMNS, count["rows"], page,
        chunks,
    )  # fmt: skip


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    outcome = _OUTCOMES[row["outcome"]]
    points = {name: round(row[name], _DECIMALS) for name in ("score", *PARTS)}
    return {**row, **points, "month": f"{row['month']:%Y-%m}", "outcome_zh": outcome[0], "outcome_en": outcome[1]}


def score_rules(parts: Services, seen: Reader, asked: Filters, specialty: str, by: By) -> Figures:
    """What takes points away, the most first. Blocks."""
    frame = seen.query(load_query("front_page_score_rules"), parameters(parts, asked, specialty, by))
    found = frame.select("rule_id", "column").iter_rows()
    texts = [dict(parts.wording.of(TABLE, rule, column)) for rule, column in found]
    frame = frame.with_columns(
        *named("part", {str(part): words for part, words in PARTS.items()}), *named("severity", SEVERITIES),
        *(pl.Series(name, [text[name] for text in texts], pl.String) for name in _TEXTS),
    )  # fmt: skip
    totals = {"points": total_of(frame, "points")}
    return Figures("front_page_score_rules", "病案首页扣分规则", "What takes points away", _RULE_COLUMNS, frame, totals)
