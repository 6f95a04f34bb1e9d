"""Alerts of a batch of messages: one for each message with rejected rows, one for each with unreadable ones. Pure.

An alert says to the institution what was rejected, why, and how to mend it: counts by rule and the first examples,
personal values masked. Its id is made from the place of the message, so that working on it again gives the same one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson
import polars as pl

from streams.decide import Decider, Decision
from streams.decode import MESSAGE, ROW, Decoded
from streams.message import UNKNOWN_DATE, Letter, Message
from streams.reasons import REASONS, UNREADABLE
from streams.shape import MOMENT, Landing, Place, instant

#: Enough to see what is wrong; all of them are in the receipt and the error detail.
EXAMPLES = 5
SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it is published (``payload`` is JSON) and landed."""

    id: str
    org: str
    kind: str
    table: str
    biz_date: date
    batch: str
    severity: str
    payload: bytes
    partition: int
    offset: int
    replay: bool
    raised_at: datetime


def alert_id(topic_id: str, partition: int, offset: int, kind: str) -> str:
    """The same message and kind give the same id."""
    return hashlib.blake2b(f"{topic_id}/{partition}/{offset}/{kind}".encode(), digest_size=12).hexdigest()


def build(
    decoded: Decoded, decision: Decision, landing: Landing, decider: Decider, place: Place, repeats: frozenset[int]
) -> list[Alert]:
    """The alerts of a batch, in the order of its messages."""
    counts = _counts(landing)
    findings = _findings(decision)
    letters: dict[int, list[Letter]] = {}
    for letter in decoded.letters:
        letters.setdefault(letter.message, []).append(letter)
    alerts = []
    for index, message in enumerate(decoded.messages):
        if index in repeats or not (index in findings or index in letters):
            continue
        if message.origin is not None:
            continue  # the institution was told when they were rejected first, and did not send them again
        total = counts[message.partition, message.offset]
        for kind, content in _contents(message, findings.get(index), letters.get(index), decider):
            alerts.append(_alert(message, kind, content, total, place))
    return alerts


def _counts(landing: Landing) -> dict[tuple[int, int], dict[str, Any]]:
    names = ("received", "accepted", "rejected", "flagged", "unreadable")
    sums = landing.ledger.group_by("partition", "offset").agg(
        *(pl.col(name).sum() for name in names), pl.col("biz_date").max()
    )
    return {(row["partition"], row["offset"]): row for row in sums.to_dicts()}


def _findings(decision: Decision) -> dict[int, list[dict[str, Any]]]:
    """Findings of messages with at least one rejected row, errors first, in the order of the rows."""
    if not decision.findings:
        return {}
    found = pl.concat(decision.findings)
    hit = found.filter(pl.col("severity") == "error")[MESSAGE].unique()
    chosen = found.filter(pl.col(MESSAGE).is_in(hit.implode())).sort(
        MESSAGE, pl.col("severity") != "error", ROW, "rule_id"
    )
    by_message: dict[int, list[dict[str, Any]]] = {}
    for row in chosen.to_dicts():
        by_message.setdefault(row[MESSAGE], []).append(row)
    return by_message


def _contents(
    message: Message, findings: list[dict[str, Any]] | None, letters: list[Letter] | None, decider: Decider
) -> Iterator[tuple[str, dict[str, Any]]]:
    if findings:
        yield (
            "rejection",
            {
                "rules": _rules(message.table, findings, decider),
                "examples": [_example(message.table, finding, decider) for finding in findings[:EXAMPLES]],
                "unreadable": None,
            },
        )
    if letters:
        yield "unreadable", {"rules": [], "examples": [], "unreadable": _unreadable(letters)}


def _rules(table: str, findings: list[dict[str, Any]], decider: Decider) -> list[dict[str, Any]]:
    rows: dict[str, int] = {}
    for finding in findings:
        rows[finding["rule_id"]] = rows.get(finding["rule_id"], 0) + 1
    severity = {finding["rule_id"]: finding["severity"] for finding in reversed(findings)}
    described = []
    for rule_id, many in rows.items():
        rule = decider.rules[table, rule_id]
        described.append(
            {"rule_id": rule_id, "severity": severity[rule_id], "rows": many, "zh": rule.zh, "en": rule.en,
             "fix_zh": rule.fix_zh, "fix_en": rule.fix_en}
        )  # fmt: skip
    return sorted(described, key=lambda rule: (rule["severity"] != "error", -rule["rows"], rule["rule_id"]))


def _example(table: str, finding: dict[str, Any], decider: Decider) -> dict[str, Any]:
    rule = decider.rules[table, finding["rule_id"]]
    column = decider.tables[table].by_name[finding["column"]]
    zh, en = REASONS[finding["check"]]
    return {
        "row": finding[ROW], "row_key": finding["row_key"], "column": column.name, "column_zh": column.name_zh,
        "value": finding["value"], "rule_id": rule.id, "reason_zh": zh, "reason_en": en, "fix_zh": rule.fix_zh,
    }  # fmt: skip


def _unreadable(letters: Sequence[Letter]) -> dict[str, Any]:
    first = letters[0]
    zh, en = UNREADABLE[first.reason]
    return {
        "reason": first.reason, "detail_zh": zh, "detail_en": en, "detail": first.detail,
        "rows": [letter.row for letter in letters[:EXAMPLES] if letter.row],
    }  # fmt: skip


def _alert(message: Message, kind: str, content: dict[str, Any], total: dict[str, Any], place: Place) -> Alert:
    ident = alert_id(place.topic_id, message.partition, message.offset, kind)
    raised = datetime.fromtimestamp(message.arrived_ms / 1000, UTC).astimezone(SHANGHAI)
    names = ("received", "accepted", "rejected", "flagged", "unreadable")
    payload = {
        "id": ident, "kind": kind, "org": message.org, "table": message.table, "batch": message.batch,
        "severity": "error", "raised_at": raised.isoformat(timespec="milliseconds"),
        "counts": {name: total[name] for name in names}, **content,
        "place": {"topic": place.topic, "topic_id": place.topic_id, "partition": message.partition,
                  "offset": message.offset},
    }  # fmt: skip
    return Alert(
        id=ident, org=message.org, kind=kind, table=message.table, biz_date=total["biz_date"] or UNKNOWN_DATE,
        batch=message.batch, severity="error", payload=orjson.dumps(payload), partition=message.partition,
        offset=message.offset, replay=message.replay, raised_at=instant(message.arrived_ms),
    )  # fmt: skip


def alerts_frame(alerts: Sequence[Alert], place: Place, now: datetime) -> pl.DataFrame:
    """The alerts as rows of the table ``alerts``."""
    return pl.DataFrame(
        {
            "id": [a.id for a in alerts], "org": [a.org for a in alerts], "kind": [a.kind for a in alerts],
            "table": [a.table for a in alerts], "biz_date": [a.biz_date for a in alerts],
            "batch": [a.batch for a in alerts], "severity": [a.severity for a in alerts],
            "payload": [a.payload.decode() for a in alerts], "topic_id": [place.topic_id] * len(alerts),
            "partition": [a.partition for a in alerts], "offset": [a.offset for a in alerts],
            "replay": [int(a.replay) for a in alerts], "raised_at": [a.raised_at for a in alerts],
            "landed_at": [now] * len(alerts),
        },
        schema_overrides={"partition": pl.UInt32, "offset": pl.UInt64, "replay": pl.UInt8, "raised_at": MOMENT,
                          "landed_at": MOMENT},
    )  # fmt: skip
