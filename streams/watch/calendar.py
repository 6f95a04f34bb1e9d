"""When something is due: Shanghai wall-clock times, moved past the times in which nothing is due. Pure.

Shanghai has no daylight saving, so hours can be added to a zoned time whatever the zone of the machine is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from clickhouse.client import SHANGHAI

#: A span of time: from the first moment to before the second.
Span = tuple[datetime, datetime]
#: ClickHouse keeps no nulls here: the zero of its times means "none".
NEVER = datetime(1970, 1, 1, 8, tzinfo=SHANGHAI)


def midnight(day: date) -> datetime:
    """When a day begins in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same times as spans in order that do not touch each other; empty and reversed ones are left out."""
    result: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return tuple(result)


def due_times(
    day: date, days: int, hour: int, grace_hours: int, quiet: Sequence[Span]
) -> tuple[datetime, datetime]:  # fmt: skip
    """When the data of a business day are due, and from when on they are missing.

    :param days: T + n days.
    :param quiet: as :func:`merged` gives them; what falls due in one is due at its end, and grace does not run in it.
    """
    due = midnight(day + timedelta(days=days)) + timedelta(hours=hour)
    for start, end in quiet:
        if start <= due < end:
            due = end
    until = due + timedelta(hours=grace_hours)
    for start, end in quiet:
        if due <= start < until:
            until += end - start
    return due, until


def covers(span: Span, day: date) -> bool:
    """Whether a span makes the day a day off: it holds its noon (people write 23:59 for the end of a day)."""
    noon = midnight(day) + timedelta(hours=12)
    return span[0] <= noon < span[1]


def touches(span: Span, day: date) -> bool:
    """Whether any moment of the day lies in the span."""
    return span[0] < midnight(day + timedelta(days=1)) and midnight(day) < span[1]
