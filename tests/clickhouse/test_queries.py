"""The named queries: each can be run, says what it takes, and counts the same however often something was landed."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.query import FOLDER, load_query, query_names
from standard.load import load
from tests.clickhouse.rows import DAY, MORNING, at, put

PARAMETER = re.compile(r"\{(\w+):([^}]+)\}")
UNFILTERED: dict[str, Any] = {
    "org": "",
    "table": "",
    "biz_from": date(1970, 1, 1),
    "biz_to": date(1970, 1, 1),
    "rule_id": "",
    "severity": "",
    "outcome": "",
    "batch": "",
    "row_key": "",
    "map": "",
    "reason": "",
    "limit": 100,
    "offset": 0,
}


def ask(client: ClickHouse, name: str, **parameters: Any) -> list[dict[str, Any]]:
    sql = load_query(name)
    wanted = {parameter for parameter, _ in PARAMETER.findall(sql)}
    assert parameters.keys() <= wanted
    return client.rows(sql, {k: v for k, v in (UNFILTERED | parameters).items() if k in wanted})


def value_of(kind: str) -> Any:
    if kind.startswith("Array"):
        return []
    if kind.startswith("DateTime64"):
        return MORNING
    return {"String": "", "Date32": DAY}.get(kind, 0)


@pytest.mark.stack
@pytest.mark.parametrize("name", query_names())
def test_every_query_runs_on_an_empty_database(with_front_pages: ClickHouse, name: str) -> None:
    sql = load_query(name)
    with_front_pages.query(sql, {parameter: value_of(kind) for parameter, kind in PARAMETER.findall(sql)})


@pytest.mark.parametrize("name", query_names())
def test_every_query_says_what_it_returns_and_takes(name: str) -> None:
    sql = load_query(name)
    head = "\n".join(line for line in sql.splitlines() if line.startswith("--"))
    assert sql.startswith("-- "), "begins with what it returns"
    assert ";" not in re.sub("--.*", "", sql)
    for parameter, kind in PARAMETER.findall(sql):
        assert re.search(rf"\b{parameter}\b", head), f"parameter {parameter} is not described"
        assert not kind.startswith("DateTime") or kind == "DateTime64(3, 'Asia/Shanghai')", "a time without its zone"


def test_an_unknown_query_is_a_bug() -> None:
    with pytest.raises(KeyError, match=f"no query nothing in {FOLDER}"):
        load_query("nothing")


def test_a_query_within_a_query_stands_in_brackets_without_its_order() -> None:
    whole, part = load_query("indicator_calendar"), load_query("day_states")
    assert "{{" not in whole
    body, order = part.rsplit("\nORDER BY", 1)
    assert f"FROM (\n{body}\n)" in whole
    assert f"ORDER BY{order}\n)" not in whole


def landed(client: ClickHouse, *offsets: int, **columns: Any) -> None:
    put(client, "ledger", *[{"offset": offset, **columns} for offset in offsets])


@pytest.mark.stack
@pytest.mark.parametrize(
    ("offsets", "start", "first_missing", "missing"),
    [
        ([], 0, 0, [(0, 9)]),
        ([], 5, 5, [(5, 9)]),
        ([0, 1, 2], 0, 3, [(3, 9)]),
        ([0, 1, 2], 1, 3, [(3, 9)]),
        ([0, 1, 2], 3, 3, [(3, 9)]),
        ([0, 2, 5, 6], 0, 1, [(1, 1), (3, 4), (7, 9)]),
        ([3, 4], 0, 0, [(0, 2), (5, 9)]),
        ([3, 4], 3, 5, [(5, 9)]),
        ([*range(10)], 0, 10, []),
        ([*range(12)], 0, 12, []),
    ],
)
def test_the_ledger_tells_what_it_lacks(
    clickhouse: ClickHouse, offsets: list[int], start: int, first_missing: int, missing: list[tuple[int, int]]
) -> None:
    place: dict[str, Any] = {"topic_id": "T", "partition": 1}
    if offsets:
        landed(clickhouse, *offsets, **place)
        landed(clickhouse, *offsets, **place, biz_date=DAY - timedelta(1))  # a message of two days has two rows
    landed(clickhouse, *range(20), topic_id="other")
    landed(clickhouse, *range(20), topic_id="T", partition=2)
    assert ask(clickhouse, "ledger_offsets", **place, **{"from": start}) == [{"first_missing": first_missing}]
    found = ask(clickhouse, "ledger_missing", **place, **{"from": start, "to": 10})
    assert [(row["first"], row["last"]) for row in found] == missing


@pytest.mark.stack
def test_the_frontier_is_the_highest_offset_of_each_partition_of_the_topic(clickhouse: ClickHouse) -> None:
    landed(clickhouse, 0, 1, 7, partition=3)
    landed(clickhouse, 4, partition=0)
    landed(clickhouse, 99, topic_id="other")
    rows = ask(clickhouse, "ledger_frontier", topic_id="T")
    assert [(row["partition"], row["last"], row["messages"]) for row in rows] == [(0, 4, 1), (3, 7, 3)]
    assert rows[0]["landed_at"] == MORNING


@pytest.mark.stack
def test_only_messages_that_gave_rows_make_the_same_bytes_a_repeat(clickhouse: ClickHouse) -> None:
    big = 2**64 - 1
    put(
        clickhouse,
        "ledger",
        {"offset": 1, "message_id": big, "received": 5, "accepted": 5},
        {"offset": 1, "message_id": big, "received": 3, "accepted": 3, "biz_date": DAY - timedelta(1)},
        {"offset": 2, "message_id": 2, "kind": "debezium", "received": 1, "accepted": 1},
        {"offset": 3, "message_id": 3, "kind": "unreadable", "received": 1, "unreadable": 1},
        {"offset": 4, "message_id": 4, "received": 1, "unreadable": 1},
        {"offset": 5, "message_id": 5, "declared_empty": 1},
        {"offset": 6, "message_id": big, "kind": "repeat", "repeated": 8},
        {"offset": 7, "message_id": 7, "received": 1, "source_time": at("2026-11-20 08:00")},
    )
    rows = ask(clickhouse, "repeats", ids=[big, 2, 3, 4, 5, 7, 99], **{"from": MORNING, "to": MORNING})
    done = {(row["message_id"], row["offset"]) for row in rows if row["done"]}
    assert done == {(big, 1), (2, 2), (5, 5)}
    assert {(row["message_id"], row["offset"]) for row in rows} == done | {(3, 3), (4, 4)}
    assert len(rows) == 5
    assert all((row["topic_id"], row["partition"]) == ("T", 0) for row in rows)


@pytest.mark.stack
def test_totals_count_each_message_once_and_today_begins_at_midnight_in_shanghai(clickhouse: ClickHouse) -> None:
    yesterday = at("2026-11-20 23:59")
    message = {"received": 10, "accepted": 7, "rejected": 2, "unreadable": 1, "flagged": 3, "findings": 6}
    put(clickhouse, "ledger", {"offset": 1, **message}, {"offset": 2, **message, "arrived_at": yesterday})
    again = {"landed_at": MORNING + timedelta(seconds=1)}
    put(clickhouse, "ledger", {"offset": 1, **message, **again})  # landed again after a crash
    put(clickhouse, "ledger", {"offset": 3, "kind": "repeat", "repeated": 10})
    put(clickhouse, "alerts", {"id": "a"}, {"id": "a"}, {"id": "b", "raised_at": yesterday})
    midnight = datetime(2026, 11, 21, tzinfo=SHANGHAI)
    [row] = ask(clickhouse, "status_totals", midnight=midnight)
    [alerts] = ask(clickhouse, "status_alerts", midnight=midnight)
    for name, value in (message | {"alerts": 1}).items():
        assert ((row | alerts)[name], (row | alerts)[f"{name}_today"]) == (2 * value, value)
    assert (row["repeated"], row["repeated_today"]) == (10, 10)


@pytest.mark.stack
def test_totals_of_an_empty_database_are_zero(clickhouse: ClickHouse) -> None:
    [row] = ask(clickhouse, "status_totals", midnight=MORNING)
    assert set(row.values()) == {0}


@pytest.mark.stack
def test_a_receipt_has_the_counts_by_day_and_the_findings_by_rule(clickhouse: ClickHouse) -> None:
    assert ask(clickhouse, "receipt", org="org1", batch="b1") == []
    put(
        clickhouse,
        "ledger",
        {"received": 3, "accepted": 1, "rejected": 2, "findings": 3},
        {"biz_date": DAY - timedelta(1), "received": 1, "accepted": 1},
        {"offset": 1, "kind": "repeat", "repeated": 4},
        {"offset": 2, "org": "org2", "received": 9, "accepted": 9},
        {"offset": 3, "batch": "b2", "received": 9, "unreadable": 9, "kind": "unreadable", "reason": "count_mismatch"},
    )
    first, second = ask(clickhouse, "receipt", org="org1", batch="b1")
    assert (first["biz_date"], first["received"], first["accepted"]) == (DAY - timedelta(1), 1, 1)
    assert (second["biz_date"], second["received"], second["rejected"], second["repeated"]) == (DAY, 3, 2, 4)
    [unreadable] = ask(clickhouse, "receipt", org="org1", batch="b2", table="TB_HZXX")
    assert (unreadable["unreadable"], unreadable["reasons"]) == (9, ["count_mismatch"])
    assert ask(clickhouse, "receipt", org="org1", batch="b1", table="TB_OTHER") == []

    put(
        clickhouse,
        "findings",
        {"rule_id": "W", "severity": "warning"},
        {"rule_id": "M", "row": 7, "row_key": "k7", "value": "v7"},
        {"rule_id": "M", "row": 2, "row_key": "k2", "value": "v2"},
        {"rule_id": "M", "batch": "b2"},
        {"rule_id": "M", "org": "org2"},
    )
    put(clickhouse, "findings", {"rule_id": "W", "severity": "warning"})
    rows = ask(clickhouse, "receipt_findings", org="org1", batch="b1")
    assert [(row["rule_id"], row["severity"], row["rows"]) for row in rows] == [("M", "error", 2), ("W", "warning", 1)]
    assert (rows[0]["first_row"], rows[0]["first_key"], rows[0]["first_value"]) == (2, "k2", "v2")


@pytest.mark.stack
def test_findings_can_be_filtered_and_paged_without_missing_or_repeating_any(clickhouse: ClickHouse) -> None:
    rows = [
        {"offset": n % 3, "row": n, "rule_id": f"R{n % 2}", "severity": ("error", "warning")[n % 2], "row_key": f"k{n}"}
        for n in range(20)
    ]
    put(clickhouse, "findings", *rows, {"org": "org2", "batch": "b2", "table": "TB_X", "biz_date": DAY - timedelta(9)})
    put(clickhouse, "findings", *rows)  # landed again

    def page(start: int, **asked: Any) -> list[tuple[int, int]]:
        return [(r["offset"], r["row"]) for r in ask(clickhouse, "findings_page", limit=6, offset=start, **asked)]

    pages = [place for start in range(0, 24, 6) for place in page(start, org="org1")]
    assert len(pages) == len(set(pages)) == 20
    for asked, expected in [
        ({}, 21),
        ({"org": "org1"}, 20),
        ({"org": "nobody"}, 0),
        ({"table": "TB_X"}, 1),
        ({"rule_id": "R0"}, 10),
        ({"severity": "warning"}, 10),
        ({"batch": "b2"}, 1),
        ({"outcome": "accepted"}, 0),
        ({"row_key": "k3"}, 1),
        ({"biz_from": DAY}, 20),
        ({"biz_to": DAY - timedelta(1)}, 1),
        ({"biz_from": DAY - timedelta(9), "biz_to": DAY}, 21),
    ]:
        assert ask(clickhouse, "findings_count", **asked) == [{"findings": expected}], asked
        assert len(ask(clickhouse, "findings_page", **asked)) == expected, asked


@pytest.mark.stack
def test_counts_by_day_do_not_change_when_everything_is_sent_or_landed_again(clickhouse: ClickHouse) -> None:
    messages: list[dict[str, Any]] = [
        {"offset": 0, "received": 5, "accepted": 4, "rejected": 1, "findings": 2},
        {"offset": 1, "received": 3, "accepted": 3, "flagged": 1, "findings": 1},
        {"offset": 2, "declared_empty": 1, "biz_date": DAY - timedelta(1)},
        {"offset": 3, "org": "org2", "received": 2, "unreadable": 2, "biz_date": date(1970, 1, 1)},
    ]
    put(clickhouse, "ledger", *messages)
    before = ask(clickhouse, "counts_by_day")
    wanted = ("org", "biz_date", "received", "accepted", "rejected", "unreadable", "findings", "messages")
    assert [tuple(row[name] for name in wanted) for row in before] == [
        ("org1", DAY - timedelta(1), 0, 0, 0, 0, 0, 1),
        ("org1", DAY, 8, 7, 1, 0, 3, 2),
        ("org2", date(1970, 1, 1), 2, 0, 0, 2, 0, 1),
    ]
    assert [row["declared_empty"] for row in before] == [1, 0, 0]
    put(clickhouse, "ledger", *messages)
    put(clickhouse, "ledger", *[{"offset": 10 + n, "kind": "repeat", "repeated": 5} for n in range(4)])
    assert ask(clickhouse, "counts_by_day") == before
    assert ask(clickhouse, "counts_by_day", org="org2") == before[2:]
    assert ask(clickhouse, "counts_by_day", biz_from=DAY, biz_to=DAY) == before[1:2]


@pytest.mark.stack
def test_findings_by_rule_count_each_row_once(clickhouse: ClickHouse) -> None:
    rows = [{"row": 1}, {"row": 2}, {"row": 1, "rule_id": "W", "severity": "warning"}]
    for _ in range(2):
        put(clickhouse, "findings", *rows)
    found = ask(clickhouse, "findings_by_rule", org="org1", table="TB_HZXX")
    assert [(row["biz_date"], row["rule_id"], row["findings"]) for row in found] == [
        (DAY, "HZ-M-XM", 2),
        (DAY, "W", 1),
    ]


@pytest.mark.stack
def test_unmapped_codes_are_summed_by_code_with_their_newest_name(clickhouse: ClickHouse) -> None:
    put(
        clickhouse,
        "unmapped_codes",
        {"rows": 3},
        {"offset": 1, "rows": 4, "table": "TB_X", "name": "newer", "arrived_at": MORNING + timedelta(hours=1)},
        {"offset": 1, "code": "c2", "rows": 9},
    )
    put(clickhouse, "unmapped_codes", {"rows": 3})
    rows = ask(clickhouse, "unmapped_by_code", org="org1", map="drug")
    assert [(row["code"], row["rows"]) for row in rows] == [("c2", 9), ("c1", 7)]
    assert (rows[1]["name"], rows[1]["tables"], rows[1]["columns"]) == ("newer", ["TB_HZXX", "TB_X"], ["YPBM"])


@pytest.mark.stack
def test_dead_letters_are_listed_without_and_shown_with_their_bytes(clickhouse: ClickHouse) -> None:
    put(clickhouse, "dead_letters", {"offset": 1, "bytes": b"\xff\x00"}, {"offset": 2, "reason": "empty"})
    page = ask(clickhouse, "deadletters_page")
    assert [row["offset"] for row in page] == [2, 1]
    assert "bytes" not in page[0]
    assert [row["offset"] for row in ask(clickhouse, "deadletters_page", reason="empty")] == [2]
    [letter] = ask(clickhouse, "deadletter", topic_id="T", partition=0, offset=1)
    assert letter["bytes_base64"] == "/wA="
    assert ask(clickhouse, "deadletter", topic_id="T", partition=0, offset=3) == []


def test_the_queries_know_which_tables_are_sent_once_a_month() -> None:
    named = re.findall(r"'(\w+)'", load_query("monthly_tables"))
    assert set(named) == load().tables.keys() - load().daily.keys()
