"""What cannot be read has exactly one outcome, and whoever sent something right beside it never notices."""

from __future__ import annotations

import gzip
import itertools
import zlib
from typing import Any

import orjson
import pytest

from standard.vocabulary import KINDS
from streams.message import BOM
from streams.reasons import REASONS, UNREADABLE
from tests.streams.unit.build import (
    CHARGES,
    LIMIT,
    ORG,
    PATIENTS,
    Row,
    Sent,
    batch,
    charge,
    count,
    event,
    patient,
    work,
)

DEEP = b"[" * 100_000 + b"]" * 100_000
ROW = orjson.dumps(charge())

#: name → (bytes of the message, reason, rows it says it has)
WHOLE: dict[str, tuple[bytes, str, int]] = {
    "no bytes": (b"", "empty", 1),
    "not UTF-8": (b"\xff\xfe\x00\x01", "bad_utf8", 1),
    "an event in GBK": (event(charge()).decode().encode("gbk"), "bad_utf8", 1),
    "a header that is not UTF-8": (batch(ROW).replace(b'"B1"', b'"\xb5\xda"'), "bad_utf8", 1),
    "blanks": (b"  \n \n", "not_json", 1),
    "only a byte order mark": (BOM, "not_json", 1),
    "prose": (b"hello", "not_json", 1),
    "a number": (b"17", "not_json", 1),
    "null as JSON": (b"null", "not_json", 1),
    "an array": (b"[" + ROW + b"]", "not_json", 1),
    "a truncated header": (b'{"sanjian":1,"org":"', "not_json", 1),
    "a truncated event": (event(charge())[:-5], "not_json", 1),
    "two events on a line": (event(charge()) + event(charge()), "not_json", 1),
    "deep nesting": (DEEP, "not_json", 1),
    "deep nesting in a header": (b'{"sanjian":' + DEEP + b"}\n" + ROW, "not_json", 1),
    "deep nesting in an event": (event(b'{"YLJGDM":"' + ORG.encode() + b'","SFMXID":' + DEEP + b"}"), "not_json", 1),
    "NaN in an event": (event(b'{"YLJGDM":NaN}'), "not_json", 1),
    "1e400 in an event": (event(b'{"YLJGDM":"' + ORG.encode() + b'","MXXMSL":1e400}'), "not_json", 1),
    "bad UTF-8 in an event's row": (event(b'{"YLJGDM":"' + ORG.encode() + b'","SFMXID":"\xff"}'), "bad_utf8", 1),
    "a lone surrogate in an event": (event(b'{"YLJGDM":"\\ud800"}'), "not_json", 1),
    "an event without a row": (event(None), "not_json", 1),
    "a deletion without the row before": (event(charge(), op="d").replace(b'"before"', b'"x"'), "not_json", 1),
    "an event whose row is a number": (event(b"5"), "not_json", 1),
    "an event whose row is an array": (event(b"[1]"), "not_json", 1),
    "a plain row": (ROW, "bad_header", 1),
    "an empty object": (b"{}", "bad_header", 1),
    "an envelope without an event": (b'{"schema":{},"payload":null}', "bad_header", 1),
    "op is a number": (b'{"op":5,"after":{}}', "bad_header", 1),
    "source is null": (b'{"op":"c","after":{},"source":null}', "bad_header", 1),
    "the source's table is a number": (b'{"op":"c","after":{},"source":{"table":5}}', "bad_header", 1),
    "ts_ms is a text": (b'{"op":"c","ts_ms":"now","after":{}}', "bad_header", 1),
    "a truncation by Debezium": (event(charge(), op="t"), "unsupported_op", 1),
    "an event of an unknown table": (event(charge(), table="TB_X"), "unknown_table", 1),
    "an event of an unknown institution": (event(charge(YLJGDM="9" * 22)), "unknown_org", 1),
    "an event of no institution": (event(charge(YLJGDM=None)), "unknown_org", 1),
    "an event of a number": (event(charge(YLJGDM=5)), "unknown_org", 1),
    "too large": (batch(charge(YLYL1="x" * LIMIT)), "too_large", 1),
    "an unknown version": (batch(ROW, ROW, sanjian=2), "unknown_version", 2),
    "a version that is a text": (batch(ROW, sanjian="1"), "unknown_version", 1),
    "a version that is true": (batch(ROW, sanjian=True), "unknown_version", 1),
    "an unknown table": (batch(ROW, ROW, table="TB_UNKNOWN"), "unknown_table", 2),
    "a table that is a list": (batch(ROW, table=[CHARGES]), "unknown_table", 1),
    "no table": (batch(ROW, without=["table"]), "unknown_table", 1),
    "an unknown institution": (batch(ROW, ROW, ROW, org="9" * 22), "unknown_org", 3),
    "an institution that is too short": (batch(ROW, org="900000014"), "unknown_org", 1),
    "an institution that is a number": (batch(ROW, org=90000001499), "unknown_org", 1),
    "an institution with a line break": (batch(ROW, org=ORG + "\n"), "unknown_org", 1),
    "no institution": (batch(ROW, without=["org"]), "unknown_org", 1),
    "more rows than the count": (batch(ROW, ROW, count=1), "count_mismatch", 1),
    "fewer rows than the count": (batch(ROW, count=3), "count_mismatch", 3),
    "a blank line instead of a row": (batch(ROW, b"", ROW), "count_mismatch", 3),
    "a line of blanks instead of a row": (batch(ROW, b" \t ", ROW), "count_mismatch", 3),
    "rows and count 0": (batch(ROW, count=0, biz_date="2026-11-20"), "count_mismatch", 0),
    "no rows at all": (batch(count=2), "count_mismatch", 2),
    "no count": (batch(ROW, without=["count"]), "bad_header", 1),
    "count is a text": (batch(ROW, count="1"), "bad_header", 1),
    "count is true": (batch(ROW, count=True), "bad_header", 1),
    "count is a fraction": (batch(ROW, count=1.0), "bad_header", 1),
    "count is null": (batch(ROW, count=None), "bad_header", 1),
    "count is negative": (batch(ROW, count=-1), "bad_header", 1),
    "count is enormous": (batch(ROW).replace(b'"count":1', b'"count":' + b"9" * 40), "bad_header", 1),
    "count is infinite": (batch(ROW).replace(b'"count":1', b'"count":1e400'), "not_json", 1),
    "no batch": (batch(ROW, without=["batch"]), "bad_header", 1),
    "batch is a number": (batch(ROW, batch=7), "bad_header", 1),
    "batch is empty": (batch(ROW, batch=""), "bad_header", 1),
    "batch is too long": (batch(ROW, batch="x" * 201), "bad_header", 1),
    "sent_at is no time": (batch(ROW, sent_at="yesterday"), "bad_header", 1),
    "sent_at is empty": (batch(ROW, sent_at=""), "bad_header", 1),
    "an unknown encoding": (batch(ROW, encoding="utf-16"), "bad_header", 1),
    "encoding is null": (batch(ROW, encoding=None), "bad_header", 1),
    "an unknown op": (batch(ROW, op="merge"), "unsupported_op", 1),
    "op is null": (batch(ROW, op=None), "unsupported_op", 1),
    "nothing happened, but when?": (batch(), "no_biz_date", 0),
    "nothing happened on an impossible day": (batch(biz_date="2026-02-30"), "no_biz_date", 0),
    "nothing happened on null": (batch(biz_date=None), "no_biz_date", 0),
    "nothing happened in 1970": (batch(biz_date="1970-01-01"), "no_biz_date", 0),
    "nothing happened in 9999": (batch(biz_date="9999-01-01"), "no_biz_date", 0),
}

