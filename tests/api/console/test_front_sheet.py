"""A front page as it is shown: its columns in the interface's order and groups, nothing of the data as HTML."""

from __future__ import annotations

from typing import Any

from api.console.pages.data.front_sheet import GROUPS, grouped, sheet_of, written
from standard.load import load

TABLE = load().tables["TB_BASY"]
COLUMNS = [
    {"name": one.name, "zh": one.name_zh, "en": one.name_en, "personal": bool(one.personal)} for one in TABLE.columns
]


def row(findings: list[dict[str, Any]] | None = None, **values: str) -> dict[str, Any]:
    return {"state": "accepted", "biz_date": "2026-10-12", "values": values, "findings": findings or []}


def test_every_group_begins_with_a_column_of_the_standard_and_in_its_order() -> None:
    places = [[one.name for one in TABLE.columns].index(first) for first, _, _ in GROUPS]
    assert places == sorted(places)
    assert places[0] == 0


def test_every_column_of_a_full_front_page_is_shown_once() -> None:
    shown = grouped(COLUMNS, row(**{one["name"]: "x" for one in COLUMNS}))
    assert [one["name"] for _, _, columns in shown for one in columns] == [one["name"] for one in COLUMNS]
    assert len(shown) == len(GROUPS)


def test_empty_columns_are_left_out_unless_something_was_found_in_them() -> None:
    wrong = {"column": "P321", "severity": "error"}
    shown = grouped(COLUMNS, row([wrong], P3="BA1", P99="own"))
    assert [[one["name"] for one in columns] for _, _, columns in shown] == [["P3"], ["P321"], ["P99"]]


def test_what_was_sent_is_text() -> None:
    shown = sheet_of(COLUMNS, row(P3="<script>alert(1)</script>"), "zh")
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_values_are_written_as_a_person_would() -> None:
    values = {"76.0000": "76", "5900.2500": "5900.25", "2026-10-12T00:00:00.000+08:00": "2026-10-12",
              "2026-10-12T09:30:00.000+08:00": "2026-10-12 09:30:00", "100": "100", "1.1": "1.1"}  # fmt: skip
    assert {value: written(value) for value in values} == values
