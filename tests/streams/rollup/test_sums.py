"""Sums of the ledger: equal to the ledger whatever happened, and only touched stretches are summed again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.migrate import FOLDER, migrate
from clickhouse.sql import statements
from streams.rollup import Cell, Rollup
from streams.rollup import sums as sums_module
from streams.rollup.cells import MOMENT, change_time, read_mark
from streams.rollup.sums import FIGURES, changed_sums
from tests.clickhouse.rows import DAY, MORNING, at, put
from tests.streams.rollup.landed import START, TOPIC, Lands
from tests.streams.unit.build import CHARGES, ORG, batch, charge

pytestmark = pytest.mark.stack

FRIDAY = date(2026, 11, 20)
UNKNOWN = date(1970, 1, 1)
HOUR = timedelta(hours=1)


def row(number: int, **changes: Any) -> dict[str, Any]:
    return charge(SFMXID=f"S{number}", **changes)


def ledger_sums(client: ClickHouse) -> dict[Any, int]:
    """What the sums must be, by the plainest of all queries."""
    rows = client.rows(
        "SELECT org, table, biz_date, toDate32(arrived_at) AS day, sum(received) AS n FROM ledger FINAL "
        "WHERE kind != 'repeat' GROUP BY org, table, biz_date, day"
    )
    return {(r["org"], r["table"], r["biz_date"], r["day"]): r["n"] for r in rows}


def sums(client: ClickHouse) -> dict[Any, int]:
    rows = client.rows(
        "SELECT org, table, biz_date, arrival_day AS day, sum(d.received) AS n, sum(d.messages) AS messages "
        "FROM ledger_days AS d FINAL GROUP BY org, table, biz_date, day HAVING messages > 0"
    )
    return {(r["org"], r["table"], r["biz_date"], r["day"]): r["n"] for r in rows}


def changes(client: ClickHouse) -> dict[int, datetime]:
    """Time of change of each stretch."""
    rows = client.rows("SELECT stretch, max(changed_at) AS at FROM ledger_days GROUP BY stretch")
    return {r["stretch"]: r["at"] for r in rows}


def test_a_day_is_summed_by_arrival_day_and_the_cells_that_changed_are_told(lands: Lands) -> None:
    lands.land(batch(row(1), row(2), row(3, FYFSSJ="2026-11-19 08:00:00")), batch(row(4, KDYSBH=None)))
    assert lands.roll() == [Cell(ORG, CHARGES, date(2026, 11, 19)), Cell(ORG, CHARGES, FRIDAY)]
    rows = lands.clickhouse.rows("SELECT * EXCEPT (summed_at) FROM ledger_days FINAL ORDER BY biz_date")
    assert [(r["biz_date"], r["received"], r["accepted"], r["rejected"], r["messages"]) for r in rows] == [
        (date(2026, 11, 19), 1, 1, 0, 1),
        (FRIDAY, 3, 2, 1, 2),
    ]
    assert {r["arrival_day"] for r in rows} == {date(2026, 11, 21)}
    assert rows[1]["changed_at"] == lands.now
    assert (rows[1]["first_arrived_at"], rows[1]["last_arrived_at"]) == (
        at("2026-11-21 08:00"),
        at("2026-11-21 08:00") + timedelta(seconds=1),
    )


def test_nothing_new_changes_nothing(lands: Lands) -> None:
    lands.land(batch(row(1)))
    lands.roll()
    before = changes(lands.clickhouse)
    assert lands.roll() == []
    assert changes(lands.clickhouse) == before


def test_rows_without_a_date_and_without_a_sender_are_cells_too(lands: Lands) -> None:
    lands.land(batch(row(1, FYFSSJ="yesterday")), b"no message at all")
    assert lands.roll() == [Cell(ORG, "", UNKNOWN), Cell(ORG, CHARGES, UNKNOWN)]
    assert [s["received"] for s in lands.sums().values()] == [1, 1]


def test_a_repeat_counts_for_nothing(lands: Lands) -> None:
    lands.land(batch(row(1)))
    lands.land(batch(row(1)), repeats=frozenset({0}))
    lands.roll()
    assert sums(lands.clickhouse) == ledger_sums(lands.clickhouse) != {}
    assert [s["received"] for s in lands.sums().values()] == [1]


def test_a_stretch_that_grows_is_summed_again_as_a_whole(lands: Lands) -> None:
    for number in range(5):
        lands.land(batch(row(number)))
        assert lands.roll() == [Cell(ORG, CHARGES, FRIDAY)]
        assert [s["received"] for s in lands.sums().values()] == [number + 1]
    assert len(lands.clickhouse.rows("SELECT * FROM ledger_days FINAL")) == 1


def test_stretches_add_up_and_only_the_touched_one_is_written(lands: Lands) -> None:
    lands.land(batch(row(1)), offset=9_999)
    lands.land(batch(row(2)), offset=10_000)
    lands.roll()
    before = changes(lands.clickhouse)
    lands.land(batch(row(3)), offset=10_001)
    lands.roll()
    after = changes(lands.clickhouse)
    assert before.keys() == after.keys() == {0, 1}
    assert after[0] == before[0]
    assert after[1] > before[1]
    assert [s["received"] for s in lands.sums().values()] == [3]


def test_the_same_offsets_of_another_topic_are_other_rows(lands: Lands) -> None:
    """A broker that lost its memory counts from 0 again."""
    lands.land(batch(row(1)), offset=0)
    lands.roll()
    lands.land(batch(row(2)), offset=0, topic_id="topic-2")
    lands.roll()
    assert [s["received"] for s in lands.sums().values()] == [2]


def test_an_audit_that_adds_old_offsets_is_found(lands: Lands) -> None:
    lands.land(batch(row(1)), offset=0)
    lands.land(batch(row(9)), offset=50_000)
    lands.roll()
    lands.land(batch(row(2)), offset=1, landed_at=START - 24 * HOUR)
    assert lands.roll() == [Cell(ORG, CHARGES, FRIDAY)]
    assert [s["received"] for s in lands.sums().values()] == [3]


@pytest.mark.parametrize("skew", [-48 * HOUR, 48 * HOUR])
def test_clocks_of_workers_do_not_matter(lands: Lands, skew: timedelta) -> None:
    lands.land(batch(row(1)))
    lands.roll()
    lands.land(batch(row(2)), landed_at=START + skew)
    lands.roll()
    lands.land(batch(row(3)), landed_at=START)
    lands.roll()
    assert [s["received"] for s in lands.sums().values()] == [3]


@pytest.mark.parametrize(
    ("late", "at_once"), [(timedelta(seconds=5), True), (sums_module.MARGIN - timedelta(seconds=5), False)]
)
def test_an_insert_that_becomes_visible_late_is_found_at_once_or_when_looking_back(
    lands: Lands, monkeypatch: pytest.MonkeyPatch, late: timedelta, at_once: bool
) -> None:
    """Its time is from before the last refresh."""
    lands.land(batch(row(1)))
    lands.roll()
    asked = lands.clickhouse.rows("SELECT now64(3, 'Asia/Shanghai') AS now")[0]["now"]
    slow = {"stored_at": asked - late, "received": 7, "accepted": 7}
    put(lands.clickhouse, "ledger", {"topic_id": TOPIC, "offset": 50_000, "biz_date": FRIDAY} | slow)
    lands.roll()
    assert (sums(lands.clickhouse) == ledger_sums(lands.clickhouse)) is at_once
    monkeypatch.setattr(sums_module, "LOOK_BACK_EVERY", timedelta())
    lands.roll()
    assert sums(lands.clickhouse) == ledger_sums(lands.clickhouse)


def test_a_message_done_again_counts_once(lands: Lands) -> None:
    lands.land(batch(row(1), row(2)), offset=3)
    lands.roll()
    lands.land(batch(row(1), row(2)), offset=3, landed_at=START + HOUR)
    assert lands.roll() == []
    assert [s["received"] for s in lands.sums().values()] == [2]


def test_a_sum_that_is_gone_becomes_zero(lands: Lands) -> None:
    """Done again, the bytes are found to belong to an institution that was registered meanwhile."""
    put(lands.clickhouse, "ledger", {"org": "", "kind": "unreadable", "received": 4, "unreadable": 4})
    lands.roll()
    later = MORNING + HOUR
    put(lands.clickhouse, "ledger", {"org": "org1", "received": 4, "accepted": 4, "landed_at": later})
    assert lands.roll() == [Cell("", "TB_HZXX", DAY), Cell("org1", "TB_HZXX", DAY)]
    assert sums(lands.clickhouse) == ledger_sums(lands.clickhouse) == {("org1", "TB_HZXX", DAY, DAY): 4}
    assert lands.roll() == []


class Stopped(Exception):
    """The process ends here."""


@pytest.mark.parametrize("table", ["ledger_days", "rollup_marks"])
@pytest.mark.parametrize("written", [False, True])
def test_a_crash_at_any_write_loses_nothing(
    lands: Lands, monkeypatch: pytest.MonkeyPatch, table: str, written: bool
) -> None:
    monkeypatch.setattr(sums_module, "STRETCHES_AT_ONCE", 2)
    for stretch in range(5):
        lands.land(batch(row(stretch)), offset=stretch * 10_000)
    whole, writes = ClickHouse.insert, 0

    def insert(self: ClickHouse, name: str, frame: pl.DataFrame, token: str = "") -> None:
        nonlocal writes
        writes += name == table
        if name == table and writes == (2 if table == "ledger_days" else 1):
            if written:
                whole(self, name, frame, token)
            raise Stopped
        whole(self, name, frame, token)

    with monkeypatch.context() as patched:
        patched.setattr(ClickHouse, "insert", insert)
        with pytest.raises(Stopped):
            lands.roll()
    Rollup(lands.clickhouse).refresh(START + HOUR)
    assert sums(lands.clickhouse) == ledger_sums(lands.clickhouse)
    assert [s["received"] for s in lands.sums().values()] == [5]


def test_an_old_leader_that_writes_late_is_put_right(lands: Lands, monkeypatch: pytest.MonkeyPatch) -> None:
    """It read before the last row came, and writes after the new leader did."""
    lands.land(batch(row(1)))
    whole = ClickHouse.insert
    late: list[pl.DataFrame] = []

    def hold(self: ClickHouse, name: str, frame: pl.DataFrame, token: str = "") -> None:
        if name == "ledger_days":
            late.append(frame)
        else:
            whole(self, name, frame, token)

    with monkeypatch.context() as patched:
        patched.setattr(ClickHouse, "insert", hold)
        Rollup(lands.clickhouse).refresh(START + 2 * HOUR)  # its clock is two hours ahead
    lands.land(batch(row(2)))
    lands.roll()
    lands.clickhouse.insert("ledger_days", late[0])
    monkeypatch.setattr(sums_module, "LOOK_BACK_EVERY", timedelta())
    lands.roll()
    assert [s["received"] for s in lands.sums().values()] == [2]


def test_the_time_of_a_change_never_goes_back(lands: Lands) -> None:
    lands.land(batch(row(1)))
    lands.rollup.refresh(START + HOUR)
    lands.land(batch(row(2)))
    lands.rollup.refresh(START)  # another leader, whose clock is behind
    assert changes(lands.clickhouse)[0] == START + HOUR + timedelta(milliseconds=1)
    assert change_time(lands.clickhouse, START + 2 * HOUR) == START + 2 * HOUR


def test_when_clickhouse_puts_its_clock_back_the_mark_follows(lands: Lands) -> None:
    ahead = {"part": "sums", "up_to": START.astimezone(SHANGHAI).replace(year=2099), "number": 1_000}
    frame = pl.DataFrame([ahead], schema_overrides={"up_to": MOMENT, "number": pl.UInt64})
    lands.clickhouse.insert("rollup_marks", frame)
    lands.roll()
    assert read_mark(lands.clickhouse, "sums").up_to.year < 2099
    lands.land(batch(row(1)))
    lands.roll()
    assert [s["received"] for s in lands.sums().values()] == [1]


def test_a_refresh_in_between_only_looks_a_little_back(lands: Lands, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[timedelta] = []
    query = ClickHouse.query

    def noted(self: ClickHouse, sql: str, parameters: Any = None) -> pl.DataFrame:
        if parameters and "since" in parameters:
            asked.append(read_mark(lands.clickhouse, "sums").up_to - parameters["since"])
        return query(self, sql, parameters)

    lands.land(batch(row(1)))
    lands.roll()
    monkeypatch.setattr(ClickHouse, "query", noted)
    lands.roll()
    lands.rollup = Rollup(lands.clickhouse)  # after a restart
    lands.roll()
    assert asked == [sums_module.OVERLAP, sums_module.MARGIN + sums_module.LOOK_BACK_EVERY]


def test_only_the_stretches_since_the_mark_are_read(lands: Lands) -> None:
    """Rows of a settled stretch are not looked at again, even where they have become wrong."""
    lands.land(batch(row(1)), offset=0)
    lands.roll()
    long_ago = "stored_at = toDateTime64('2026-01-01 00:00:00', 3), received = 99"
    lands.clickhouse.command(f"ALTER TABLE ledger UPDATE {long_ago} WHERE 1 SETTINGS mutations_sync = 2")
    lands.land(batch(row(2)), offset=20_000)
    lands.roll()
    assert [s["received"] for s in lands.sums().values()] == [2]


def test_only_sums_that_differ_are_written() -> None:
    schema = {"biz_date": pl.Date, "org": pl.String, "table": pl.String, "arrival_day": pl.Date, "topic_id": pl.String,
              "partition": pl.UInt32, "stretch": pl.UInt64} | dict.fromkeys(FIGURES, pl.UInt64)  # fmt: skip

    def frame(**counts: int) -> pl.DataFrame:
        rows = [(DAY, org, "T", DAY, TOPIC, 0, 0, *([n] * len(FIGURES))) for org, n in counts.items()]
        return pl.DataFrame(rows, schema=schema, orient="row")

    changed = changed_sums(frame(same=1, other=1, gone=1, long_gone=0), frame(same=1, other=2, new=3))
    assert dict(changed.select("org", "received").iter_rows()) == {"other": 2, "new": 3, "gone": 0}


def test_ledgers_of_before_get_the_time_of_their_landing(empty: ClickHouse) -> None:
    """A default of "now" would give old rows another time at every reading, and they would be summed for ever."""
    for file in sorted(FOLDER.glob("000[12]*.sql")):
        for statement in statements(file.read_text(encoding="utf-8")):
            empty.command(statement)
    put(empty, "ledger", {"received": 3, "accepted": 3})
    migrate(empty, tables=[])
    assert empty.rows("SELECT stored_at FROM ledger") == [{"stored_at": MORNING}]
    put(empty, "ledger", {"offset": 1, "received": 2, "accepted": 2})
    newest = empty.rows("SELECT max(stored_at) AS at, now64(3, 'Asia/Shanghai') AS now FROM ledger")[0]
    assert timedelta() <= newest["now"] - newest["at"] < timedelta(minutes=1)
    assert Rollup(empty).refresh(START) == [Cell("org1", "TB_HZXX", DAY)]
