"""Landing loses nothing: the order of the steps, waiting in place, and stopping at a bug. No server is needed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import polars as pl
import pytest

from clickhouse.client import ClickHouse
from sanjian.errors import NotNow
from streams.land import Lander, content_token
from streams.producer import Sent as Put
from streams.topics import Topic
from tests.streams.unit.build import NOW, ORG, PATIENTS, PLACE, Sent, Worked, batch, charge, event, patient, work

Message = tuple[str, bytes, list[tuple[str, bytes]]]
PATIENT = event(patient(), table=PATIENTS)
ALERTS = Topic("topic:alerts", "epoch-1", 1)
#: Where the broker puts the first message.
FIRST = 7000


class BugError(Exception):
    """Something that is neither wrong data nor an absent server."""


@dataclass
class Servers:
    """ClickHouse and the broker: they note what comes, and fail where they are told to, as often as they are told."""

    log: list[str] = field(default_factory=list)
    tokens: list[tuple[str, str | None]] = field(default_factory=list)
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    published: dict[str, list[Message]] = field(default_factory=dict)
    failures: dict[str, list[Exception]] = field(default_factory=dict)

    def insert(self, table: str, rows: pl.DataFrame, token: str | None = None) -> None:
        self.tokens.append((table, token))
        self._maybe_fail(table)
        self.log.append(table)
        self.frames[table] = rows

    async def publish(self, topic: str, messages: Sequence[Message]) -> list[Put]:
        self._maybe_fail(topic)
        self.log.append(topic)
        before = len(self.published.setdefault(topic, []))
        self.published[topic].extend(messages)
        return [Put(0, FIRST + before + number) for number in range(len(messages))]

    def _maybe_fail(self, what: str) -> None:
        if self.failures.get(what):
            raise self.failures[what].pop(0)

    def lander(self, **options: Any) -> Lander:
        return Lander(cast(ClickHouse, self), self, ALERTS, "topic:deadletters", longest_pause=0.4, **options)


#: All that there is to land: records of two tables, findings, rejected and unmapped rows, a dead letter, alerts.
EVERYTHING = (batch(charge(), charge(SFMXID="S2", TFBZ="9"), charge(SFMXID="S3", KDKSBM="local")), b"hello", PATIENT)
ORDER = [
    "tb_mz_sfmxb", "tb_hzxx", "findings", "rejected_rows", "unmapped_codes", "dead_letters", "alerts", "topic:alerts",
    "alert_positions", "topic:deadletters", "ledger",
]  # fmt: skip


async def land(servers: Servers, worked: Worked, **options: Any) -> None:
    lander = servers.lander(**options)
    letters = worked.decoded.letters
    await lander.land(worked.landing, worked.alerts, worked.decoded, letters, PLACE, NOW)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """No pause takes time; how long each would have been is noted."""
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)

    monkeypatch.setattr("streams.retry.asyncio.sleep", sleep)
    return taken


async def test_records_come_first_and_the_ledger_last() -> None:
    servers = Servers()
    await land(servers, work(*EVERYTHING))
    assert by_step(servers.log) == by_step(ORDER)
    assert servers.log[-4:] == ORDER[-4:]


async def test_each_step_is_told_after_its_work() -> None:
    servers, told = Servers(), []
    await land(servers, work(*EVERYTHING), on_step=lambda number: told.append((number, len(servers.log))))
    assert told == [(3, 2), (4, 7), (5, 10), (6, 11)]


async def test_nothing_but_the_ledger_is_landed_of_nothing() -> None:
    servers = Servers()
    await land(servers, work(None, batch(biz_date="2026-11-20")))
    assert servers.log == ["ledger"]
    assert servers.frames["ledger"].height == 2


@pytest.mark.parametrize("step", ORDER)
async def test_a_server_that_is_away_is_waited_for_in_place(step: str, pauses: list[float]) -> None:
    servers = Servers(failures={step: [NotNow("away"), NotNow("still away"), NotNow("away")]})
    await land(servers, work(*EVERYTHING))
    assert by_step(servers.log) == by_step(ORDER)
    assert len(pauses) == 3


@pytest.mark.parametrize("step", ORDER)
async def test_a_retry_in_place_carries_the_same_token(step: str, pauses: list[float]) -> None:
    servers = Servers(failures={step: [NotNow("away")]})
    await land(servers, work(*EVERYTHING))
    tried = [token for table, token in servers.tokens if table == step]
    assert len(set(tried)) <= 1
    assert len(pauses) == 1


@pytest.mark.parametrize("step", ORDER)
async def test_a_bug_comes_through_and_nothing_later_happens(step: str, pauses: list[float]) -> None:
    servers = Servers(failures={step: [BugError()]})
    with pytest.raises(BugError):
        await land(servers, work(*EVERYTHING))
    mine = next(place for place, names in enumerate(by_step(ORDER)) if step in names)
    assert by_step(servers.log)[:mine] == by_step(ORDER)[:mine]
    assert [name for names in by_step(ORDER)[mine + 1 :] for name in names if name in servers.log] == []
    assert step not in servers.log
    assert pauses == []


def by_step(log: list[str]) -> list[list[str]]:
    """What happened, step by step; inserts of one step are made at the same time, so their order says nothing."""
    step = dict.fromkeys(ORDER[:2], 3) | dict.fromkeys(ORDER[2:7], 4) | {ORDER[-1]: 6}
    return [sorted(name for name in log if step.get(name, 5) == number) for number in (3, 4, 5, 6)]


async def test_a_crash_between_the_steps_leaves_the_later_ones_undone() -> None:
    for crash in (3, 4, 5):
        servers = Servers()

        def on_step(number: int, crash: int = crash) -> None:
            if number == crash:
                raise BugError

        with pytest.raises(BugError):
            await land(servers, work(*EVERYTHING), on_step=on_step)
        assert "ledger" not in servers.log


async def test_alerts_go_to_their_institution_and_letters_with_their_origin() -> None:
    servers = Servers()
    worked = work(*EVERYTHING)
    await land(servers, worked)
    assert [(key, value) for key, value, _ in servers.published["topic:alerts"]] == [
        (alert.org, alert.payload) for alert in worked.alerts
    ]
    [(key, value, [(name, origin)])] = servers.published["topic:deadletters"]
    assert (key, value, name) == (ORG, b"hello", "sanjian-origin")
    assert orjson.loads(origin) == {
        "topic": "his.changes", "topic_id": "topic-1", "partition": 0, "offset": 1, "row": 0, "reason": "not_json",
        "detail": worked.decoded.letters[0].detail,
    }  # fmt: skip


async def test_alerts_of_a_replay_are_landed_and_not_published() -> None:
    servers = Servers()
    await land(servers, work(Sent(batch(charge(TFBZ="9")), headers=[("sanjian-replay", b"1")])))
    assert servers.published == {}
    assert servers.frames["alerts"]["replay"].to_list() == [1]
    assert "alert_positions" not in servers.frames
    assert servers.log[-1] == "ledger"


async def test_the_place_of_each_alert_is_kept_where_the_broker_put_it() -> None:
    servers, worked = Servers(), work(*EVERYTHING)
    await land(servers, worked)
    places = servers.frames["alert_positions"].to_dicts()
    assert len(places) == len(worked.alerts) > 1
    for number, (place, alert) in enumerate(zip(places, worked.alerts, strict=True)):
        assert place == {
            "epoch": "epoch-1", "partition": 0, "offset": FIRST + number, "id": alert.id, "org": alert.org,
            "raised_at": alert.raised_at, "published_at": NOW,
        }  # fmt: skip


async def test_an_alert_whose_place_was_not_kept_is_published_again_with_the_same_id() -> None:
    servers, worked = Servers(failures={"alert_positions": [BugError()]}), work(*EVERYTHING)
    with pytest.raises(BugError):
        await land(servers, worked)
    assert "ledger" not in servers.log  # so the next worker does the messages again
    await land(servers, worked)
    ids = [orjson.loads(value)["id"] for _, value, _ in servers.published["topic:alerts"]]
    assert ids == [alert.id for alert in worked.alerts] * 2
    assert servers.frames["alert_positions"]["offset"].to_list()[0] == FIRST + len(worked.alerts)


def test_equal_rows_have_equal_tokens_and_others_have_others() -> None:
    landing = work(*EVERYTHING).landing
    again = work(*EVERYTHING).landing
    other = work(*EVERYTHING[:2], event(patient(XM="李小红"), table=PATIENTS), b"hallo").landing
    frames = ("findings", "rejected_rows", "unmapped_codes", "dead_letters", "ledger")
    for name in frames:
        frame = getattr(landing, name)
        assert content_token(name, frame) == content_token(name, getattr(again, name)), name
        assert content_token(name, frame) != content_token("another", frame), name
        assert content_token(name, frame) != content_token(name, pl.concat([frame, frame])), name
    assert content_token("tb_hzxx", landing.records["tb_hzxx"]) != content_token("tb_hzxx", other.records["tb_hzxx"])
    assert content_token("dead_letters", landing.dead_letters) != content_token("dead_letters", other.dead_letters)


def test_a_token_sees_every_column() -> None:
    landing = work(batch(charge(TFBZ="9", EXTRA=1)), b"hello").landing
    changes: list[tuple[pl.DataFrame, str, pl.Expr]] = [
        (landing.rejected_rows, "rule_ids", pl.lit(pl.Series([["SF10"]]))),
        (landing.dead_letters, "bytes", pl.lit(b"hallo")),
        (landing.ledger, "unknown_columns", pl.lit(pl.Series([["OTHER"], []]))),
        (landing.ledger, "bytes", pl.col("bytes") + 1),
        (landing.findings, "value", pl.lit("8")),
    ]
    for frame, column, value in changes:
        changed = frame.with_columns(value.alias(column))
        assert content_token("t", frame) != content_token("t", changed), column


async def test_the_work_is_given_up_only_by_who_waits(pauses: list[float]) -> None:
    """A server that never comes back: the task waits until it is cancelled, and the ledger stays without the rows."""
    servers = Servers(failures={"findings": [NotNow("away")] * 50 + [BugError()]})
    with pytest.raises(BugError):
        await asyncio.create_task(land(servers, work(*EVERYTHING)))
    assert len(pauses) == 50
    assert "ledger" not in servers.log
