"""Facts of a day: always what the rows say now, also on days that no message names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clickhouse.client import SHANGHAI, ClickHouse
from streams.rollup import Cell, Facts
from streams.rollup.cells import read_mark
from streams.rollup.facts import LONGEST, QUIET
from tests.clickhouse.rows import put
from tests.standard.front_page import front_page
from tests.streams.rollup.landed import START, Lands
from tests.streams.unit.build import ARRIVED_MS, CHARGES, ORG, OTHER_ORG, PATIENTS, batch, charge, patient, standard

pytestmark = pytest.mark.stack

MONDAY, TUESDAY, UNKNOWN = "2026-11-16", "2026-11-17", "1970-01-01"
SECOND = timedelta(seconds=1)


def row(key: str, day: str = MONDAY, **changes: Any) -> dict[str, Any]:
    return charge(SFMXID=key, FYFSSJ=f"{day} 08:00:00", **changes)


def resent(*rows: Any, number: int = 2, **header: Any) -> bytes:
    """Rows sent again, later."""
    return batch(*rows, batch=f"B{number}", sent_at=f"2026-11-21T08:00:{number:02}+08:00", **header)


def day(text: str) -> date:
    return date.fromisoformat(text)


def measures(fact: dict[str, Any]) -> dict[tuple[str, str], tuple[int, Decimal]]:
    return {(m["measure"], m["code"]): (m["rows"], m["value"]) for m in fact["measures"]}


def test_a_day_says_what_stands_and_what_was_wrong(lands: Lands) -> None:
    lands.land(
        batch(row("S1"), row("S2", MXXMSSJE="100.00", MXXMYSJE="100.00", MXXMDJ="50.00"), row("S3", KDYSBH=None))
    )
    lands.settle()
    fact = lands.fact(CHARGES, MONDAY)
    assert (fact["rows"], fact["standing"]) == (2, 1)
    assert {(r["rule_id"], r["severity"], r["findings"]) for r in fact["rules"]} >= {("SF28", "error", 1)}
    assert measures(fact) == {("charge", "0101"): (2, Decimal(125)), ("drug", ""): (2, Decimal(125))}
    assert fact["up_to"] < fact["computed_at"]


def test_codes_are_local_codes_with_what_they_were_mapped_to(lands: Lands) -> None:
    lands.maps.apply(ORG, "fee", [{"local_code": "F9", "standard_code": "02"}], 1)
    lands.land(batch(row("S1", FYSRGLBM="F9"), row("S2", FYSRGLBM="F8"), row("S3")))
    lands.settle()
    fact = lands.fact(CHARGES, MONDAY)
    fees = {(c["map"], c["code"], c["standard_code"], c["rows"]) for c in fact["codes"] if c["column"] == "FYSRGLBM"}
    assert fees == {("fee", "F9", "02", 1), ("fee", "F8", "", 1), ("fee", "0101", "0101", 1)}
    assert {c["column"] for c in fact["codes"]} == {"FYSRGLBM", "KDKSBM", "ZXKSBM", "MXXMBM"}
    assert [(c["map"], c["rows"]) for c in fact["codes"] if c["column"] == "MXXMBM"] == [("drug", 3)]
    assert measures(fact) == {
        ("charge", "02"): (1, Decimal(25)), ("charge", ""): (1, Decimal(25)), ("charge", "0101"): (1, Decimal(25)),
        ("consumable", ""): (1, Decimal(25)), ("drug", ""): (1, Decimal(25)),
    }  # fmt: skip


def test_refunds_count_with_their_sign(lands: Lands) -> None:
    back = {"MXXMSSJE": "-25.00", "MXXMYSJE": "-25.00", "MXXMSL": "-2"}
    lands.land(batch(row("S1", TFBZ="3"), row("S2", TFBZ="2", BTFMXID="S1", **back), row("S3")))
    lands.settle()
    assert measures(lands.fact(CHARGES, MONDAY))["charge", "0101"] == (3, Decimal(25))


def test_a_front_page_has_its_amounts_in_columns_of_their_own(lands: Lands) -> None:
    parts = {"P763": "2982.25", "P769": "1200.00", "P771": "10.50", "P772": "0.25", "P779": "7.00"}
    lands.land(batch(front_page({"P900": ORG, **parts}), table="TB_BASY"))
    lands.settle()
    assert measures(lands.fact("TB_BASY", "2026-11-06")) == {
        ("front_page", ""): (1, Decimal(5900)), ("front_page_drug", ""): (1, Decimal("1210.75")),
        ("front_page_consumable", ""): (1, Decimal(7)),
    }  # fmt: skip


def test_revoked_rows_do_not_count(lands: Lands) -> None:
    lands.land(batch(row("S1"), row("S2")))
    lands.settle()
    lands.land(resent(row("S2", XGBZ="1")))
    lands.settle()
    fact = lands.fact(CHARGES, MONDAY)
    assert fact["rows"] == 1
    assert measures(fact)["charge", "0101"] == (1, Decimal(25))
    assert sum(c["rows"] for c in fact["codes"] if c["column"] == "FYSRGLBM") == 1


@pytest.mark.parametrize("settled", [True, False])
def test_a_deleted_row_leaves_its_day_though_the_deletion_names_no_day(lands: Lands, settled: bool) -> None:
    lands.land(batch(row("S1"), row("S2")))
    if settled:
        lands.settle()
    lands.land(resent({"YLJGDM": ORG, "SFMXID": "S2"}, op="delete"))
    lands.settle()
    assert lands.fact(CHARGES, MONDAY)["rows"] == 1
    assert lands.fact(CHARGES, UNKNOWN)["rows"] == 0


def test_a_row_that_is_sent_for_another_day_leaves_the_old_one(lands: Lands) -> None:
    lands.land(batch(row("S1"), row("S2")))
    lands.settle()
    lands.land(resent(row("S2", TUESDAY)))
    rounds = lands.settle()
    assert rounds == [[Cell(ORG, CHARGES, day(TUESDAY))], [Cell(ORG, CHARGES, day(MONDAY))]]
    assert [lands.fact(CHARGES, each)["rows"] for each in (MONDAY, TUESDAY)] == [1, 1]


def test_the_old_day_is_found_when_clickhouse_has_merged_the_old_row_away(lands: Lands) -> None:
    lands.land(batch(row("S1")))
    lands.settle()
    lands.land(resent(row("S1", TUESDAY)))
    lands.clickhouse.command("OPTIMIZE TABLE tb_mz_sfmxb FINAL")
    lands.settle()
    assert [lands.fact(CHARGES, each)["rows"] for each in (MONDAY, TUESDAY)] == [0, 1]


def test_a_row_may_wander_and_come_home(lands: Lands) -> None:
    for number, each in enumerate((MONDAY, TUESDAY, MONDAY, TUESDAY, MONDAY), 2):
        lands.land(resent(row("S1", each), number=number))
        lands.settle()
        assert lands.fact(CHARGES, each)["rows"] == 1
        assert sum(lands.fact(CHARGES, other).get("rows", 0) for other in (MONDAY, TUESDAY)) == 1


def test_a_row_that_was_deleted_may_come_back(lands: Lands) -> None:
    lands.land(batch(row("S1")), resent({"YLJGDM": ORG, "SFMXID": "S1"}, op="delete"))
    lands.settle()
    assert lands.fact(CHARGES, MONDAY)["rows"] == 0
    lands.land(resent(row("S1", TUESDAY), number=3))
    lands.settle()
    assert [lands.fact(CHARGES, each)["rows"] for each in (MONDAY, TUESDAY)] == [0, 1]


def test_an_older_version_that_arrives_later_moves_nothing(lands: Lands) -> None:
    lands.land(resent(row("S1", TUESDAY), number=9))
    lands.settle()
    lands.land(resent(row("S1", MONDAY), number=5))
    lands.settle()
    assert [lands.fact(CHARGES, each)["rows"] for each in (MONDAY, TUESDAY)] == [0, 1]


def test_patients_sent_again_every_day_leave_the_days_before(lands: Lands) -> None:
    """Their business day is the upload: a full upload moves every row."""
    for number, each in enumerate(("2026-11-18", "2026-11-19", "2026-11-20"), 2):
        rows = [patient(BRZSY=f"P{place}", TBRQ=f"{each} 08:00:00") for place in range(3)]
        lands.land(resent(*rows, number=number, table=PATIENTS))
        lands.settle()
    assert [lands.fact(PATIENTS, f"2026-11-{each}")["rows"] for each in (18, 19, 20)] == [0, 0, 3]


def test_a_rejected_row_stands_until_its_key_is_accepted_whatever_the_day(lands: Lands) -> None:
    lands.land(batch(row("S1", KDYSBH=None), row("S2", KDYSBH=None), row("S3", "yesterday")))
    lands.settle()
    assert (lands.fact(CHARGES, MONDAY)["standing"], lands.fact(CHARGES, UNKNOWN)["standing"]) == (2, 1)
    lands.land(resent(row("S1", TUESDAY), row("S3", TUESDAY)))
    lands.settle()
    assert (lands.fact(CHARGES, MONDAY)["standing"], lands.fact(CHARGES, UNKNOWN)["standing"]) == (1, 0)
    lands.land(resent(row("S2"), number=3))
    lands.settle()
    fact = lands.fact(CHARGES, MONDAY)
    assert (fact["rows"], fact["standing"]) == (1, 0)
    assert sum(r["findings"] for r in fact["rules"] if r["rule_id"] == "SF28") == 2, "what was found stays on record"


def test_a_rejected_change_of_an_accepted_row_stands(lands: Lands) -> None:
    lands.land(batch(row("S1")), resent(row("S1", KDYSBH=None)))
    lands.settle()
    fact = lands.fact(CHARGES, MONDAY)
    assert (fact["rows"], fact["standing"]) == (1, 1)


def test_rejected_rows_stand_on_the_day_on_which_they_came_last(lands: Lands) -> None:
    lands.land(batch(row("S1", "yesterday"), row("S2", "yesterday"), row("", "yesterday")), offset=0)
    days = 24 * 3600  # a message a second
    lands.land(resent(row("S1", "yesterday"), number=3), offset=2 * days)
    lands.settle()
    fact = lands.fact(CHARGES, UNKNOWN)
    first = datetime.fromtimestamp(ARRIVED_MS / 1000, SHANGHAI).date()
    assert fact["standing"] == 3
    assert [(one["day"], one["rows"]) for one in fact["standing_days"]] == [(first, 2), (first + 2 * 86400 * SECOND, 1)]
    lands.land(resent(row("S2", TUESDAY), number=4), offset=2 * days + 1)
    lands.settle()
    assert [one["rows"] for one in lands.fact(CHARGES, UNKNOWN)["standing_days"]] == [1, 1]


def test_a_row_that_is_rejected_again_and_again_stands_once(lands: Lands) -> None:
    lands.land(*(resent(row("S1", KDYSBH=None), number=number) for number in (2, 3, 4)))
    lands.settle()
    assert lands.fact(CHARGES, MONDAY)["standing"] == 1


def test_rejected_rows_without_a_key_stand_each_for_itself(lands: Lands) -> None:
    lands.land(batch(row("", KDYSXM="甲"), row("", KDYSXM="乙")))
    lands.settle()
    assert lands.fact(CHARGES, MONDAY)["standing"] == 2


def test_days_that_answer_each_other_come_to_rest(lands: Lands) -> None:
    """Each day holds a rejected row of a key that the other day had accepted before: they must not call each other."""
    lands.land(batch(row("A", MONDAY), row("B", TUESDAY)))
    lands.land(resent(row("A", TUESDAY, KDYSBH=None), row("B", MONDAY, KDYSBH=None)))
    lands.settle()
    lands.land(resent(row("C", MONDAY), number=3))
    assert lands.settle() == [[Cell(ORG, CHARGES, day(MONDAY))]]


def test_what_an_attempt_left_behind_counts_for_nothing(lands: Lands) -> None:
    """Findings of a message that never reached the ledger: its broker lost it."""
    lands.land(batch(row("S9", KDYSBH=None)), steps=4, topic_id="lost")
    lands.land(batch(row("S1")), batch(row("S2", KDYSBH=None)))
    lands.settle()
    fact = lands.fact(CHARGES, MONDAY)
    assert (fact["standing"], {r["rule_id"]: r["findings"] for r in fact["rules"]}["SF28"]) == (1, 1)


def test_a_message_that_is_finished_after_a_crash_is_found(lands: Lands) -> None:
    lands.land(batch(row("S1"), row("S2", KDYSBH=None)), steps=4, offset=0)
    lands.settle()
    assert lands.fact(CHARGES, MONDAY) == {}
    lands.land(batch(row("S1"), row("S2", KDYSBH=None)), offset=0)
    lands.settle()
    fact = lands.fact(CHARGES, MONDAY)
    assert (fact["rows"], fact["standing"]) == (1, 1)


class Stopped(Exception):
    """The process ends here."""


@pytest.mark.parametrize("step", ["touch", "row_days", "day_facts"])
@pytest.mark.parametrize("written", [False, True])
def test_a_crash_at_any_write_leaves_the_work_to_the_next_one(
    lands: Lands, monkeypatch: pytest.MonkeyPatch, step: str, written: bool
) -> None:
    lands.land(batch(row("S1"), row("S2", KDYSBH=None)))
    lands.settle()
    lands.land(resent(row("S1", TUESDAY), row("S2", TUESDAY)))
    lands.roll()
    insert, command = ClickHouse.insert, ClickHouse.command

    def stops(name: str, write: Callable[[], None]) -> None:
        if name != step:
            write()
            return
        if written:
            write()
        raise Stopped

    def stopped_insert(self: ClickHouse, table: str, frame: Any, token: str = "") -> None:
        stops(table, lambda: insert(self, table, frame, token))

    def stopped_command(self: ClickHouse, sql: str, parameters: Any = None) -> None:
        stops("touch", lambda: command(self, sql, parameters))

    cells = lands.pending()
    with monkeypatch.context() as patched:
        patched.setattr(ClickHouse, "insert", stopped_insert)
        patched.setattr(ClickHouse, "command", stopped_command)
        with pytest.raises(Stopped):
            lands.facts.compute(cells, lands.now)
    lands.facts = Facts(lands.clickhouse, standard())
    lands.settle()
    assert [lands.fact(CHARGES, each)["rows"] for each in (MONDAY, TUESDAY)] == [0, 2]
    assert lands.fact(CHARGES, MONDAY)["standing"] == 0


def test_institutions_are_kept_apart(lands: Lands) -> None:
    lands.land(batch(row("S1"), row("S2")))
    lands.land(batch(row("S1", YLJGDM=OTHER_ORG), org=OTHER_ORG, batch="X"))
    lands.settle()
    assert lands.fact(CHARGES, MONDAY)["rows"] == 2
    assert lands.fact(CHARGES, MONDAY, OTHER_ORG)["rows"] == 1


def test_a_day_is_due_when_nothing_came_for_a_while_or_when_it_waited_long(lands: Lands) -> None:
    now = START - timedelta(hours=1)  # the first row arrives when it is eight in Shanghai: 0:00 UTC
    lands.land(batch(row("S1")))
    lands.rollup.refresh(now)
    assert lands.facts.pending(now + QUIET - SECOND) == []
    assert lands.facts.pending(now + QUIET) == [Cell(ORG, CHARGES, day(MONDAY))]
    for number in range(2, 12):
        now += LONGEST / 10
        lands.land(resent(row(f"S{number}"), number=number))
        lands.rollup.refresh(now)
    assert lands.facts.pending(now + 4 * SECOND) == [Cell(ORG, CHARGES, day(MONDAY))], "it has waited long enough"
    lands.facts.compute([Cell(ORG, CHARGES, day(MONDAY))], now)
    assert lands.facts.pending(now + LONGEST) == []


def test_what_changed_while_it_was_computed_stays_pending(lands: Lands, monkeypatch: pytest.MonkeyPatch) -> None:
    lands.land(batch(row("S1")))
    lands.roll()
    cells = lands.pending()
    follow = lands.facts._moves.follow

    def meanwhile(*arguments: Any) -> Any:
        lands.land(resent(row("S2")))
        lands.roll()
        return follow(*arguments)

    monkeypatch.setattr(lands.facts._moves, "follow", meanwhile)
    lands.facts.compute(cells, lands.now)
    monkeypatch.undo()
    assert lands.pending() == cells


def test_the_mark_follows_so_that_old_changes_are_not_looked_at_for_ever(lands: Lands) -> None:
    lands.land(batch(row("S1")))
    lands.roll()
    first = lands.pending()
    mark = read_mark(lands.clickhouse, "facts")
    assert mark.up_to < lands.now - QUIET
    lands.facts.compute(first, lands.now)
    assert lands.pending() == []
    assert read_mark(lands.clickhouse, "facts").up_to == lands.now


def test_unknown_senders_and_tables_have_no_facts(lands: Lands) -> None:
    lands.land(b"no message")
    put(lands.clickhouse, "ledger", {"table": "TB_OF_ANOTHER_STANDARD", "received": 1})
    put(lands.clickhouse, "ledger", {"offset": 1, "org": "", "table": CHARGES, "received": 1})
    assert len(lands.roll()) == 3
    assert lands.pending() == []
