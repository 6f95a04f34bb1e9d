"""What every report can be asked for: period, institutions, page, language and form. One place for all of them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from api.accounts.principal import Principal
from api.depends import Parts, org_scope, right
from api.errors import ApiError
from api.wire import SHANGHAI

Form = Literal["json", "csv", "xlsx"]
Lang = Literal["zh", "en"]

#: A year beside the same month of the year before; longer periods are asked for in parts.
MAX_DAYS = 397
#: Business dates outside these years are mistakes, and Excel's dates hold them all.
FIRST_YEAR, LAST_YEAR = 2000, 2100
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for. ``first`` and ``last`` are both included; an empty text is no filter, ``level`` -1 neither.
    ``sort``: a column, with "-" in front from the greatest; empty: the order of the query."""

    first: date
    last: date
    org: str = ""
    table: str = ""
    city: str = ""
    county: str = ""
    level: int = -1
    type: str = ""
    test: bool = False
    limit: int = 100
    offset: int = 0
    lang: Lang = "zh"
    format: Form = "json"
    sort: str = ""

    def whole_months(self) -> Filters:
        """The same of the whole months that the period touches."""
        return replace(self, first=self.first.replace(day=1), last=month_days(f"{self.last:%Y-%m}")[1])

    def parameters(self) -> dict[str, Any]:
        """The parameters that the named queries share."""
        return {
            "biz_from": self.first, "biz_to": self.last, "org": self.org, "table": self.table, "city": self.city,
            "county": self.county, "level": self.level, "type": self.type, "test": int(self.test),
        }  # fmt: skip


def month_days(month: str) -> tuple[date, date]:
    """First and last day of a month like ``2028-02``. Raises ApiError invalid for anything else."""
    found = _MONTH.fullmatch(month)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise _wrong("month")
    year, number = int(found[1]), int(found[2])
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def period(month: str, first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The days that are asked for: a month, or from and to, or, when nothing is said, the month of ``today``.

    Only ``from``: up to today (or that day, when it is still to come). Only ``to``: from the first of its month.
    Raises ApiError invalid for a month beside days, days the wrong way round, and more than MAX_DAYS.
    """
    if month:
        if first or last:
            raise _wrong("month", "from", "to")
        return month_days(month)
    if first is None and last is None:
        return month_days(f"{today:%Y-%m}")
    last = last or max(today, first or today)
    first = first or last.replace(day=1)
    if not (FIRST_YEAR <= first.year and first <= last and last.year <= LAST_YEAR):
        raise _wrong("from", "to")
    if (last - first).days >= MAX_DAYS:
        raise _wrong("from", "to", why=f"{MAX_DAYS} 天以内 / {MAX_DAYS} days at most")
    return first, last


def shanghai_day(now: datetime) -> date:
    """The calendar day in Shanghai at ``now`` (with zone)."""
    return now.astimezone(SHANGHAI).date()


def filters(
    *,
    who: Annotated[Principal, Depends(right("indicators.read"))],
    parts: Parts,
    month: Annotated[str, Query(description="月份 month", examples=["2026-11"], max_length=7)] = "",
    date_from: Annotated[date | None, Query(alias="from", description="业务日期起 first business date")] = None,
    date_to: Annotated[date | None, Query(alias="to", description="业务日期止（含）last business date")] = None,
    org: Annotated[str, Query(description="机构代码 institution", max_length=22)] = "",
    table: Annotated[str, Query(description="标准表 table", max_length=64)] = "",
    city: Annotated[str, Query(description="市代码 city code", pattern=r"^(\d{6})?$")] = "",
    county: Annotated[str, Query(description="区县代码 county code", pattern=r"^(\d{6})?$")] = "",
    level: Annotated[int, Query(description="级别；-1 不限 level; -1: any", ge=-1, le=3)] = -1,
    org_type: Annotated[str, Query(alias="type", description="机构类型 type of institution", max_length=40)] = "",
    test: Annotated[bool, Query(description="是否含测试机构 with test institutions")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    sort: Annotated[
        str,
        Query(
            description="排序的列，前加 - 为从大到小；日历、逐行明细不适用 "
            "column to sort by, - in front: greatest first; not for the calendar and lists of rows",
            pattern=r"^(-?[a-z_]{1,40})?$",
        ),
    ] = "",
    lang: Annotated[Lang, Query(description="导出文件的语言 language of an export")] = "zh",
    form: Annotated[Form, Query(alias="format", description="json，或导出文件 or a file: csv, xlsx")] = "json",
) -> Filters:
    """The filters of a request. A hospital's is always about itself; a tester gets test institutions without asking."""
    known = parts.standard.table(table) if table else None
    if table and known is None:
        raise ApiError("unknown_table")
    first, last = period(month, date_from, date_to, shanghai_day(parts.now()))
    return Filters(
        first=first, last=last, org=org_scope(who, org), table=known.name if known else "", city=city, county=county,
        level=level, type=org_type, test=test or who.role == "tester", limit=limit, offset=offset, lang=lang,
        format=form, sort=sort,
    )  # fmt: skip


Asked = Annotated[Filters, Depends(filters)]


def _wrong(*fields: str, why: str = "") -> ApiError:
    problems = [
        {"field": f"query.{name}", "problem": "period", "message": why or "YYYY-MM, YYYY-MM-DD"} for name in fields
    ]
    return ApiError("invalid", more={"fields": problems})
