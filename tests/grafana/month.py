"""A simulated month of a small province, with something of everything that a board shows: a day that one institution
missed, dead letters, cases, runs of the watch, a test institution, and a hole in the ledger."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.orgs import Org, OrgStore
from clickhouse.steps import MOMENT
from grafana.macros import All, Dashboard
from simulators.orgs import make_orgs
from simulators.volume import Year, write
from standard.model import Standard
from streams.cases.life import seen
from streams.cases.limits import default_thresholds, limits_of
from streams.cases.store import CaseStore
from streams.watch.conditions import Condition, condition_key

ORGS, DAYS = 6, 32
#: Of the days the one on which an institution sent nothing: over for long, in every range that a test looks at.
GAP_DAYS_AGO = 4
LETTERS = 3
#: Offsets that nothing landed for.
HOLE = 2


@dataclass(frozen=True, slots=True)
class Month:
    """What was planted, and when "now" is."""

    now: datetime
    year: Year
    missing: str  # institution
    test: str  # institution

    def looked_at(self, **chosen: str | list[str] | All) -> Dashboard:
        """The boards with everything chosen, but for what is said."""
        day = (self.now - timedelta(days=GAP_DAYS_AGO)).astimezone(SHANGHAI)
        every = {
            "month": f"{day:%Y-%m}", "map": ["department", "fee", "drug", "item"], "level": All("'-1'"),
            **dict.fromkeys(("org", "city", "type", "table"), All("''")),
        }  # fmt: skip
        return Dashboard(self.now - timedelta(days=30), self.now + timedelta(minutes=5), 3600, every | chosen)


def plant(clickhouse: ClickHouse, standard: Standard) -> Month:
    """Write it all into an empty database."""
    now = datetime.now(SHANGHAI)
    today = now.date()
    year = Year.until(today, ORGS, DAYS, volume=0.05)
    tests = Year(make_orgs(ORGS + 1, year.seed)[ORGS:], year.first, DAYS, 0.05, 1, year.seed + 1)
    write(clickhouse, standard, year)
    write(clickhouse, standard, tests)
    test, missing = tests.orgs[0], year.orgs[0]
    OrgStore(clickhouse).save([replace(Org(**asdict(test)), test=True)])
    _forget(clickhouse, missing.org, today - timedelta(days=GAP_DAYS_AGO))
    _watched(clickhouse, now)
    _landed(clickhouse, now, missing.org)
    _unreadable(clickhouse, now, missing.org)
    _case(clickhouse, now, missing.org)
    _delivered(clickhouse, now, missing.org)
    return Month(now, year, missing.org, test.org)


def _forget(clickhouse: ClickHouse, org: str, day: object) -> None:
    for table in ("ledger_days", "judgements", "day_facts"):
        clickhouse.command(
            f"DELETE FROM {table} WHERE org = {{org:String}} AND biz_date = {{day:Date32}} "
            "SETTINGS lightweight_deletes_sync = 2",
            {"org": org, "day": day},
        )


def _watched(clickhouse: ClickHouse, now: datetime) -> None:
    runs = [now - timedelta(minutes=minutes) for minutes in range(0, 60, 10)]
    frame = pl.DataFrame(
        {"at": runs, "watcher": "test", "watermark": [run - timedelta(seconds=5) for run in runs], "lag": 7,
         "firing": 2, "took_ms": 40},
        schema_overrides={"at": MOMENT, "watermark": MOMENT},
    )  # fmt: skip
    clickhouse.insert("watch_log", frame)


def _landed(clickhouse: ClickHouse, now: datetime, org: str) -> None:
    """A few messages of now, with a hole of HOLE offsets."""
    offsets = [0, 1, 2, 3 + HOLE, 4 + HOLE]
    arrived = [now - timedelta(seconds=60 - offset) for offset in offsets]
    frame = pl.DataFrame(
        {"topic_id": "live", "partition": 0, "offset": offsets, "biz_date": now.date(), "org": org,
         "table": "TB_MZ_SFMXB", "batch": "b", "message_id": offsets, "kind": "batch", "op": "upsert", "received": 10,
         "accepted": 8, "rejected": 2, "flagged": 1, "findings": 3, "source_time": arrived, "arrived_at": arrived,
         "landed_at": [at + timedelta(milliseconds=40) for at in arrived], "work_ms": 20, "worker": "w1"},
        schema_overrides={"source_time": MOMENT, "arrived_at": MOMENT, "landed_at": MOMENT},
    )  # fmt: skip
    clickhouse.insert("ledger", frame)


def _unreadable(clickhouse: ClickHouse, now: datetime, org: str) -> None:
    frame = pl.DataFrame(
        {"topic_id": "live", "partition": 1, "offset": list(range(LETTERS)), "row": 0, "topic": "his.changes",
         "org": org, "table": "TB_MZ_GHMXB", "batch": "broken", "reason": "not_json", "detail": "line 1", "size": 10,
         "arrived_at": now - timedelta(minutes=9), "landed_at": now},
        schema_overrides={"arrived_at": MOMENT, "landed_at": MOMENT},
    )  # fmt: skip
    clickhouse.insert("dead_letters", frame)


def _case(clickhouse: ClickHouse, now: datetime, org: str) -> None:
    condition = Condition(
        kind="gap", key=condition_key("gap", org, "", now.date()), org=org, table="", biz_date=now.date(),
        severity="critical", numerator=1, denominator=19, threshold=0, zh="漏传", en="missing", fix_zh="请补传",
        fix_en="send it",
    )  # fmt: skip
    case = seen(None, condition, limits_of(default_thresholds, "gap", org, ""), now)
    assert case is not None
    assert CaseStore(clickhouse).take(case)


def _delivered(clickhouse: ClickHouse, now: datetime, org: str) -> None:
    frame = pl.DataFrame(
        {"id": "d1", "version": [1, 2], "writer": "w", "at": now, "channel": "duty", "org": org, "notice": "n",
         "kind": "gap", "state": ["pending", "delivered"], "attempts": 1, "not_before": now},
        schema_overrides={"at": MOMENT, "not_before": MOMENT},
    )  # fmt: skip
    clickhouse.insert("outbox", frame)
