"""From a decision to the rows that are landed: one frame for each ClickHouse table, columns named like its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from clickhouse.tables import FILE_BATCH, SUBMISSION, by_submission
from standard.model import Standard, Table
from streams.decide import BIZ_DATE, WARNINGS, Decision
from streams.decode import MESSAGE, ROW, Decoded
from streams.maps import mapped_name
from streams.message import UNKNOWN_DATE, Letter, Message
from streams.typed import to_zone, typed_name

MOMENT = pl.Datetime("ms", "Asia/Shanghai")
#: What a record takes from its message; the columns have the same names with a line in front.
OF_MESSAGE = ("version", "topic_id", "partition", "offset", "batch", "map_version", "arrived_at")
#: A dead letter keeps so many bytes; its size tells how long it was.
LETTER_LONGEST = 64 * 1024
#: The low bits of a row's version count offsets, so that of two rows of the same millisecond the later one wins.
OFFSET_BITS = 22


@dataclass(frozen=True, slots=True)
class Place:
    """Where the messages of a batch come from, and who works on them with what."""

    topic: str
    topic_id: str
    worker: str
    standard_version: str


@dataclass(slots=True)
class Landing:
    """Everything of one batch of messages that goes to ClickHouse: records by standard table, then the rest."""

    records: dict[str, pl.DataFrame] = field(default_factory=dict)
    findings: pl.DataFrame = field(default_factory=pl.DataFrame)
    rejected_rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    unmapped_codes: pl.DataFrame = field(default_factory=pl.DataFrame)
    dead_letters: pl.DataFrame = field(default_factory=pl.DataFrame)
    ledger: pl.DataFrame = field(default_factory=pl.DataFrame)


def instant(milliseconds: int) -> datetime:
    """A moment from milliseconds since 1970 UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def messages_frame(messages: Sequence[Message], place: Place, maps: Mapping[str, int]) -> pl.DataFrame:
    """What rows take from their message, one row a message, in order of MESSAGE."""
    return pl.DataFrame(
        {
            "topic_id": [place.topic_id] * len(messages),
            "partition": [m.partition for m in messages],
            "offset": [m.offset for m in messages],
            "org": [m.org for m in messages],
            "batch": [m.batch for m in messages],
            "replay": [int(m.replay) for m in messages],
            "source_time": [instant(m.source_ms) for m in messages],
            "arrived_at": [instant(m.arrived_ms) for m in messages],
            "version": [m.source_ms << OFFSET_BITS | m.offset & ((1 << OFFSET_BITS) - 1) for m in messages],
            "map_version": [maps.get(m.org, 0) for m in messages],
        },
        schema={
            "topic_id": pl.String, "partition": pl.UInt32, "offset": pl.UInt64, "org": pl.String, "batch": pl.String,
            "replay": pl.UInt8, "source_time": MOMENT, "arrived_at": MOMENT, "version": pl.UInt64,
            "map_version": pl.UInt32,
        },
    )  # fmt: skip


def landing(
    decoded: Decoded, decision: Decision, standard: Standard, place: Place, maps: Mapping[str, int],
    repeats: frozenset[int], now: datetime,
) -> Landing:  # fmt: skip
    """Shape a decision for landing.

    :param maps: version of each institution's code maps that was used.
    :param repeats: indexes of messages that were done before; they only get a ledger row.
    :param now: the moment of landing.
    """
    facts = messages_frame(decoded.messages, place, maps)
    shaped = Landing()
    for name, frames in decision.accepted.items():
        records = [_records(frame, standard.tables[name], facts) for frame in frames]
        shaped.records[name.lower()] = pl.concat(records)
    landed = pl.lit(now).cast(MOMENT).alias("landed_at")
    if decision.findings:
        shaped.findings = _placed(
            pl.concat(decision.findings), facts, "org", "batch", "replay", "arrived_at"
        ).with_columns(landed)
    if decision.rejected:
        rejected = pl.concat(decision.rejected)
        raw = pl.Series("raw", _raw_rows(rejected, decoded.messages), dtype=pl.String)
        shaped.rejected_rows = _placed(rejected.with_columns(raw), facts, "org", "batch", "arrived_at").with_columns(
            landed
        )
    if decision.unmapped:
        unmapped = pl.concat(decision.unmapped)
        shaped.unmapped_codes = _placed(unmapped, facts, "org", "arrived_at").with_columns(landed)
    if decoded.letters:
        shaped.dead_letters = _letters(decoded, place).with_columns(landed)
    shaped.ledger = _ledger(decoded, decision, place, maps, repeats).with_columns(landed)
    return shaped


