"""The charts of the check report."""

from __future__ import annotations

from typing import Any

from api.console.desk import Desk
from api.console.parts.charts import chart
from api.console.parts.grid import Row
from api.console.parts.notes import empty
from api.console.parts.report import begun, days_of, months_of
from api.console.words import ACCEPTED, FLAGGED, NEUTRAL, REJECTED

HEIGHT = 290


def trend(desk: Desk, month: str, rows: list[Row], *, monthly: bool) -> None:
    """What came, by outcome, and the anomaly rate, by day of the month or by month of the year."""
    if not rows:
        empty(desk, "没有数据", "Nothing here")
        return
    places = days_of(month)
    if monthly:
        places = begun(months_of(month), {row["day"][:7] for row in rows})
    chart(
        {
            "legend": {"top": 0, "itemWidth": 14},
            "xAxis": {"type": "category", "data": [place[2:] if monthly else place[8:] for place in places]},
            "yAxis": [
                {"type": "value"},
                {"type": "value", "min": 0, "axisLabel": {"formatter": "{value}%"}, "splitLine": {"show": False}},
            ],
            "series": _series(desk, places, rows),
        },
        desk.say("各日接收行数和异常率", "Rows received and anomaly rate over time"), HEIGHT,
    )  # fmt: skip


def _series(desk: Desk, places: list[str], rows: list[Row]) -> list[dict[str, Any]]:
    size = len(places[0])
    known = {row["day"][:size]: {**row, "clean": row["accepted"] - row["flagged"]} for row in rows}
    found = [known.get(place) for place in places]
    bars = (
        ("clean", "正常", "clean", ACCEPTED), ("flagged", "有警告", "flagged", FLAGGED),
        ("rejected", "拒收", "rejected", REJECTED), ("unreadable", "无法读取", "unreadable", NEUTRAL),
    )  # fmt: skip
    rates = [round(row["anomaly_rate"] * 100, 2) if row and row["anomaly_rate"] is not None else None for row in found]
    return [
        *(
            {"name": desk.say(zh, en), "type": "bar", "stack": "rows", "itemStyle": {"color": colour},
             "data": [row[name] if row else None for row in found]}
            for name, zh, en, colour in bars
        ),
        {"name": desk.say("异常率 %", "anomaly rate %"), "type": "line", "yAxisIndex": 1, "data": rates,
         "itemStyle": {"color": "#1d2a33"}, "lineStyle": {"type": "dashed"}, "symbolSize": 5},
    ]  # fmt: skip


def rules(desk: Desk, rows: list[Row]) -> None:
    """The rules violated most; errors and warnings in their colours and with their signs."""
    if not rows:
        empty(desk, "没有违反的规则", "No rule was violated", icon="task_alt")
        return
    signs, colours = {"error": "▲", "warning": "◆"}, {"error": REJECTED, "warning": FLAGGED}
    names = [f"{signs[row['severity']]} {desk.told(row, 'rule')}" for row in rows][::-1]
    values = [{"value": row["findings"], "itemStyle": {"color": colours[row["severity"]]}} for row in rows][::-1]
    chart(
        {
            "grid": {"left": 4, "right": 52, "top": 26, "bottom": 0, "containLabel": True},
            "xAxis": {"type": "value", "show": False},
            "yAxis": {"type": "category", "data": names, "axisTick": {"show": False},
                      "axisLabel": {"width": 300, "overflow": "truncate", "fontSize": 11}},
            "series": [{"type": "bar", "data": values, "label": {"show": True, "position": "right"},
                        "barMaxWidth": 16}],
        },
        desk.say("违反次数最多的规则", "The rules violated most"), HEIGHT + 32,
    )  # fmt: skip
