"""When a file may be submitted, whether it is late, and how many there may be of a month. Pure; days are Shanghai's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from api.wire import SHANGHAI

#: Names of the thresholds (streams/watch/thresholds.py).
OPEN_DAY, CLOSE_DAY, MOST = "front_page_open_day", "front_page_close_day", "front_page_submissions"


@dataclass(frozen=True, slots=True)
class Window:
    """From ``opens`` on up to, not including, ``closes``."""

    opens: datetime
    closes: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether it is open then."""
        return self.opens <= moment < self.closes


@dataclass(frozen=True, slots=True)
class Opening:
    """A month that an operator has opened, until when, and for how many more submissions; ``org`` may be ``*``."""

    org: str
    month: date
    until: datetime
    more: int = 0
    note: str = ""
    changed_by: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for an institution: the window's days and the number of submissions of a month."""

    open_day: int
    close_day: int
    most: int

    @classmethod
    def of(cls, value: Callable[[str, str], float], org: str) -> Rules:
        """From thresholds: ``value(name, org)``."""
        open_day, close_day, most = (int(value(name, org)) for name in (OPEN_DAY, CLOSE_DAY, MOST))
        return cls(open_day, close_day, most)

    def window(self, month: date) -> Window:
        """When front pages of ``month`` (its first day) are due: from a day of the month to one of the next, both
        whole."""
        following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
        last = following - timedelta(days=1)
        opens = month.replace(day=min(self.open_day, last.day))
        return Window(_midnight(opens), _midnight(following.replace(day=self.close_day) + timedelta(days=1)))


def refusal(
    now: datetime, month: date, rules: Rules, opening: Opening | None, used: int, under_way: bool
) -> str | None:
    """Why a submission may not begin, as a code of ``api.errors``; None: it may.

    :param used: submissions of the month that counted. :param under_way: another one has not ended yet.
    """
    window = rules.window(month)
    opened = opening is not None and now < opening.until
    if not opened and now < window.opens:
        return "too_early"
    if not opened and now >= window.closes:
        return "window_over"
    if used >= allowed(rules, opening):
        return "no_more_submissions"
    return "submission_under_way" if under_way else None


def allowed(rules: Rules, opening: Opening | None) -> int:
    """How many submissions of a month may count."""
    return rules.most + (opening.more if opening else 0)


def late(whole_at: datetime, month: date, rules: Rules) -> bool:
    """Whether a file that was whole then came after the window."""
    return whole_at >= rules.window(month).closes


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
