"""The expected result of a feed: what was sent, what becomes of it, and which rule finds what. Counted while sending.

Cells are (institution, table, business date). A message that cannot be read is counted under the business date
1970-01-01 and whatever its header still tells of institution and table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

UNKNOWN_DATE = "1970-01-01"
#: What the counters of a cell mean: received = accepted + rejected + unreadable; flagged are accepted with a warning.
OUTCOMES = ("received", "accepted", "rejected", "flagged", "unreadable")

Cell = tuple[str, str, str]


@dataclass(slots=True)
class Manifest:
    """Expected counts; add to it while sending, then ``save``. Keys are tuples of texts, values are row counts."""

    about: dict[str, Any] = field(default_factory=dict)
    messages: int = 0
    received: Counter[Cell] = field(default_factory=Counter)
    rejected: Counter[Cell] = field(default_factory=Counter)
    flagged: Counter[Cell] = field(default_factory=Counter)
    unreadable: Counter[Cell] = field(default_factory=Counter)
    #: (org, table, biz_date, rule_id, severity) → findings
    findings: Counter[tuple[str, str, str, str, str]] = field(default_factory=Counter)
    #: (org, map, local code) → occurrences (rows × columns)
    unmapped: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    #: reason → messages, and reason → rows that were lost with them (single unreadable rows: messages 0)
    reasons: Counter[str] = field(default_factory=Counter)
    lost_rows: Counter[str] = field(default_factory=Counter)
    #: (org, table, biz_date, rule_id) → accepted rows that a rule of scope store finds later; a row that is sent again
    #: under its key is one row
    store: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    #: (org, table, biz_date) → "table" or "day": planted, nothing was sent
    gaps: dict[Cell, str] = field(default_factory=dict)
    #: declared with count 0
    empty: set[Cell] = field(default_factory=set)
    #: (org, table, batch) → unknown columns
    drift: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    #: kind of planted fault → how many
    planted: Counter[str] = field(default_factory=Counter)

    def rows(self, cell: Cell, count: int = 1) -> None:
        """``count`` rows were sent in this cell."""
        self.received[cell] += count

    def found(self, cell: Cell, findings: Iterable[tuple[str, str]]) -> bool:
        """A row has these findings (rule id, severity); returns whether it is rejected."""
        severities = set()
        for rule, severity in findings:
            self.findings[(*cell, rule, severity)] += 1
            severities.add(severity)
        if "error" in severities:
            self.rejected[cell] += 1
            return True
        if severities:
            self.flagged[cell] += 1
        return False

    def lost(self, cell: Cell, reason: str, rows: int, whole: bool = True) -> None:
        """A message (``whole``), or so many rows of one, cannot be read."""
        self.received[cell] += rows
        self.unreadable[cell] += rows
        self.lost_rows[reason] += rows
        self.reasons[reason] += int(whole)

    def finish(self) -> None:
        """Drop planted gaps that rows of another day filled after all (a discharge belongs to its admission day)."""
        self.gaps = {cell: kind for cell, kind in self.gaps.items() if not self.received[cell]}

    def outcome(self, cell: Cell) -> dict[str, int]:
        """The five counters of a cell."""
        received, rejected, lost = self.received[cell], self.rejected[cell], self.unreadable[cell]
        return {
            "received": received, "accepted": received - rejected - lost, "rejected": rejected,
            "flagged": self.flagged[cell], "unreadable": lost,
        }  # fmt: skip

    def totals(self) -> dict[str, int]:
        """Sums over everything."""
        received, rejected, lost = self.received.total(), self.rejected.total(), self.unreadable.total()
        return {
            "messages": self.messages, "received": received, "accepted": received - rejected - lost,
            "rejected": rejected, "flagged": self.flagged.total(), "unreadable": lost,
            "findings": self.findings.total(), "unmapped": self.unmapped.total(),
        }  # fmt: skip

    def merge(self, other: Manifest) -> None:
        """Add what another feed sends; the feeds must not hold the same messages."""
        self.messages += other.messages
        for name in COUNTERS:
            getattr(self, name).update(getattr(other, name))
        self.gaps.update(other.gaps)
        self.empty |= other.empty
        self.drift.update(other.drift)

    def to_json(self) -> dict[str, Any]:
        """Everything as lists of flat objects, sorted."""
        return {
            "version": 1,
            "about": self.about,
            "totals": self.totals(),
            "cells": [
                dict(zip(CELL, cell, strict=True)) | self.outcome(cell) for cell in sorted(+self.received)
            ],
            "findings": _flat(self.findings, (*CELL, "rule_id", "severity"), "findings"),
            "unmapped": _flat(self.unmapped, ("org", "map", "code"), "rows"),
            "unreadable": [
                {"reason": reason, "messages": self.reasons[reason], "rows": self.lost_rows[reason]}
                for reason in sorted(self.reasons | self.lost_rows)
            ],
            "store": _flat(self.store, (*CELL, "rule_id"), "rows"),
            "gaps": [dict(zip(CELL, cell, strict=True)) | {"kind": self.gaps[cell]} for cell in sorted(self.gaps)],
            "empty": [dict(zip(CELL, cell, strict=True)) for cell in sorted(self.empty)],
            "drift": [
                dict(zip(("org", "table", "batch"), key, strict=True)) | {"columns": self.drift[key]}
                for key in sorted(self.drift)
            ],
            "planted": dict(sorted(self.planted.items())),
        }  # fmt: skip

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.write_bytes(orjson.dumps(self.to_json(), option=orjson.OPT_INDENT_2) + b"\n")

    @classmethod
    def load(cls, path: Path) -> Manifest:
        """Read what ``save`` wrote. Raises ValueError for another version."""
        content = orjson.loads(path.read_bytes())
        if content.get("version") != 1:
            raise ValueError(f"{path} is not a manifest of version 1")
        manifest = cls(about=content["about"], messages=content["totals"]["messages"])
        for row in content["cells"]:
            cell = (row["org"], row["table"], row["biz_date"])
            for name in ("received", "rejected", "flagged", "unreadable"):
                if row[name]:
                    getattr(manifest, name)[cell] = row[name]
        for row in content["findings"]:
            manifest.findings[(*_cell(row), row["rule_id"], row["severity"])] = row["findings"]
        manifest.unmapped.update({(row["org"], row["map"], row["code"]): row["rows"] for row in content["unmapped"]})
        for row in content["unreadable"]:
            manifest.reasons[row["reason"]] = row["messages"]
            manifest.lost_rows[row["reason"]] = row["rows"]
        manifest.store.update({(*_cell(row), row["rule_id"]): row["rows"] for row in content["store"]})
        manifest.gaps = {_cell(row): row["kind"] for row in content["gaps"]}
        manifest.empty = {_cell(row) for row in content["empty"]}
        manifest.drift = {(row["org"], row["table"], row["batch"]): row["columns"] for row in content["drift"]}
        manifest.planted.update(content["planted"])
        return manifest


CELL = ("org", "table", "biz_date")
COUNTERS = (
    "received", "rejected", "flagged", "unreadable", "findings", "unmapped", "reasons", "lost_rows", "store", "planted"
)  # fmt: skip


def _cell(row: dict[str, Any]) -> Cell:
    return row["org"], row["table"], row["biz_date"]


def _flat(counter: Counter[Any], names: tuple[str, ...], value: str) -> list[dict[str, Any]]:
    return [dict(zip(names, key, strict=True)) | {value: counter[key]} for key in sorted(+counter)]
