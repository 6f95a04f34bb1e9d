"""A notice: one message about a case, with the same outer names as the alerts of the pipeline. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import orjson

from clickhouse.client import SHANGHAI
from streams.cases.case import Case
from streams.cases.texts import FLAPPING

#: Severity of a case → of an alert.
ALERT_SEVERITY = {"critical": "error", "warning": "warning", "info": "info"}


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it is published, kept and delivered (``payload`` is JSON). ``severity`` is the case's.

    ``told``: stream or all, as the step says; a digest is for channels only.
    """

    id: str
    org: str
    kind: str
    table: str
    biz_date: date | None
    severity: str
    told: Literal["stream", "all", "digest"]
    raised_at: datetime
    payload: bytes


def case_link(public_url: str, ident: str) -> str:
    """Where people look at a case; empty when it is not known how they reach us."""
    return f"{public_url.rstrip('/')}/alerts/{ident}" if public_url else ""


def notice_of(case: Case, org_name: str, public_url: str) -> Notice:
    """The notice about a step that people hear of."""
    payload = {
        "id": case.notice, "kind": case.kind, "org": case.org, "org_name": org_name, "table": case.table, "batch": "",
        "biz_date": case.biz_date.isoformat() if case.biz_date else None,
        "severity": ALERT_SEVERITY[case.severity], "raised_at": moment_text(case.at),
        "case": {
            "id": case.id, "version": case.version, "state": case.state, "action": case.action,
            "opened_at": moment_text(case.opened_at), "severity": case.severity, "actor": case.public_actor,
            "note": case.note, "reopened": case.reopened, "flapping": case.flapping,
            "snoozed_until": moment_text(case.snoozed_until) if case.snoozed_until else None,
            "stage": case.stage, "side": case.side, "appeal": case.appeal, "ending": case.ending,
            "due_at": moment_text(case.due_at) if case.due_at else None,
        },
        "counts": {}, "rules": [], "examples": [], "unreadable": None,
        "measure": {
            "numerator": figure(case.numerator), "denominator": figure(case.denominator),
            "threshold": figure(case.threshold), "baseline": figure(case.baseline),
        },
        "zh": f"{case.zh}（{FLAPPING[0]}）" if case.flapping else case.zh,
        "en": f"{case.en} ({FLAPPING[1]})" if case.flapping else case.en,
        "fix_zh": case.fix_zh, "fix_en": case.fix_en, "details": orjson.loads(case.details or "{}"),
        "link": case_link(public_url, case.id),
    }  # fmt: skip
    return Notice(
        id=case.notice, org=case.org, kind=case.kind, table=case.table, biz_date=case.biz_date,
        severity=case.severity, told="all" if case.told == "all" else "stream",
        raised_at=case.at.astimezone(SHANGHAI), payload=orjson.dumps(payload),
    )  # fmt: skip


def moment_text(moment: datetime) -> str:
    """Shanghai time with offset and milliseconds."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def figure(value: float) -> float | None:
    """JSON knows no NaN: None is "no such figure"."""
    return value if math.isfinite(value) else None
