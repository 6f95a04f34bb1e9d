"""The monitor of one circle as plain data for the browser, and the difference between two of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from api.console.live.board import Board, Cell, Counts, Step
from api.console.live.circle import Circle, window
from api.wire import SHANGHAI
from clickhouse.orgs import Org

#: The throughput: ten minutes in steps of five seconds. "Per second" is the mean of the last two that are over.
STEP_SECONDS, STEPS, RATE_STEPS = 5, 120, 2
#: So many alerts are listed.
FEED = 40

Picture = dict[str, Any]


def picture(board: Board, circle: Circle) -> Picture:
    """What this circle shows. ``cells``: institution → number of the day in ``days`` → cell; days without anything are
    not there. Holds nothing of institutions outside the circle."""
    today = board.at.astimezone(SHANGHAI).date()
    first, last = window(circle.month, today)
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    cells = board.cells.get(circle.month, {})
    listed = _listed(board, circle, days)
    steps = _steps(board, circle)
    return {
        "month": circle.month, "days": [day.isoformat() for day in days], "today": today.isoformat(),
        "rows": [[org.org, org.name or org.org, org.city, org.county, org.level, int(org.test)] for org in listed],
        "cells": {org.org: dict(_row(cells.get(org.org, {}), days)) for org in listed},
        "numbers": _numbers(board, circle, today) | _rates(steps),
        "spark": [step.received for step in steps], "feed": _feed(board, circle),
    }  # fmt: skip


def difference(before: Picture | None, after: Picture) -> Picture:
    """What has to be said for ``before`` to become ``after``; empty: nothing. ``full``: all of it, because other rows
    or days are shown."""
    if before is None or any(before[name] != after[name] for name in ("month", "days", "today", "rows")):
        return after | {"full": True}
    found: Picture = {}
    numbers = {name: value for name, value in after["numbers"].items() if before["numbers"].get(name) != value}
    if numbers:
        found["numbers"] = numbers
    if cells := dict(_changed(before["cells"], after["cells"])):
        found["cells"] = cells
    found |= {name: after[name] for name in ("spark", "feed") if before[name] != after[name]}
    return found


def _listed(board: Board, circle: Circle, days: list[date]) -> list[Org]:
    """By region, the higher level first; those that are not active only when there is something to show."""
    known = (board.orgs.get(org, Org(org, "")) for org in circle.orgs)
    cells = board.cells.get(circle.month, {})
    shown = (org for org in known if org.active or any(day in cells.get(org.org, {}) for day in days))
    return sorted(shown, key=lambda org: (org.city, org.county, -org.level, org.name, org.org))


def _row(cells: Any, days: list[date]) -> Iterator[tuple[str, Cell]]:
    for number, day in enumerate(days):
        if day in cells:
            yield str(number), cells[day]


def _changed(before: dict[str, dict[str, Cell]], after: dict[str, dict[str, Cell]]) -> Iterator[tuple[str, Any]]:
    for org, row in after.items():
        old = before[org]
        if old is not row and old != row:
            gone = dict.fromkeys(old.keys() - row.keys())
            yield org, {day: cell for day, cell in row.items() if old.get(day) != cell} | gone


def _concerns(board: Board, circle: Circle, org: str) -> bool:
    return org in circle.orgs or (circle.strangers and org not in board.orgs)


def _counted(board: Board, circle: Circle, names: Iterable[str]) -> list[str]:
    return [org for org in names if _concerns(board, circle, org)]


def _numbers(board: Board, circle: Circle, today: date) -> dict[str, Any]:
    came = [board.today[org] for org in _counted(board, circle, board.today)]
    total = Counts(*(sum(one[place] for one in came) for place in range(len(Counts._fields))))
    expected, reporting = _reporting(board, circle, today)
    live = [case for case in board.cases if _concerns(board, circle, case.org)]
    anomalies = total.rejected + total.flagged
    return {
        **total._asdict(), "anomaly_rate": round(anomalies / total.received, 5) if total.received else None,
        "expected": expected, "reporting": reporting, "cases": len(live),
        "gaps": sum(case.kind == "gap" for case in live),
        "gap_orgs": len({case.org for case in live if case.kind == "gap"}),
        "waiting": board.ingest.waiting, "broker": board.ingest.broker, "clickhouse": board.ingest.clickhouse,
    }  # fmt: skip


def _reporting(board: Board, circle: Circle, today: date) -> tuple[int, int]:
    """How many owe something today, and of how many of these something came: today, or what is due today before."""
    cells = board.cells.get(f"{today:%Y-%m}", {})
    begin = int(_midnight(today))
    expected = reporting = 0
    for org in circle.orgs:
        due = [cell for cell in cells.get(org, {}).values() if begin <= cell.due < begin + 86400]
        if due:
            expected += 1
            reporting += bool(board.today.get(org)) or any(cell.received for cell in due)
    return expected, reporting


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), SHANGHAI).timestamp()


def _steps(board: Board, circle: Circle) -> list[Step]:
    """The steps that are over, oldest first."""
    found = [[0, 0, 0, 0] for _ in range(STEPS)]
    first = board.step - STEPS
    for org in _counted(board, circle, board.steps):
        for number, step in board.steps[org].items():
            if first <= number < board.step:
                one = found[number - first]
                for place in range(3):
                    one[place] += step[place]
                one[3] = max(one[3], step.slowest)
    return [Step(*one) for one in found]


def _rates(steps: list[Step]) -> dict[str, Any]:
    lately = steps[-RATE_STEPS:]
    per_second = {
        f"{name}_rate": round(sum(getattr(step, name) for step in lately) / (RATE_STEPS * STEP_SECONDS), 1)
        for name in ("received", "accepted", "rejected")
    }
    slowest = [step.slowest for step in steps[-STEPS // 10 :] if step.received]
    return per_second | {"landing_ms": max(slowest) if slowest else None}


def _feed(board: Board, circle: Circle) -> list[list[Any]]:
    """The newest alerts: id, severity, kind, state, institution, its name, table, text in both languages, when."""
    found: list[list[Any]] = []
    for case in board.cases:
        if _concerns(board, circle, case.org):
            org = board.orgs.get(case.org)
            found.append([case.id, case.severity, case.kind, case.state, case.org, org.name if org else "", case.table,
                          case.zh, case.en, case.at])  # fmt: skip
            if len(found) == FEED:
                break
    return found