def _placed(frame: pl.DataFrame, facts: pl.DataFrame, *names: str) -> pl.DataFrame:
    owners = facts.select("topic_id", "partition", "offset", *names)[frame[MESSAGE]]
    placed = pl.concat([frame.drop(MESSAGE), owners], how="horizontal")
    return placed.rename({ROW: "row"}) if ROW in placed.columns else placed


def _records(frame: pl.DataFrame, table: Table, facts: pl.DataFrame) -> pl.DataFrame:
    columns: list[pl.Series | pl.Expr] = []
    for column in table.columns:
        name = column.name.lower()
        if column.type == "number":
            columns.append(pl.col(typed_name(column.name)).alias(name))
        elif column.type == "timestamp":
            columns.append(to_zone(frame[typed_name(column.name)]).alias(name))
        else:
            columns.append(pl.col(column.name).fill_null("").alias(name))
        if column.maps:  # deletions are not mapped
            mapped = mapped_name(column.name)
            code = pl.col(mapped).fill_null("") if mapped in frame.columns else pl.lit("")
            columns.append(code.alias(f"{name}_std"))
    columns += [
        pl.col(BIZ_DATE).alias("_biz_date"), pl.col("_deleted"), pl.col(ROW).cast(pl.UInt32).alias("_row"),
        pl.col(WARNINGS).alias("_warnings"),
    ]  # fmt: skip
    owners = facts.select(pl.col(OF_MESSAGE).name.prefix("_"))[frame[MESSAGE]]
    shaped = pl.concat([frame.select(columns), owners], how="horizontal")
    if not by_submission(table):
        return shaped
    return shaped.with_columns(pl.col("_batch").str.extract(FILE_BATCH).fill_null("").alias(SUBMISSION))


def _raw_rows(rejected: pl.DataFrame, messages: Sequence[Message]) -> list[str]:
    lines: dict[int, list[bytes]] = {}
    raw = []
    for index, row in rejected.select(MESSAGE, ROW).iter_rows():
        if index not in lines:
            lines[index] = messages[index].body.split(b"\n")
        raw.append(lines[index][row - 1].decode("utf-8", "replace"))
    return raw


def _letters(decoded: Decoded, place: Place) -> pl.DataFrame:
    owners = [decoded.messages[letter.message] for letter in decoded.letters]
    return pl.DataFrame(
        {
            "topic_id": [place.topic_id] * len(owners), "partition": [m.partition for m in owners],
            "offset": [m.offset for m in owners], "row": [letter.row for letter in decoded.letters],
            "topic": [place.topic] * len(owners), "org": [m.org for m in owners], "table": [m.table for m in owners],
            "batch": [m.batch for m in owners], "reason": [letter.reason for letter in decoded.letters],
            "detail": [letter.detail for letter in decoded.letters],
            "bytes": [letter.content[:LETTER_LONGEST] for letter in decoded.letters],
            "size": [len(letter.content) for letter in decoded.letters],
            "arrived_at": [instant(m.arrived_ms) for m in owners],
        },
        schema_overrides={"partition": pl.UInt32, "offset": pl.UInt64, "row": pl.UInt32, "bytes": pl.Binary,
                          "size": pl.UInt32, "arrived_at": MOMENT},
    )  # fmt: skip


