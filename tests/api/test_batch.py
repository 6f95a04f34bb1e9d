"""One upload as a change batch: the same upload gives the same bytes and the same receipt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from api.batch import BatchHeaders, make_batch, read_headers
from api.errors import ApiError
from tests.api.conftest import ORG_A, ORG_B

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)


def headers(**values: str) -> BatchHeaders:
    return read_headers(
        {"x-sanjian-batch": "b1", **{f"x-sanjian-{k.replace('_', '-')}": v for k, v in values.items()}}, NOW
    )


def test_the_message_is_a_header_line_and_the_rows() -> None:
    batch = make_batch(ORG_A, "TB_MZ_SFMXB", headers(), [b'{"A":1.10}', b'{"A":2}'])
    head, *rows = batch.message(NOW).split(b"\n")
    assert orjson.loads(head) == {
        "sanjian": 1, "org": ORG_A, "table": "TB_MZ_SFMXB", "batch": "b1", "op": "upsert",
        "sent_at": "2026-11-21T08:00:00.000+08:00", "count": 2,
    }  # fmt: skip
    assert rows == [b'{"A":1.10}', b'{"A":2}']


def test_an_honest_empty_batch_carries_its_day() -> None:
    batch = make_batch(ORG_A, "TB_HZXX", headers(biz_date="2026-11-20"), [])
    assert orjson.loads(batch.message(NOW))["biz_date"] == "2026-11-20"
    assert orjson.loads(batch.message(NOW))["count"] == 0


@pytest.mark.parametrize("values", [{}, {"biz_date": "2026-11-20", "op": "delete"}])
def test_an_empty_batch_without_a_day_or_of_deletions_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(ApiError, match="empty"):
        make_batch(ORG_A, "TB_HZXX", headers(**values), [])


def test_receipts_differ_by_institution_table_and_batch_and_content_by_rows_and_op() -> None:
    one = make_batch(ORG_A, "TB_HZXX", headers(), [b"{}"])
    other_org = make_batch(ORG_B, "TB_HZXX", headers(), [b"{}"])
    deletion = make_batch(ORG_A, "TB_HZXX", headers(op="delete"), [b"{}"])
    assert one.receipt_id != other_org.receipt_id
    assert one.receipt_id == deletion.receipt_id
    assert one.content_hash != deletion.content_hash
    assert (
        one.content_hash == make_batch(ORG_A, "TB_HZXX", headers(sent_at="2026-11-20T08:00:00Z"), [b"{}"]).content_hash
    )


@pytest.mark.parametrize("batch", ["", "a b", "x" * 101, "中文", "../x\n", "a/b"])
def test_unsafe_batch_ids_are_refused(batch: str) -> None:
    with pytest.raises(ApiError, match="batch_header"):
        read_headers({"x-sanjian-batch": batch}, NOW)


def test_a_time_without_zone_is_shanghai_time() -> None:
    assert headers(sent_at="2026-11-21T07:00:00").sent_at == datetime(2026, 11, 20, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "1999-12-31", (NOW + timedelta(minutes=6)).isoformat()])
def test_times_that_are_none_too_old_or_ahead_are_refused(text: str) -> None:
    with pytest.raises(ApiError, match="sent_at_header"):
        headers(sent_at=text)


def test_wrong_op_and_day_are_refused() -> None:
    with pytest.raises(ApiError, match="op_header"):
        headers(op="insert")
    with pytest.raises(ApiError, match="biz_date_header"):
        headers(biz_date="20.11.2026")
