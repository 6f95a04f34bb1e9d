"""A change batch is read: header and rows, whatever its sender's habits."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest

from streams.decode import MESSAGE, ROW
from streams.message import BOM
from tests.streams.unit.build import (
    ARRIVED_MS,
    CHARGES,
    LIMIT,
    ORG,
    OTHER_ORG,
    PATIENTS,
    Sent,
    batch,
    charge,
    patient,
    read,
    values_of,
    work,
)


def test_a_batch_says_whose_it_is_what_it_holds_and_when_it_was_made() -> None:
    [message] = read(batch(charge(), charge(SFMXID="S2"), batch="B7")).messages
    assert (message.kind, message.org, message.table, message.batch, message.op) == (
        "batch",
        ORG,
        CHARGES,
        "B7",
        "upsert",
    )
    assert message.rows == 2
    assert message.source_ms == ARRIVED_MS - 1000


def test_rows_keep_their_message_and_their_number() -> None:
    frame = read(batch(charge(), charge()), batch(charge(), charge(), charge())).frames[CHARGES, "upsert"]
    assert frame[MESSAGE].to_list() == [0, 0, 1, 1, 1]
    assert frame[ROW].to_list() == [1, 2, 1, 2, 3]


def test_tables_and_operations_are_kept_apart() -> None:
    decoded = read(batch(charge()), batch(patient(), table=PATIENTS), batch(charge(), op="delete"))
    assert set(decoded.frames) == {(CHARGES, "upsert"), (PATIENTS, "upsert"), (CHARGES, "delete")}


@pytest.mark.parametrize("name", ["tb_hzxx", "TB_HZJBXX", "tb_hzjbxx", "Tb_HzXx"])
def test_a_table_may_be_named_in_any_case_or_by_its_alias(name: str) -> None:
    assert read(batch(patient(), table=name)).messages[0].table == PATIENTS


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        (b"123456789012345678", "123456789012345678"),  # beyond what a float holds
        (b"12345678901234567890123", "12345678901234567890123"),  # beyond 64 bits
        (b"-9223372036854775809", "-9223372036854775809"),
        (b"1.10", "1.1"),
        (b"1.0", "1"),
        (b"1e2", "100"),
        (b"0.07", "0.07"),
        (b"true", "true"),
        (b"null", None),
        (b'{"a": [1, "x"]}', '{"a": [1, "x"]}'),
        (b'"007"', "007"),
        (b'"1.10"', "1.10"),
    ],
)
def test_whatever_stands_in_a_text_column_is_kept_as_text(sent: bytes, read_as: str | None) -> None:
    assert values_of(read(batch(b'{"SFMXID":' + sent + b"}")), "SFMXID") == [read_as]


def test_missing_columns_are_empty_and_unknown_ones_are_named() -> None:
    decoded = read(batch(charge(BTFMXID=None, HIS_FLAG="x", **{"新列": 1})))
    assert values_of(decoded, "BTFMXID") == [None]
    assert decoded.messages[0].unknown_columns == ["HIS_FLAG", "新列"]
    assert "HIS_FLAG" not in decoded.frames[CHARGES, "upsert"].columns


def test_unknown_columns_are_named_up_to_a_limit_and_do_not_reject() -> None:
    worked = work(batch(charge(**{f"X{number}": "y" * 200 for number in range(50)})))
    assert len(worked.decoded.messages[0].unknown_columns) == 20
    assert worked.ledger[0]["accepted"] == 1


def test_an_unknown_column_with_a_long_name_is_cut() -> None:
    assert read(batch(charge(**{"N" * 500: 1}))).messages[0].unknown_columns == ["N" * 64]


@pytest.mark.parametrize("name", ["_message", "_row", "_org", "MXXMDJ#", "FYSRGLBM@", "_biz_date", "_deleted", ""])
def test_columns_named_like_our_own_change_nothing(name: str) -> None:
    worked = work(batch(charge(**{name: "7"}), charge(SFMXID="S2")))
    assert worked.ledger[0]["accepted"] == 2
    assert worked.found() == []


def test_lower_case_columns_are_the_same_columns() -> None:
    small = {name.lower(): value for name, value in charge().items()}
    worked = work(batch({**small, "extra": 1}))
    assert worked.decoded.messages[0].unknown_columns == ["extra"]
    assert worked.ledger[0]["accepted"] == 1


def test_a_message_in_lower_case_leaves_its_neighbours_in_upper_case_alone() -> None:
    small = {name.lower(): value for name, value in charge(SFMXID="low").items()}
    decoded = read(batch(charge(SFMXID="a")), batch(small), batch(charge(SFMXID="b")))
    assert values_of(decoded, "SFMXID") == ["a", "low", "b"]
    assert decoded.frames[CHARGES, "upsert"][MESSAGE].to_list() == [0, 1, 2]


def test_carriage_returns_at_line_ends_are_no_part_of_a_row() -> None:
    decoded = read(batch(charge(), charge(SFMXID="S2"), ending=b"\r\n") + b"\r\n")
    assert values_of(decoded, "SFMXID") == ["S1", "S2"]
    assert decoded.letters == []


def test_a_byte_order_mark_before_the_header_is_ignored() -> None:
    assert read(BOM + batch(charge())).messages[0].kind == "batch"


@pytest.mark.parametrize("between", [b"\n\n", b"\n \t \n", b"\r\n\r\n", b"\n\n\n\n"])
def test_blank_lines_do_not_count_as_rows(between: bytes) -> None:
    head, first, second = batch(charge(), charge(SFMXID="S2")).split(b"\n")
    decoded = read(head + b"\n\n" + first + between + second + b"\n\n\n")
    assert values_of(decoded, "SFMXID") == ["S1", "S2"]
    assert decoded.letters == []


def test_the_rows_of_a_batch_need_no_line_break_at_the_end() -> None:
    assert len(values_of(read(batch(charge()).rstrip()), "SFMXID")) == 1


def gb18030(*rows: bytes, **header: Any) -> bytes:
    return batch(*rows, **{"encoding": "gb18030", **header})


@pytest.mark.parametrize("name", ["gb18030", "GB18030", "gbk", "gb2312"])
def test_gb18030_is_read_where_it_is_declared(name: str) -> None:
    row = orjson.dumps(charge(MXXMMC="阿莫西林㐂𠮷")).decode().encode("gb18030")
    assert values_of(read(gb18030(row, encoding=name)), "MXXMMC") == ["阿莫西林㐂𠮷"]


def test_gb18030_is_not_guessed() -> None:
    row = orjson.dumps(charge()).decode().encode("gb18030")
    worked = work(batch(row, charge(SFMXID="S2")))
    assert worked.reasons() == [(0, 1, "not_json")]
    assert worked.landing.records["tb_mz_sfmxb"]["sfmxid"].to_list() == ["S2"]


def test_a_line_that_is_not_gb18030_is_unreadable_and_its_neighbours_are_not() -> None:
    good = orjson.dumps(charge()).decode().encode("gb18030")
    also = orjson.dumps(charge(SFMXID="S3")).decode().encode("gb18030")
    worked = work(gb18030(good, b'{"MXXMMC":"\xff\xff"}', also))
    assert worked.reasons() == [(0, 2, "not_json")]
    assert worked.landing.records["tb_mz_sfmxb"]["sfmxid"].to_list() == ["S1", "S3"]
    assert worked.landing.records["tb_mz_sfmxb"]["mxxmmc"].to_list() == ["阿莫西林胶囊"] * 2


def test_utf8_is_not_guessed_where_gb18030_is_declared() -> None:
    worked = work(gb18030('{"MXXMMC":"中"}'.encode()))
    assert worked.reasons() == [(0, 1, "not_json")]


def test_spaces_around_texts_are_padding_and_blank_texts_are_empty() -> None:
    decoded = read(batch(charge(SFMXID="  S1   ", BTFMXID="   ", YLYL1="", MXXMMC="a  b", TFBZ=" 1", KDYSXM="\t李 ")))
    assert values_of(decoded, "SFMXID") == ["S1"]
    assert values_of(decoded, "BTFMXID") == [None]
    assert values_of(decoded, "YLYL1") == [None]
    assert values_of(decoded, "MXXMMC") == ["a  b"]
    assert values_of(decoded, "TFBZ") == ["1"]
    assert values_of(decoded, "KDYSXM") == ["\t李"]  # a tab is no padding


def test_a_padded_row_has_the_same_outcome_as_one_that_is_not() -> None:
    padded = {name: f"{value}      " for name, value in charge().items()}
    assert work(batch(padded)).ledger[0]["accepted"] == 1


def test_an_honest_nothing_happened_names_its_day() -> None:
    worked = work(batch(biz_date="2026-11-20"))
    assert worked.decoded.messages[0].biz_date == date(2026, 11, 20)
    assert worked.decoded.frames == {}
    assert worked.alerts == []


def test_an_honest_nothing_happened_may_end_with_or_without_a_line_break() -> None:
    with_break = batch(biz_date="2026-11-20")
    assert [m.kind for m in read(with_break, with_break.rstrip()).messages] == ["batch", "batch"]


@pytest.mark.parametrize(
    ("sent_at", "offset_ms"),
    [
        ("2026-11-21T07:00:00+08:00", -3_600_000),
        ("2026-11-21T07:00:00", -3_600_000),  # no zone: Shanghai
        ("2026-11-20T23:00:00Z", -3_600_000),
        ("2026-11-21 07:00:00.250", -3_599_750),
        ("1999-12-31T00:00:00+08:00", 0),  # a clock that nobody set: the arrival counts
        ("2026-11-23T08:00:00+08:00", 0),  # two days ahead
        ("0001-01-01T00:00:00+14:00", 0),
        ("9999-12-31T23:59:59-14:00", 0),
    ],
)
def test_the_time_a_batch_was_made_is_taken_where_it_is_plausible(sent_at: str, offset_ms: int) -> None:
    assert read(batch(charge(), sent_at=sent_at)).messages[0].source_ms == ARRIVED_MS + offset_ms


def test_a_batch_without_a_time_was_made_when_it_arrived() -> None:
    [message] = read(batch(charge(), without=["sent_at"])).messages
    assert (message.source_ms, message.dated) == (ARRIVED_MS, False)


def test_equal_bytes_are_the_same_message_only_where_the_sender_dates_them() -> None:
    dated, undated = batch(charge()), batch(charge(), without=["sent_at"])
    later = ARRIVED_MS + 5000
    first, again = read(dated, Sent(dated, timestamp=later)).messages
    assert first.message_id == again.message_id
    first, again = read(undated, Sent(undated, timestamp=later)).messages
    assert first.message_id != again.message_id
    assert read(dated).messages[0].message_id != read(undated).messages[0].message_id


def test_a_marked_replay_is_known_by_its_kafka_header() -> None:
    replayed, marked_no, plain = read(
        Sent(batch(charge()), headers=[("sanjian-replay", b"1")]),
        Sent(batch(charge()), headers=[("sanjian-replay", b"0")]),
        batch(charge()),
    ).messages
    assert (replayed.replay, marked_no.replay, plain.replay) == (True, False, False)


def test_repeats_are_left_out_of_the_rows() -> None:
    decoded = read(batch(charge(SFMXID="a")), batch(charge(SFMXID="b")), skip=frozenset({0}))
    assert values_of(decoded, "SFMXID") == ["b"]


def test_two_institutions_in_one_batch_of_messages_keep_their_rows() -> None:
    worked = work(batch(charge()), Sent(batch(charge(YLJGDM=OTHER_ORG), org=OTHER_ORG), key=OTHER_ORG.encode()))
    assert worked.landing.ledger["org"].to_list() == [ORG, OTHER_ORG]
    assert worked.landing.records["tb_mz_sfmxb"]["yljgdm"].to_list() == [ORG, OTHER_ORG]


@pytest.mark.parametrize("timestamp", [-1, 0, 1 << 42, 1 << 62])
def test_a_producer_may_stamp_its_records_with_any_time(timestamp: int) -> None:
    worked = work(Sent(batch(charge(), without=["sent_at"]), timestamp=timestamp), batch(charge()))
    assert [row["received"] for row in worked.ledger] == [1, 1]


def test_a_message_of_just_the_limit_is_read() -> None:
    filler = LIMIT - len(batch(charge(YLYL1="")))
    assert read(batch(charge(YLYL1="x" * filler))).messages[0].kind == "batch"
    assert read(batch(charge(YLYL1="x" * (filler + 1)))).letters[0].reason == "too_large"