def _ledger(
    decoded: Decoded, decision: Decision, place: Place, maps: Mapping[str, int], repeats: frozenset[int]
) -> pl.DataFrame:
    counted: dict[int, list[dict[str, object]]] = {}
    if decision.counts:
        for row in pl.concat(decision.counts).group_by(MESSAGE, BIZ_DATE).sum().sort(MESSAGE, BIZ_DATE).to_dicts():
            counted.setdefault(row[MESSAGE], []).append(row)
    letters: dict[int, list[Letter]] = {}
    for letter in decoded.letters:
        letters.setdefault(letter.message, []).append(letter)
    rows = [
        row
        for index, message in enumerate(decoded.messages)
        for row in _ledger_rows(message, counted.get(index, []), letters.get(index, []), index in repeats)
    ]
    schema = {**LEDGER_COUNTS, "reason": pl.String, "declared_empty": pl.UInt8}
    frame = pl.DataFrame(
        [row for _, row in rows], schema={BIZ_DATE: pl.Date, "kind": pl.String, "bytes": pl.UInt32, **schema}
    )
    owners = [message for message, _ in rows]
    own = messages_frame(owners, place, maps).drop("version")
    return pl.concat(
        [
            own,
            frame.rename({BIZ_DATE: "biz_date"}),
            pl.DataFrame(
                {
                    "table": [m.table for m in owners], "message_id": [m.message_id for m in owners],
                    "redrive": [m.origin.redrive if m.origin else "" for m in owners],
                    "origin_topic_id": [m.origin.topic_id if m.origin else "" for m in owners],
                    "origin_partition": [m.origin.partition if m.origin else 0 for m in owners],
                    "origin_offset": [m.origin.offset if m.origin else 0 for m in owners],
                    "op": [m.op for m in owners], "unknown_columns": [m.unknown_columns for m in owners],
                    "standard_version": [place.standard_version] * len(owners), "worker": [place.worker] * len(owners),
                },
                schema_overrides={
                    "message_id": pl.UInt64, "unknown_columns": pl.List(pl.String), "origin_partition": pl.UInt32,
                    "origin_offset": pl.UInt64,
                },
            ),
        ],
        how="horizontal",
    )  # fmt: skip


COUNTS = ("received", "accepted", "rejected", "flagged", "unreadable", "repeated", "findings", "unmapped")
LEDGER_COUNTS = dict.fromkeys(COUNTS, pl.UInt32)


def _ledger_rows(
    message: Message, counted: list[dict[str, object]], letters: list[Letter], repeat: bool
) -> list[tuple[Message, dict[str, object]]]:
    """The message's rows in the ledger: one for each business date, and for what could not be read."""
    none = dict.fromkeys(LEDGER_COUNTS, 0) | {"reason": "", "declared_empty": 0, "kind": message.kind}
    if repeat:
        rows = [none | {BIZ_DATE: UNKNOWN_DATE, "kind": "repeat", "repeated": message.rows}]
    elif message.kind == "unreadable":
        many = {"received": message.rows, "unreadable": message.rows, "reason": letters[0].reason}
        rows = [none | {BIZ_DATE: UNKNOWN_DATE} | many]
    else:
        rows = [_counted_row(none, row) for row in counted]
        if letters:
            rows = _with_letters(rows, none, letters)
        if not rows:
            rows = [none | {BIZ_DATE: message.biz_date or UNKNOWN_DATE, "declared_empty": int(message.kind == "batch")}]
    rows[0]["bytes"] = message.size  # once a message, so that sums are right
    return [(message, {"bytes": 0, **row}) for row in rows]


def _counted_row(none: dict[str, object], row: dict[str, object]) -> dict[str, object]:
    received, rejected = int(str(row["received"])), int(str(row["rejected"]))
    mine = {name: row[name] for name in (BIZ_DATE, "received", "rejected", "flagged", "findings", "unmapped")}
    return none | mine | {"accepted": received - rejected}


def _with_letters(
    rows: list[dict[str, object]], none: dict[str, object], letters: list[Letter]
) -> list[dict[str, object]]:
    known = [row for row in rows if row[BIZ_DATE] != UNKNOWN_DATE]
    unknown = next((row for row in rows if row[BIZ_DATE] == UNKNOWN_DATE), none | {BIZ_DATE: UNKNOWN_DATE})
    lost = {
        "received": int(str(unknown["received"])) + len(letters), "unreadable": len(letters),
        "reason": letters[0].reason,
    }  # fmt: skip
    return [unknown | lost, *known]
