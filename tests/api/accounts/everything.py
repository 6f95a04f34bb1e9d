"""Something of an institution in every place where the platform keeps something about institutions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl

from api.submissions.parts import RowKey
from api.submissions.rules import Opening
from api.submissions.store import SubmissionStore
from api.submissions.submission import Submission
from clickhouse.channels import Channel, ChannelStore
from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.codemaps import CodeMapStore, MapEntry
from clickhouse.declarations import Declaration, DeclarationStore
from clickhouse.migrate import migrate
from clickhouse.orgs import Org, OrgStore
from clickhouse.schedule import EVERY, QuietTime, QuietTimeStore, ScheduleEntry, ScheduleStore
from clickhouse.steps import now_ms
from clickhouse.thresholds import Threshold, ThresholdStore
from standard.load import load
from streams.cases.cases import Cases
from streams.outbox.delivery import Delivery
from streams.outbox.store import OutboxStore
from tests.api.facts import day_facts, expected, ledger_day, store_day, store_finding
from tests.api.landed import DAY, NOW, TABLE, alert, alerts, findings, ledger
from tests.streams.cases.build import gap

MONTH = date(2026, 11, 1)
FRONT_PAGE_RULE = load().tables["TB_BASY"].rules[0]


def everything(
    clickhouse: ClickHouse, orgs: Sequence[Org], mark: Callable[[str], str] = lambda org: f"of {org}"
) -> None:
    """All of these institutions; the text ``mark(code)`` is in whatever has a text."""
    migrate(clickhouse, tables=load().tables.values())
    OrgStore(clickhouse, _earlier).save(orgs)
    for place, org in enumerate(orgs):
        _landed(clickhouse, org.org, place, mark(org.org))
        _kept(clickhouse, org.org, mark(org.org))
    Cases(clickhouse, lambda notices, now: None).apply([gap(org=one.org, zh=mark(one.org)) for one in orgs], (), NOW)


def visit_of(org: str) -> str:
    """The number of its visit."""
    return f"V{org[-1]}"


def delivery_of(org: str) -> str:
    """The id of what was given up."""
    return f"{org[-1] * 32}".lower()


def channel_of(org: str) -> str:
    """The name of its channel."""
    return f"channel-{org[-1]}"


def submission_of(org: str) -> str:
    """The id of its file of front pages."""
    return org[-1].lower() * 32


def quiet_of(org: str) -> str:
    """The id of its quiet time."""
    return f"quiet-{org[-1]}"


def _earlier() -> datetime:
    return NOW - timedelta(days=1)


def _landed(clickhouse: ClickHouse, org: str, place: int, mark: str) -> None:
    ledger(clickhouse, org=org, offset=place)
    findings(clickhouse, {"org": org, "offset": place, "value": mark, "visit": visit_of(org)})
    alerts(clickhouse, alert(place, org))
    ledger_day(clickhouse, org=org, partition=place, rejected=1)
    unmapped = {"KDKSBM": ("department", TABLE), "SYPBM": ("drug", "TB_MZ_YPCFMX"), "XMBM": ("item", "TB_MZ_QTCFMX")}
    for column, (kind, table) in unmapped.items():
        codes, measures = [(column, kind, mark, "", 2)], [("charge", "0101", 2, "12.50")]
        rules = [("SF28", "warning", 2)]
        day_facts(clickhouse, org=org, table=table, rules=rules, codes=codes, measures=measures)
    store_day(clickhouse, org=org, failed=1)
    store_finding(clickhouse, org=org, value=mark, visit=visit_of(org))
    expected(clickhouse, org=org)
    letter = {
        "topic_id": "t1", "partition": 0, "offset": 900 + place, "row": 0, "org": org, "table": TABLE, "size": 1,
        "reason": "not_json", "detail": mark, "bytes": b"{", "arrived_at": NOW, "landed_at": NOW,
    }  # fmt: skip
    clickhouse.insert("dead_letters", pl.DataFrame([letter]))
    rejected = {
        "topic_id": "t1", "partition": 0, "offset": place, "row": 1, "org": org, "table": TABLE, "biz_date": DAY,
        "batch": "b1", "row_key": "1", "rule_ids": ["SF28"], "raw": f'{{"XM":"{mark}"}}', "op": "upsert",
        "arrived_at": NOW, "landed_at": NOW,
    }  # fmt: skip
    clickhouse.insert("rejected_rows", pl.DataFrame([rejected]))
    redrive = {"id": "0" * 32 if org.endswith("B") else org, "actor": mark, "org": org, "wanted": "{}", "state": "done",
               "not_possible": "{}", "started_at": NOW, "at": NOW}  # fmt: skip
    clickhouse.insert("redrives", pl.DataFrame([redrive]))
    row = {
        "yljgdm": org, "sfmxid": mark, "jzlsh": visit_of(org), "brzsy": "p1", "_biz_date": DAY, "_topic_id": "t1",
        "_offset": place, "_arrived_at": NOW,
    }  # fmt: skip
    clickhouse.insert(TABLE.lower(), pl.DataFrame([row]))


def _kept(clickhouse: ClickHouse, org: str, mark: str) -> None:
    CodeMapStore(clickhouse, _earlier).save(org, "department", [MapEntry("k1", mark, "A01")], mark)
    DeclarationStore(clickhouse, _earlier).save([Declaration(org, MONTH, "outpatient_visits", Decimal(5))], mark)
    ScheduleStore(clickhouse, _earlier).save([ScheduleEntry(org=org, note=mark)], mark)
    quiet = QuietTime(quiet_of(org), org, EVERY, "holiday", NOW, NOW + timedelta(hours=1), mark)
    QuietTimeStore(clickhouse, _earlier).save([quiet], mark)
    ThresholdStore(clickhouse, _earlier).save([Threshold(org, EVERY, "anomaly_rate_warning", 0.1)], mark)
    ChannelStore(clickhouse, _earlier).save(
        Channel(channel_of(org), "webhook", f"http://127.0.0.1:9/{org}", "secret", orgs=(org,), changed_by=mark)
    )
    at = NOW.astimezone(SHANGHAI)
    given_up = Delivery(delivery_of(org), 1, at, channel_of(org), org, "n1", "gap", "dead", 9, at, "http_500", "{}")
    OutboxStore(clickhouse).put([given_up])
    _submitted(clickhouse, org, mark)


def _submitted(clickhouse: ClickHouse, org: str, mark: str) -> None:
    store, at = SubmissionStore(clickhouse, _earlier), now_ms(_earlier())
    one = Submission(
        submission_of(org), 1, at, org, MONTH, "western", "done", mark, 10, "", mark, at, rows=1, number=2, zh=mark
    )
    before = replace(one, id=f"{one.id[1:]}e", number=1)
    for each, content in ((before, 1), (one, 2)):
        store.take(each)
        store.switch(each, most=2)
        store.keep_rows(each, [RowKey(mark, 2, content)])
    store.save_opening(Opening(org, date(2026, 10, 1), NOW + timedelta(days=1), note=mark), mark)
    batch = f"{one.id}/2"  # the first row below the header of the file
    page = {
        "p900": org, "p3": mark, "p2": "1", "p4": mark, "p25": NOW, "_biz_date": MONTH, "_submission": one.id,
        "_batch": batch, "_topic_id": "t1", "_offset": 800, "_row": 1, "_arrived_at": NOW,
    }  # fmt: skip
    clickhouse.insert("tb_basy", pl.DataFrame([page]))
    wrong = {"org": org, "table": "TB_BASY", "batch": batch, "biz_date": MONTH, "column": "P4", "value": mark,
             "offset": 800, "row_key": f"{mark}|1", "rule_id": FRONT_PAGE_RULE.id, "severity": "warning",
             "check": FRONT_PAGE_RULE.checks[0].kind, "outcome": "accepted"}  # fmt: skip
    findings(clickhouse, wrong)
