"""What an unfinished attempt left behind is removed, and nothing else."""

from __future__ import annotations

import polars as pl
import pytest

from clickhouse import leftovers
from clickhouse.client import ClickHouse
from clickhouse.leftovers import TABLES, drop_leftovers
from tests.clickhouse.rows import put

pytestmark = pytest.mark.stack


def offsets(client: ClickHouse, table: str, topic_id: str = "T", partition: int = 0) -> list[int]:
    where = f"topic_id = '{topic_id}' AND partition = {partition}"
    rows = client.rows(f"SELECT offset FROM {table} FINAL WHERE {where} ORDER BY offset")
    return [row["offset"] for row in rows]


@pytest.mark.parametrize("table", TABLES)
def test_rows_of_messages_without_a_ledger_row_are_dropped(clickhouse: ClickHouse, table: str) -> None:
    put(clickhouse, "ledger", *[{"offset": offset} for offset in (0, 1, 4)])
    put(
        clickhouse,
        table,
        *[
            {"offset": offset, "id": f"a{offset}"} if table == "alerts" else {"offset": offset}
            for offset in (0, 1, 2, 3, 4, 5)
        ],
    )
    others = {"topic_id": "other", "offset": 2}, {"partition": 1, "offset": 2}
    put(clickhouse, table, *[row | {"id": str(n)} if table == "alerts" else row for n, row in enumerate(others)])

    assert drop_leftovers(clickhouse, "T", 0, 2) == {name: 3 if name == table else 0 for name in TABLES}
    assert offsets(clickhouse, table) == [0, 1, 4]
    assert offsets(clickhouse, table, "other") == offsets(clickhouse, table, partition=1) == [2]
    assert set(drop_leftovers(clickhouse, "T", 0, 2).values()) == {0}


def test_without_leftovers_nothing_is_changed(clickhouse: ClickHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    put(clickhouse, "ledger", {"offset": 0})
    put(clickhouse, "findings", {"offset": 0})
    monkeypatch.setattr(ClickHouse, "command", lambda *_: pytest.fail("a mutation"))
    assert set(drop_leftovers(clickhouse, "T", 0, 0).values()) == {0}


def test_what_is_dropped_can_be_landed_again_even_with_the_same_token(clickhouse: ClickHouse) -> None:
    frame = pl.DataFrame({"topic_id": ["T"], "partition": [0], "offset": [7]})
    clickhouse.insert("findings", frame, token="hash of the rows")
    assert drop_leftovers(clickhouse, "T", 0, 0)["findings"] == 1
    clickhouse.insert("findings", frame, token="hash of the rows")
    assert offsets(clickhouse, "findings") == [7]


def test_many_leftovers_are_dropped_in_several_statements(
    clickhouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "_OFFSETS_A_STATEMENT", 2)
    put(clickhouse, "findings", *[{"offset": offset, "row": row} for offset in range(5) for row in (1, 2)])
    assert drop_leftovers(clickhouse, "T", 0, 0)["findings"] == 10
    assert offsets(clickhouse, "findings") == []
