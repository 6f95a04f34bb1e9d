"""The live validation log of a test institution: its newest messages with the rules that they violate, and how many
rows of each table were accepted, today and lately."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from api.errors import ApiError
from api.indicators.check_report import check_report
from api.indicators.filters import Filters, shanghai_day
from api.onboarding.figures import needed_of, thresholds
from api.services import Services
from api.wire import from_ms, to_ms
from clickhouse.narrowed import Narrowed, Reader
from clickhouse.query import load_query

_CURSOR = re.compile(r"(\d{1,15})_([0-9A-Za-z-]{1,64})_(\d{1,10})_(\d{1,19})")
_COUNTS = ("received", "accepted", "rejected", "flagged", "unreadable")
#: Where a message is, which its id says.
_PLACE = frozenset({"topic_id", "partition", "offset"})
#: Nothing arrives later than this; the newest page begins here.
_AHEAD = timedelta(days=1)


def newest(parts: Services, org: str, table: str, cursor: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Messages older than ``cursor`` (empty: the newest ones), and the cursor of the next page, None on the last.
    Blocks. Raises ApiError invalid for a cursor that is none."""
    seen = Narrowed(parts.clickhouse, {org})
    at, topic, partition, offset = _place(cursor, parts.now())
    rows = seen.rows(
        load_query("messages_newest"),
        {
            "org": org, "table": table, "before": at, "before_topic": topic, "before_partition": partition,
            "before_offset": offset, "limit": limit + 1,
        },
    )  # fmt: skip
    page = rows[:limit]
    rules = _rules(parts, seen, org, page)
    names = parts.standard.tables
    found = [
        {name: value for name, value in row.items() if name not in _PLACE} | {
            "id": _cursor(row), "table_zh": names[row["table"]].name_zh if row["table"] in names else "",
            "rules": rules.get(_message(row), []),
        }
        for row in page
    ]  # fmt: skip
    return found, _cursor(page[-1]) if len(rows) > limit else None


def success(parts: Services, org: str) -> tuple[int, list[dict[str, Any]]]:
    """How many days "lately" are, and for each table the counts of what arrived today and in those days. Blocks."""
    days = needed_of(thresholds(parts), org).days
    today = shanghai_day(parts.now())
    seen = Narrowed(parts.clickhouse, {org})
    asked = Filters(first=today, last=today, test=True)
    counts = {
        "today": _by_table(parts, seen, asked),
        "lately": _by_table(parts, seen, replace(asked, first=today - timedelta(days=days - 1))),
    }
    return days, [
        {
            "table": name, "table_zh": table.name_zh, "table_en": table.name_en,
            **{when: _rated(of_table.get(name, {})) for when, of_table in counts.items()},
        }
        for name, table in parts.standard.daily.items()
        if name in counts["lately"]
    ]  # fmt: skip


def _by_table(parts: Services, seen: Reader, asked: Filters) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in check_report(parts, seen, asked, "arrival").frame.to_dicts():
        before = found.get(row["table"], {})
        found[row["table"]] = {name: before.get(name, 0) + row[name] for name in _COUNTS}
    return found


def _rated(counts: Mapping[str, int]) -> dict[str, Any]:
    received = counts.get("received", 0)
    rate = counts["accepted"] / received if received else None
    return {**{name: counts.get(name, 0) for name in _COUNTS}, "rate": rate}


def _rules(
    parts: Services, seen: Reader, org: str, page: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, int, int], list[dict[str, Any]]]:
    if not page:
        return {}
    wanted = {
        "org": org, "topic_ids": [row["topic_id"] for row in page], "partitions": [row["partition"] for row in page],
        "offsets": [row["offset"] for row in page],
    }  # fmt: skip
    found: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    for row in seen.rows(load_query("messages_rules"), wanted):
        found.setdefault(_message(row), []).append(
            {
                **{name: row[name] for name in ("rule_id", "severity", "column", "rows")},
                **parts.wording.of(row["table"], row["rule_id"], row["column"]),
            }
        )
    return found


def _message(row: Mapping[str, Any]) -> tuple[str, int, int]:
    return row["topic_id"], row["partition"], row["offset"]


def _cursor(row: Mapping[str, Any]) -> str:
    return f"{to_ms(row['arrived_at'])}_{row['topic_id']}_{row['partition']}_{row['offset']}"


def _place(cursor: str, now: datetime) -> tuple[datetime, str, int, int]:
    if not cursor:
        return now + _AHEAD, "", 0, 0
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise ApiError("invalid", more={"fields": [{"field": "query.cursor", "problem": "cursor", "message": ""}]})
    return from_ms(int(found[1])), found[2], int(found[3]), int(found[4])
