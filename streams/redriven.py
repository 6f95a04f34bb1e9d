"""Rejected rows that went through the pipeline once more: they leave the message in which they were rejected and belong
to the one that redrives them. So each row has one outcome, and is counted where it has it.

A redriven message holds all rejected rows of one message, its origin, and nothing else. The order of work:

1. ``taken_over``: is the origin as the message says? Have others taken its rows over? Then it is a repeat
2. it is decided and landed like every message, its ledger row names the origin: from now on the rows are here
3. ``settle``: at the origin delete findings of rejected rows and the rejected rows, then count again what is left

A crash before the end of 2 repeats the message; until then its rows are at the origin. A crash before the end of 3
leaves an origin that still counts rows which others have: ``settle_unfinished`` finds it when a worker starts.
Everything in 3 says what is, not how it changes, and can be done again. Calls block and raise NotNow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from streams.message import Message, MessagePlace, Origin

#: Offsets named by one statement: far below ClickHouse's limit for one (256 KiB).
_OFFSETS_A_STATEMENT = 5_000
_OF_PARTITION = "topic_id = {topic_id:String} AND partition = {partition:UInt32} AND offset IN {offsets:Array(UInt64)}"
#: Offsets by value: every replica must delete the same rows. The replica that we read is waited for, the others follow.
_DELETE = f"DELETE FROM {{table:Identifier}} WHERE {_OF_PARTITION} {{more}} SETTINGS lightweight_deletes_sync = 1"
_LEDGER = f"SELECT * EXCEPT (stored_at) FROM ledger FINAL WHERE {_OF_PARTITION}"
_UNMAPPED = f"SELECT * FROM unmapped_codes FINAL WHERE {_OF_PARTITION}"
_LEFT = f"""
SELECT offset, biz_date, count() AS findings, countIf(check = 'mapping') AS unmapped
FROM findings FINAL WHERE {_OF_PARTITION}
GROUP BY offset, biz_date"""
_CODES_LEFT = f"""
SELECT offset, biz_date, toString(column) AS column, value, count() AS rows_left
FROM findings FINAL WHERE {_OF_PARTITION} AND check = 'mapping'
GROUP BY offset, biz_date, column, value"""
#: What replaces a row has to be younger; as little as possible, so that it does not look as if it had landed now.
_YOUNGER = timedelta(milliseconds=1)


def taken_over(clickhouse: ClickHouse, topic_id: str, messages: Sequence[Message]) -> frozenset[int]:
    """Indexes of redriven messages that are to count for nothing: others have taken the rows over, or there are no such
    rejected rows at the origin. ``messages`` are of one topic."""
    asked = {index: message.origin for index, message in enumerate(messages) if message.origin is not None}
    if not asked:
        return frozenset()
    places = _places(set(map(_place, asked.values())))
    holders: dict[MessagePlace, set[MessagePlace]] = {}
    for row in clickhouse.rows(load_query("redriven_by"), places):
        held = (row["origin_topic_id"], row["origin_partition"], row["origin_offset"])
        holders.setdefault(held, set()).add((row["topic_id"], row["partition"], row["offset"]))
    known = {
        (row["topic_id"], row["partition"], row["offset"]): (row["org"], row["table"], row["rejected"])
        for row in clickhouse.rows(load_query("redrive_origins"), places)
    }
    repeats = set()
    for index, origin in asked.items():
        message, place = messages[index], _place(origin)
        own = (topic_id, message.partition, message.offset)
        there = holders.setdefault(place, set())
        rejected = known.get(place) == (message.org, message.table, message.rows)
        if own not in there and (there or not rejected or message.kind != "batch"):
            repeats.add(index)
        there.add(own)
    return frozenset(repeats)


def settle(clickhouse: ClickHouse, origins: Sequence[Origin]) -> None:
    """Take the rejected rows out of ``origins`` whose rows others have in the ledger."""
    places = _places(set(map(_place, origins)))
    done = {
        (row["origin_topic_id"], row["origin_partition"], row["origin_offset"])
        for row in clickhouse.rows(load_query("redriven_by"), places)
    }
    _settle(clickhouse, done)


def settle_unfinished(clickhouse: ClickHouse) -> None:
    """Take rejected rows out wherever that was begun, or should have been."""
    rows = clickhouse.rows(load_query("redrive_unfinished"))
    _settle(clickhouse, {(row["topic_id"], row["partition"], row["offset"]) for row in rows})


def _settle(clickhouse: ClickHouse, places: set[MessagePlace]) -> None:
    for asked in _statements(places):
        _delete(clickhouse, "findings", asked, "AND outcome = 'rejected'")
        _delete(clickhouse, "rejected_rows", asked, "")
        _count_codes(clickhouse, asked)
        ledger = _plain(clickhouse.query(_LEDGER, asked))
        left = clickhouse.query(_LEFT, asked)
        clickhouse.insert("ledger", counted(ledger, left))


def counted(ledger: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """Ledger rows without rejected rows. Pure.

    :param left: findings and unmapped codes that are left, by offset and biz_date.
    """
    younger = pl.col("landed_at") + _YOUNGER
    return (
        ledger.drop("findings", "unmapped")
        .join(left, on=["offset", "biz_date"], how="left", maintain_order="left")
        .with_columns(
            received=pl.col("accepted") + pl.col("unreadable"), rejected=pl.lit(0, pl.UInt32), landed_at=younger,
            findings=pl.col("findings").fill_null(0).cast(pl.UInt32),
            unmapped=pl.col("unmapped").fill_null(0).cast(pl.UInt32),
        )
    )  # fmt: skip


def _count_codes(clickhouse: ClickHouse, asked: dict[str, Any]) -> None:
    """Unmapped codes of rows that are left; codes without any are deleted."""
    codes = _plain(clickhouse.query(_UNMAPPED, asked))
    left = clickhouse.query(_CODES_LEFT, asked)
    now = codes.with_columns(value=pl.col("code").str.slice(0, 200)).join(
        left, on=["offset", "biz_date", "column", "value"], how="left", maintain_order="left"
    )
    fewer = now.filter(pl.col("rows_left") < pl.col("rows")).with_columns(
        rows=pl.col("rows_left").cast(pl.UInt32), landed_at=pl.col("landed_at") + _YOUNGER
    )
    clickhouse.insert("unmapped_codes", fewer.select(codes.columns))
    for gone in now.filter(pl.col("rows_left").is_null()).iter_rows(named=True):
        names = ("code", "column", "biz_date")
        more = "AND code = {code:String} AND column = {column:String} AND biz_date = {biz_date:Date32}"
        one = asked | {"offsets": [gone["offset"]]} | {name: gone[name] for name in names}
        _delete(clickhouse, "unmapped_codes", one, more)


def _delete(clickhouse: ClickHouse, table: str, asked: dict[str, Any], more: str) -> None:
    clickhouse.command(_DELETE.replace("{more}", more), asked | {"table": table})


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts of few values as texts: what comes from ClickHouse goes back to it."""
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))


def _place(origin: Origin) -> MessagePlace:
    return origin.topic_id, origin.partition, origin.offset


def _places(places: set[MessagePlace]) -> dict[str, Any]:
    topic_ids, partitions, offsets = (list(part) for part in zip(*sorted(places), strict=True))
    return {"topic_ids": topic_ids, "partitions": partitions, "offsets": offsets}


def _statements(places: set[MessagePlace]) -> Iterator[dict[str, Any]]:
    """The parameters that name ``places``, a partition at a time."""
    for (topic_id, partition), group in groupby(sorted(places), key=lambda place: place[:2]):
        offsets = [place[2] for place in group]
        for start in range(0, len(offsets), _OFFSETS_A_STATEMENT):
            yield {"topic_id": topic_id, "partition": partition,
                   "offsets": offsets[start : start + _OFFSETS_A_STATEMENT]}  # fmt: skip
