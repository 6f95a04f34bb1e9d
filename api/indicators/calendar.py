"""Indicator 1, upload calendar (数据上传实时监控): institution × table × day, by business day and by arrival day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

import polars as pl

from api.indicators import columns as of
from api.indicators.figures import answer
from api.indicators.filters import Filters, Lang
from api.indicators.names import STATES, tables
from api.models_indicators import IndicatorAnswer
from api.services import Services
from api.sheets import Sheet, SheetColumn
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

By = Literal["business", "arrival"]
Group = Literal["table", "org"]

_DAY = (
    "day", "state", "reason", "received", "accepted", "rejected", "flagged", "unreadable", "first_arrived_at",
    "last_arrived_at", "due_at",
)  # fmt: skip
_SUMS = ("received", "accepted", "rejected", "flagged", "unreadable")
_HEAD = (of.ORG, of.NAME, of.TABLE, of.TABLE_ZH)
_LIST = (
    *_HEAD, SheetColumn("day", "日期", "day", "date", 12), SheetColumn("state_zh", "状态", "state", "text", 10),
    SheetColumn("received", "接收", "received", "int", 10), SheetColumn("accepted", "入库", "accepted", "int", 10),
    SheetColumn("rejected", "拒收", "rejected", "int", 10), SheetColumn("flagged", "有警告", "flagged", "int", 10),
    SheetColumn("unreadable", "无法读取", "unreadable", "int", 10),
    SheetColumn("first_arrived_at", "首次到达", "first arrival", "time", 20),
    SheetColumn("due_at", "应到时间", "due at", "time", 20),
)  # fmt: skip

Row = dict[str, Any]


def calendar(parts: Services, seen: Reader, asked: Filters, by: By, group: Group) -> IndicatorAnswer:
    """One page, by institution and table or by institution; ``totals`` count the states of all tables and days."""
    frame = calendar_frame(parts, seen, asked, by)
    counts = dict(_cells(frame)["state"].value_counts().iter_rows())
    totals = {state: counts[state] for state in STATES if state in counts}
    if group == "org":
        rows = _by_org(frame)
        return answer("calendar", asked, _LIST, rows[asked.offset : asked.offset + asked.limit], len(rows), totals)
    # Only the page becomes dictionaries: those of all cells take longer than the query.
    page = frame.slice(asked.offset, asked.limit).to_dicts()
    return answer("calendar", asked, _LIST, page, frame.height, totals)


def calendar_frame(parts: Services, seen: Reader, asked: Filters, by: By) -> pl.DataFrame:
    """A row an institution and table, each with its days (those without anything are not there). Blocks."""
    now = parts.now()
    wanted = asked.parameters() | {"by": by, "now": now, "watermark": _watermark(seen)}
    words = tables(parts.standard)
    return seen.query(load_query("indicator_calendar"), wanted).with_columns(
        # an unnamed tuple of ClickHouse comes with its places as names: "1", "2", …
        pl.col("days").list.eval(pl.element().struct.rename_fields(_DAY)),
        _table(words, 0).alias("table_zh"),
        _table(words, 1).alias("table_en"),
    )


def _table(words: Mapping[str, tuple[str, str]], at: int) -> pl.Expr:
    named = {name: pair[at] for name, pair in words.items()}
    return pl.col("table").replace_strict(named, default=pl.col("table"), return_dtype=pl.String)


def _cells(frame: pl.DataFrame) -> pl.DataFrame:
    """A row a cell."""
    return frame.select("org", "name", "city", "days").explode("days").unnest("days")


def sheets(frame: pl.DataFrame, asked: Filters, lang: Lang, *, picture: bool) -> list[Sheet]:
    """The list of all cells, and in front of it, with ``picture``, the calendar itself: a column a day."""
    zh = lang == "zh"
    cells = (
        tuple(_cell(row, day, column.name, zh) for column in _LIST)
        for row in frame.iter_rows(named=True)
        for day in row["days"]
    )
    found = [Sheet("明细" if zh else "List", _LIST, cells)]
    if picture:
        days = [asked.first + timedelta(n) for n in range((asked.last - asked.first).days + 1)]
        columns = (*_HEAD, *(SheetColumn(f"d{day:%m%d}", f"{day:%m-%d}", f"{day:%m-%d}", "text", 9) for day in days))
        found.insert(0, Sheet("上传日历" if zh else "Calendar", columns, _picture(frame, days, zh)))
    return found


def _picture(frame: pl.DataFrame, days: list[date], zh: bool) -> Iterator[tuple[object, ...]]:
    for row in frame.iter_rows(named=True):
        by_day = {day["day"]: day for day in row["days"]}
        head = (row["org"], row["name"], row["table"], row["table_zh"])
        yield (*head, *(_mark(by_day[day], zh) if day in by_day else "" for day in days))


def _mark(day: Row, zh: bool) -> object:
    """What stands in a cell: the rows that came, behind a word where something is not as it should be."""
    word = STATES[day["state"]][0 if zh else 1]
    if day["state"] in ("received", "late", "partial"):
        return str(day["received"]) if day["state"] == "received" else f"{word} {day['received']}"
    return word


def _cell(row: Row, day: Row, column: str, zh: bool) -> object:
    if column == "state_zh":
        return STATES[day["state"]][0 if zh else 1]
    value = day[column] if column in day else row[column]
    return None if isinstance(value, datetime) and value.timestamp() == 0 else value


def _by_org(frame: pl.DataFrame) -> list[Row]:
    """One row an institution: a day is as bad as its worst table, and says how many tables are in which state."""
    days = _cells(frame).group_by("org", "name", "city", "day").agg(
        pl.col("state").value_counts().alias("tables"), pl.col(_SUMS).sum()
    )  # fmt: skip
    found: dict[str, Row] = {}
    for day in days.sort("org", "day").iter_rows(named=True):
        counts = {each["state"]: each["count"] for each in day["tables"]}
        states = {state: counts[state] for state in STATES if state in counts}
        one = found.setdefault(day["org"], {"org": day["org"], "name": day["name"], "city": day["city"], "days": []})
        sums = {name: day[name] for name in _SUMS}
        one["days"].append({"day": day["day"], "state": next(iter(states)), "tables": states, **sums})
    return list(found.values())


def _watermark(seen: Reader) -> datetime:
    """What arrived before this has landed, as the watch saw it last; never: nothing is known to have landed."""
    rows = seen.rows(load_query("watermark"))
    watermark: datetime = rows[0]["watermark"]
    return watermark