#: name → one line of a batch that is no row
LINES: dict[str, bytes] = {
    "a number": b"17",
    "null": b"null",
    "an array": b"[" + ROW + b"]",
    "an empty array": b"[]",
    "a text": b'"row"',
    "two objects": ROW + ROW,
    "two objects with a comma": ROW + b"," + ROW,
    "an object and more": ROW + b" x",
    "a truncated row": ROW[:-1],
    "a text cut in the middle": ROW[:40],
    "bad UTF-8": b'{"SFMXID":"\xff"}',
    "bad UTF-8 in an unknown column": b'{"X":"\xc3\x28"}',
    "NaN": b'{"MXXMSL":NaN}',
    "Infinity": b'{"MXXMSL":Infinity}',
    "1e400": b'{"MXXMSL":1e400}',
    "a number of 400 digits": b'{"SFMXID":' + b"9" * 400 + b"}",
    "deep nesting": b'{"SFMXID":' + DEEP + b"}",
    "single quotes": b"{'SFMXID':'S1'}",
    "a NUL": b"\x00",
    "a NUL in a text": b'{"SFMXID":"a\x00b"}',
    "a tab in a text": b'{"SFMXID":"a\tb"}',
    "a byte order mark": BOM + ROW,
    "a comma at the end": b'{"SFMXID":"1",}',
    "a leading zero": b'{"MXXMSL":01}',
    "a comment": b"// nothing",
    "a gzip file of a row": gzip.compress(ROW, mtime=0).replace(b"\n", b""),
    "a zlib stream of a row": zlib.compress(ROW).replace(b"\n", b""),
    "the beginning of a zlib stream": b"x\x01",
    "the beginning of a zstd file": b"\x28\xb5\x2f\xfd\x00",
}

