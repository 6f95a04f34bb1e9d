"""A Debezium change event is read, with and without its schema."""

from __future__ import annotations

import pytest

from tests.streams.unit.build import (
    ARRIVED_MS,
    CHARGES,
    ORG,
    OTHER_ORG,
    PATIENTS,
    Sent,
    batch,
    charge,
    event,
    patient,
    read,
    values_of,
    work,
)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(("op", "meaning"), [("c", "upsert"), ("u", "upsert"), ("r", "upsert"), ("d", "delete")])
def test_each_operation_is_read_with_and_without_the_schema(op: str, meaning: str, wrapped: bool) -> None:
    decoded = read(event(charge(SFMXID="S9"), op=op, wrapped=wrapped))
    [message] = decoded.messages
    assert (message.kind, message.op, message.org, message.table) == ("debezium", meaning, ORG, CHARGES)
    assert values_of(decoded, "SFMXID", op=meaning) == ["S9"]
    assert message.source_ms == ARRIVED_MS - 1000


def test_an_update_is_its_row_after_the_change() -> None:
    decoded = read(event(charge(SFMXID="new"), op="u", before=charge(SFMXID="old")))
    assert values_of(decoded, "SFMXID") == ["new"]


def test_a_deletion_is_its_row_before_the_change_and_needs_the_key_only() -> None:
    worked = work(event({"YLJGDM": ORG, "SFMXID": "S1"}, op="d"))
    assert worked.landing.records["tb_mz_sfmxb"].select("sfmxid", "_deleted").rows() == [("S1", 1)]
    assert worked.found() == []


def test_a_deletion_without_its_key_is_rejected() -> None:
    worked = work(batch({"YLJGDM": ORG}, {"SFMXID": "S2", "YLJGDM": OTHER_ORG}, op="delete"))
    assert worked.found() == [(1, "SF02"), (2, "SF01")]
    assert worked.ledger[0]["rejected"] == 2


def test_the_institution_is_the_rows_own() -> None:
    record = Sent(event(patient(YLJGDM=OTHER_ORG), table=PATIENTS), key=ORG.encode())
    assert read(record).messages[0].org == OTHER_ORG


def test_columns_in_lower_case_name_the_institution_too() -> None:
    small = {name.lower(): value for name, value in charge().items()}
    worked = work(event(small, table="tb_mz_sfmxb"))
    assert worked.decoded.messages[0].org == ORG
    assert worked.ledger[0]["accepted"] == 1


def test_a_padded_institution_code_is_the_institution() -> None:
    worked = work(event(charge(YLJGDM=ORG + "          ")))
    assert (worked.decoded.messages[0].org, worked.ledger[0]["accepted"]) == (ORG, 1)


def test_line_breaks_in_a_pretty_printed_event_do_not_split_its_row() -> None:
    row = b'{\n  "YLJGDM": "' + ORG.encode() + b'",\r\n  "SFMXID": "S1",\n  "MXXMMC": "a\\nb"\n}'
    decoded = read(event(row))
    assert values_of(decoded, "MXXMMC") == ["a\nb"]
    assert decoded.letters == []


def test_numbers_of_an_event_become_texts_like_those_of_a_batch() -> None:
    row = b'{"YLJGDM":"' + ORG.encode() + b'","SFMXID":123456789012345678,"MXXMDJ":1.10}'
    decoded = read(event(row), batch(row))
    assert values_of(decoded, "SFMXID") == ["123456789012345678"] * 2
    assert values_of(decoded, "MXXMDJ") == ["1.1"] * 2


@pytest.mark.parametrize("ts_ms", [1, 946_684_799_999, ARRIVED_MS + 25 * 3_600_000, 10**30])
def test_an_impossible_time_of_the_source_is_the_arrival(ts_ms: int) -> None:
    value = event(charge()).replace(str(ARRIVED_MS - 1000).encode(), str(ts_ms).encode())
    assert read(value).messages[0].source_ms == ARRIVED_MS


def test_an_event_without_a_time_is_dated_by_its_arrival() -> None:
    [message] = read(event(charge(), ts_ms=None)).messages
    assert (message.source_ms, message.dated) == (ARRIVED_MS, False)


def test_epoch_numbers_of_an_event_are_times() -> None:
    wall_clock = 1_795_161_600_000  # 2026-11-20 08:00:00 as Debezium writes a DATETIME without zone
    worked = work(event(charge(FYFSSJ=wall_clock, SFJSSJ=(wall_clock + 3_600_000) * 1000)))
    record = worked.landing.records["tb_mz_sfmxb"].row(0, named=True)
    assert f"{record['fyfssj']:%Y-%m-%d %H:%M:%S %z}" == "2026-11-20 08:00:00 +0800"
    assert f"{record['sfjssj']:%Y-%m-%d %H:%M:%S}" == "2026-11-20 09:00:00"
    assert worked.found() == []


def test_events_and_batches_of_one_table_are_one_frame_in_order() -> None:
    decoded = read(event(charge(SFMXID="a")), batch(charge(SFMXID="b"), charge(SFMXID="c")), event(charge(SFMXID="d")))
    assert values_of(decoded, "SFMXID") == ["a", "b", "c", "d"]


def test_extra_fields_of_the_envelope_do_not_matter() -> None:
    value = event(charge(), transaction=None, source={"table": CHARGES, "db": "his", "lsn": 10**18}, ts_ns=1)
    assert read(value).messages[0].kind == "debezium"
