"""Columns that several panels show, each called and painted the same everywhere."""

from __future__ import annotations

from typing import Any

from grafana import meaning
from grafana.meaning import BAD, GOOD, MAIN, PLAIN, WARN
from grafana.model import Column

#: Rates of rejected or flagged rows: from the thresholds of the watch on they are yellow and red.
BAD_RATE = ((None, GOOD), (0.01, WARN), (0.05, BAD))
#: Rates that should be near one.
GOOD_RATE = ((None, BAD), (0.8, WARN), (0.95, GOOD))
#: What should not be there at all.
NONE_AT_ALL = ((None, GOOD), (1, BAD))

TO_ORG = ("看这家机构", "/d/sanjian-org?var-org=${__data.fields.org}&${__url_time_range}")


def time(zh: str = "时间") -> Column:
    """The time of a series."""
    return Column("time", zh, "time")


def name(zh: str = "") -> Column:
    """What a series or a bar is called."""
    return Column("name", zh, "text")


def org() -> tuple[Column, Column]:
    """Code and name of an institution; a click leads to its board."""
    return Column("org", "机构代码", "text", width=190, link=TO_ORG), Column(
        "name", "机构", "text", width=220, link=TO_ORG
    )


def table() -> Column:
    """A standard table."""
    return Column("table", "标准表", "text", words=meaning.tables(), width=260)


def rule(*, store: bool = False) -> Column:
    """A rule and what it says; ``store``: there are only such that look at other rows."""
    return Column("rule_id", "规则", "text", words=meaning.rules(store=store), width=420)


def severity() -> Column:
    """How grave."""
    return Column("severity", "级别", "text", words=meaning.severities(), width=80, cell="background")


def count(field: str, zh: str, colour: str = MAIN, **more: Any) -> Column:
    """A number of something."""
    return Column(field, zh, unit="locale", decimals=0, colour=colour, **more)


def rate(field: str, zh: str, **more: Any) -> Column:
    """A share; its colour says what it means."""
    return Column(field, zh, unit="percentunit", decimals=2, **more)


def bad_rate(field: str, zh: str, **more: Any) -> Column:
    """A share that should be small."""
    return rate(field, zh, steps=BAD_RATE, **more)


def good_rate(field: str, zh: str, **more: Any) -> Column:
    """A share that should be near one."""
    return rate(field, zh, steps=GOOD_RATE, highest=1, **more)


def money(field: str, zh: str, **more: Any) -> Column:
    """An amount of money."""
    return Column(field, zh, unit="currencyCNY", decimals=2, colour=more.pop("colour", PLAIN), **more)


def moment(field: str, zh: str) -> Column:
    """A point in time."""
    return Column(field, zh, "time", unit="dateTimeAsIso", width=170)


def state_number() -> Column:
    """The state of a day on a time line."""
    steps = ((None, PLAIN),)
    return Column("state", "状态", decimals=0, words=meaning.state_numbers(), steps=steps)
