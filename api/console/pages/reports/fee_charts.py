"""The charts of the fee shares: stacked shares by month, lines of drugs and consumables."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from api.console.desk import Desk
from api.console.parts.charts import chart
from api.console.parts.grid import Row
from api.console.parts.notes import empty
from api.console.parts.report import begun, months_of, share
from api.console.words import NEUTRAL, SERIES

HEIGHT = 320
DRUGS, CONSUMABLES = "#CC79A7", "#009E73"
#: Categories with a colour of their own; the rest is shown together.
OWN = 8


def categories(desk: Desk, month: str, rows: list[Row]) -> None:
    """The share of each fee category in the charges of each month, the largest of the year at the bottom."""
    if not rows:
        empty(desk, "近一年没有收费记录", "Nothing was charged in this year")
        return
    names, amounts = stacked(rows, desk.say("其他", "other"), desk.lang)
    months = begun(months_of(month), {row["month"] for row in rows})
    sums = {at: sum(amounts[name].get(at, 0.0) for name in names) for at in months}
    series: list[dict[str, Any]] = [
        {
            "name": name, "type": "bar", "stack": "share", "barMaxWidth": 36,
            "itemStyle": {"color": SERIES[place] if place < OWN else NEUTRAL},
            "data": [_percent(amounts[name].get(at), sums[at]) for at in months],
        }
        for place, name in enumerate(names)
    ]  # fmt: skip
    chart(
        {
            "legend": {"type": "scroll", "top": 0, "itemWidth": 14},
            "tooltip": {"trigger": "axis", "confine": True, "order": "seriesDesc"},
            "xAxis": {"type": "category", "data": months},
            "yAxis": {"type": "value", "max": 100, "axisLabel": {"formatter": "{value}%"}},
            "series": series,
        },
        desk.say("各月费用类别占比", "Shares of fee categories by month"), HEIGHT,
    )  # fmt: skip


def stacked(rows: list[Row], other: str, lang: str = "zh") -> tuple[list[str], dict[str, dict[str, float]]]:
    """Names of categories, the largest first, with amounts by month; from the ninth on they are one."""
    sums: dict[str, float] = defaultdict(float)
    for row in rows:
        sums[_name(row, lang)] += float(row["amount"])
    largest = sorted(sums, key=lambda name: -sums[name])
    own = largest[:OWN] if len(largest) > OWN + 1 else largest
    amounts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        name = _name(row, lang)
        amounts[name if name in own else other][row["month"]] += float(row["amount"])
    return [*own, *([other] if other in amounts and other not in own else [])], amounts


def drugs(desk: Desk, month: str, rows: list[Row]) -> None:
    """Shares of drugs and of consumables in the charges of each month."""
    if not rows:
        empty(desk, "近一年没有收费记录", "Nothing was charged in this year")
        return
    months = begun(months_of(month), {row["month"] for row in rows})
    sums: dict[str, dict[str, float]] = {at: defaultdict(float) for at in months}
    for row in rows:
        for name in ("amount", "drugs", "consumables"):
            sums[row["month"]][name] += float(row[name])
    lines = (("drugs", "药占比", "drugs", DRUGS, "circle"),
             ("consumables", "耗材占比", "consumables", CONSUMABLES, "rect"))  # fmt: skip
    chart(
        {
            "legend": {"top": 0}, "xAxis": {"type": "category", "data": [at[2:] for at in months]},
            "yAxis": {"type": "value", "min": 0, "axisLabel": {"formatter": "{value}%"}},
            "series": [
                {"name": desk.say(zh, en), "type": "line", "symbol": symbol, "symbolSize": 8,
                 "itemStyle": {"color": colour},
                 "data": [_percent(sums[at][name], sums[at]["amount"]) for at in months]}
                for name, zh, en, colour, symbol in lines
            ],
        },
        desk.say("各月药占比和耗材占比", "Shares of drugs and consumables by month"), HEIGHT,
    )  # fmt: skip


def _name(row: Row, lang: str) -> str:
    return str(row[f"code_{lang}"] or row["code"])


def _percent(part: float | None, whole: float) -> float | None:
    found = share(part or 0.0, whole)
    return None if found is None else round(found * 100, 2)
