"""When the rules are run, what a run writes, and what happens when a run ends in the middle."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from clickhouse.client import ClickHouse
from sanjian.errors import NotNow
from standard.load import load
from standard.model import Rule, Standard
from streams.rollup.cells import Cell
from streams.store_checks.due import MOST_WAITING, QUIET, RECHECK, RECHECK_DAYS
from streams.store_checks.run import StoreChecks
from streams.store_checks.version import rule_versions
from tests.streams.store_checks.hospital import DAY, NOW, Hospital

VISITS, PATIENTS, REGISTRATIONS = "TB_MZ_JZMXB", "TB_HZXX", "TB_MZ_GHMXB"
MINUTE = timedelta(minutes=1)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def alone(empty: ClickHouse, clock: Clock) -> Hospital:
    """The only institution of a database."""
    return Hospital(empty, StoreChecks(empty, load(), clock), "A" * 22)


def pending(hospital: Hospital, table: str) -> list[date]:
    """The days of a table that are due."""
    return [cell.biz_date for cell in hospital.checks.pending() if cell.table == table]


def run_pending(hospital: Hospital, clock: Clock) -> None:
    hospital.checks.run(hospital.checks.pending(), clock.now)


def test_a_day_is_due_when_its_rows_have_come_and_not_before(alone: Hospital, clock: Clock) -> None:
    assert alone.checks.pending() == []
    alone.put(VISITS)
    alone.arrived(VISITS, NOW)
    assert pending(alone, VISITS) == []
    clock.now += QUIET
    assert pending(alone, VISITS) == [DAY]
    run_pending(alone, clock)
    assert alone.checks.pending() == []


def test_a_day_whose_rows_never_stop_coming_is_checked_meanwhile(alone: Hospital, clock: Clock) -> None:
    alone.put(VISITS)
    alone.arrived(VISITS, NOW)
    clock.now += MOST_WAITING - MINUTE
    alone.arrived(VISITS, clock.now)
    assert pending(alone, VISITS) == []
    clock.now += MINUTE
    alone.arrived(VISITS, clock.now)
    assert pending(alone, VISITS) == [DAY]


def test_rows_of_a_table_that_the_rules_look_at_make_the_day_due_again(alone: Hospital, clock: Clock) -> None:
    for table in (VISITS, REGISTRATIONS):
        alone.arrived(table, NOW)
    clock.now += QUIET
    run_pending(alone, clock)
    clock.now += MINUTE
    alone.arrived(REGISTRATIONS, clock.now)
    clock.now += QUIET
    found = {cell.table for cell in alone.checks.pending()}
    assert {VISITS, REGISTRATIONS} <= found
    assert "TB_MZ_CFZB" not in found  # no row of it is there that day
    assert PATIENTS not in found  # it looks at nothing else


def test_a_day_is_due_although_the_rows_that_it_needs_never_came(alone: Hospital, clock: Clock) -> None:
    """Somebody was discharged and not one diagnosis was sent."""
    alone.put("TB_ZY_CRYMXB", CRYID="C1", JZLSH="Z1", CYBZ="1")
    alone.arrived("TB_ZY_CRYMXB", NOW)
    clock.now += QUIET
    assert pending(alone, "TB_ZY_ZDMXB") == [DAY]
    run_pending(alone, clock)
    assert alone.failed("ZD25", run=False) == ["TB_ZY_CRYMXB:C1"]


def test_an_orphan_whose_patient_comes_later_does_not_count(alone: Hospital, clock: Clock) -> None:
    alone.put(VISITS, JZMXID="1", BRZSY="P1")
    alone.arrived(VISITS, NOW)
    clock.now += QUIET
    run_pending(alone, clock)
    assert alone.failed("JZ03", run=False) == ["1"]
    later = DAY + timedelta(days=3)
    clock.now += RECHECK
    alone.put(PATIENTS, day=later, BRZSY="P1")
    alone.arrived(PATIENTS, clock.now, day=later)
    clock.now += QUIET
    assert pending(alone, VISITS) == [DAY]
    run_pending(alone, clock)
    assert alone.failed("JZ03", run=False) == []
    assert alone.outcome("JZ03") == (1, 0)
    assert alone.clickhouse.rows("SELECT count() AS n FROM store_findings WHERE rule_id = 'JZ03'") == [{"n": 1}]
    clock.now += RECHECK
    assert pending(alone, VISITS) == []  # JZ04 still fails, but nothing came since


def test_a_failed_day_is_looked_at_again_only_when_something_came_and_not_for_ever(
    alone: Hospital, clock: Clock
) -> None:
    alone.put(VISITS, BRZSY="P1")
    alone.arrived(VISITS, NOW)
    clock.now += QUIET
    run_pending(alone, clock)
    clock.now += 2 * RECHECK
    assert alone.checks.pending() == []
    alone.arrived(PATIENTS, clock.now, day=DAY + timedelta(days=1))
    assert pending(alone, VISITS) == [DAY]
    clock.now += timedelta(days=RECHECK_DAYS + 1)
    assert pending(alone, VISITS) == []


def test_a_day_is_looked_at_again_when_the_calendar_says_something_else(alone: Hospital, clock: Clock) -> None:
    """The volume of a day is judged when the day is over; a stay is long after half a year."""
    clock.now = NOW - timedelta(hours=13)  # 23:00 of DAY in Shanghai
    alone.put(REGISTRATIONS)
    alone.arrived(REGISTRATIONS, clock.now)
    alone.put("TB_ZY_CRYMXB", CRYID="C1", CYBZ="0")
    alone.arrived("TB_ZY_CRYMXB", clock.now)
    clock.now += QUIET
    run_pending(alone, clock)
    assert alone.checks.pending() == []
    clock.now = NOW
    assert alone.checks.pending() == [Cell(alone.org, REGISTRATIONS, DAY)]
    run_pending(alone, clock)
    assert alone.failed("CR23", run=False) == []
    clock.now = NOW + timedelta(days=180)
    assert alone.checks.pending() == [Cell(alone.org, "TB_ZY_CRYMXB", DAY)]
    run_pending(alone, clock)
    assert alone.failed("CR23", run=False) == ["C1"]
    assert alone.checks.pending() == []


def test_another_process_goes_on_where_the_first_one_ended(alone: Hospital, clock: Clock) -> None:
    alone.put(VISITS)
    alone.arrived(VISITS, NOW)
    clock.now += QUIET
    run_pending(alone, clock)
    assert StoreChecks(alone.clickhouse, load(), clock).pending() == []
    alone.arrived(VISITS, clock.now)
    clock.now += QUIET
    assert StoreChecks(alone.clickhouse, load(), clock).pending() == [Cell(alone.org, VISITS, DAY)]


@pytest.mark.parametrize("broken", ["store_findings", "store_days", "store_done"])
def test_a_run_that_ends_in_the_middle_is_done_again(
    alone: Hospital, clock: Clock, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    alone.put(VISITS, JZMXID="1", BRZSY="P1")
    alone.arrived(VISITS, NOW)
    clock.now += QUIET
    insert = ClickHouse.insert

    def failing(self: ClickHouse, table: str, frame: pl.DataFrame, token: str = "") -> None:
        if table == broken:
            raise NotNow("away")
        insert(self, table, frame, token)

    with monkeypatch.context() as patched:
        patched.setattr(ClickHouse, "insert", failing)
        with pytest.raises(NotNow):
            run_pending(alone, clock)
    clock.now += MINUTE
    assert pending(alone, VISITS) == [DAY]
    run_pending(alone, clock)
    assert alone.failed("JZ03", run=False) == ["1"]
    assert alone.checks.pending() == []


def test_every_rule_of_the_table_is_written_zeros_too(hospital: Hospital) -> None:
    hospital.run(VISITS)
    rules = hospital.clickhouse.rows(
        "SELECT rule_id, kind, severity, checked, failed FROM store_days FINAL WHERE org = {org:String}",
        {"org": hospital.org},
    )
    wanted = {rule.id for rule in load().tables[VISITS].rules if rule.store}
    assert {row["rule_id"] for row in rules} == wanted
    assert {(row["checked"], row["failed"]) for row in rules} == {(0, 0)}
    assert {"rule_id": "JZ03", "kind": "parent", "severity": "error", "checked": 0, "failed": 0} in rules


def test_a_day_whose_rows_were_deleted_goes_back_to_zero(hospital: Hospital) -> None:
    hospital.put(VISITS, JZMXID="1", BRZSY="P1")
    assert hospital.failed("JZ03") == ["1"]
    hospital.put(VISITS, JZMXID="1", deleted=True)
    assert hospital.failed("JZ03") == []
    assert hospital.outcome("JZ03") == (0, 0)


def test_a_finding_says_where_its_row_came_from_and_masks_what_is_personal(hospital: Hospital) -> None:
    hospital.put(PATIENTS, BRZSY="P1", XM="王小明")
    hospital.put(VISITS, JZMXID="1", BRZSY="P1", JZLSH="V1", HZXM="李大明")
    assert hospital.failed("JZ25") == ["1"]
    finding = hospital.findings("JZ25")[0]
    offset = hospital.clickhouse.rows(
        "SELECT _offset FROM tb_mz_jzmxb FINAL WHERE yljgdm = {org:String}", {"org": hospital.org}
    )  # fmt: skip
    wanted: dict[str, Any] = {
        "biz_date": DAY, "table": VISITS, "visit": "V1", "column": "HZXM", "value": "李**", "severity": "warning",
        "topic_id": "T", "partition": 0, "offset": offset[0]["_offset"], "row": 1,
    }  # fmt: skip
    assert {name: finding[name] for name in wanted} == wanted


def test_days_and_institutions_are_told_apart_in_one_run(hospital: Hospital, checks: StoreChecks) -> None:
    other = Hospital(hospital.clickhouse, checks, hospital.org[::-1])
    yesterday = DAY - timedelta(days=1)
    hospital.put(VISITS, JZMXID="1", BRZSY="P1")
    hospital.put(VISITS, day=yesterday, JZMXID="2", BRZSY="P1")
    other.put(PATIENTS, BRZSY="P1")
    other.put(VISITS, JZMXID="3", BRZSY="P1")
    other.put(VISITS, day=yesterday, JZMXID="4", BRZSY="P2")  # not asked for
    cells = [Cell(hospital.org, VISITS, DAY), Cell(hospital.org, VISITS, yesterday), Cell(other.org, VISITS, DAY)]
    ran = checks.run([*cells, *cells], NOW)
    assert ran.cells == 3
    assert hospital.outcome("JZ03") == hospital.outcome("JZ03", yesterday) == (1, 1)
    assert other.outcome("JZ03") == (1, 0)
    assert other.findings("JZ03") == []


def test_every_day_of_a_time_can_be_run_on_demand(alone: Hospital, clock: Clock) -> None:
    days = [DAY - timedelta(days=back) for back in range(3)]
    for day in days:
        alone.put(VISITS, day=day, BRZSY="P1")
        alone.arrived(VISITS, NOW, day=day)
    assert alone.checks.run_all(days[1], days[0], NOW).cells == 2
    assert alone.outcome("JZ03", days[1]) == (1, 1)
    assert alone.checks.run_all(days[2], days[0], NOW, ["B" * 22]).cells == 0
    clock.now += QUIET
    assert pending(alone, VISITS) == [days[2]]


def test_many_rows_are_checked_in_portions(
    hospital: Hospital, checks: StoreChecks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.store_checks.run.PORTION_ROWS", 5)
    monkeypatch.setattr("streams.store_checks.run.PORTION_CELLS", 3)
    days = [DAY - timedelta(days=back) for back in range(5)]
    for place, day in enumerate(days):
        hospital.put(VISITS, day=day, JZMXID=str(place), BRZSY="P1")
        hospital.arrived(VISITS, NOW, day=day, rows=4)
    ran = checks.run([Cell(hospital.org, VISITS, day) for day in days], NOW)
    assert ran.cells == 5
    assert [hospital.outcome("JZ03", day) for day in days] == [(1, 1)] * 5


def changed(**rules: str | None) -> Standard:
    """The standard with another severity of the store checks of some rules; None: without the rule."""
    standard = load()
    tables = dict(standard.tables)
    for name, table in tables.items():
        kept = [_changed(rule, rules.get(rule.id, "as it is")) for rule in table.rules]
        tables[name] = replace(table, rules=tuple(rule for rule in kept if rule is not None))
    return replace(standard, tables=tables)


def _changed(rule: Rule, severity: str | None) -> Rule | None:
    if severity is None or severity == "as it is":
        return rule if severity else None
    checks = tuple(replace(check, severity=severity) for check in rule.checks)  # type: ignore[arg-type]
    return replace(rule, checks=checks)


def test_a_version_changes_with_the_checks_of_a_table_and_with_nothing_else() -> None:
    before, after = rule_versions(load()), rule_versions(changed(JZ03="warning"))
    assert before == rule_versions(changed())
    assert {table for table in before if before[table] != after[table]} == {VISITS}
    texts = load()
    table = texts.tables[VISITS]
    rules = tuple(replace(rule, zh="别的说法", fix_en="other words") for rule in table.rules)
    assert rule_versions(replace(texts, tables={**texts.tables, VISITS: replace(table, rules=rules)})) == before


def test_a_version_changes_with_a_list_that_its_rules_look_into() -> None:
    standard = load()
    fewer = dict(list(standard.dictionaries["icd10"].items())[1:])
    shorter = replace(standard, dictionaries={**standard.dictionaries, "icd10": fewer})
    before, after = rule_versions(standard), rule_versions(shorter)
    other = {table for table in before if before[table] != after[table]}
    assert "TB_MZ_ZDMXB" in other
    assert "TB_MZ_JSZFFSMXB" not in other


def test_when_rules_were_changed_days_are_run_again_the_youngest_first_and_a_few_at_a_time(
    alone: Hospital, clock: Clock
) -> None:
    days = [DAY - timedelta(days=back) for back in range(3)]
    for day in days:
        alone.put(VISITS, day=day, BRZSY="P1")
        for table in (VISITS, REGISTRATIONS):
            alone.arrived(table, NOW, day=day)
    clock.now += QUIET
    run_pending(alone, clock)
    assert alone.checks.outdated(10) == []
    alone.checks = StoreChecks(alone.clickhouse, changed(JZ03="warning"), clock)
    assert alone.checks.pending() == []
    for expected in (days[:2], days[2:], []):
        found = alone.checks.outdated(2)
        assert found == [Cell(alone.org, VISITS, day) for day in expected]
        clock.now += MINUTE
        alone.checks.run(found, clock.now)
    said = alone.clickhouse.rows("SELECT DISTINCT severity FROM store_days FINAL WHERE rule_id = 'JZ03'")
    assert said == [{"severity": "warning"}]
    assert alone.checks.outdated(2) == []


def test_a_rule_that_is_no_longer_there_counts_nothing(alone: Hospital, clock: Clock) -> None:
    alone.put(VISITS, BRZSY="P1")
    alone.arrived(VISITS, NOW)
    clock.now += QUIET
    run_pending(alone, clock)
    assert alone.outcome("JZ03") == (1, 1)
    alone.checks = StoreChecks(alone.clickhouse, changed(JZ03=None), clock)
    clock.now += MINUTE
    alone.checks.run(alone.checks.outdated(10), clock.now)
    assert alone.outcome("JZ03") == (0, 0)
    assert alone.findings("JZ03") == []
    assert alone.outcome("JZ04")[0] >= 0


def test_while_no_day_is_outdated_nobody_asks_again_for_an_hour(
    alone: Hospital, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alone.checks.outdated(10) == []
    monkeypatch.setattr(alone.clickhouse, "query", lambda *_: pytest.fail("asked"))
    clock.now += timedelta(minutes=59)
    assert alone.checks.outdated(10) == []
