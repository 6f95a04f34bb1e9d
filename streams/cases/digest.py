"""The digest: what is open at one institution and what has changed since yesterday, once a day. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from clickhouse.client import SHANGHAI
from streams.cases.case import Case
from streams.cases.notice import ALERT_SEVERITY, Notice, case_link, moment_text
from streams.cases.texts import KINDS
from streams.watch.conditions import SEVERITIES

#: More than that nobody reads in a message; the rest is behind the link.
LISTED = 30


def digest_id(org: str, day: date) -> str:
    """One digest an institution and day."""
    return f"digest-{org}-{day.isoformat()}"


def digests_id(day: date) -> str:
    """What notes that all digests of a day are whole."""
    return f"digests-{day.isoformat()}"


def digest(org: str, org_name: str, cases: Sequence[Case], at: datetime, public_url: str) -> Notice | None:
    """The digest of an institution; None when there is nothing to say.

    :param cases: its live cases and those that ended within the last day.
    :param at: when it was due, Shanghai time; the same for whoever makes it.
    """
    day = at.date()
    live = sorted((case for case in cases if case.live), key=_gravest_first)
    opened = [case for case in cases if case.opened_at > at - timedelta(days=1)]
    ended = [case for case in cases if not case.live and case.at > at - timedelta(days=1)]
    if not live and not opened and not ended:
        return None
    severity = live[0].severity if live else "info"
    kinds = Counter(case.kind for case in live)
    parts_zh = "，".join(f"{KINDS[kind][0]} {many}" for kind, many in kinds.most_common())
    parts_en = ", ".join(f"{KINDS[kind][1].lower()} {many}" for kind, many in kinds.most_common())
    payload: dict[str, Any] = {
        "id": digest_id(org, day), "kind": "digest", "org": org, "org_name": org_name, "table": "", "batch": "",
        "biz_date": day.isoformat(), "severity": ALERT_SEVERITY[severity], "raised_at": moment_text(at), "case": None,
        "counts": {"open": len(live), "opened": len(opened), "resolved": len(ended)}, "rules": [], "examples": [],
        "unreadable": None, "measure": None,
        "zh": f"未解决 {len(live)} 项{f'（{parts_zh}）' if parts_zh else ''}，近一日新增 {len(opened)} 项，"
              f"恢复 {len(ended)} 项",
        "en": f"{len(live)} open{f' ({parts_en})' if parts_en else ''}, {len(opened)} new and {len(ended)} resolved "
              "since yesterday",
        "fix_zh": "", "fix_en": "",
        "details": {"cases": [_line(case, public_url) for case in live[:LISTED]], "more": max(0, len(live) - LISTED)},
        "link": f"{public_url.rstrip('/')}/" if public_url else "",
    }  # fmt: skip
    return Notice(
        id=digest_id(org, day), org=org, kind="digest", table="", biz_date=day, severity=severity, told="digest",
        raised_at=at.astimezone(SHANGHAI), payload=orjson.dumps(payload),
    )  # fmt: skip


def _gravest_first(case: Case) -> tuple[int, datetime]:
    return -SEVERITIES.index(case.severity), case.opened_at


def _line(case: Case, public_url: str) -> dict[str, str | None]:
    return {
        "id": case.id, "kind": case.kind, "severity": case.severity, "state": case.state, "table": case.table,
        "biz_date": case.biz_date.isoformat() if case.biz_date else None, "opened_at": moment_text(case.opened_at),
        "zh": case.zh, "en": case.en, "link": case_link(public_url, case.id),
    }  # fmt: skip
