from __future__ import annotations

from pathlib import Path

import pytest

from simulators.manifest import UNKNOWN_DATE, Manifest

CELL = ("ORG", "TB_MZ_SFMXB", "2026-11-20")


def manifest() -> Manifest:
    made = Manifest(about={"seed": 1}, messages=3)
    made.rows(CELL, 10)
    made.found(CELL, [("SF28", "error"), ("SF27", "warning")])
    made.found(CELL, [("SF27", "warning")])
    made.found(CELL, [])
    made.lost(("ORG", "", UNKNOWN_DATE), "unknown_table", 3)
    made.lost(("ORG", "TB_MZ_SFMXB", UNKNOWN_DATE), "not_json", 1, whole=False)
    made.unmapped["ORG", "department", "KS1"] += 2
    made.store[(*CELL, "SF03")] += 1
    made.gaps["ORG", "TB_MZ_JZMXB", "2026-11-20"] = "table"
    made.empty.add(("ORG", "TB_ZY_JSJLB", "2026-11-20"))
    made.drift["ORG", "TB_MZ_SFMXB", "D1"] = ["X"]
    made.planted["duplicate"] += 1
    return made


def test_a_row_with_an_error_is_rejected_and_one_with_warnings_only_is_flagged() -> None:
    assert manifest().outcome(CELL) == {"received": 10, "accepted": 9, "rejected": 1, "flagged": 1, "unreadable": 0}


def test_sent_is_accepted_and_rejected_and_unreadable() -> None:
    totals = manifest().totals()
    assert totals["received"] == totals["accepted"] + totals["rejected"] + totals["unreadable"] == 14
    assert totals["findings"] == 3


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    made = manifest()
    made.save(tmp_path / "m.json")
    assert Manifest.load(tmp_path / "m.json") == made


def test_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"version": 2}')
    with pytest.raises(ValueError, match="version 1"):
        Manifest.load(tmp_path / "m.json")


def test_merging_adds_up() -> None:
    both = manifest()
    both.merge(manifest())
    assert both.totals()["received"] == 28
    assert both.findings[(*CELL, "SF28", "error")] == 2
    assert both.gaps == manifest().gaps


def test_a_gap_that_other_days_filled_is_none() -> None:
    made = manifest()
    made.rows(("ORG", "TB_MZ_JZMXB", "2026-11-20"), 1)
    made.finish()
    assert not made.gaps
