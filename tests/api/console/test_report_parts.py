"""Reports on a page: columns in the language of the page, months of a chart, categories that are one, what a file says
about a map, and records whose values cannot become HTML."""

from __future__ import annotations

from typing import Any, cast

import pytest

from api.console.desk import Desk
from api.console.pages.data.record_table import html_of
from api.console.pages.data.search import begin, record_of
from api.console.pages.maps.review import change
from api.console.pages.reports.declare import filled_in
from api.console.pages.reports.fee_charts import OWN, stacked
from api.console.parts.report import begun, columns, days_of, month_ends, months_of, year_ends


class Speaker:
    """What of a desk the words need."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en


def desk(lang: str = "zh") -> Desk:
    return cast(Desk, Speaker(lang))


def given(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "zh": f"{name}中", "en": f"{name} en", "kind": "text"} for name in names]


def test_a_code_stands_below_its_name_and_not_in_a_column_of_its_own() -> None:
    found = columns(desk(), given("month", "org", "name", "table", "table_zh", "received"), without=("month",))
    assert [(col.name, col.under) for col in found] == [("name", "org"), ("table_zh", "table"), ("received", "")]
    assert found[0].zh == "机构"
    lone = columns(desk(), given("code", "rows"))
    assert [col.name for col in lone] == ["code", "rows"], "a code without a name stays"


def test_names_are_in_the_language_of_the_page_and_codes_where_there_is_no_name() -> None:
    row = {"table_zh": "费用", "table_en": "charges", "column_zh": "金额", "column": "JE"}
    found = columns(desk("en"), given("table", "table_zh", "column", "column_zh"), [row])
    assert [(col.name, col.under) for col in found] == [("table_en", "table"), ("column", "")]
    assert [col.name for col in columns(desk("en"), given("severity_zh", "verdict_zh"))] == ["severity", "verdict"]


def test_months_and_days_of_a_chart_are_all_there() -> None:
    assert month_ends("2028-02") == ("2028-02-01", "2028-02-29")
    assert year_ends("2026-11") == ("2025-12-01", "2026-11-30")
    assert year_ends("2026-12") == ("2026-01-01", "2026-12-31")
    assert (months_of("2026-03")[0], months_of("2026-03")[-1], len(months_of("2026-03"))) == ("2025-04", "2026-03", 12)
    assert (days_of("2026-11")[0], len(days_of("2026-11"))) == ("2026-11-01", 30)


def test_a_new_place_has_no_empty_year_before_it() -> None:
    months = months_of("2026-11")
    assert begun(months, {"2026-11"}) == ["2026-09", "2026-10", "2026-11"]
    assert begun(months, {"2026-05", "2026-11"})[0] == "2026-05"
    assert begun(months, set()) == months


def charge(name: str, amount: str, month: str = "2026-11") -> dict[str, Any]:
    return {"code": name, "code_zh": name, "month": month, "amount": amount}


def test_small_categories_are_shown_as_one_and_nothing_is_lost() -> None:
    rows = [charge(f"c{n}", str(100 - n)) for n in range(OWN + 3)] + [charge("c0", "50", "2026-10")]
    names, amounts = stacked(rows, "其他")
    assert (len(names), names[0], names[-1]) == (OWN + 1, "c0", "其他")
    assert sum(sum(of.values()) for of in amounts.values()) == sum(100 - n for n in range(OWN + 3)) + 50
    few, _ = stacked(rows[: OWN + 1], "其他")
    assert "其他" not in few, "one small category is no reason to hide it"


def test_taking_a_standard_code_away_is_not_just_a_change() -> None:
    one = {"line": 3, "key": "K1", "action": "changed"}
    taken = change(desk(), {**one, "before": {"standard_code": "03"}, "after": {"standard_code": ""}})
    assert (taken["kind"], taken["before"], taken["after"]) == ("removed", "标准编码 03", "标准编码 （无）")
    added = change(
        desk("en"), {**one, "action": "added", "before": {}, "after": {"local_code": "K1", "standard_code": "03"}}
    )
    assert (added["kind"], added["before"], added["after"]) == ("added", "", "standard code 03")


def test_declared_figures_are_read_as_people_write_them() -> None:
    filled = {"outpatient_amount": " 1,234.50 ", "outpatient_visits": "", "inpatient_amount": "abc", "org": "x"}
    names = ["outpatient_amount", "outpatient_visits", "inpatient_amount"]
    assert filled_in(filled, names) == {"outpatient_amount": "1234.50", "inpatient_amount": "abc"}


def record(**row: Any) -> dict[str, Any]:
    usual = {"state": "accepted", "biz_date": "2026-11-20", "values": {"SFMXID": "1"}, "findings": []}
    return {
        "table": "TB_MZ_SFMXB",
        "columns": [
            {"name": name, "zh": f"{name}名", "en": f"{name} name", "personal": name == "XM"}
            for name in ("YLJGDM", "SFMXID", "JE", "XM", "BZ")
        ],
        "rows": [usual | row],
    }


FINDING = {
    "column": "JE", "column_zh": "金额", "severity": "error", "rule_id": "SF15", "rule_zh": "<b>规则</b>",
    "rule_en": "rule", "fix_zh": "改", "fix_en": "mend", "value": "", "scope": "flight",
}  # fmt: skip


def test_no_value_of_a_record_becomes_html() -> None:
    evil = "<img src=x onerror=alert(1)>"
    shown = html_of(record(values={"SFMXID": evil, evil: evil}, findings=[FINDING]), "zh", 10)
    assert "<img" not in shown
    assert "<b>规则" not in shown
    assert shown.count("&lt;img") == 3


def test_a_finding_stands_below_its_row_and_its_empty_cell_is_marked_in_front() -> None:
    shown = html_of(record(values={"YLJGDM": "X", "SFMXID": "1", "BZ": ""}, findings=[FINDING]), "zh", 10)
    assert shown.index("JE名") < shown.index("SFMXID名")
    assert 'class="sj-record-error"' in shown
    assert "（空）" in shown
    assert "改正：改" in shown
    assert "BZ名" not in shown, "a column without a value"
    assert "YLJGDM名" not in shown, "the same in every row"


def test_the_row_that_somebody_came_for_is_marked_and_times_are_readable() -> None:
    section = record(values={"SFMXID": "7", "JE": "2026-11-20T08:00:00.000+08:00"})
    assert "sj-record-here" in html_of(section, "zh", 10, "7")
    assert "sj-record-here" not in html_of(section, "zh", 10, "8")
    assert "2026-11-20 08:00:00<" in html_of(section, "zh", 10)


def test_more_rows_than_wanted_are_not_shown() -> None:
    section = record()
    section["rows"] = section["rows"] * 5
    assert html_of(section, "en", 2).count("accepted") == 2


@pytest.mark.parametrize(
    ("first", "others", "wanted"),
    [("2026-10-05", (), "2026-10-05"), ("", ("B1",), ""), ("", ("", ""), "-01")],
)
def test_a_search_without_anything_begins_with_this_month(first: str, others: tuple[str, ...], wanted: str) -> None:
    found = begin(first, *others)
    assert found == wanted if wanted != "-01" else found.endswith("-01")


def test_a_row_leads_to_its_visit_whatever_the_numbers_look_like() -> None:
    charge = {"org": "O", "table": "TB_MZ_SFMXB", "visit": "a/b?c", "row_key": "1|2"}
    assert record_of(charge) == "/records/O/a%2Fb%3Fc?row=1%7C2"
    assert record_of(charge | {"visit": ""}) == ""
    assert record_of(charge | {"table": "TB_HZXX"}) == "", "a patient is of many visits"
