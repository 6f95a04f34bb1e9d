"""A decision becomes the rows that are landed: ledger, records, findings, rejected rows, dead letters."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import orjson
import polars as pl

from streams.message import UNKNOWN_DATE
from streams.shape import LETTER_LONGEST, OFFSET_BITS
from tests.streams.unit.build import (
    ARRIVED_MS,
    CHARGES,
    NOW,
    ORG,
    PATIENTS,
    Sent,
    batch,
    charge,
    count,
    event,
    patient,
    work,
    work_records,
)

COUNTS = ("received", "accepted", "rejected", "flagged", "unreadable", "repeated", "findings")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def counts(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in COUNTS)


def test_a_message_has_a_row_in_the_ledger_for_each_business_date() -> None:
    worked = work(
        batch(
            charge(SFMXID="S1"), charge(SFMXID="S2", FYFSSJ="2026-11-19 23:59:59"), charge(SFMXID="S3", TFBZ="9"),
            charge(SFMXID="S4", FYFSSJ="soon"), charge(SFMXID="S5", KDKSBM="local"),
        )
    )  # fmt: skip
    rows = {row["biz_date"]: counts(row) for row in worked.ledger}
    assert rows == {
        UNKNOWN_DATE: (1, 0, 1, 0, 0, 0, 1),
        date(2026, 11, 19): (1, 1, 0, 0, 0, 0, 0),
        date(2026, 11, 20): (3, 2, 1, 1, 0, 0, 2),
    }
    assert {(row["kind"], row["table"], row["batch"], row["op"]) for row in worked.ledger} == {
        ("batch", CHARGES, "B1", "upsert")
    }


def test_unreadable_rows_are_counted_under_the_unknown_date() -> None:
    worked = work(batch(charge(), b"null", charge(SFMXID="S2", FYFSSJ=None), b"[]"))
    rows = {row["biz_date"]: (*counts(row), row["reason"]) for row in worked.ledger}
    assert rows[UNKNOWN_DATE][:5] == (3, 0, 1, 0, 2)
    assert rows[UNKNOWN_DATE][-1] == "not_json"
    assert rows[date(2026, 11, 20)] == (1, 1, 0, 0, 0, 0, 0, "")
    assert count(worked.ledger, "received") == 4


def test_the_bytes_of_a_message_are_counted_once() -> None:
    value = batch(charge(), charge(FYFSSJ="2026-11-19 08:00:00"), b"null")
    worked = work(value, None, b"", batch(biz_date="2026-11-20"))
    sizes = [count([row for row in worked.ledger if row["offset"] == offset], "bytes") for offset in range(4)]
    assert sizes == [len(value), 0, 0, len(batch(biz_date="2026-11-20"))]


def test_a_repeat_counts_its_rows_as_repeated_and_nothing_else() -> None:
    value = batch(charge(), charge(SFMXID="S2", TFBZ="9"), b"null")
    worked = work(value, value, repeats=frozenset({1}))
    repeat = worked.ledger[-1]
    assert counts(repeat) == (0, 0, 0, 0, 0, 3, 0)
    assert (repeat["kind"], repeat["offset"], repeat["bytes"]) == ("repeat", 1, len(value))
    assert set(worked.landing.findings["offset"]) == {0}
    assert worked.landing.dead_letters["offset"].to_list() == [0]
    assert {alert.offset for alert in worked.alerts} == {0}


def test_a_repeat_of_something_unreadable_is_no_second_dead_letter() -> None:
    worked = work(b"hello", b"hello", repeats=frozenset({1}))
    assert worked.landing.dead_letters["offset"].to_list() == [0]
    assert [(row["kind"], row["repeated"]) for row in worked.ledger] == [("unreadable", 0), ("repeat", 1)]
    assert len(worked.alerts) == 1


def test_a_tombstone_has_a_row_so_that_its_offset_is_known() -> None:
    [row] = work(None).ledger
    assert (row["kind"], *counts(row)) == ("tombstone", 0, 0, 0, 0, 0, 0, 0)
    assert (row["declared_empty"], row["biz_date"]) == (0, UNKNOWN_DATE)


def test_a_declared_empty_day_is_in_the_ledger() -> None:
    [row] = work(batch(biz_date="2026-11-19")).ledger
    assert (row["declared_empty"], row["biz_date"], row["table"], row["org"]) == (1, date(2026, 11, 19), CHARGES, ORG)
    assert counts(row) == (0,) * 7


def test_a_wholly_unreadable_message_counts_as_many_rows_as_it_says() -> None:
    [row] = work(batch(charge(), charge(), table="TB_X")).ledger
    assert counts(row) == (2, 0, 0, 0, 2, 0, 0)
    assert (row["kind"], row["reason"], row["biz_date"]) == ("unreadable", "unknown_table", UNKNOWN_DATE)


def test_an_event_is_one_row_of_its_own_kind() -> None:
    [row] = work(event(charge())).ledger
    assert (row["kind"], row["batch"], *counts(row)) == ("debezium", "0-0", 1, 1, 0, 0, 0, 0, 0)


def test_the_ledger_says_who_worked_when_with_what() -> None:
    [row] = work(Sent(batch(charge(EXTRA=1)), partition=3, headers=[("sanjian-replay", b"1")])).ledger
    assert (row["topic_id"], row["partition"], row["offset"]) == ("topic-1", 3, 0)
    assert (row["worker"], row["standard_version"], row["replay"]) == ("worker-1", "standard-1", 1)
    assert row["unknown_columns"] == ["EXTRA"]
    assert row["landed_at"].astimezone(UTC) == NOW
    assert row["arrived_at"].timestamp() * 1000 == ARRIVED_MS
    assert row["source_time"].timestamp() * 1000 == ARRIVED_MS - 1000


def test_a_record_has_the_types_of_its_table() -> None:
    worked = work(batch(charge(MXXMDJ="12.5", MXXMSL=2, YLYL1=None, TFBZ="1", KDKSBM="local")))
    record = worked.landing.records["tb_mz_sfmxb"].row(0, named=True)
    assert (record["mxxmdj"], record["mxxmsl"]) == (Decimal("12.5"), Decimal(2))
    assert record["fyfssj"] == datetime(2026, 11, 20, 8, tzinfo=SHANGHAI)
    assert (record["ylyl1"], record["tfbz"]) == ("", "1")
    assert (record["kdksbm_std"], record["fysrglbm_std"], record["zxksbm_std"]) == ("", "0101", "30")
    assert (record["_biz_date"], record["_deleted"], record["_row"], record["_warnings"]) == (
        date(2026, 11, 20),
        0,
        1,
        1,
    )
    assert (record["_topic_id"], record["_partition"], record["_offset"], record["_batch"]) == ("topic-1", 0, 0, "B1")
    assert not [name for name in record if name != name.lower()]


def test_a_patient_keeps_the_birth_date_as_text() -> None:
    worked = work(batch(patient(), table=PATIENTS))
    assert worked.landing.records["tb_hzxx"]["csrq"].to_list() == ["19900307"]


def test_a_deletion_lands_as_a_deleted_row_with_its_key() -> None:
    worked = work(batch({"YLJGDM": ORG, "SFMXID": "S1"}, op="delete"), batch(charge()))
    records = worked.landing.records["tb_mz_sfmxb"].sort("_offset")
    assert records.select("sfmxid", "_deleted", "brzsy").rows() == [("S1", 1, ""), ("S1", 0, "P1")]


def test_the_later_of_two_rows_has_the_higher_version() -> None:
    sent = [
        Sent(batch(charge(), sent_at="2026-11-21T07:00:00+08:00"), offset=7),
        Sent(batch(charge(), sent_at="2026-11-21T07:00:00+08:00"), offset=8),
        Sent(batch(charge(), sent_at="2026-11-21T07:00:00.001+08:00"), offset=2),
        Sent(batch(charge(), sent_at="2026-11-20T07:00:00+08:00"), offset=4_000_000_000),
    ]
    versions = work_records(sent).landing.records["tb_mz_sfmxb"].sort("_offset")["_version"].to_list()
    by_offset = dict(zip([2, 7, 8, 4_000_000_000], versions, strict=True))
    assert by_offset[4_000_000_000] < by_offset[7] < by_offset[8] < by_offset[2]
    assert by_offset[7] == ((ARRIVED_MS - 3_600_000) << OFFSET_BITS) + 7


def test_the_raw_row_of_a_rejected_row_is_the_line_that_was_sent() -> None:
    odd = b'{"SFMXID" : 123456789012345678, "TFBZ":"9",  "MXXMMC":"\\u4e2d" }'
    worked = work(batch(charge(), odd, b"null", charge(SFMXID="S4", TFBZ="9"), ending=b"\r\n"), event(charge(TFBZ="9")))
    raw = dict(worked.landing.rejected_rows.select(pl.concat_str("offset", "row", separator="-"), "raw").rows())
    assert raw["0-2"].encode() == odd
    assert orjson.loads(raw["0-4"]) == charge(SFMXID="S4", TFBZ="9")
    assert orjson.loads(raw["1-1"]) == charge(TFBZ="9")


def test_the_raw_row_of_gb18030_is_readable() -> None:
    row = orjson.dumps(charge(TFBZ="9")).decode().encode("gb18030")
    worked = work(batch(row, encoding="gb18030"))
    assert orjson.loads(worked.landing.rejected_rows["raw"][0]) == charge(TFBZ="9")


def test_a_rejected_row_names_its_rules_and_its_key() -> None:
    rejected = work(batch(charge(TFBZ="9", XGBZ="9", KDKSBM="local"))).landing.rejected_rows.row(0, named=True)
    assert rejected["rule_ids"] == ["SF06", "SF09", "SF27"]
    assert (rejected["row"], rejected["row_key"], rejected["table"], rejected["op"]) == (1, "S1", CHARGES, "upsert")
    assert (rejected["org"], rejected["batch"], rejected["biz_date"]) == (ORG, "B1", date(2026, 11, 20))


def test_a_finding_says_where_and_what_and_hides_the_person() -> None:
    worked = work(batch(patient(ZJHM="990000199003070010"), table=PATIENTS))
    [finding] = [row for row in worked.landing.findings.to_dicts() if row["rule_id"] == "HZ08"]
    assert (finding["column"], finding["value"]) == ("ZJHM", "990************10")
    assert (finding["row"], finding["row_key"], finding["severity"], finding["outcome"]) == (
        1,
        "P1",
        "error",
        "rejected",
    )
    assert (finding["org"], finding["batch"], finding["visit"], finding["check"]) == (ORG, "B1", "P1", "checksum")


def test_a_warning_is_found_on_an_accepted_row() -> None:
    [finding] = work(batch(charge(MXXMDW=None))).landing.findings.to_dicts()
    assert (finding["rule_id"], finding["severity"], finding["outcome"], finding["value"]) == (
        "SF29",
        "warning",
        "accepted",
        "",
    )


def test_a_long_key_is_cut_in_findings_and_kept_in_the_row() -> None:
    worked = work(batch(charge(SFMXID="x" * 500)))
    assert {len(key) for key in worked.landing.findings["row_key"]} == {200}
    assert "x" * 500 in worked.landing.rejected_rows["raw"][0]


def test_a_dead_letter_keeps_the_bytes_up_to_a_limit_and_the_whole_size() -> None:
    value = b"x" * (LETTER_LONGEST + 10)
    letter = work(value).landing.dead_letters.row(0, named=True)
    assert (letter["bytes"], letter["size"]) == (value[:LETTER_LONGEST], len(value))
    assert (letter["row"], letter["reason"], letter["topic"]) == (0, "not_json", "his.changes")


def test_nothing_to_land_is_no_frame() -> None:
    landing = work(batch(charge())).landing
    assert list(landing.records) == ["tb_mz_sfmxb"]
    empty = (landing.findings, landing.rejected_rows, landing.unmapped_codes, landing.dead_letters)
    assert [frame.height for frame in empty] == [0, 0, 0, 0]
