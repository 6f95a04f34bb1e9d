"""What holds for any bytes and any rows, whatever comes together in a batch of messages."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from streams.message import BOM
from streams.typed import times
from tests.streams.unit.build import (
    CHARGES,
    ORG,
    OTHER_ORG,
    PATIENTS,
    Sent,
    Worked,
    batch,
    charge,
    count,
    event,
    patient,
    records,
    work,
    work_records,
)

#: Few examples each run: the machine is small, and Hypothesis remembers what failed.
FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

TIMES = [
    "2026-11-20 08:00:00", "2026-11-20T08:00:00", "20261120", "20261120080000", "2026-11-20", "2026-11-20 08:00:00.123",
    "2026-11-20T08:00:00.123456", "2026-11-20T08:00:00+08:00", "2026-11-20T00:00:00Z", "2026-11-20 08:00",
    1795161600000, 1795161600000000, "1988-04-10 00:30:00", "2024-02-29 23:59:59", "2023-02-29", "2099-01-01 00:00:00",
    "-", "", "soon", None, "2026-13-01", "1899-12-31 23:59:59", "0000-00-00 00:00:00", "2026-11-21 08:04:00",
]  # fmt: skip
AMOUNTS = ["12.50", "25.00", "-25", 25, 0.07, "0", "1e3", "", None, "abc", "-", "1234567.00", "12345678901234567890"]
CODES = ["1", "2", "3", "9", "", None, "-", "01", "0101", "03", "99"]
TEXTS = ["S1", "S2", "S3", "", None, "-", "长" * 40, " padded ", "x" * 200, "\n", "\u0000", 7, {"a": 1}]
IDS = ["990000199003070013", "990000199003070010", "99000019900307001X", "-", "", None, "０" * 18, "000000000000000000"]
BIRTHS = ["19900307", "20260901", "2026090", "18500101", "20240229", "20230229", "", None, "-", 19900307]


def changes(choices: dict[str, Sequence[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Some columns with some of their values; the rest stays right."""
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in choices.items()})


charges = changes(
    {
        "SFMXID": TEXTS, "FYFSSJ": TIMES, "SFJSSJ": TIMES, "TBRQ": TIMES, "MXXMDJ": AMOUNTS, "MXXMSL": AMOUNTS,
        "MXXMYSJE": AMOUNTS, "MXXMSSJE": AMOUNTS, "TFBZ": CODES, "SFXMLBBM": CODES, "FYSRGLBM": CODES, "KDKSBM": CODES,
        "XGBZ": CODES, "KDYSSFZHM": IDS, "MXXMBM": TEXTS, "MXXMMC": TEXTS, "YLJGDM": [ORG, OTHER_ORG, "", None, "x"],
    }
).map(lambda values: charge(**values))  # fmt: skip
patients = changes(
    {
        "BRZSY": TEXTS, "ZJHM": IDS, "ZJLX": CODES, "XB": CODES, "CSRQ": BIRTHS, "TBRQ": TIMES, "CJGZRQ": TIMES,
        "NLS": ["36", "200", "NaN", "", None, 36], "SJHM": ["13800000000", "1", "", None], "HYZK": CODES,
    }
).map(lambda values: patient(**values))  # fmt: skip
junk = st.sampled_from([b"null", b"{", b"[1]", b'{"SFMXID":"\xff"}', b"{}{}", b"17", b"{}"])


@st.composite
def messages(draw: st.DrawFn) -> Sent:
    """A batch or an event of one of two institutions, of charges or patients, now and then with rows that are none."""
    org = draw(st.sampled_from([ORG, OTHER_ORG]))
    table, rows = draw(st.sampled_from([(CHARGES, charges), (PATIENTS, patients)]))
    partition = draw(st.sampled_from([0, 1]))
    if draw(st.integers(0, 4)) == 0:
        return Sent(event(draw(rows) | {"YLJGDM": org}, table=table), partition=partition)
    sent = draw(st.lists(st.one_of(rows, rows, rows, junk), min_size=0, max_size=6))
    lower = draw(st.booleans()) and draw(st.booleans())
    if lower:
        sent = [row if isinstance(row, bytes) else {name.lower(): value for name, value in row.items()} for row in sent]
    op = draw(st.sampled_from(["upsert", "upsert", "upsert", "delete"]))
    return Sent(batch(*sent, org=org, table=table, op=op, biz_date="2026-11-20"), partition=partition)


def outcome(worked: Worked) -> dict[str, list[str]]:
    """All that is landed and told, as sorted texts: what must not depend on company."""
    landing = worked.landing
    frames = {
        "ledger": landing.ledger, "findings": landing.findings, "rejected": landing.rejected_rows,
        "unmapped": landing.unmapped_codes, "letters": landing.dead_letters, **landing.records,
    }  # fmt: skip
    told = {name: _texts(frame) for name, frame in frames.items() if frame.height}
    return told | {"alerts": sorted(alert.payload.decode() for alert in worked.alerts)}


def _texts(frame: pl.DataFrame) -> list[str]:
    return [str(row) for row in frame.select(sorted(frame.columns)).rows()]


def together(parts: Sequence[Worked]) -> dict[str, list[str]]:
    merged: dict[str, list[str]] = {"alerts": []}
    for part in parts:
        for name, texts in outcome(part).items():
            merged.setdefault(name, []).extend(texts)
    return {name: sorted(texts) for name, texts in merged.items()}


