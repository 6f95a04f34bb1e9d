"""What becomes of every row that is sent: stated from what was planted, written into the manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from simulators.faults import DUTIES, LATE_RULES, ORPHAN_RULES, RowFault
from simulators.manifest import Cell, Manifest
from simulators.messages import Row
from simulators.province import Batch, Province

PATIENTS = "TB_HZXX"


class Expectation:
    """Keeps which patients were accepted, and tells the manifest about batches in the order they are sent."""

    def __init__(self, province: Province, manifest: Manifest) -> None:
        self.manifest = manifest
        self._missing = {maps.org: maps.missing for maps in province.maps}
        self._patients: dict[str, set[str]] = {org.org: set() for org in province.orgs}
        self._keys = {name: table.key[1:] for name, table in province.standard.tables.items()}
        self._orphans: dict[tuple[str, ...], tuple[str, str, str, str]] = {}
        self._dates = {name: table.biz_date for name, table in province.standard.tables.items()}

    def batch(self, batch: Batch, planted: Mapping[int, RowFault], late: bool) -> None:
        """A batch is sent with faults planted in its rows (by index); ``late``: all of it long after its day."""
        org, table = batch.org, batch.table
        column = self._dates[table]
        missing, patients = self._missing[org], self._patients[org]
        late_rule = LATE_RULES.get(table) if late else None
        plain = not planted and late_rule is None and not missing
        sent: Counter[str] = Counter()
        for place, row in enumerate(batch.rows):
            day = iso(row[column])
            sent[day] += 1
            rejected = False
            if not plain:
                rejected = self._row((org, table, day), row, planted.get(place), late_rule)
            if rejected:
                continue
            if table == PATIENTS:
                patients.add(row["BRZSY"])
            else:
                self._stands(row, (org, table, day), row["BRZSY"] not in patients)
        for day, count in sent.items():
            self.manifest.rows((org, table, day), count)

    def _stands(self, row: Row, cell: Cell, orphan: bool) -> None:
        """An accepted row takes the place of an earlier one with its key: a stay is sent again at its end."""
        org, table, _ = cell
        key = (org, table, *(row[column] for column in self._keys[table]))
        before = self._orphans.pop(key, None)
        if before is not None:
            self.manifest.store[before] -= 1
        if orphan:
            self._orphans[key] = (*cell, ORPHAN_RULES[table])
            self.manifest.store[self._orphans[key]] += 1

    def _row(self, cell: Cell, row: Row, fault: RowFault | None, late_rule: str | None) -> bool:
        findings: dict[str, str] = {}
        if late_rule is not None:
            findings[late_rule] = "warning"
        if fault is not None:
            self.manifest.planted[fault.kind] += 1
            findings.update(fault.findings)
            for kind, column in fault.unmapped:
                self.manifest.unmapped[cell[0], kind, row[column]] += 1
        self._duties(cell, row, findings)
        return self.manifest.found(cell, findings.items())

    def _duties(self, cell: Cell, row: Row, findings: dict[str, str]) -> None:
        missing = self._missing[cell[0]]
        if not missing:
            return
        for duty in DUTIES.get(cell[1], ()):
            code = row.get(duty.column)
            if code and any((kind, code) in missing for kind in duty.maps) and duty.applies(row):
                self.manifest.unmapped[cell[0], duty.maps[0], code] += 1
                findings.setdefault(duty.rule, "warning")


def iso(written: str) -> str:
    """The date of a time as ``2026-11-20``, however the institution writes it."""
    return written[:10] if written[4] == "-" else f"{written[:4]}-{written[4:6]}-{written[6:8]}"
