"""Faults of front pages and their expected findings, as data; stated here, never asked from the rule engine.

As in ``simulators.faults`` a fault breaks exactly the rules that it names, and a row gets at most one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from simulators.expect import iso
from simulators.faults import Applies, Change, RowFault, blank, filled, put, ten_more, wrong_check
from simulators.front_pages import TABLE, FrontPages
from simulators.manifest import Manifest
from simulators.messages import Row


def _one_more(column: str) -> Change:
    def change(row: Row) -> None:
        row[column] = str(int(row[column]) + 1)

    return change


def _second_place(row: Row) -> None:
    """The first other diagnosis moves to the second place and leaves a gap."""
    for first, second in (("P324", "P327"), ("P325", "P328"), ("P806", "P807"), ("P326", "P329")):
        row[second] = row.pop(first)


def _aged(low: int, high: int) -> Applies:
    return lambda row: low <= int(row["P7"]) <= high


def _insured(row: Row) -> bool:
    return row["P1"] != "7"


def _fault(
    kind: str, rule: str, change: Change, applies: Applies = lambda row: True, severity: str = "error"
) -> RowFault:
    return RowFault(f"front_page_{kind}", TABLE, ((rule, severity),), change, applies)


#: One fault of every sort of rule; ages are chosen so that no other rule about ages is touched.
FAULTS: tuple[RowFault, ...] = (
    _fault("mandatory", "BA-M-P322", blank("P322")),
    _fault("quality_control", "BA-M-P47", blank("P47")),
    _fault("code", "HQ041", put("P804", "7")),
    _fault("type", "BA-T-P751", put("P751", "约一百元"), _insured),
    _fault("age", "HQ016", _one_more("P7"), _aged(25, 58)),
    _fault("days", "HQ045", _one_more("P27")),
    _fault("total", "HQ134", ten_more("P782"), _insured),
    _fault("identity", "HQ028", wrong_check("P13")),
    _fault("receiver", "HQ110", put("P741", "2")),
    _fault("gap", "HQ068", _second_place),
    _fault("together", "HQ069", blank("P806")),
    _fault("procedure", "HQ093", blank("P491"), filled("P490")),
    _fault("within", "HQ140", put("P770", "999999.00")),
    _fault("telephone", "HQ034", put("P21", "无"), severity="warning"),
    _fault("present_on_admission", "HQ065", put("P805", "4"), severity="warning"),
    _fault("name", "HQ055", put("P322", "诊断名称不符"), severity="warning"),
    _fault("autopsy", "HQ114", put("P57", "2"), severity="warning"),
    _fault("infection", "HQ149", put("P689", "1"), severity="warning"),
    _fault("syndrome", "TC06", blank("ZZ_RYBQ1"), filled("ZZ_JBBM1")),
    _fault("treatment_class", "TC01", put("ZLLB", "9"), filled("ZLLB")),
    RowFault("front_page_twice", TABLE, (("HQ007", "error"),), duplicate=True),
)


def with_faults(pages: FrontPages, rate: float, seed: int, manifest: Manifest) -> FrontPages:
    """Front pages with a fault in a share of the rows; what is expected of all of them goes into the manifest.

    The rows of ``pages`` are left as they are. Expectations hold when the rows are sent in one batch.
    """
    rng = Random(f"{seed}/front faults/{pages.org.org}/{pages.month}")
    rows: list[Row] = []
    for row in pages.rows:
        fault = _chosen(rng, row) if rng.random() < rate else None
        rows.extend(_sent(pages, row, fault, manifest))
    manifest.messages += 1
    return replace(pages, rows=rows)


def _chosen(rng: Random, row: Row) -> RowFault:
    possible: Sequence[RowFault] = [fault for fault in FAULTS if fault.applies(row)]
    return rng.choice(possible)


def _sent(pages: FrontPages, row: Row, fault: RowFault | None, manifest: Manifest) -> list[Row]:
    cell = (pages.org.org, TABLE, iso(row["P25"]))
    changed = dict(row)
    manifest.rows(cell)
    if fault is None:
        return [changed]
    manifest.planted[fault.kind] += 1
    if fault.duplicate:
        manifest.rows(cell)
        manifest.found(cell, fault.findings)
        return [changed, dict(row)]
    fault.change(changed)
    manifest.found(cell, fault.findings)
    return [changed]