@FEW
@given(st.lists(messages(), min_size=2, max_size=6), st.data())
def test_the_outcome_of_messages_does_not_depend_on_what_they_come_with(sent: list[Sent], data: st.DataObject) -> None:
    numbered = records(*sent)
    whole = together([work_records(numbered)])
    assert together([work_records([record]) for record in numbered]) == whole
    cuts = sorted(data.draw(st.sets(st.integers(1, len(numbered) - 1)), label="cuts"))
    groups = [numbered[start:end] for start, end in zip([0, *cuts], [*cuts, len(numbered)], strict=True)]
    assert together([work_records(group) for group in groups]) == whole


@FEW
@given(st.lists(messages(), min_size=1, max_size=5))
def test_every_row_has_exactly_one_outcome(sent: list[Sent]) -> None:
    worked = work(*sent)
    ledger = worked.ledger
    for message in worked.decoded.messages:
        mine = [row for row in ledger if row["offset"] == message.offset]
        assert count(mine, "received") == message.rows
        assert count(mine, "accepted") + count(mine, "rejected") + count(mine, "unreadable") == message.rows
        assert count(mine, "bytes") == message.size
        assert len({row["biz_date"] for row in mine}) == len(mine)
    assert count(ledger, "accepted") == sum(frame.height for frame in worked.landing.records.values())
    assert count(ledger, "rejected") == worked.landing.rejected_rows.height
    assert count(ledger, "findings") == worked.landing.findings.height
    if worked.landing.findings.height:
        found = worked.landing.findings
        assert found.select("offset", "row", "rule_id").is_unique().all()
        errors = found.filter(severity="error").select("offset", "row").unique()
        assert errors.height == count(ledger, "rejected")
        assert set(found.filter(severity="error")["outcome"]) <= {"rejected"}
    if worked.landing.unmapped_codes.height:
        assert int(worked.landing.unmapped_codes["rows"].sum()) == count(ledger, "unmapped")


@MANY
@given(st.binary(max_size=200))
@example(b"\n")
@example(BOM + b"\n{}")
@example(b'{"sanjian":1}')
@example(b'{"payload":{"op":"c","after":{}}}')
def test_no_bytes_raise(value: bytes) -> None:
    worked = work(value, batch(charge()))
    assert count(worked.ledger, "accepted") == 1


@MANY
@given(st.binary(max_size=60), st.integers(0, 3))
@example(b"x\x01", 1)
@example(b"\x1f\x8b\x08", 1)
def test_no_bytes_after_a_header_raise(body: bytes, rows: int) -> None:
    head = batch(count=rows, biz_date="2026-11-20")
    worked = work(head + body, batch(charge()))
    mine = [row for row in worked.ledger if row["offset"] == 0]
    assert count(mine, "received") == rows
    assert count(mine, "accepted") + count(mine, "rejected") + count(mine, "unreadable") == rows


ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=6,
)


@MANY
@given(st.sampled_from(["sanjian", "org", "table", "batch", "op", "sent_at", "encoding", "biz_date", "x"]), ANY_JSON)
def test_no_value_of_a_header_field_raises(name: str, value: Any) -> None:
    if isinstance(value, int) and abs(value) >= 1 << 63:
        value = str(value)
    try:
        sent = batch(charge(), **{name: value})
    except TypeError:  # orjson does not write every integer
        return
    worked = work(sent)
    assert count(worked.ledger, "received") == 1


@MANY
@given(st.sampled_from(["op", "before", "after", "source", "ts_ms", "payload", "schema"]), ANY_JSON)
def test_no_value_of_an_event_field_raises(name: str, value: Any) -> None:
    try:
        sent = orjson.dumps(orjson.loads(event(charge())) | {name: value})
    except TypeError:
        return
    assert count(work(sent).ledger, "received") == 1


@MANY
@given(st.dictionaries(st.sampled_from([*charge(), *patient(), "x"]), ANY_JSON, max_size=6))
def test_no_value_of_a_column_raises(values: dict[str, Any]) -> None:
    try:
        rows = [charge(**values), patient(**values)]
        sent = [batch(rows[0]), batch(rows[1], table=PATIENTS)]
    except TypeError:
        return
    ledger = work(*sent).ledger
    assert count(ledger, "received") == 2


SHAPES = st.one_of(
    st.sampled_from([str(value) for value in TIMES if value is not None]),
    st.from_regex(r"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T]?([0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?\Z"),
    st.from_regex(r"\A[0-9]{8,17}\Z"),
    st.from_regex(
        r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|z|[+-][0-9]{2}:?[0-9]{2})\Z"
    ),
    st.from_regex(r"\A(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-6][0-9]:[0-6][0-9]\Z"),
    st.text(max_size=20),
    st.none(),
)


@MANY
@pytest.mark.parametrize("epoch_is", ["local", "utc"])
@given(column=st.lists(SHAPES, min_size=1, max_size=12))
def test_a_time_is_read_the_same_whatever_stands_above_it(epoch_is: str, column: list[str | None]) -> None:
    series = functools.partial(pl.Series, dtype=pl.String)
    whole = times(series(column), epoch_is).to_list()
    single = [times(series([value]), epoch_is).to_list()[0] for value in column]
    assert whole == single
