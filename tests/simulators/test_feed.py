from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any

import orjson
import pytest

from simulators.expect import iso
from simulators.faults import KINDS, LATE_RULES, Profile
from simulators.feed import Feed, late_sending
from simulators.garbage import STRANGER, WHOLE
from simulators.manifest import UNKNOWN_DATE
from simulators.messages import Message, Shape
from simulators.province import Province
from simulators.scenarios import SCENARIOS, make_feed, scenario
from standard.load import load

END = date(2026, 11, 20)
TABLES = load().tables


def feed(profile: Profile, shape: Shape = "batch", **more: Any) -> tuple[Feed, list[Message]]:
    province = Province(3, 4, END, seed=2, volume=0.3, completeness=more.pop("completeness", 1.0))
    made = Feed(province, profile, shape, **more)
    return made, list(made)


def read(message: Message) -> tuple[dict[str, Any], list[dict[str, str]]]:
    head, _, body = message.value.partition(b"\n")
    return orjson.loads(head), [orjson.loads(line) for line in body.split(b"\n") if line]


def recounted(messages: list[Message]) -> Counter[tuple[str, str, str]]:
    columns = {name: table.biz_date for name, table in load().tables.items()}
    cells: Counter[tuple[str, str, str]] = Counter()
    for message in messages:
        for row in read(message)[1]:
            cells[message.org, message.table, iso(row[columns[message.table]])] += 1
    return cells


def test_a_clean_feed_expects_nothing_but_accepted_rows() -> None:
    made, messages = feed(Profile())
    assert made.manifest.received == recounted(messages)
    totals = made.manifest.totals()
    assert totals["messages"] == len(messages)
    assert totals["received"] == totals["accepted"] == sum(message.rows for message in messages)
    assert not made.manifest.findings
    assert not made.manifest.store
    assert not made.manifest.planted


def test_headers_say_what_the_lines_are() -> None:
    made, messages = feed(Profile())
    ids = [(message.org, message.batch) for message in messages]
    assert len(set(ids)) == len(ids)
    for message in messages:
        head, rows = read(message)
        assert head["sanjian"] == 1
        assert head["count"] == len(rows) == message.rows
        assert (head["org"], head["table"], head["batch"]) == (message.org, message.table, message.batch)
        assert head["sent_at"].endswith("+08:00")
        assert all(row["YLJGDM"] == message.org for row in rows)
        assert bool(rows) != ("biz_date" in head)
    assert made.manifest.empty == {
        (message.org, message.table, message.biz_date) for message in messages if not message.rows
    }


def test_row_faults_are_counted_where_they_were_planted() -> None:
    made, messages = feed(Profile(rows={"missing_mandatory": 0.1}))
    manifest = made.manifest
    assert manifest.received == recounted(messages)
    assert manifest.findings.total() == manifest.rejected.total() == manifest.planted["missing_mandatory"] > 50
    without_doctor = Counter(
        (message.org, message.table, iso(row["FYFSSJ"]), "SF28", "error")
        for message in messages
        if message.table == "TB_MZ_SFMXB"
        for row in read(message)[1]
        if "KDYSBH" not in row
    )
    assert without_doctor == Counter({key: n for key, n in manifest.findings.items() if key[3] == "SF28"})


def test_warnings_are_flagged_and_not_rejected() -> None:
    made, _ = feed(Profile(rows={"unmapped_code": 0.1}))
    manifest = made.manifest
    assert not manifest.rejected
    assert manifest.flagged.total() == manifest.findings.total() == manifest.unmapped.total() > 20
    assert all(code.endswith("-X") for _, _, code in manifest.unmapped)


def test_duplicates_are_more_rows_of_which_one_is_rejected() -> None:
    clean, _ = feed(Profile())
    made, _ = feed(Profile(rows={"duplicate": 0.1}))
    more = made.manifest.received.total() - clean.manifest.received.total()
    assert more == made.manifest.rejected.total() == made.manifest.planted["duplicate"] > 10


def test_rows_of_patients_who_were_never_sent_are_found_in_the_store() -> None:
    made, messages = feed(Profile(rows={"orphan_patient": 0.3}))
    patients = {(m.org, row["BRZSY"]) for m in messages if m.table == "TB_HZXX" for row in read(m)[1]}
    sent = [
        (message.org, message.table, tuple(row[column] for column in TABLES[message.table].key))
        for message in messages
        if message.table != "TB_HZXX"
        for row in read(message)[1]
        if (message.org, row["BRZSY"]) not in patients
    ]
    orphans = Counter(table for _, table, _ in set(sent))
    assert len(sent) > orphans.total()  # a stay is sent twice, and is one row
    found: Counter[str] = Counter()
    for (_, table, _, _), count in made.manifest.store.items():
        found[table] += count
    assert found == orphans
    assert not made.manifest.findings


def test_a_rejected_patient_leaves_orphans_too() -> None:
    made, _ = feed(Profile(rows={"bad_checksum": 0.5}))
    assert made.manifest.rejected.total() > 0
    assert made.manifest.store.total() > 0


def test_missing_tables_and_days_are_gaps_without_any_row() -> None:
    made, messages = feed(Profile(missing_tables=0.2, missing_days=0.2))
    sent = recounted(messages)
    assert {"table", "day"} == set(made.manifest.gaps.values())
    assert not [cell for cell in made.manifest.gaps if sent[cell]]


