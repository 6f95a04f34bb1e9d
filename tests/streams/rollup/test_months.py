"""Local codes by month are those of its days, whatever happened; questions for any days get the same answer."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from clickhouse.query import load_query
from sanjian.errors import NotNow
from streams.rollup import Cell, Facts, Months
from tests.streams.rollup.landed import START, Lands
from tests.streams.unit.build import CHARGES, ORGS, standard

pytestmark = pytest.mark.stack
ORG, OTHER = sorted(ORGS)[:2]
_CODE = pl.Struct(dict.fromkeys(("column", "map", "code", "standard_code"), pl.String) | {"rows": pl.UInt64})
_MOMENT = pl.Datetime("ms", "UTC")
Codes = dict[str, int]


def days(clickhouse: ClickHouse, org: str, codes: dict[date, Codes], computed_at: datetime = START) -> None:
    """Facts of some days, with rows by code."""
    rows = [
        {
            "org": org, "table": CHARGES, "biz_date": day, "computed_at": computed_at, "up_to": computed_at,
            "codes": [
                {"column": "MXXMBM", "map": "drug", "code": code, "standard_code": "", "rows": rows}
                for code, rows in of_day.items()
            ],
        }
        for day, of_day in codes.items()
    ]  # fmt: skip
    schema = {"codes": pl.List(_CODE), "computed_at": _MOMENT, "up_to": _MOMENT}
    clickhouse.insert("day_facts", pl.DataFrame(rows, schema_overrides=schema))


def months(clickhouse: ClickHouse) -> dict[tuple[str, date], Codes]:
    """What is kept."""
    rows = clickhouse.rows("SELECT org, month, codes FROM code_months FINAL")
    return {(row["org"], row["month"]): {code["code"]: code["rows"] for code in row["codes"]} for row in rows}


def asked(clickhouse: ClickHouse, first: date, last: date) -> dict[tuple[str, str], int]:
    """Rows by institution and code of some days, as the indicators see them."""
    OrgStore(clickhouse).save([Org(ORG, "A hospital", "370100", "")])
    nothing = dict.fromkeys(("table", "org", "city", "county", "type"), "")
    rows = clickhouse.rows(
        load_query("mapping_codes"),
        nothing | {"maps": ["drug"], "both": ["MXXMBM"], "items": [], "level": -1, "test": 1, "biz_from": first,
                   "biz_to": last},
    )  # fmt: skip
    return {(row["org"], row["code"]): row["rows"] for row in rows}


def test_a_month_has_the_codes_of_its_days_and_of_no_other(clickhouse: ClickHouse) -> None:
    first = {date(2026, 10, 1): {"a": 1, "b": 2}, date(2026, 10, 31): {"a": 4}, date(2026, 11, 1): {"a": 8}}
    days(clickhouse, ORG, first)
    days(clickhouse, OTHER, {date(2026, 10, 5): {"c": 16}, date(2026, 10, 6): {}})
    assert Months(clickhouse).mend(START) == 3
    assert months(clickhouse) == {
        (ORG, date(2026, 10, 1)): {"a": 5, "b": 2}, (ORG, date(2026, 11, 1)): {"a": 8},
        (OTHER, date(2026, 10, 1)): {"c": 16},
    }  # fmt: skip
    assert Months(clickhouse).mend(START) == 0, "nothing has changed"


def test_a_day_that_is_computed_again_replaces_its_part_of_the_month(clickhouse: ClickHouse) -> None:
    days(clickhouse, ORG, {date(2028, 2, 28): {"a": 1}, date(2028, 2, 29): {"b": 2}})
    cells = [Cell(ORG, CHARGES, date(2028, 2, 29))]
    Months(clickhouse).follow(cells, START)
    later = START + timedelta(minutes=1)
    days(clickhouse, ORG, {date(2028, 2, 29): {}}, later)
    Months(clickhouse).follow(cells, later)
    assert months(clickhouse) == {(ORG, date(2028, 2, 1)): {"a": 1}}


def test_a_month_that_a_crash_or_another_leader_left_is_mended_when_a_leader_begins(
    lands: Lands, monkeypatch: pytest.MonkeyPatch
) -> None:
    days(lands.clickhouse, ORG, {date(2026, 10, 1): {"a": 1}})
    lands.facts.pending(lands.now)
    days(lands.clickhouse, ORG, {date(2026, 10, 2): {"a": 2}})

    def killed(*_: object) -> None:
        raise NotNow("killed")

    monkeypatch.setattr(lands.facts._months, "follow", killed)
    with pytest.raises(NotNow):
        lands.facts.compute([Cell(ORG, CHARGES, date(2026, 10, 3))], lands.now)
    lands.facts.pending(lands.now)
    assert months(lands.clickhouse) == {(ORG, date(2026, 10, 1)): {"a": 1}}, "a leader does not look all the time"
    Facts(lands.clickhouse, standard()).pending(lands.now)
    assert months(lands.clickhouse) == {(ORG, date(2026, 10, 1)): {"a": 3}}
    assert Months(lands.clickhouse).mend(lands.now) == 0, "the empty day of the crash is in the month, too"


def test_any_days_are_asked_for_and_the_answer_is_the_sum_of_these_days(clickhouse: ClickHouse) -> None:
    """Whole months, parts of months, both, and none."""
    start = date(2027, 12, 25)
    known = {start + timedelta(number): {f"c{number % 7}": number + 1, "a": 1} for number in range(100)}
    days(clickhouse, ORG, known)
    Months(clickhouse).mend(datetime(2028, 4, 5, tzinfo=UTC))
    edges = [date(2027, 12, 31), date(2028, 1, 1), date(2028, 1, 30), date(2028, 1, 31), date(2028, 2, 1),
             date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2028, 3, 31)]  # fmt: skip
    for first in edges:
        for last in (edge for edge in edges if edge >= first):
            right: Counter[tuple[str, str]] = Counter()
            for day, codes in known.items():
                if first <= day <= last:
                    right.update({(ORG, code): rows for code, rows in codes.items()})
            assert asked(clickhouse, first, last) == right, (first, last)


def test_a_month_far_away_is_not_taken_for_another(clickhouse: ClickHouse) -> None:
    """Business dates may be wrong, but they are plausible up to 2299: further than ClickHouse's short dates go."""
    days(clickhouse, ORG, {date(2299, 12, 31): {"z": 1}, date(2120, 6, 3): {"y": 1}, date(2026, 6, 3): {"a": 1}})
    Months(clickhouse).mend(START)
    assert set(months(clickhouse)) == {(ORG, date(2299, 12, 1)), (ORG, date(2120, 6, 1)), (ORG, date(2026, 6, 1))}
    assert asked(clickhouse, date(2299, 12, 1), date(2299, 12, 31)) == {(ORG, "z"): 1}
    assert asked(clickhouse, date(2026, 6, 1), date(2026, 6, 30)) == {(ORG, "a"): 1}
