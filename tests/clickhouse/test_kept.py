"""What people keep comes back as it was saved; deleting takes away; code maps are changed by compare and set."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import orjson
import pytest

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.codemaps import CannotUndo, CodeMapStore, MapEntry
from clickhouse.declarations import QUANTITIES, Declaration, DeclarationStore
from clickhouse.orgs import Org, OrgStore
from clickhouse.query import load_query
from clickhouse.schedule import ALWAYS, FOREVER, QuietTime, QuietTimeStore, ScheduleEntry, ScheduleStore
from clickhouse.thresholds import Threshold, ThresholdStore

pytestmark = pytest.mark.stack

ORG = "12345678X00000000000AA"


def test_an_institution_keeps_its_first_day(clickhouse: ClickHouse) -> None:
    store = OrgStore(clickhouse)
    store.save([Org(ORG, "a", starts_on=date(2028, 2, 29)), Org("B", "b")])
    assert [one.starts_on for one in store.all()] == [date(2028, 2, 29), date(1970, 1, 1)]


def test_an_institution_keeps_when_it_was_entered_however_often_it_is_changed(clickhouse: ClickHouse) -> None:
    morning, evening = (datetime(2026, 11, 21, hour, tzinfo=SHANGHAI) for hour in (8, 20))
    OrgStore(clickhouse, lambda: morning).save([Org(ORG, "a")])
    OrgStore(clickhouse, lambda: evening).save([Org(ORG, "b"), Org("B", "b")])
    clickhouse.command("OPTIMIZE TABLE orgs FINAL")
    assert OrgStore(clickhouse).entered() == {ORG: morning, "B": evening}


def test_the_schedule_is_kept_by_institution_table_and_first_day(clickhouse: ClickHouse) -> None:
    store = ScheduleStore(clickhouse)
    store.save([], "me")
    store.delete([], "me")
    assert store.all() == []
    everywhere = ScheduleEntry(changed_by="me")
    one = ScheduleEntry(ORG, "TB_HZXX", False, 2, 23, 744, date(2026, 1, 1), date(2026, 12, 31), "备注", "me")
    store.save([one, everywhere], "me")
    assert store.all() == [everywhere, one]
    assert (everywhere.valid_from, everywhere.valid_to) == (ALWAYS, FOREVER)
    store.save([ScheduleEntry(ORG, "TB_HZXX", valid_from=date(2026, 1, 1))], "you")
    assert [(e.due_days, e.expected, e.changed_by) for e in store.all()] == [(1, True, "me"), (1, True, "you")]
    store.delete([(ORG, "TB_HZXX", date(2026, 1, 1)), ("nobody", "*", ALWAYS)], "you")
    assert store.all() == [everywhere]


def test_quiet_times_are_the_same_moments_in_every_zone(clickhouse: ClickHouse) -> None:
    store = QuietTimeStore(clickhouse)
    store.save([], "me")
    utc = QuietTime(
        "b", "*", "*", "holiday", datetime(2027, 2, 5, 16, tzinfo=UTC), datetime(2027, 2, 12, 16, tzinfo=UTC)
    )
    local = QuietTime(
        "a", ORG, "TB_HZXX", "incident", datetime(2026, 11, 20, 1, tzinfo=SHANGHAI),
        datetime(2026, 11, 20, 2, tzinfo=SHANGHAI), "停电",
    )  # fmt: skip
    store.save([utc, local], "me")
    first, second = store.all()
    assert (first.id, first.starts_at, first.note, first.changed_by) == ("a", local.starts_at, "停电", "me")
    assert (second.starts_at, second.ends_at) == (utc.starts_at, utc.ends_at)
    assert second.starts_at.utcoffset() == local.starts_at.utcoffset()
    store.delete([first], "me")
    assert [one.id for one in store.all()] == ["b"]


def test_thresholds_are_set_and_taken_away(clickhouse: ClickHouse) -> None:
    store = ThresholdStore(clickhouse)
    store.save([Threshold("*", "*", "x", 5), Threshold(ORG, "TB_HZXX", "x", 0.25)], "me")
    store.save([Threshold("*", "*", "x", 0.5)], "you")
    assert store.all() == [Threshold("*", "*", "x", 0.5, "you"), Threshold(ORG, "TB_HZXX", "x", 0.25, "me")]
    store.delete([("*", "*", "x")], "me")
    assert [one.org for one in store.all()] == [ORG]


def test_every_change_of_a_threshold_is_kept_with_what_was_before(clickhouse: ClickHouse) -> None:
    times = iter(range(10))
    store = ThresholdStore(clickhouse, lambda: datetime(2026, 11, 20, next(times), tzinfo=SHANGHAI))
    store.save([Threshold("*", "*", "x", 5), Threshold(ORG, "*", "x", 7)], "me")
    store.save([Threshold("*", "*", "x", 0.5)], "you")
    store.delete([("*", "*", "x")], "me")
    store.save([Threshold("*", "*", "x", 3)], "you")
    asked = {"kind": "thresholds", "name": "x", "org": "*", "table": ""}
    found = clickhouse.rows(load_query("setting_history"), asked | {"limit": 10, "offset": 0})
    set_to = [
        tuple(orjson.loads(row[when])["value"] if row[when] else None for when in ("before", "after")) for row in found
    ]
    assert [(row["at"].hour, *values, row["changed_by"]) for row, values in zip(found, set_to, strict=True)] == [
        (3, None, 3, "you"), (2, 0.5, None, "me"), (1, 5, 0.5, "you"), (0, None, 5, "me"),
    ]  # fmt: skip
    [first] = clickhouse.rows(load_query("setting_history"), asked | {"limit": 1, "offset": 2})
    assert orjson.loads(first["before"])["value"] == 5, "a page knows what was before it"
    everything = {"kind": "thresholds", "name": "", "org": "", "table": ""}
    assert clickhouse.rows(load_query("setting_history_count"), everything) == [{"changes": 5}]


def test_declared_amounts_are_exact(clickhouse: ClickHouse) -> None:
    store = DeclarationStore(clickhouse)
    assert set(QUANTITIES) > {"outpatient_amount"}
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    store.save(
        [Declaration(ORG, october, "outpatient_amount", Decimal("1203344.5501")),
         Declaration(ORG, november, "outpatient_visits", Decimal(7)),
         Declaration("B", october, "outpatient_visits", Decimal(9))],
        "me",
    )  # fmt: skip
    assert store.all(ORG, october, october) == [
        Declaration(ORG, october, "outpatient_amount", Decimal("1203344.5501"), "me")
    ]
    assert len(store.all()) == 3
    store.delete([(ORG, october, "outpatient_amount")], "me")
    assert [(one.org, one.month) for one in store.all()] == [(ORG, november), ("B", october)]


def standard_codes(store: CodeMapStore) -> dict[str, str]:
    return {code: entry.standard_code for code, entry in store.entries(ORG, "department").items()}


def test_a_change_is_taken_back_and_that_is_a_change_too(clickhouse: ClickHouse) -> None:
    store = CodeMapStore(clickhouse)
    store.save(ORG, "department", [MapEntry("1", "内科", "03"), MapEntry("2", standard_code="04")], "张三")
    store.save(ORG, "fee", [MapEntry("F1", standard_code="0101")], "张三")
    assert (
        store.save(ORG, "department", [MapEntry("1", "内一科", "03.01"), MapEntry("3", standard_code="05")], "李四")
        == 3
    )
    assert store.undo(ORG, "department", 3, "王五") == 4
    assert standard_codes(store) == {"1": "03", "2": "04", "3": ""}  # 3 was not there before: unmapped
    assert store.entries(ORG, "department")["1"].local_name == "内科"
    history = store.history(ORG, "department")
    assert [(h["version"], h["changed_by"], h["undoes"], h["undone_by"], h["codes"], h["added"]) for h in history] == [
        (4, "王五", 3, 0, 2, 0), (3, "李四", 0, 4, 2, 1), (1, "张三", 0, 0, 2, 2),
    ]  # fmt: skip
    assert history[0]["unmapped"] == 1
    changed = {code: (before, after) for code, before, after in store.changes(ORG, "department", 3)}
    assert changed["3"] == (None, MapEntry("3", standard_code="05"))
    assert changed["1"] == (MapEntry("1", "内科", "03"), MapEntry("1", "内一科", "03.01"))
    assert store.undo(ORG, "department", 4, "王五") == 5  # and back again
    assert standard_codes(store) == {"1": "03.01", "2": "04", "3": "05"}


def test_what_was_changed_again_later_is_not_taken_back_behind_its_back(clickhouse: ClickHouse) -> None:
    store = CodeMapStore(clickhouse)
    store.save(ORG, "department", [MapEntry("1", standard_code="03"), MapEntry("2", standard_code="04")], "me")
    store.save(ORG, "department", [MapEntry("2", standard_code="05")], "me")
    with pytest.raises(CannotUndo) as refused:
        store.undo(ORG, "department", 1, "me")
    assert refused.value.codes == ["2"]
    for version, kind in ((7, "department"), (1, "drug")):
        with pytest.raises(CannotUndo) as refused:
            store.undo(ORG, kind, version, "me")  # type: ignore[arg-type]
        assert refused.value.codes == []
    assert standard_codes(store) == {"1": "03", "2": "05"}
    assert store.version(ORG) == 2


def test_processes_that_change_maps_at_once_get_versions_of_their_own_and_nothing_is_lost(
    clickhouse: ClickHouse,
) -> None:
    stores = [CodeMapStore(clickhouse) for _ in range(4)]  # they share nothing but the database
    versions: list[int] = []

    def work(number: int) -> None:
        for n in range(3):
            entry = MapEntry(f"{number}-{n}", standard_code="03")
            versions.append(stores[number].save(ORG, "department", [entry], str(number)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(versions) == list(range(1, 13))
    assert len(stores[0].entries(ORG, "department")) == 12
    assert len(stores[0].history(ORG, "department")) == 12


def test_a_change_that_was_recorded_and_not_applied_is_applied_by_the_next_one(
    clickhouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CodeMapStore(clickhouse)
    with monkeypatch.context() as patch:
        patch.setattr(CodeMapStore, "_apply", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            store.save(ORG, "department", [MapEntry("1", standard_code="03")], "died")
    assert store.version(ORG) == 1
    assert standard_codes(store) == {}
    assert CodeMapStore(clickhouse).save(ORG, "fee", [MapEntry("F", standard_code="0101")], "me") == 2
    assert standard_codes(store) == {"1": "03"}
    kept = store.entries(ORG, "department")["1"]
    assert (kept.version, kept.changed_by) == (1, "died")