#: name → a row that is odd, but a row
ODD: dict[str, dict[str, Any] | bytes] = {
    "nothing in it": {},
    "only unknown columns": {"a": 1, "b": [1, 2]},
    "a huge integer": charge(MXXMSL=10**18),
    "a huger integer": b'{"SFMXID":' + b"9" * 38 + b"}",
    "duplicate keys": b'{"SFMXID":"first","SFMXID":"second"}',
    "NUL as an escape": b'{"SFMXID":"\\u0000"}',
    "a lone surrogate as an escape": b'{"SFMXID":"\\ud800"}',
    "nested values": charge(MXXMMC={"a": [1, {"b": None}]}, MXXMSL=[1]),
    "values of other types": charge(MXXMSL="two", FYFSSJ="soon", MXXMDJ=True),
    "a very long text": charge(YLYL1="长" * 50_000),
    "many columns": {f"C{number}": number for number in range(2000)},
}


def identity(ledger: list[dict[str, Any]]) -> None:
    assert count(ledger, "received") == sum(count(ledger, name) for name in ("accepted", "rejected", "unreadable"))


@pytest.mark.parametrize("name", WHOLE)
def test_an_unreadable_message_has_its_reason_and_its_neighbours_are_unharmed(name: str) -> None:
    value, reason, rows = WHOLE[name]
    worked = work(batch(charge(SFMXID="before")), value, event(charge(SFMXID="after")))
    assert worked.reasons() == [(1, 0, reason)]
    assert worked.decoded.letters[0].content == value
    [mine] = [row for row in worked.ledger if row["offset"] == 1]
    assert (mine["kind"], mine["reason"]) == ("unreadable", reason)
    assert (mine["received"], mine["unreadable"], mine["accepted"], mine["rejected"]) == (rows, rows, 0, 0)
    assert worked.landing.records["tb_mz_sfmxb"]["sfmxid"].to_list() == ["before", "after"]
    assert [alert.kind for alert in worked.alerts] == ["unreadable"]
    identity(worked.ledger)


@pytest.mark.parametrize("name", LINES)
def test_a_line_that_is_no_row_is_unreadable_alone(name: str) -> None:
    worked = work(batch(charge(SFMXID="a"), LINES[name], charge(SFMXID="c")), batch(charge(SFMXID="d")))
    assert worked.reasons() == [(0, 2, "not_json")]
    assert worked.decoded.letters[0].content == LINES[name]
    assert worked.landing.records["tb_mz_sfmxb"].select("sfmxid", "_row").rows() == [("a", 1), ("c", 3), ("d", 1)]
    assert (count(worked.ledger, "received"), count(worked.ledger, "unreadable")) == (4, 1)
    identity(worked.ledger)


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("op", ["upsert", "delete"])
def test_a_batch_of_unreadable_lines_only_is_counted(name: str, op: str) -> None:
    worked = work(batch(LINES[name], LINES[name], op=op))
    assert worked.reasons() == [(0, 1, "not_json"), (0, 2, "not_json")]
    assert (count(worked.ledger, "received"), count(worked.ledger, "unreadable")) == (2, 2)
    assert worked.decoded.frames == {}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_row_is_decided_not_unreadable(name: str) -> None:
    worked = work(batch(ODD[name], charge(SFMXID="beside")))
    assert worked.reasons() == []
    assert (count(worked.ledger, "received"), count(worked.ledger, "unreadable")) == (2, 0)
    identity(worked.ledger)


