"""A table that somebody sent is judged line by line: what is wrong, what would be added, changed, left as it is."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from api.imports import code_maps, declarations, orgs, quiet_times, schedule, thresholds
from api.imports.known import Known
from api.imports.plan import Kind, Plan, plan
from api.imports.problems import PROBLEMS
from api.imports.table import read_table
from api.sheets import Format, csv_stream, xlsx_file
from api.sheets.refused import UnreadableSheet
from clickhouse.client import SHANGHAI
from clickhouse.codemaps import MapEntry
from clickhouse.orgs import Org
from clickhouse.schedule import ALWAYS, FOREVER, QuietTime, ScheduleEntry, quiet_id
from clickhouse.thresholds import Threshold
from standard.load import load
from tests.api.workbooks import table, workbook

A, B = "1234567890123456789012", "00345678901234567890AB"
STANDARD = load()
KNOWN = Known({A: "第一医院", B: "第二医院"}, STANDARD)
TODAY = date(2026, 11, 21)


def planned(content: bytes, kind: Kind[Any], kept: Mapping[Any, Any] | None = None) -> Plan[Any]:
    return plan(read_table(content, kind.fields), kind, kept or {})


def wrongs(made: Plan[Any]) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.code) for one in made.problems]


def test_every_problem_has_its_four_texts() -> None:
    assert all(len(texts) == 4 and all(texts) for texts in PROBLEMS.values())


def test_a_code_that_excel_turned_into_a_number_is_refused_and_never_rounded() -> None:
    content = workbook([("机构代码", "机构名称"), (int(A), "第一医院"), (1.2345678901234568e21, "x"), (B, "第二医院")])
    made = planned(content, orgs.KIND)
    assert wrongs(made) == [(2, "org", "number_as_code"), (3, "org", "number_as_code")]
    assert "文本" in made.problems[0].fix_zh
    assert [entry.org for entry in made.entries] == [B]
    rounded = planned(table("机构代码,机构名称", "1.23457E+21,第一医院"), orgs.KIND)
    assert wrongs(rounded) == [(2, "org", "rounded_code")]


def test_leading_zeros_of_codes_survive() -> None:
    made = planned(workbook([("机构代码", "机构名称", "市代码"), (B, "第二医院", "010100")]), orgs.KIND)
    assert (made.entries[0].org, made.entries[0].city) == (B, "010100")


def test_institutions_as_people_write_them() -> None:
    header = ("*机构代码（必填）", "医疗机构名称", "医院等级", "类型", "门诊", "住院", "联系电话", "开始日期", "序号")
    line = (A, "第一医院", "三级甲等", "中医医院", "是", "√", 13800001111, datetime(2026, 3, 1), 1)  # noqa: DTZ001
    made = planned(workbook([header, line], title="机构登记表"), orgs.KIND)
    assert made.problems == []
    assert made.ignored == ["序号"]
    assert made.entries == [
        Org(A, "第一医院", level=3, type="tcm_hospital", outpatient=True, inpatient=True, phone="13800001111",
            starts_on=date(2026, 3, 1)),
    ]  # fmt: skip


def test_a_column_that_the_file_lacks_leaves_what_is_kept_and_an_empty_cell_is_the_default() -> None:
    kept = Org(A, "第一医院", "370100", level=3, contact="张三", inpatient=True, starts_on=date(2026, 1, 1))
    made = planned(table("机构代码,机构名称,级别,有住院,联系人", f"{A},市一院,2,是,"), orgs.KIND, {A: kept})
    assert made.entries == [
        Org(A, "市一院", "370100", level=2, contact="", inpatient=True, starts_on=date(2026, 1, 1))
    ]  # fmt: skip
    assert (made.added, made.changed, made.unchanged) == (0, 1, 0)
    change = made.changes[0]
    assert (change.line, change.action) == (2, "changed")
    assert change.before == {"name": "第一医院", "level": 3, "contact": "***"}  # personal values are not shown
    assert change.after == {"name": "市一院", "level": 2, "contact": ""}


def test_personal_values_are_not_repeated_in_problems() -> None:
    made = planned(table("机构代码,机构名称,电话", f"{A},x,{'1' * 41}"), orgs.KIND)
    assert [(one.code, one.value) for one in made.problems] == [("too_long", "")]


def test_the_same_line_twice_counts_once_and_with_other_content_is_a_conflict() -> None:
    rows = table("机构代码,机构名称", f"{A},甲", f"{A},甲", f"{A},乙", f"{B},丙")
    made = planned(rows, orgs.KIND)
    assert wrongs(made) == [(4, "org", "conflict")]
    assert "第 2 行" in made.problems[0].zh
    assert (made.added, made.unchanged) == (2, 1)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["只有标题"], "no_header"),
        (["机构代码,级别", f"{A},1"], "column_missing"),
        (["机构代码,机构名称,机构代码", f"{A},x,{B}"], "column_twice"),
        (["机构代码,机构名称"], "no_lines"),
        ([*("说明",) * 21, "机构代码,机构名称", f"{A},x"], "no_header"),
    ],
)
def test_a_file_without_our_columns_is_refused_in_words(rows: list[str], code: str) -> None:
    with pytest.raises(UnreadableSheet, match=code):
        planned(table(*rows), orgs.KIND)


def test_formulas_and_error_values_are_wrong_where_they_stand() -> None:
    made = planned(workbook([("机构代码", "机构名称"), (A, "=B9"), (B, "#N/A")]), orgs.KIND)
    assert wrongs(made) == [(2, "name", "formula"), (3, "name", "error_value")]
    assert {one.value for one in made.problems} == {""}


SCHEDULE = schedule.kind(KNOWN)


def test_the_schedule_takes_stars_chinese_table_names_and_every_way_to_write_a_date() -> None:
    name = STANDARD.tables["TB_MZ_SFMXB"].name_zh
    rows = table(
        "机构代码,标准表,应上传,T+天数,应到整点,宽限小时,生效日期,失效日期,备注",
        f"{A},{name},是,2,9,6,2026/11/1,20261130,试点",
        "全部,TB_ZY_SFMXB,否,,,,2026年12月1日,,",
        "*,*,,,,,,,",
    )
    made = planned(rows, SCHEDULE)
    assert made.problems == []
    assert made.entries == [
        ScheduleEntry(A, "TB_MZ_SFMXB", True, 2, 9, 6, date(2026, 11, 1), date(2026, 11, 30), "试点"),
        ScheduleEntry("*", "TB_ZY_SFMXB", False, 1, 8, 4, date(2026, 12, 1), FOREVER),
        ScheduleEntry("*", "*", True, 1, 8, 4, ALWAYS, FOREVER),
    ]


def test_everything_that_can_be_wrong_with_a_schedule_is_told_line_by_line() -> None:
    unknown = "X" * 22
    rows = table(
        "机构代码,标准表,应上传,T+天数,应到整点,生效日期,失效日期",
        f"{unknown},*,是,1,8,,",
        f"{A},TB_NO,是,1,8,,",
        f"{A},*,也许,1.5,24,2026-02-30,",
        f"{A},*,是,,8,2026-03-02,2026-03-01",
        ",*,是,,,,",
        "短,*,是,,,,",
    )
    made = planned(rows, SCHEDULE)
    assert wrongs(made) == [
        (2, "org", "unknown_org"), (3, "table", "unknown_table"),
        (4, "expected", "not_a_flag"), (4, "due_days", "not_whole"), (4, "due_hour", "range"),
        (4, "valid_from", "not_a_date"), (5, "valid_to", "order"), (6, "org", "required"), (7, "org", "pattern"),
    ]  # fmt: skip
    assert made.problems[4].value == "24"


def test_a_leap_day_is_a_day_in_leap_years_only() -> None:
    rows = table("机构代码,标准表,生效日期", f"{A},*,2028-02-29", f"{B},*,2026-02-29")
    made = planned(rows, SCHEDULE)
    assert wrongs(made) == [(3, "valid_from", "not_a_date")]
    assert made.entries[0].valid_from == date(2028, 2, 29)


def test_problems_beyond_what_is_told_are_counted() -> None:
    made = planned(table("机构代码,标准表", *(f"{n:022d},*" for n in range(700))), SCHEDULE)
    assert (len(made.problems), made.problems_count) == (500, 700)


def test_quiet_times_are_shanghai_time_and_a_hospital_cannot_end_before_it_begins() -> None:
    kind = quiet_times.kind(KNOWN)
    rows = workbook([
        ("机构代码", "标准表", "类别", "开始时间", "结束时间", "备注"),
        ("*", "*", "节假日", datetime(2027, 2, 6), "2027-02-13", "春节"),  # noqa: DTZ001
        (A, "*", "维护", "2026-11-20 22:00", "2026-11-21T06:00:00+08:00", None),
        (A, "*", "incident", "2026-11-20", "2026-11-20", None),
        (A, "*", "outage", "2026-11-20", "2026-11-21", None),
    ])  # fmt: skip
    made = planned(rows, kind)
    assert wrongs(made) == [(4, "ends_at", "order"), (5, "kind", "not_a_choice")]
    first, second = made.entries
    assert first.starts_at == datetime(2027, 2, 5, 16, tzinfo=UTC)
    assert (first.ends_at, first.note) == (datetime(2027, 2, 13, tzinfo=SHANGHAI), "春节")
    assert (second.starts_at, second.ends_at) == (
        datetime(2026, 11, 20, 14, tzinfo=UTC), datetime(2026, 11, 20, 22, tzinfo=UTC),
    )  # fmt: skip
    again = planned(rows, kind, {one.id: one for one in made.entries})
    assert (again.added, again.unchanged) == (0, 2)


def test_thresholds_are_known_by_name_or_meaning_and_rates_end_at_one() -> None:
    kind = thresholds.kind(KNOWN)
    meaning = thresholds.definition_of("mapping_rate_warning")
    assert meaning is not None
    rows = table(
        "机构代码,标准表,阈值,值",
        f"{A},*,anomaly_rate_warning,3%",
        f"*,*,{meaning.zh},0.8",
        "*,*,anomaly_rate_critical,5",
        "*,*,no_such,1",
        "*,*,anomaly_rate_rows,-1",
    )
    made = planned(rows, kind)
    assert made.entries == [
        Threshold(A, "*", "anomaly_rate_warning", 0.03), Threshold("*", "*", "mapping_rate_warning", 0.8),
    ]  # fmt: skip
    assert wrongs(made) == [(4, "value", "range"), (5, "name", "unknown_threshold"), (6, "value", "range")]


def test_declarations_are_exact_and_an_empty_cell_leaves_what_was_declared() -> None:
    kind = declarations.kind(KNOWN, TODAY)
    kept = declarations.DeclaredMonth(A, date(2026, 10, 1), {"outpatient_visits": Decimal(7)})
    rows = table(
        "机构代码,月份,门诊费用合计,门诊药品费,门诊人次",
        f'{A},2026-10,"1,203,344.55",0.10,',
        f"{B},202609,￥5,6,1.5",
        f"{B},2026年12月,5,,",
    )
    made = planned(rows, kind, {(A, date(2026, 10, 1)): kept})
    assert wrongs(made) == [(3, "outpatient_visits", "not_whole"), (4, "month", "range")]
    assert made.entries[0].figures == {
        "outpatient_amount": Decimal("1203344.55"), "outpatient_drugs": Decimal("0.1"),
        "outpatient_visits": Decimal(7),
    }  # fmt: skip
    parts = planned(table("机构代码,月份,门诊费用合计,门诊药品费", f"{B},2026-09,5,6"), kind)
    assert wrongs(parts) == [(2, "outpatient_amount", "pattern")]


def test_nobody_names_institutions_that_they_may_not_see() -> None:
    own = Known(KNOWN.orgs, STANDARD, frozenset({A}))
    made = planned(table("机构代码,月份,门诊人次", f"{A},2026-10,1", f"{B},2026-10,1"), declarations.kind(own, TODAY))
    assert wrongs(made) == [(3, "org", "other_org")]
    made = planned(table("机构代码,标准表,T+天数", f"{A},*,1", "全部,*,1"), schedule.kind(own))
    assert wrongs(made) == [(3, "org", "other_org")]


DRUGS = code_maps.kind("drug", STANDARD)
DRUG = next(iter(STANDARD.catalogues["drug"].values()))
FACTS = (DRUG.fields["generic_name"], DRUG.fields["dosage_form"], DRUG.fields["specification"],
         DRUG.fields["manufacturer"])  # fmt: skip
HEADER = "院内编码,院内名称,标准编码,通用名,剂型,规格,生产厂家"


def test_a_drug_agrees_with_the_catalogue_in_all_four_facts() -> None:
    made = planned(table(HEADER, ",".join(("0231", "本院药", DRUG.code, *FACTS))), DRUGS)
    assert made.problems == []
    assert made.entries == [
        MapEntry("0231", "本院药", DRUG.code, FACTS[0], DRUG.fields["dosage_form_code"], FACTS[2], FACTS[3])
    ]


@pytest.mark.parametrize("place", range(4))
def test_each_fact_that_differs_or_is_missing_is_told_with_what_the_catalogue_says(place: int) -> None:
    other = [*FACTS[:place], "别的", *FACTS[place + 1 :]]
    none = [*FACTS[:place], "", *FACTS[place + 1 :]]
    column = ("generic_name", "dosage_form", "specification", "manufacturer")[place]
    lines = (",".join((local, "", DRUG.code, *facts)) for local, facts in (("1", other), ("2", none)))
    made = planned(table(HEADER, *lines), DRUGS)
    assert wrongs(made) == [(2, column, "drug_disagrees"), (3, column, "drug_incomplete")]
    assert FACTS[place] in made.problems[0].zh
    assert made.entries == []


def test_a_local_code_has_one_standard_code_and_that_one_exists() -> None:
    kind = code_maps.kind("department", STANDARD)
    rows = table("院内编码,标准编码", "01,03", "01,03.01", "02,9999", "03,-", "04,")
    read = read_table(rows, kind.fields)
    read.records = [one for one in read.records if code_maps.says_something(one.values)]
    made = plan(read, kind, {"03": MapEntry("03", standard_code="04")})
    assert wrongs(made) == [(3, "local_code", "conflict"), (4, "standard_code", "unknown_standard_code")]
    assert [(one.local_code, one.standard_code) for one in made.entries] == [("01", "03"), ("03", "")]


BEGINS, ENDS = datetime(2027, 2, 6, tzinfo=SHANGHAI), datetime(2027, 2, 13, tzinfo=SHANGHAI)
SPRING = QuietTime(quiet_id("*", "*", "holiday", BEGINS), "*", "*", "holiday", BEGINS, ENDS)


@pytest.mark.parametrize(
    ("kind", "entries", "key"),
    [
        (orgs.KIND, [Org(A, "=1+1", "370100", "370112", 3, "hospital", True, True, "张三", "010", True, False)],
         lambda one: one.org),
        (SCHEDULE, [ScheduleEntry(), ScheduleEntry(A, "TB_HZXX", False, 2, 0, 0, TODAY, TODAY, "备注")],
         lambda one: (one.org, one.table, one.valid_from)),
        (quiet_times.kind(KNOWN), [SPRING], lambda one: one.id),
        (thresholds.kind(KNOWN), [Threshold(A, "*", "anomaly_rate_warning", 0.031)],
         lambda one: (one.org, one.table, one.name)),
        (declarations.kind(KNOWN, TODAY),
         [declarations.DeclaredMonth(A, date(2026, 10, 1), {"outpatient_amount": Decimal("1.50"),
                                                            "outpatient_visits": Decimal("7.0000")})],
         lambda one: (one.org, one.month)),
        (DRUGS, [MapEntry("0231", "-药", DRUG.code, FACTS[0], DRUG.fields["dosage_form_code"], FACTS[2], FACTS[3])],
         lambda one: one.local_code),
    ],
    ids=lambda value: getattr(value, "name", ""),
)  # fmt: skip
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_export_imports_again_without_a_change(kind: Any, entries: list[Any], key: Any, format: Format) -> None:
    if format == "csv":
        content = b"".join(csv_stream(kind.sheet(entries), "zh"))
    else:
        out = io.BytesIO()
        xlsx_file([kind.sheet(entries)], "en", out)
        content = out.getvalue()
    made = planned(content, kind, {key(one): one for one in entries})
    assert made.problems == []
    assert (made.added, made.changed, made.unchanged) == (0, 0, len(entries))
    fresh = planned(content, kind)
    assert [kind.values(one) for one in fresh.entries] == [kind.values(one) for one in entries]
