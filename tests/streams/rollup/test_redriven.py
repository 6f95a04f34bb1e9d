"""Rejected rows through the pipeline once more: each has one outcome, is counted once, and loses nothing on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import orjson
import pytest

from api.redrive.envelope import envelope
from api.redrive.plan import Wanted, contents, make_plan
from clickhouse.client import ClickHouse
from streams.decide import Decider
from streams.land import Lander
from streams.ledger import Ledger
from streams.maps import CodeMaps
from streams.message import REDRIVE_HEADER
from streams.pipeline import Pipeline
from streams.producer import Sent as Published
from streams.topics import Topic
from tests.streams.rollup.landed import Lands
from tests.streams.unit.build import (
    ARRIVED_MS,
    CHARGES,
    LIMIT,
    ORG,
    ORGS,
    PLACE,
    Sent,
    batch,
    charge,
    decider,
    event,
    standard,
)

pytestmark = pytest.mark.stack
DAY = "2026-11-20"
ANY = Wanted("", "", "", date(1970, 1, 1), date(1970, 1, 1))
WRONG, WRONG_TOO = {"TFBZ": "9"}, {"SFCJBM": "77"}


def lenient(*rule_ids: str) -> Decider:
    """The standard without some rules of the charges."""
    table = standard().tables[CHARGES]
    without = replace(table, rules=tuple(rule for rule in table.rules if rule.id not in rule_ids))
    return Decider(replace(standard(), tables={**standard().tables, CHARGES: without}))


class Crash(Exception):
    """The worker dies."""


@dataclass
class Works:
    """A pipeline on the database; ``decider`` is what it decides with, ``dies_after`` the step after which it dies."""

    clickhouse: ClickHouse
    decider: Decider = field(default_factory=decider)
    maps: CodeMaps = field(default_factory=lambda: CodeMaps(standard()))
    published: list[dict[str, Any]] = field(default_factory=list)
    next: int = 0
    dies_after: int = 0

    @property
    def known(self) -> frozenset[str]:
        return ORGS

    def refresh(self) -> frozenset[str]:
        return ORGS

    async def publish(self, topic: str, messages: Sequence[tuple[str, bytes, Any]]) -> list[Published]:
        self.published += [orjson.loads(value) for _, value, _ in messages if topic == "alerts"]
        return [Published(0, number) for number in range(len(messages))]

    def step(self, number: int) -> None:
        if number == self.dies_after:
            self.dies_after = 0
            raise Crash

    async def work(self, *values: bytes | Sent, again: bool = False) -> None:
        """Do messages, each at the next offset; ``again``: at the offsets of those before."""
        sent = [one if isinstance(one, Sent) else Sent(one) for one in values]
        first = self.next - len(sent) if again else self.next
        self.next = first + len(sent)
        for offset, record in enumerate(sent, first):
            record.offset = offset
            record.timestamp = ARRIVED_MS + offset * 60_000
        lander = Lander(self.clickhouse, self, Topic("alerts", "alerts-1", 1), "letters", 0.1, self.step)
        ledger = Ledger(self.clickhouse, PLACE.topic_id)
        pipeline = Pipeline(self.decider, self.maps, self, ledger, lander, PLACE, LIMIT, self.step)  # type: ignore[arg-type]
        await pipeline.work(sent)

    def redrives(self, wanted: Wanted = ANY, redrive: str = "r1") -> list[Sent]:
        """What a redrive would publish."""
        plan = make_plan(self.clickhouse, wanted, ORGS, standard().tables)
        raw = contents(self.clickhouse, plan.messages) if plan.messages else {}
        return [Sent(envelope(one, raw[one.place], redrive), headers=[(REDRIVE_HEADER, b"1")]) for one in plan.messages]

    def counts(self) -> dict[str, int]:
        """The sums of the ledger."""
        names = ("received", "accepted", "rejected", "unreadable", "findings", "unmapped", "repeated")
        [row] = self.clickhouse.rows(f"SELECT {', '.join(f'sum(l.{name}) AS {name}' for name in names)} "
                                     "FROM ledger AS l FINAL")  # fmt: skip
        return {name: int(row[name]) for name in names}

    def rejected(self) -> list[str]:
        """The keys of the rejected rows."""
        rows = self.clickhouse.rows("SELECT row_key FROM rejected_rows FINAL ORDER BY row_key")
        return [row["row_key"] for row in rows]

    def accepted(self) -> list[str]:
        """The keys of the rows that stand in the table."""
        rows = self.clickhouse.rows(f"SELECT sfmxid FROM {CHARGES.lower()} FINAL ORDER BY sfmxid")
        return [row["sfmxid"] for row in rows]

    def rule_of(self, key: str) -> str:
        """The error by which a row was rejected."""
        [row] = self.clickhouse.rows(
            "SELECT rule_id FROM findings FINAL WHERE row_key = {key:String} AND severity = 'error'", {"key": key}
        )
        return str(row["rule_id"])

    def consistent(self) -> None:
        """What is counted is what is there, by message."""
        assert self.clickhouse.rows(
            "SELECT l.offset FROM (SELECT offset, sum(ledger.received) AS r, sum(ledger.accepted) AS a, "
            "sum(ledger.rejected) AS x, sum(ledger.unreadable) AS u, sum(ledger.findings) AS f FROM ledger FINAL "
            "GROUP BY offset) AS l "
            "LEFT JOIN (SELECT offset, count() AS n FROM rejected_rows FINAL GROUP BY offset) AS r USING offset "
            "LEFT JOIN (SELECT offset, count() AS n FROM findings FINAL GROUP BY offset) AS f USING offset "
            "WHERE l.r != l.a + l.x + l.u OR l.x != r.n OR l.f != f.n"
        ) == []  # fmt: skip


@pytest.fixture
def works(clickhouse: ClickHouse) -> Works:
    """A pipeline."""
    return Works(clickhouse)


def rows(*wrong: dict[str, str]) -> list[dict[str, Any]]:
    """Right charges R0, R1 and wrong ones W0, W1, …"""
    right = [charge(SFMXID=f"R{number}") for number in range(2)]
    return [*right, *(charge(SFMXID=f"W{number}", **values) for number, values in enumerate(wrong))]


async def test_what_is_accepted_now_is_rejected_no_longer_and_what_is_not_stays_rejected_once(works: Works) -> None:
    await works.work(batch(*rows(WRONG, WRONG, WRONG_TOO), batch="B7"))
    before = works.counts()
    assert (before["received"], before["accepted"], before["rejected"]) == (5, 2, 3)
    works.decider = lenient(works.rule_of("W0"))
    alerts = len(works.published)
    [message] = works.redrives()
    await works.work(message)
    after = works.counts()
    assert (after["received"], after["accepted"], after["rejected"]) == (5, 4, 1)
    assert (works.accepted(), works.rejected()) == (["R0", "R1", "W0", "W1"], ["W2"])
    assert len(works.published) == alerts  # the institution did nothing
    works.consistent()
    [row] = works.clickhouse.rows("SELECT batch, arrived_at, offset FROM rejected_rows FINAL")
    assert (row["batch"], row["offset"]) == ("B7", 1)
    assert round(row["arrived_at"].timestamp() * 1000) == ARRIVED_MS  # it came when it came first
    [found] = works.clickhouse.rows("SELECT count() AS n FROM findings FINAL WHERE outcome = 'rejected'")
    assert found["n"] >= 1
    assert works.clickhouse.rows("SELECT row_key FROM findings FINAL WHERE row_key IN ('W0', 'W1') "
                                 "AND outcome = 'rejected'") == []  # fmt: skip


async def test_a_row_that_stays_rejected_can_be_redriven_again_and_again(works: Works) -> None:
    await works.work(batch(*rows(WRONG, WRONG_TOO)))
    before = works.counts()
    for number in range(3):
        await works.work(*works.redrives(redrive=f"r{number}"))
        assert works.counts() == before
        assert works.rejected() == ["W0", "W1"]
        works.consistent()


async def test_the_same_redrive_published_twice_counts_once(works: Works) -> None:
    await works.work(batch(*rows(WRONG)))
    works.decider = lenient(works.rule_of("W0"))
    one, other = works.redrives(redrive="r1"), works.redrives(redrive="r2")
    await works.work(*one, *other)  # in one run
    once = works.counts()
    assert (once["received"], once["accepted"], once["rejected"], once["repeated"]) == (3, 3, 0, 1)
    await works.work(*one, *other)  # and later
    again = works.counts()
    assert (again["received"], again["accepted"], again["rejected"], again["repeated"]) == (3, 3, 0, 3)
    works.consistent()


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 6])
async def test_a_worker_that_dies_on_the_way_loses_nothing_and_counts_nothing_twice(works: Works, step: int) -> None:
    await works.work(batch(*rows(WRONG, WRONG_TOO)))
    works.decider = lenient(works.rule_of("W0"))
    message = works.redrives()
    works.dies_after = step
    with pytest.raises(Crash):
        await works.work(*message)
    start = Ledger(works.clickhouse, PLACE.topic_id).starts({0: 0})[0]
    assert start == (2 if step == 6 else 1)
    if step < 6:
        await works.work(*message, again=True)
    counts = works.counts()
    assert (counts["received"], counts["accepted"], counts["rejected"]) == (4, 3, 1)
    assert (works.accepted(), works.rejected()) == (["R0", "R1", "W0"], ["W1"])
    works.consistent()


async def test_the_same_message_done_again_by_another_worker_changes_nothing(works: Works) -> None:
    await works.work(batch(*rows(WRONG)))
    works.decider = lenient(works.rule_of("W0"))
    message = works.redrives()
    await works.work(*message)
    before = works.counts()
    await works.work(*message, again=True)
    assert works.counts() == before
    works.consistent()


async def test_a_message_that_says_what_is_not_so_takes_nothing(works: Works) -> None:
    await works.work(batch(*rows(WRONG, WRONG)))
    before = works.counts()
    [message] = works.redrives()
    header, *lines = (message.value or b"").split(b"\n")
    fewer = orjson.dumps(orjson.loads(header) | {"count": 1}) + b"\n" + lines[0]
    elsewhere = orjson.loads(header)
    elsewhere["origin"] |= {"offset": 77}
    foreign = b"\n".join([orjson.dumps(elsewhere), *lines])
    broken = b"\n".join([orjson.dumps(orjson.loads(header) | {"origin": {"offset": "x"}}), *lines])
    marked = [(REDRIVE_HEADER, b"1")]
    await works.work(*(Sent(value, headers=marked) for value in (fewer, foreign)))
    assert works.counts() | {"repeated": 0} == before
    assert works.rejected() == ["W0", "W1"]
    await works.work(Sent(broken, headers=marked))
    assert works.counts()["unreadable"] == 2  # what nobody can have meant is put aside like any other
    works.consistent()


async def test_without_the_mark_of_a_redrive_an_origin_means_nothing(works: Works) -> None:
    await works.work(batch(*rows(WRONG)))
    [message] = works.redrives()
    await works.work(Sent(message.value))
    assert works.counts()["rejected"] == 2
    assert works.rejected() == ["W0", "W0"]


async def test_a_corrected_row_is_not_replaced_by_the_old_one_and_stays_corrected(works: Works) -> None:
    await works.work(batch(*rows(WRONG)))
    rule = works.rule_of("W0")
    await works.work(batch(charge(SFMXID="W0", KDYSXM="王医生"), sent_at="2026-11-21T08:30:00+08:00"))
    message = works.redrives()
    works.decider = lenient(rule)
    await works.work(*message)
    [row] = works.clickhouse.rows(f"SELECT kdysxm FROM {CHARGES.lower()} FINAL WHERE sfmxid = 'W0'")
    assert row == {"kdysxm": "王医生"}
    counts = works.counts()
    assert (counts["received"], counts["accepted"], counts["rejected"]) == (4, 4, 0)


async def test_the_facts_of_the_day_follow(works: Works) -> None:
    await works.work(batch(*rows(WRONG, WRONG_TOO)))
    lands = Lands(works.clickhouse)
    lands.settle()
    assert (lands.fact(CHARGES, DAY, ORG)["rows"], lands.fact(CHARGES, DAY, ORG)["standing"]) == (2, 2)
    await works.work(*works.redrives(redrive="in vain"))
    lands.settle()
    assert lands.fact(CHARGES, DAY, ORG)["standing"] == 2
    works.decider = lenient(works.rule_of("W0"))
    await works.work(*works.redrives(redrive="with success"))
    lands.settle()
    assert (lands.fact(CHARGES, DAY, ORG)["rows"], lands.fact(CHARGES, DAY, ORG)["standing"]) == (3, 1)
    sums = lands.sums()[ORG, CHARGES, date.fromisoformat(DAY)]
    assert (sums["received"], sums["accepted"], sums["rejected"]) == (4, 3, 1)


async def test_a_corrected_row_does_not_stand_again_because_its_old_version_is_rejected_again(works: Works) -> None:
    await works.work(batch(*rows(WRONG)))
    await works.work(batch(charge(SFMXID="W0"), sent_at="2026-11-21T08:30:00+08:00"))
    await works.work(*works.redrives())
    lands = Lands(works.clickhouse)
    lands.settle()
    assert lands.fact(CHARGES, DAY, ORG)["standing"] == 0


async def test_rows_without_a_key_stand_once(works: Works) -> None:
    await works.work(batch(charge(SFMXID=""), charge(SFMXID="")))
    lands = Lands(works.clickhouse)
    lands.settle()
    before = lands.fact(CHARGES, DAY, ORG)["standing"]
    await works.work(*works.redrives())
    lands.settle()
    assert lands.fact(CHARGES, DAY, ORG)["standing"] == before == 2


async def test_unmapped_codes_of_redriven_rows_are_counted_once(works: Works) -> None:
    own = {"KDKSBM": "local", "KDKSMC": "本院内科"}
    await works.work(
        batch(charge(SFMXID="R0", **own), charge(SFMXID="W0", **own, **WRONG), charge(SFMXID="W1", **WRONG))
    )
    codes = "SELECT code, sum(u.rows) AS n FROM unmapped_codes AS u FINAL WHERE code = 'local' GROUP BY code"
    before, unmapped = works.clickhouse.rows(codes), works.counts()["unmapped"]
    assert before == [{"code": "local", "n": 2}]
    await works.work(*works.redrives())
    assert works.clickhouse.rows(codes) == before
    assert works.counts()["unmapped"] == unmapped
    works.decider = lenient(works.rule_of("W0"))
    await works.work(*works.redrives(redrive="r2"))
    assert works.clickhouse.rows(codes) == before
    works.consistent()


async def test_only_what_is_asked_for_is_redriven_with_the_other_rejected_rows_of_its_messages(works: Works) -> None:
    await works.work(
        batch(*rows(WRONG, WRONG_TOO), batch="B1"), batch(charge(SFMXID="W7", **WRONG_TOO), batch="B2"),
        batch(charge(SFMXID="W8", **WRONG), FYFSSJ="x", batch="B3"),
    )  # fmt: skip
    rule = works.rule_of("W0")

    def plan(**changes: Any) -> tuple[int, int, int]:
        made = make_plan(works.clickhouse, replace(ANY, **changes), ORGS, standard().tables)
        return len(made.messages), made.rows, made.matching

    assert plan() == (3, 4, 4)
    assert plan(rule_id=rule) == (2, 3, 2)
    assert plan(org="nobody") == (0, 0, 0)
    assert plan(table=CHARGES) == (3, 4, 4)
    assert plan(biz_to=date(2026, 11, 19)) == (0, 0, 0)
    assert plan(biz_from=date(2026, 11, 20), biz_to=date(2026, 11, 20)) == (3, 4, 4)


async def test_what_cannot_be_redriven_is_said_with_its_reason(works: Works) -> None:
    await works.work(batch(*rows(WRONG, WRONG), batch="B1"), batch(*rows(WRONG), batch="B2"))
    works.clickhouse.command("DELETE FROM rejected_rows WHERE batch = 'B1' AND row = 3")
    plan = make_plan(works.clickhouse, ANY, ORGS, standard().tables)
    assert {reason: (one.messages, one.rows) for reason, one in plan.not_possible.items()} == {"gone": (1, 2)}
    works.clickhouse.command("DELETE FROM rejected_rows WHERE batch = 'B1'")
    plan = make_plan(works.clickhouse, ANY, ORGS, standard().tables)
    assert {reason: (one.messages, one.rows) for reason, one in plan.not_possible.items()} == {"gone": (1, 2)}
    plan = make_plan(works.clickhouse, ANY, set(), standard().tables)
    assert plan.not_possible["unknown_org"].rows == 1
    plan = make_plan(works.clickhouse, ANY, ORGS, {})
    assert plan.not_possible["unknown_table"].rows == 1
    assert plan.messages == []


async def test_a_row_that_came_twice_is_not_validated_without_the_first(works: Works) -> None:
    """It would be accepted, and take the place of the first."""
    await works.work(batch(charge(SFMXID="W1"), charge(SFMXID="W1", MXXMMC="另一行"), batch="B1"))
    assert (works.accepted(), works.rejected()) == (["W1"], ["W1"])
    plan = make_plan(works.clickhouse, ANY, ORGS, standard().tables)
    assert (plan.messages, plan.not_possible["repeats"].rows) == ([], 1)


async def test_events_of_debezium_are_redriven_too(works: Works) -> None:

    await works.work(event(charge(SFMXID="W0", **WRONG)))
    works.decider = lenient(works.rule_of("W0"))
    await works.work(*works.redrives())
    assert (works.accepted(), works.rejected()) == (["W0"], [])
    counts = works.counts()
    assert (counts["received"], counts["accepted"]) == (1, 1)
