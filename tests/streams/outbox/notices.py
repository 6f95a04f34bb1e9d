"""Notices for tests, as the teller makes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson

from clickhouse.channels import Channel
from streams.cases.digest import digest
from streams.cases.life import not_seen, seen
from streams.cases.limits import default_thresholds, limits_of
from streams.cases.notice import Notice, notice_of
from tests.streams.cases.build import NOON, ORG_A, gap, rate

NAME = "历城区示范医院"
URL = "https://sanjian.example"


def opened(number: int = 0, at: datetime = NOON, **changes: Any) -> Notice:
    """A case has opened."""
    limits = limits_of(default_thresholds, "anomaly_rate", "", "")
    case = seen(None, rate(key=f"k{number}", **changes), limits, at)
    assert case is not None
    return notice_of(case, NAME, URL)


def resolved() -> Notice:
    """A gap was closed."""
    limits = limits_of(default_thresholds, "gap", "", "")
    case = seen(None, gap(), limits, NOON)
    assert case is not None
    ended = not_seen(case, limits, NOON + timedelta(hours=1))
    assert ended is not None
    return notice_of(ended, NAME, URL)


def daily(cases: int = 2) -> Notice:
    """A digest of so many open cases."""
    limits = limits_of(default_thresholds, "gap", "", "")
    found = [seen(None, gap(key=f"gap{number}"), limits, NOON) for number in range(cases)]
    made = digest(ORG_A, NAME, [case for case in found if case], NOON.replace(hour=9), URL)
    assert made is not None
    return made


def payload(notice: Notice) -> dict[str, Any]:
    """The JSON of a notice."""
    found: dict[str, Any] = orjson.loads(notice.payload)
    return found


def webhook(url: str, **settings: Any) -> Channel:
    """A plain webhook."""
    return Channel("webhook", "webhook", url, "a-secret-of-the-receiver", **settings)