def test_a_late_day_is_flagged_in_every_table_but_the_patients() -> None:
    province = Province(2, 7, END, seed=2, volume=0.2)
    made = Feed(province, Profile(late_days=1.0))
    messages = list(made)
    assert made.manifest.planted["late_day"] == 2 * 3  # later days would be uploaded after the end
    assert {rule for _, table, _, rule, _ in made.manifest.findings} <= set(LATE_RULES.values())
    assert not made.manifest.rejected
    assert all(message.sent_at.date() <= END.replace(day=21) for message in messages)


def test_a_late_sending_keeps_its_rows_but_for_the_upload_time() -> None:
    sending = next(Province(1, 1, END, seed=2, volume=0.2).sendings())
    late = late_sending(sending)
    for table, rows in sending.rows.items():
        for before, after in zip(rows, late.rows[table], strict=True):
            changed = {column for column in before if before[column] != after[column]}
            assert changed == (set() if table == "TB_HZXX" else {"TBRQ"})
    assert (late.day.sent_at - sending.day.sent_at).days == 3


def test_a_burst_brings_many_times_the_rows_and_many_faults() -> None:
    clean, _ = feed(Profile())
    made, messages = feed(Profile(bursts=1.0, burst_factor=4))
    count = {
        name: sum(n for (_, table, _), n in manifest.received.items() if table == "TB_MZ_SFMXB")
        for name, manifest in (("clean", clean.manifest), ("burst", made.manifest))
    }
    assert count["burst"] == 4 * count["clean"]
    assert made.manifest.findings.total() >= count["clean"]
    assert made.manifest.received == recounted(messages)


def test_unknown_columns_are_named_by_batch() -> None:
    made, messages = feed(Profile(drift=0.3))
    strange = {
        (message.org, message.table, message.batch): ["HIS_EXT_1"]
        for message in messages
        if any("HIS_EXT_1" in row for row in read(message)[1])
    }
    assert made.manifest.drift == strange
    assert strange


def test_garbage_of_every_kind_is_lost_with_its_reason_and_spoils_nothing_else() -> None:
    province = Province(3, 5, END, seed=2, volume=0.2)
    made = Feed(province, Profile(garbage=1.0))
    messages = list(made)
    manifest = made.manifest
    spoilt = [message for message in messages if not message.batch.startswith("D")]
    assert len(spoilt) == 15
    assert {reason for reason, count in manifest.reasons.items() if count} == {kind.reason for kind in WHOLE}
    assert manifest.reasons["empty"] == 1
    assert len({message.value for message in spoilt}) == len(spoilt)
    assert {day for _, _, day in manifest.unreadable} == {UNKNOWN_DATE}
    assert any(org == STRANGER for org, _, _ in manifest.unreadable)
    assert manifest.planted["junk_row"] == 15
    assert not manifest.rejected
    clean = Feed(Province(3, 5, END, seed=2, volume=0.2))
    list(clean)
    assert manifest.totals()["accepted"] == clean.manifest.totals()["accepted"]


def test_the_stranger_is_not_of_the_province() -> None:
    assert STRANGER not in {org.org for org in Province(60, 1, END, seed=999).orgs}
    assert len(STRANGER) == 22


def test_a_gateway_gets_no_message_that_it_would_refuse() -> None:
    made, messages = feed(Profile(garbage=1.0), raw=False)
    assert not made.manifest.unreadable
    assert all(read(message)[0]["count"] == message.rows for message in messages)


def test_codes_missing_from_the_maps_are_expected_unmapped() -> None:
    made, messages = feed(Profile(), completeness=0.5)
    missing = {maps.org: maps.missing for maps in made.province.maps}
    codes = Counter(
        (message.org, "department", row[column])
        for message in messages
        if message.table == "TB_MZ_SFMXB"
        for row in read(message)[1]
        for column in ("KDKSBM", "ZXKSBM")
        if ("department", row[column]) in missing[message.org]
    )
    assert codes
    assert all(made.manifest.unmapped[key] >= count for key, count in codes.items())
    assert not made.manifest.rejected


@pytest.mark.parametrize("shape", ["debezium", "debezium-schema"])
def test_events_carry_one_row_each_and_no_duplicates(shape: Shape) -> None:
    made, messages = feed(Profile(rows=dict.fromkeys(KINDS, 0.02)), shape)
    assert "duplicate" not in made.manifest.planted
    assert len(messages) == made.manifest.received.total()
    assert len({message.value for message in messages}) == len(messages)
    tables: dict[str, int] = defaultdict(int)
    for message in messages:
        event = orjson.loads(message.value)
        payload = event["payload"] if shape == "debezium-schema" else event
        assert payload["op"] == "c"
        assert payload["source"]["table"] == message.table
        assert payload["after"]["YLJGDM"] == message.org
        assert payload["ts_ms"] == int(message.sent_at.timestamp() * 1000)
        tables[message.table] += 1
    assert len(tables) == 19


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_gives_the_same_messages_and_manifest_again(name: str) -> None:
    first, second = (make_feed(scenario(name), END, 5, orgs=1, days=3, volume=0.2) for _ in range(2))
    assert [message.value for message in first] == [message.value for message in second]
    assert first.manifest.to_json() == second.manifest.to_json()


def test_the_scenario_of_faults_has_every_fault() -> None:
    made = make_feed(scenario("faults"), END, 1)
    for _ in made:
        pass
    planted = made.manifest.planted
    days = {"late_day", "missing_day", "missing_table", "burst", "schema_drift", "garbage", "junk_row"}
    assert set(planted) == set(KINDS) | days
