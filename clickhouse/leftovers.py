"""Removes what a worker wrote for a message that it could not finish.

A worker that dies between landing findings and landing the ledger row leaves rows behind; the next one does the
message again. Mostly it writes the same rows over them. But where a rule or a code map changed in between, findings
that nobody makes any more would stay for ever. The standard's tables need none of this: their rows are keyed by what
they are about, not by where they came from (and a row that was replaced could not be brought back).
"""

from __future__ import annotations

from clickhouse.client import ClickHouse

TABLES = ("findings", "rejected_rows", "unmapped_codes", "alerts", "dead_letters")

# A statement with more offsets than this grows beyond ClickHouse's max_query_size (256 KiB).
_OFFSETS_A_STATEMENT = 5_000

_UNFINISHED = """
SELECT offset, count() AS rows
FROM {table:Identifier}
WHERE topic_id = {topic_id:String} AND partition = {partition:UInt32} AND offset >= {first:UInt64}
    AND offset NOT IN
    (
        SELECT offset
        FROM ledger
        WHERE topic_id = {topic_id:String} AND partition = {partition:UInt32} AND offset >= {first:UInt64}
    )
GROUP BY offset
ORDER BY offset
"""

# Offsets by value, not by a subquery: every replica must delete the same rows. The replica that we read is waited for,
# the others follow in the same order; one that is away must not keep a worker from starting.
_DELETE = """
DELETE FROM {table:Identifier}
WHERE topic_id = {topic_id:String} AND partition = {partition:UInt32} AND offset IN {offsets:Array(UInt64)}
SETTINGS lightweight_deletes_sync = 1
"""


def drop_leftovers(client: ClickHouse, topic_id: str, partition: int, first_missing_offset: int) -> dict[str, int]:
    """Deletes rows of messages at or after ``first_missing_offset`` that have no ledger row; returns how many a table.

    To be called when a partition is taken over, before work starts; waits until the rows are gone. Without leftovers
    it only reads.
    """
    place = {"topic_id": topic_id, "partition": partition}
    counts = {}
    for table in TABLES:
        found = client.rows(_UNFINISHED, {**place, "table": table, "first": first_missing_offset})
        offsets = [row["offset"] for row in found]
        if offsets:
            client.forget_tokens()  # the same rows will be written again
        for start in range(0, len(offsets), _OFFSETS_A_STATEMENT):
            chunk = offsets[start : start + _OFFSETS_A_STATEMENT]
            client.command(_DELETE, {**place, "table": table, "offsets": chunk})
        counts[table] = sum(row["rows"] for row in found)
    return counts