def test_a_packed_body_is_not_unpacked() -> None:
    """The frame reader would unpack a file: a few bytes would become gigabytes."""
    bomb = gzip.compress(b" " * 1_000_000 + ROW, mtime=0)
    rows = [line for line in bomb.split(b"\n") if line.strip()]
    worked = work(batch(*rows), batch(charge()))
    assert worked.reasons() == [(0, row, "not_json") for row in range(1, len(rows) + 1)]


def test_of_duplicate_keys_the_first_counts() -> None:
    worked = work(batch(b'{"SFMXID":"first","SFMXID":"second"}'))
    assert worked.landing.rejected_rows["row_key"].to_list() == ["first"]


def test_of_duplicate_institutions_in_an_event_neither_is_believed() -> None:
    row = ROW.replace(b'"YLJGDM":', b'"YLJGDM":"' + b"9" * 22 + b'","YLJGDM":', 1)
    worked = work(event(row))
    assert (1, "SF01") in worked.found()
    assert worked.ledger[0]["rejected"] == 1


def test_a_tombstone_is_counted_as_nothing() -> None:
    worked = work(None, batch(charge()))
    tombstone = worked.ledger[0]
    assert (tombstone["kind"], tombstone["received"], tombstone["declared_empty"]) == ("tombstone", 0, 0)
    assert worked.reasons() == []
    assert worked.alerts == []


def test_all_that_is_unreadable_together_leaves_the_readable_alone() -> None:
    values = list(itertools.chain.from_iterable((value, batch(charge())) for value, _, _ in WHOLE.values()))
    worked = work(*values)
    assert [reason for _, _, reason in worked.reasons()] == [reason for _, reason, _ in WHOLE.values()]
    assert count(worked.ledger, "accepted") == len(WHOLE)
    assert sorted({row["offset"] for row in worked.ledger}) == list(range(2 * len(WHOLE)))
    identity(worked.ledger)


def test_all_bad_lines_in_one_batch_leave_its_rows_alone() -> None:
    bad = list(LINES.values())
    rows: list[Row] = []
    for number, line in enumerate(bad):
        rows += [charge(SFMXID=f"S{number}"), line]
    worked = work(batch(*rows))
    assert [letter.row for letter in worked.decoded.letters] == list(range(2, 2 * len(bad) + 1, 2))
    assert [letter.content for letter in worked.decoded.letters] == bad
    assert worked.landing.records["tb_mz_sfmxb"]["sfmxid"].to_list() == [f"S{n}" for n in range(len(bad))]


def test_an_unreadable_message_belongs_to_the_institution_of_its_key() -> None:
    worked = work(Sent(b"hello"), Sent(b"hello", key=b"stranger"), Sent(b"hello", key=None), Sent(b"x", key=b"\xff"))
    assert worked.landing.ledger["org"].to_list() == [ORG, "", "", ""]


def test_what_was_read_of_an_unreadable_message_is_kept() -> None:
    worked = work(batch(patient(), table=PATIENTS, batch="B9", count=2))
    assert worked.landing.dead_letters.select("org", "table", "batch").rows() == [(ORG, PATIENTS, "B9")]


def test_every_reason_and_every_kind_of_check_has_a_text_in_both_languages() -> None:
    reasons = {reason for _, reason, _ in WHOLE.values()}
    assert reasons == set(UNREADABLE)
    assert {name for name, kind in KINDS.items() if kind.scope == "flight"} == set(REASONS)
    assert all(zh and en for zh, en in (*UNREADABLE.values(), *REASONS.values()))
