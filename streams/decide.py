"""Step 2, decide: rows in; accepted rows, rejected rows, findings and unmapped codes out. Pure.

A row with an error is rejected, a row with warnings only is accepted and flagged. What "now" means is the arrival of
the row's own message, and "the batch" is the row's own message, so that the outcome of a row does not depend on what
else was decided with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from standard.model import Personal, Rule, Standard, Table
from streams.decode import MESSAGE, ROW, Decoded
from streams.maps import CodeMaps, with_mapped
from streams.masking import masked
from streams.message import UNKNOWN_DATE, Message
from streams.rules.checks import ARRIVED, CAME_BEFORE, ORG
from streams.rules.compiled import CompiledCheck, CompiledTable, Found, compile_table, evaluate
from streams.typed import typed_name, with_typed

BIZ_DATE = "_biz_date"
ROW_KEY = "_row_key"
WARNINGS = "_warnings"
#: A primary key longer than this is cut in findings and alerts (the row itself is kept whole).
KEY_LONGEST = 200

COUNTS_SCHEMA = {
    MESSAGE: pl.Int32, BIZ_DATE: pl.Date, "received": pl.UInt32, "rejected": pl.UInt32, "flagged": pl.UInt32,
    "findings": pl.UInt32, "unmapped": pl.UInt32,
}  # fmt: skip


@dataclass(slots=True)
class Decision:
    """The outcome of a batch of messages. Frames carry MESSAGE (index) and ROW of each row.

    accepted: by table, typed rows (text, ``X#``, ``X@``) with BIZ_DATE, WARNINGS and ``_deleted``.
    findings: message, row, rule_id, check, table, column, value (masked), row_key, visit, severity, outcome, biz_date.
    rejected: message, row, table, op, row_key, biz_date, rule_ids.
    unmapped: message, table, column, map, code, name, biz_date, rows, example_key.
    counts: one row for each message and business date (COUNTS_SCHEMA).
    """

    accepted: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    findings: list[pl.DataFrame] = field(default_factory=list)
    rejected: list[pl.DataFrame] = field(default_factory=list)
    unmapped: list[pl.DataFrame] = field(default_factory=list)
    counts: list[pl.DataFrame] = field(default_factory=list)


class Decider:
    """The standard, compiled. ``decide`` may be called from any thread."""

    def __init__(self, standard: Standard) -> None:
        self.standard = standard
        #: Tables by name and alias, upper case.
        self.tables: Mapping[str, Table] = {
            name: table for table in standard.tables.values() for name in (table.name, *table.aliases)
        }
        self.rules: Mapping[tuple[str, str], Rule] = standard.rules
        self._compiled: Mapping[str, CompiledTable] = {
            name: compile_table(table, standard) for name, table in standard.tables.items()
        }
        self._epoch_is = str(standard.settings.get("epoch_is", "local"))

    def decide(self, decoded: Decoded, maps: CodeMaps) -> Decision:
        """Decide every row of ``decoded.frames``."""
        decision = Decision()
        orgs = pl.Series([message.org for message in decoded.messages], dtype=pl.String)
        arrived = pl.Series([_wall_clock(message) for message in decoded.messages], dtype=pl.Datetime("ms"))
        for (name, op), frame in decoded.frames.items():
            compiled = self._compiled[name]
            whole = frame.with_columns(
                orgs.gather(frame[MESSAGE]).alias(ORG), arrived.gather(frame[MESSAGE]).alias(ARRIVED),
                _came_before(frame, decoded.messages),
            )  # fmt: skip
            whole = with_typed(whole, compiled.table, self._epoch_is).with_columns(
                pl.col(typed_name(compiled.table.biz_date)).cast(pl.Date).fill_null(UNKNOWN_DATE).alias(BIZ_DATE)
            )
            if op == "upsert":
                whole = with_mapped(whole, compiled.table, maps)
            self._decide_table(whole, op, compiled, decision)
        return decision

    def _decide_table(self, frame: pl.DataFrame, op: str, compiled: CompiledTable, decision: Decision) -> None:
        table = compiled.table
        checks = compiled.checks if op == "upsert" else compiled.delete_checks
        frame = frame.with_columns(_row_key(table))
        found = evaluate(frame, checks)
        errors = pl.Series([check.severity == "error" for check in checks], dtype=pl.Boolean)
        findings = found.findings.with_columns(errors.gather(found.findings["check"]).alias("error"))
        by_place = findings.group_by("place").agg(pl.col("error").any().alias("rejected"), pl.len().alias("findings"))
        verdict = (
            pl.DataFrame({"place": pl.int_range(frame.height, dtype=pl.UInt32, eager=True)})
            .join(by_place, on="place", how="left", maintain_order="left")
            .with_columns(pl.col("rejected").fill_null(False), pl.col("findings").fill_null(0).cast(pl.UInt16))
        )
        rejected = verdict["rejected"]
        accepted = frame.with_columns(verdict["findings"].alias(WARNINGS)).filter(~rejected)
        if accepted.height:
            deleted = pl.lit(int(op == "delete"), dtype=pl.UInt8).alias("_deleted")
            decision.accepted.setdefault(table.name, []).append(accepted.with_columns(deleted))
        if findings.height:
            decision.findings.append(_findings(frame, table, checks, findings, rejected))
        if rejected.any():
            decision.rejected.append(_rejected(frame, table, op, checks, findings, rejected))
        unmapped = [_unmapped(frame, table, checks[index], places) for index, places in found.unmapped.items()]
        decision.unmapped.extend(unmapped)
        decision.counts.append(_counts(frame, verdict, found))


def _came_before(frame: pl.DataFrame, messages: list[Message]) -> pl.Series:
    told = [(index, row) for index, message in enumerate(messages) for row in message.repeats]
    if not told:
        return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True).alias(CAME_BEFORE)
    rows = pl.DataFrame(told, schema={MESSAGE: pl.Int32, ROW: pl.Int32}, orient="row")
    told_of = frame.select(MESSAGE, ROW).join(
        rows.with_columns(pl.lit(True).alias(CAME_BEFORE)), on=[MESSAGE, ROW], how="left", maintain_order="left"
    )
    return told_of[CAME_BEFORE].fill_null(False)


def _wall_clock(message: Message) -> datetime:
    return datetime.fromtimestamp(message.arrived_ms / 1000 + 8 * 3600, UTC).replace(tzinfo=None)


def _row_key(table: Table) -> pl.Expr:
    parts = [pl.col(column).fill_null("") for column in table.key[1:]]
    return pl.concat_str(parts, separator="|").str.slice(0, KEY_LONGEST).alias(ROW_KEY)


def _findings(
    frame: pl.DataFrame, table: Table, checks: tuple[CompiledCheck, ...], findings: pl.DataFrame, rejected: pl.Series
) -> pl.DataFrame:
    parts = []
    for (index,), group in findings.group_by("check", maintain_order=True):
        check = checks[int(str(index))]
        places = group["place"]
        parts.append(
            frame.select(
                pl.col(MESSAGE).gather(places), pl.col(ROW).gather(places),
                pl.col(BIZ_DATE).gather(places).alias("biz_date"), pl.col(ROW_KEY).gather(places).alias("row_key"),
                pl.col(table.visit_key or table.patient_key).gather(places).fill_null("").alias("visit"),
                masked(frame[check.column].gather(places), _personal(table, check.column)).fill_null("").alias("value"),
            ).with_columns(
                pl.lit(check.rule.id).alias("rule_id"), pl.lit(check.kind).alias("check"),
                pl.lit(table.name).alias("table"), pl.lit(check.column).alias("column"),
                pl.lit(check.severity).alias("severity"),
                pl.when(rejected.gather(places)).then(pl.lit("rejected")).otherwise(pl.lit("accepted")).alias("outcome"),
            )
        )  # fmt: skip
    return pl.concat(parts)


def _personal(table: Table, column: str) -> Personal:
    return table.by_name[column].personal


def _rejected(
    frame: pl.DataFrame, table: Table, op: str, checks: tuple[CompiledCheck, ...], findings: pl.DataFrame,
    rejected: pl.Series,
) -> pl.DataFrame:  # fmt: skip
    ids = pl.Series([check.rule.id for check in checks], dtype=pl.String)
    rules = (
        findings.with_columns(ids.gather(findings["check"]).alias("rule_id"))
        .group_by("place")
        .agg(pl.col("rule_id").sort().alias("rule_ids"))
    )
    places = rejected.arg_true()
    return (
        frame.select(
            pl.col(MESSAGE).gather(places), pl.col(ROW).gather(places),
            pl.col(BIZ_DATE).gather(places).alias("biz_date"), pl.col(ROW_KEY).gather(places).alias("row_key"),
        )
        .with_columns(places.cast(pl.UInt32).alias("place"), pl.lit(table.name).alias("table"), pl.lit(op).alias("op"))
        .join(rules, on="place", how="left", maintain_order="left")
        .drop("place")
    )  # fmt: skip


def _unmapped(frame: pl.DataFrame, table: Table, check: CompiledCheck, places: pl.Series) -> pl.DataFrame:
    duty = next(c for c in check.rule.flight if c.kind == "mapping" and check.column in c.columns)
    name = duty.params.get("name")
    chosen = frame.select(
        pl.col(MESSAGE).gather(places), pl.col(BIZ_DATE).gather(places).alias("biz_date"),
        pl.col(check.column).gather(places).alias("code"), pl.col(ROW_KEY).gather(places).alias("example_key"),
        (pl.col(name).gather(places).fill_null("") if name else pl.lit("")).alias("name"),
    )  # fmt: skip
    return (
        chosen.group_by(MESSAGE, "biz_date", "code", maintain_order=True)
        .agg(pl.col("name").first(), pl.len().cast(pl.UInt32).alias("rows"), pl.col("example_key").first())
        .with_columns(
            pl.lit(table.name).alias("table"), pl.lit(check.column).alias("column"),
            pl.lit(table.by_name[check.column].maps[0]).alias("map"),
        )
    )  # fmt: skip


def _counts(frame: pl.DataFrame, verdict: pl.DataFrame, found: Found) -> pl.DataFrame:
    unmapped = pl.concat([pl.Series([], dtype=pl.UInt32), *found.unmapped.values()])
    codes = pl.DataFrame({"place": unmapped}).group_by("place").len("unmapped")
    return (
        frame.select(MESSAGE, BIZ_DATE)
        .with_columns(verdict)
        .join(codes, on="place", how="left")
        .group_by(MESSAGE, BIZ_DATE)
        .agg(
            pl.len().alias("received"), pl.col("rejected").sum(),
            (~pl.col("rejected") & (pl.col("findings") > 0)).sum().alias("flagged"), pl.col("findings").sum(),
            pl.col("unmapped").fill_null(0).sum(),
        )
        .cast(COUNTS_SCHEMA)  # type: ignore[arg-type]
    )  # fmt: skip


__all__ = ["BIZ_DATE", "ROW", "Decider", "Decision"]
