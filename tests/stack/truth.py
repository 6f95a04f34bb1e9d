"""What landed, compared with the simulator's manifest: every count, per institution, table, day and rule."""

from __future__ import annotations

from collections import Counter

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from simulators.manifest import OUTCOMES, Manifest

ALL = {"org": "", "table": "", "biz_from": "1970-01-01", "biz_to": "1970-01-01"}


def differences(clickhouse: ClickHouse, manifest: Manifest) -> list[str]:
    """A line for each count that is not as the manifest says; none when all are."""
    cells = {
        (row["org"], row["table"], row["biz_date"].isoformat()): {name: row[name] for name in OUTCOMES}
        for row in clickhouse.rows(load_query("counts_by_day"), ALL)
        if row["received"]
    }
    expected = {cell: manifest.outcome(cell) for cell in +manifest.received}
    found = [
        f"{cell}: {cells.get(cell)} instead of {expected.get(cell)}"
        for cell in sorted(cells.keys() | expected.keys())
        if cells.get(cell) != expected.get(cell)
    ]
    found += _counters("findings", _findings(clickhouse), manifest.findings)
    found += _counters("unmapped", _unmapped(clickhouse), manifest.unmapped)
    found += _outcomes_are_stored(clickhouse, manifest)
    return found


def _findings(clickhouse: ClickHouse) -> Counter[tuple[str, ...]]:
    rows = clickhouse.rows(load_query("findings_by_rule"), ALL)
    return Counter(
        {
            (row["org"], row["table"], row["biz_date"].isoformat(), row["rule_id"], row["severity"]): row["findings"]
            for row in rows
        }
    )


def _unmapped(clickhouse: ClickHouse) -> Counter[tuple[str, ...]]:
    parameters = {"org": "", "map": "", "biz_from": "1970-01-01", "biz_to": "1970-01-01", "limit": 1000, "offset": 0}
    rows = clickhouse.rows(load_query("unmapped_by_code"), parameters)
    return Counter({(row["org"], row["map"], row["code"]): row["rows"] for row in rows})


def _counters(what: str, got: Counter[tuple[str, ...]], expected: Counter[tuple[str, ...]]) -> list[str]:
    return [
        f"{what} {key}: {got[key]} instead of {expected[key]}"
        for key in sorted(got.keys() | expected.keys())
        if got[key] != expected[key]
    ]


def _outcomes_are_stored(clickhouse: ClickHouse, manifest: Manifest) -> list[str]:
    """Rejected rows are kept, and each charge that was accepted is a row of its table (its keys are all different)."""
    totals = manifest.totals()
    rejected = clickhouse.rows("SELECT count() AS n FROM rejected_rows FINAL")[0]["n"]
    table = "TB_MZ_SFMXB"
    accepted = sum(manifest.outcome(cell)["accepted"] for cell in manifest.received if cell[1] == table)
    charges = clickhouse.rows("SELECT count() AS n FROM tb_mz_sfmxb FINAL")[0]["n"]
    found = []
    if rejected != totals["rejected"]:
        found.append(f"rejected rows kept: {rejected} instead of {totals['rejected']}")
    if charges != accepted:
        found.append(f"rows of {table}: {charges} instead of {accepted}")
    return found
