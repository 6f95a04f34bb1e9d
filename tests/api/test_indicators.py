"""The seven indicators over HTTP: sums, filters, scope, and what is in no total."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore, MapEntry
from clickhouse.declarations import Declaration, DeclarationStore
from clickhouse.orgs import Org, OrgStore
from clickhouse.thresholds import Threshold, ThresholdStore
from tests.api.conftest import ORG_A, ORG_B, Running, Stack, running
from tests.api.facts import day_facts, expected, ledger_day, store_day, store_finding
from tests.api.landed import DAY, NOW, TABLE, findings

pytestmark = pytest.mark.stack

ORG_T = "990000000000000000000T"
CHARGES, SETTLEMENTS, PAYMENTS = "TB_MZ_SFMXB", "TB_MZ_JSMXB", "TB_MZ_JSZFFSMXB"


@pytest.fixture
def orgs(stack: Stack) -> ClickHouse:
    """Two institutions in different cities and a test institution."""
    OrgStore(stack.clickhouse, lambda: NOW).save(
        [
            Org(ORG_A, "甲医院", city="370100", county="370102", level=3, type="hospital"),
            Org(ORG_B, "乙卫生院", city="370200", county="370202", level=1, type="health_centre"),
            Org(ORG_T, "测试医院", city="370100", test=True),
        ]
    )
    return stack.clickhouse


async def ask(api: Running, stack: Stack, path: str, who: str = "operator", **asked: Any) -> dict[str, Any]:
    """An indicator's answer for the month of DAY."""
    answer = await api.client.get(
        f"/api/v1/indicators/{path}", params={"month": f"{DAY:%Y-%m}"} | asked, headers=stack.headers(who)
    )
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def figures(said: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in said["rows"]]


async def test_the_check_report_adds_up_stretches_and_days_of_a_month(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    ledger_day(orgs, received=10, accepted=7, rejected=2, unreadable=1, flagged=3, findings=6)
    ledger_day(orgs, received=10, accepted=10, stretch=1)
    ledger_day(orgs, received=80, accepted=80, biz_date=DAY - timedelta(1))
    ledger_day(orgs, received=99, accepted=99, biz_date=date(2026, 10, 31))
    day_facts(orgs, standing=1)
    said = await ask(api, stack, "check_report")
    [row] = said["rows"]
    assert row == {
        "month": "2026-11", "org": ORG_A, "name": "甲医院", "city": "370100", "table": TABLE,
        "table_zh": "门诊费用明细表", "table_en": "outpatient charges", "received": 100, "accepted": 97, "rejected": 2,
        "flagged": 3, "anomalies": 5, "unreadable": 1, "findings": 6, "standing": 1, "rejection_rate": 0.02,
        "anomaly_rate": 0.05,
    }  # fmt: skip
    names = ("received", "rejected", "anomalies", "anomaly_rate", "standing")
    assert {name: said["totals"][name] for name in names} == {name: row[name] for name in names}
    both = await ask(api, stack, "check_report", month="", **{"from": "2026-10-31", "to": "2026-11-20"})
    assert figures(both, "month", "received") == [("2026-10", 99), ("2026-11", 100)]
    assert both["totals"]["received"] == 199


async def test_by_arrival_a_row_counts_on_the_day_that_it_came(api: Running, stack: Stack, orgs: ClickHouse) -> None:
    ledger_day(orgs, biz_date=date(2026, 10, 31))  # arrived on 1 November
    ledger_day(orgs, biz_date=date(2026, 11, 30), received=5)  # arrives on 1 December
    day_facts(orgs, biz_date=date(2026, 11, 30), standing=4)
    by_day = await ask(api, stack, "check_report")
    by_arrival = await ask(api, stack, "check_report", by="arrival")
    assert figures(by_day, "received", "standing") == [(5, 4)]
    assert figures(by_arrival, "received", "standing") == [(10, None)]
    assert by_arrival["totals"]["standing"] is None


async def test_rows_without_a_business_date_count_in_the_month_of_their_arrival(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    unknown = date(1970, 1, 1)
    ledger_day(orgs, biz_date=unknown, arrival_day=date(2026, 11, 30), table="", received=3, unreadable=3, accepted=0)
    ledger_day(orgs, biz_date=unknown, arrival_day=date(2026, 12, 1), table="", received=9, unreadable=9, accepted=0)
    said = await ask(api, stack, "check_report")
    assert figures(said, "month", "table", "table_zh", "received", "unreadable", "anomaly_rate") == [
        ("2026-11", "", "无法识别", 3, 3, 0.0)
    ]


async def test_leap_day_belongs_to_its_february(api: Running, stack: Stack, orgs: ClickHouse) -> None:
    ledger_day(orgs, biz_date=date(2028, 2, 29))
    ledger_day(orgs, biz_date=date(2028, 3, 1), received=7)
    said = await ask(api, stack, "check_report", month="2028-02")
    assert (said["biz_to"], figures(said, "month", "received")) == ("2028-02-29", [("2028-02", 10)])


async def test_the_month_of_now_is_that_of_shanghai(stack: Stack, orgs: ClickHouse) -> None:
    async with running(stack.app(now=lambda: NOW.replace(month=11, day=30, hour=16))) as api:
        said = await ask(api, stack, "check_report", month="")
    assert (said["biz_from"], said["biz_to"]) == ("2026-12-01", "2026-12-31")


async def test_region_level_type_and_table_choose_institutions(api: Running, stack: Stack, orgs: ClickHouse) -> None:
    ledger_day(orgs)
    ledger_day(orgs, org=ORG_B)
    ledger_day(orgs, org="", table="", received=1)
    ledger_day(orgs, table="TB_HZXX")

    async def found(**asked: Any) -> list[tuple[str, str]]:
        said = await ask(api, stack, "check_report", **asked)
        return [(row["org"], row["table"]) for row in said["rows"]]

    every = [("", ""), (ORG_A, "TB_HZXX"), (ORG_A, TABLE), (ORG_B, TABLE)]
    assert await found() == every
    assert await found(city="370200") == await found(level=1) == await found(type="health_centre") == every[3:]
    assert await found(county="370102", table="tb_hzjbxx") == every[1:2]  # an alias of TB_HZXX
    assert await found(level=0) == await found(city="370300") == []
    assert await found(limit=2, offset=1) == every[1:3]


async def test_test_institutions_are_in_no_total_but_see_themselves(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    for org in (ORG_A, ORG_T):
        ledger_day(orgs, org=org)
        day_facts(
            orgs, org=org, rules=[("SF28", "error", 2)], codes=[("MXXMBM", "drug", "c1", "", 4)],
            measures=[("charge", "0101", 1, "5.00")],
        )  # fmt: skip
        store_day(orgs, org=org, failed=1)
        store_finding(orgs, org=org)
        expected(orgs, org=org)
    findings(orgs, {"org": ORG_A}, {"org": ORG_T})
    paths = (
        "calendar", "check_report", "check_report/findings", "association", "association/rows", "fee_shares",
        "fee_shares/drugs", "drug_mapping", "mapping/unmapped", "multi_source",
    )  # fmt: skip
    for path in paths:
        for asked, wanted in (({}, {ORG_A}), ({"test": True}, {ORG_A, ORG_T}), ({"org": ORG_T}, {ORG_T})):
            said = await ask(api, stack, path, **asked)
            assert {row["org"] for row in said["rows"]} == wanted, (path, asked)
            assert said["total"] == len(wanted), (path, asked)
    for asked, orgs_counted in (({}, 1), ({"test": True}, 2)):
        said = await ask(api, stack, "check_report/rules", **asked)
        assert set(figures(said, "orgs")) == {(orgs_counted,)}


async def test_a_hospital_sees_its_own_institution_only(api: Running, stack: Stack, orgs: ClickHouse) -> None:
    ledger_day(orgs)
    ledger_day(orgs, org=ORG_B)
    said = await ask(api, stack, "check_report", who="b")
    assert figures(said, "org") == [(ORG_B,)]
    refused = await api.client.get(f"/api/v1/indicators/check_report?org={ORG_A}", headers=stack.headers("b"))
    assert refused.json()["error"]["code"] == "other_org"
    assert (await api.client.get("/api/v1/indicators/check_report")).status_code == 401


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"month": "2026-13"}, "invalid"),
        ({"month": "2026-11", "from": "2026-11-01"}, "invalid"),
        ({"from": "2026-02-29", "month": ""}, "invalid"),
        ({"table": "TB_NOTHING"}, "unknown_table"),
        ({"format": "pdf"}, "invalid"),
    ],
)
async def test_wrong_filters_are_refused(api: Running, stack: Stack, asked: dict[str, str], code: str) -> None:
    answer = await api.client.get("/api/v1/indicators/fee_shares", params=asked, headers=stack.headers("operator"))
    assert answer.json()["error"]["code"] == code


async def test_without_rows_there_is_no_rate(api: Running, stack: Stack, orgs: ClickHouse) -> None:
    for path in ("check_report", "check_report/trend", "association", "drug_mapping", "fee_shares", "fee_shares/drugs"):
        said = await ask(api, stack, path)
        assert (said["rows"], said["total"], said["next_offset"]) == ([], 0, None)
        rates = [value for name, value in said["totals"].items() if name.endswith(("rate", "share"))]
        assert rates, path
        assert set(rates) == {None}, path
    store_day(orgs, checked=0)
    assert figures(await ask(api, stack, "association"), "checked", "failed_rate") == [(0, None)]


async def test_rules_are_counted_by_findings_institutions_and_days(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    day_facts(orgs, rules=[("SF28", "error", 2), ("SF07", "warning", 5)])
    day_facts(orgs, rules=[("SF28", "error", 4)], biz_date=DAY - timedelta(1))
    day_facts(orgs, rules=[("SF28", "error", 1)], org=ORG_B)
    store_day(orgs, failed=3)
    store_day(orgs, rule_id="SF04", failed=0)
    assert {row["severity"] for row in (await ask(api, stack, "check_report/rules", severity="warning"))["rows"]} == {
        "warning"
    }
    said = await ask(api, stack, "check_report/rules")
    assert figures(said, "scope", "rule_id", "severity", "findings", "orgs", "days") == [
        ("flight", "SF28", "error", 7, 2, 3),
        ("flight", "SF07", "warning", 5, 1, 1),
        ("store", "SF03", "error", 3, 1, 1),
    ]
    assert said["totals"] == {"findings": 15}
    rule = stack.app().state.services.standard.rules[TABLE, "SF28"]
    assert (said["rows"][0]["rule_zh"], said["rows"][0]["fix_zh"]) == (rule.zh, rule.fix_zh)


async def test_every_finding_is_in_one_page_and_can_be_chosen_by_rule_and_severity(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    findings(
        orgs,
        *({"row": n, "rule_id": ("SF28", "SF07")[n % 2], "severity": ("error", "warning")[n % 2]} for n in range(1, 8)),
        {"org": ORG_B, "outcome": "accepted"},
        {"biz_date": date(2026, 12, 1)},
    )
    pages = [await ask(api, stack, "check_report/findings", limit=3, offset=start) for start in (0, 3, 6)]
    assert [page["total"] for page in pages] == [8, 8, 8]
    assert [page["next_offset"] for page in pages] == [3, 6, None]
    places = [place for page in pages for place in figures(page, "org", "rule_id", "row")]
    assert len(set(places)) == 8
    some = await ask(api, stack, "check_report/findings", rule_id="SF07")
    assert figures(some, "row", "severity_zh") == [(n, "警告") for n in (1, 3, 5, 7)]
    assert (await ask(api, stack, "check_report/findings", severity="error"))["total"] == 4
    other = (await ask(api, stack, "check_report/findings", org=ORG_B))["rows"][0]
    assert (other["name"], other["outcome_zh"], other["value"]) == ("乙卫生院", "入库", "99***")


async def test_association_counts_what_fails_now_and_lists_the_rows_of_the_newest_run(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    later = NOW + timedelta(hours=1)
    store_day(orgs, checked=10, failed=2)
    for key in ("k1", "k2"):
        store_finding(orgs, row_key=key)
    store_day(orgs, checked=11, failed=1, run_at=later)  # one orphan's patient came
    store_finding(orgs, row_key="k2", run_at=later)
    store_day(orgs, biz_date=DAY - timedelta(1), checked=9)
    store_day(orgs, rule_id="SF05", kind="cross_table", failed=4)
    said = await ask(api, stack, "association")
    assert figures(said, "rule_id", "checked", "failed", "failed_rate") == [("SF03", 20, 1, 0.05)]
    assert said["totals"] == {"checked": 20, "failed": 1, "failed_rate": 0.05}
    assert (await ask(api, stack, "association", kind=""))["totals"]["failed"] == 5
    rows = await ask(api, stack, "association/rows")
    assert (rows["total"], figures(rows, "row_key", "visit", "rule_id")) == (1, [("k2", "v1", "SF03")])


async def test_fee_shares_are_of_the_kind_of_care_and_of_the_institution(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    day_facts(orgs, measures=[("charge", "0101", 3, "60.00"), ("charge", "", 1, "-10.00"), ("drug", "", 3, "60.00")])
    day_facts(orgs, measures=[("charge", "0101", 1, "0.005")], biz_date=DAY - timedelta(1))
    day_facts(orgs, table="TB_ZY_SFMXB", measures=[("charge", "0307", 2, "49.995")])
    day_facts(orgs, org=ORG_B, measures=[("charge", "0301", 1, "0.00")])
    said = await ask(api, stack, "fee_shares")
    assert figures(said, "org", "care_zh", "code", "code_zh", "rows", "amount") == [
        (ORG_A, "门诊", "", "未对码", 1, "-10.0000"),
        (ORG_A, "门诊", "0101", "西药费", 4, "60.0050"),
        (ORG_A, "住院", "0307", "床位费", 2, "49.9950"),
        (ORG_B, "门诊", "0301", "挂号费", 1, "0.0000"),
    ]
    shares = figures(said, "care_share", "total_share")
    assert shares[0] == pytest.approx((-10 / 50.005, -0.1))
    assert shares[2] == pytest.approx((1, 0.49995))
    assert shares[3] == (None, None)
    assert (said["totals"]["amount"], said["totals"]["inpatient"]) == ("100.0000", "49.9950")
    assert said["totals"]["outpatient_share"] == pytest.approx(0.50005)


async def test_a_code_is_mapped_when_it_has_a_standard_code_now(api: Running, stack: Stack, orgs: ClickHouse) -> None:
    maps = CodeMapStore(orgs, lambda: NOW)
    maps.save(ORG_A, "drug", [MapEntry("d1", "药一", "S1"), MapEntry("gone", "原有", "")], "test")
    day_facts(
        orgs, table="TB_MZ_YPCFMX",
        codes=[
            ("SYPBM", "drug", "d1", "", 4), ("SYPBM", "drug", "d1", "S1", 6),  # mapped in the middle of the day
            ("SYPBM", "drug", "gone", "S9", 5),  # was mapped, the entry was taken back since
            ("SYPBM", "drug", "S7", "S7", 3),  # a standard code itself
            ("SYPBM", "drug", "x", "", 2), ("SYPBM", "drug", "", "", 50),  # without a code there is nothing to map
            ("ZXKSBM", "department", "k1", "", 9),
        ],
    )  # fmt: skip
    day_facts(orgs, biz_date=DAY - timedelta(1), table="TB_MZ_YPCFMX", codes=[("SYPBM", "drug", "x", "", 1)])
    said = await ask(api, stack, "drug_mapping")
    [row] = said["rows"]
    assert (row["rows"], row["mapped_rows"], row["landed_mapped"]) == (21, 13, 14)
    assert (row["codes"], row["mapped_codes"]) == (4, 2)
    assert (row["rows_rate"], row["landed_rate"], row["codes_rate"]) == (13 / 21, 14 / 21, 0.5)
    assert said["totals"]["codes_rate"] == 0.5
    departments = await ask(api, stack, "department_mapping")
    assert figures(departments, "map_zh", "rows", "mapped_rows", "codes_rate") == [("科室", 9, 0, 0.0)]


async def test_a_charged_item_belongs_to_the_map_that_knows_its_code(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    item = next(iter(stack.app().state.services.standard.catalogues["item"]))
    CodeMapStore(orgs, lambda: NOW).save(ORG_A, "item", [MapEntry("i1", "血常规", item)], "test")
    day_facts(
        orgs,
        codes=[
            ("MXXMBM", "drug", "i1", item, 3), ("MXXMBM", "drug", item, item, 2), ("MXXMBM", "drug", "x", "", 4),
            ("FYSRGLBM", "fee", "0101", "0101", 7),
        ],
    )  # fmt: skip
    day_facts(orgs, table="TB_MZ_QTCFMX", codes=[("XMBM", "item", "i1", item, 5), ("XMBM", "item", "y", "", 1)])
    items = await ask(api, stack, "item_mapping")
    assert figures(items, "map", "rows", "mapped_rows", "codes", "mapped_codes") == [
        ("fee", 7, 7, 1, 1),
        ("item", 11, 10, 3, 2),
    ]
    assert figures(await ask(api, stack, "drug_mapping"), "rows", "mapped_rows") == [(4, 0)]


async def test_unmapped_codes_come_with_their_names_the_most_used_first(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    day_facts(orgs, codes=[("MXXMBM", "drug", "x", "", 4), ("KDKSBM", "department", "k1", "", 9)])
    day_facts(orgs, table="TB_MZ_YPCFMX", codes=[("SYPBM", "drug", "x", "", 6), ("SYPBM", "drug", "z", "", 1)])
    landed = {
        "org": ORG_A,
        "table": TABLE,
        "map": "drug",
        "column": "MXXMBM",
        "code": "x",
        "name": "阿莫西林",
        "rows": 4,
    }
    orgs.insert("unmapped_codes", pl.DataFrame([landed | {"arrived_at": NOW, "landed_at": NOW, "biz_date": DAY}]))
    said = await ask(api, stack, "mapping/unmapped")
    assert figures(said, "map_zh", "code", "local_name", "rows", "columns_zh") == [
        ("药品", "x", "阿莫西林", 10, "MXXMBM、SYPBM"),
        ("科室", "k1", "", 9, "KDKSBM"),
        ("药品", "z", "", 1, "SYPBM"),
    ]
    assert figures(await ask(api, stack, "mapping/unmapped", map="drug", limit=1, offset=1), "code") == [("z",)]


def month_of_money(clickhouse: ClickHouse, org: str, charged: str, settled: str, paid: str) -> None:
    day_facts(clickhouse, org=org, measures=[("charge", "0101", 1, charged), ("drug", "", 1, charged)])
    day_facts(clickhouse, org=org, table=SETTLEMENTS, measures=[("settlement", "", 1, settled)])
    day_facts(clickhouse, org=org, table=PAYMENTS, measures=[("payment", "01", 1, paid), ("payment", "07", 1, "1.00")])


async def test_the_same_quantity_from_several_sources_agrees_or_differs(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    month_of_money(orgs, ORG_A, "100.00", "100.00", "99.00")
    month_of_money(orgs, ORG_B, "100.00", "98.00", "97.00")
    day_facts(orgs, table="TB_MZ_JZMXB", measures=[("visit", "", 40, "0")])
    declare = DeclarationStore(orgs, lambda: NOW)
    month = date(2026, 11, 1)
    declare.save(
        [
            Declaration(ORG_A, month, "outpatient_visits", Decimal(50)),
            Declaration(ORG_A, date(2026, 12, 1), "outpatient_visits", Decimal(1)),
            Declaration(ORG_A, month, "inpatient_amount", Decimal(7)),
        ],
        "test",
    )
    said = await ask(api, stack, "multi_source", month="", **{"from": "2026-11-20", "to": "2026-11-20"})
    names = ("org", "quantity", "charges", "settlements", "payments", "records", "declared", "difference", "verdict")
    assert figures(said, *names) == [
        (ORG_A, "inpatient_amount", None, None, None, None, "7.0000", None, "missing"),
        (ORG_A, "outpatient_amount", "100.0000", "100.0000", "100.0000", None, None, "0.0000", "ok"),
        (ORG_A, "outpatient_drugs", "100.0000", None, None, None, None, None, "missing"),
        (ORG_A, "outpatient_visits", None, None, None, "40.0000", "50.0000", "10.0000", "differs"),
        (ORG_B, "outpatient_amount", "100.0000", "98.0000", "98.0000", None, None, "2.0000", "differs"),
        (ORG_B, "outpatient_drugs", "100.0000", None, None, None, None, None, "missing"),
    ]
    assert said["totals"] == {"ok": 1, "differs": 2, "missing": 3}
    assert [row["relative"] for row in said["rows"]] == [None, 0.0, None, 0.2, 0.02, None]
    assert said["rows"][3]["quantity_zh"] == "门诊人次"


async def test_front_pages_are_one_more_source_of_what_inpatients_were_charged(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    for table, measure in (("TB_ZY_SFMXB", "charge"), ("TB_ZY_JSJLB", "settlement"), ("TB_ZY_JSZFFSMXB", "payment")):
        day_facts(orgs, table=table, measures=[(measure, "", 1, "100.00")])
    day_facts(orgs, table="TB_ZY_SFMXB", measures=[("charge", "", 1, "100.00"), ("drug", "", 1, "30.00")])
    parts = [("front_page", "", 2, "60.00"), ("front_page_drug", "", 2, "30.00")]
    for day in (DAY, DAY - timedelta(1)):
        day_facts(orgs, table="TB_BASY", biz_date=day, measures=parts)
    said = await ask(api, stack, "multi_source")
    names = ("quantity", "charges", "settlements", "front_pages", "difference", "verdict")
    assert figures(said, *names) == [
        ("inpatient_amount", "100.0000", "100.0000", "120.0000", "20.0000", "differs"),
        ("inpatient_drugs", "30.0000", None, "60.0000", "30.0000", "differs"),
    ]


async def test_the_most_specific_tolerance_that_was_set_counts(api: Running, stack: Stack, orgs: ClickHouse) -> None:
    month_of_money(orgs, ORG_A, "100.00", "98.00", "97.00")
    month_of_money(orgs, ORG_B, "100.00", "98.00", "97.00")
    thresholds = ThresholdStore(orgs, lambda: NOW)
    thresholds.save([Threshold("*", "*", "multi_source_tolerance", 0.001)], "test")
    thresholds.save([Threshold(ORG_B, "*", "multi_source_tolerance", 0.05)], "test")
    said = await ask(api, stack, "multi_source")
    amounts = [row for row in said["rows"] if row["quantity"] == "outpatient_amount"]
    assert [(row["tolerance"], row["verdict"]) for row in amounts] == [(0.001, "differs"), (0.05, "ok")]


async def test_the_calendar_has_every_expected_day_with_its_state(stack: Stack, orgs: ClickHouse) -> None:
    for back in range(4):
        expected(orgs, biz_date=DAY - timedelta(back))
    expected(orgs, org=ORG_B, expected=0, reason="no_outpatient")
    ledger_day(orgs, biz_date=DAY - timedelta(1), received=9, accepted=8, rejected=1)
    ledger_day(orgs, biz_date=DAY - timedelta(2), arrived_at=NOW, arrival_day=date(2026, 11, 21))
    log = {"at": NOW, "watcher": "w", "watermark": NOW, "lag": 0, "firing": 0, "took_ms": 1}
    orgs.insert("watch_log", pl.DataFrame([log]))
    async with running(stack.app(now=lambda: NOW)) as api:
        said = await ask(api, stack, "calendar")
        by_org = await ask(api, stack, "calendar", group="org")
        arrived = await ask(api, stack, "calendar", by="arrival")
    states = [[(day["day"], day["state"], day["received"]) for day in row["days"]] for row in said["rows"]]
    assert states == [
        [
            ("2026-11-17", "missing", 0), ("2026-11-18", "late", 10), ("2026-11-19", "received", 9),
            ("2026-11-20", "pending", 0),
        ],
        [("2026-11-20", "not_expected", 0)],
    ]  # fmt: skip
    assert (said["rows"][1]["days"][0]["reason"], said["rows"][0]["days"][3]["first_arrived_at"]) == (
        "no_outpatient",
        None,
    )
    assert said["totals"] == {"missing": 1, "late": 1, "pending": 1, "received": 1, "not_expected": 1}
    assert by_org["totals"] == said["totals"]
    assert [day["tables"] for day in by_org["rows"][0]["days"]][:2] == [{"missing": 1}, {"late": 1}]
    assert [(day["day"], day["received"]) for day in arrived["rows"][0]["days"]] == [
        ("2026-11-20", 9),
        ("2026-11-21", 10),
    ]


async def test_an_institutions_day_is_as_bad_as_its_worst_table(stack: Stack, orgs: ClickHouse) -> None:
    for table in (TABLE, "TB_HZXX"):
        expected(orgs, table=table, biz_date=DAY - timedelta(1))
    ledger_day(orgs, biz_date=DAY - timedelta(1))
    async with running(stack.app(now=lambda: NOW)) as api:
        [row] = (await ask(api, stack, "calendar", group="org"))["rows"]
    [day] = row["days"]
    # the watch has never run: nothing says that what came has landed
    assert (day["state"], day["tables"], day["received"]) == ("unknown", {"received": 1, "unknown": 1}, 10)


async def test_the_trend_sums_institutions_by_day_or_month(api: Running, stack: Stack, orgs: ClickHouse) -> None:
    ledger_day(orgs, received=10, accepted=7, rejected=2, unreadable=1, flagged=3, findings=6)
    ledger_day(orgs, org=ORG_B, received=30, accepted=30)
    ledger_day(orgs, biz_date=DAY - timedelta(1), received=40, accepted=38, rejected=2)
    ledger_day(orgs, org=ORG_T, received=99, accepted=99)
    days = await ask(api, stack, "check_report/trend")
    assert figures(days, "day", "orgs", "received", "anomalies", "anomaly_rate") == [
        ((DAY - timedelta(1)).isoformat(), 1, 40, 2, 0.05), (DAY.isoformat(), 2, 40, 5, 0.125)
    ]  # fmt: skip
    months = await ask(api, stack, "check_report/trend", step="month")
    assert figures(months, "day", "received", "rejected") == [(f"{DAY:%Y-%m}-01", 80, 4)]
    assert months["totals"]["rejection_rate"] == 0.05
    by_arrival = await ask(api, stack, "check_report/trend", by="arrival")
    assert figures(by_arrival, "day") == [(DAY.isoformat(),), ((DAY + timedelta(1)).isoformat(),)]
    assert figures(await ask(api, stack, "check_report/trend", "b"), "received") == [(30,)]


async def test_a_report_is_sorted_by_any_of_its_columns(api: Running, stack: Stack, orgs: ClickHouse) -> None:
    ledger_day(orgs, rejected=1, accepted=9)
    ledger_day(orgs, table="TB_HZXX", rejected=5, accepted=5)
    ledger_day(orgs, table="TB_MZ_GHMXB", received=0, accepted=0)
    day_facts(orgs, table="TB_MZ_GHMXB", standing=1)
    assert figures(await ask(api, stack, "check_report", sort="-rejection_rate"), "rejection_rate") == [
        (0.5,), (0.1,), (None,)
    ]  # fmt: skip
    assert figures(await ask(api, stack, "check_report", sort="rejected", limit=1), "rejected") == [(0,)]
    answer = await api.client.get(
        "/api/v1/indicators/check_report", params={"sort": "rejected; DROP"}, headers=stack.headers("operator")
    )
    assert answer.status_code == 422


async def test_shares_of_drugs_and_consumables_are_of_what_was_charged(
    api: Running, stack: Stack, orgs: ClickHouse
) -> None:
    day_facts(
        orgs, table=CHARGES,
        measures=[
            ("charge", "09", 2, "60.00"), ("charge", "", 1, "40.00"), ("drug", "", 2, "35.00"),
            ("consumable", "", 1, "5.00"),
        ],
    )  # fmt: skip
    day_facts(orgs, table="TB_ZY_SFMXB", measures=[("charge", "09", 1, "10.00"), ("charge", "09", 1, "-10.00")])
    said = await ask(api, stack, "fee_shares/drugs")
    assert figures(said, "care", "amount", "drugs", "drug_share", "consumable_share", "unmapped") == [
        ("outpatient", "100.0000", "35.0000", 0.35, 0.05, "40.0000"),
        ("inpatient", "0.0000", "0.0000", None, None, "0.0000"),
    ]
    assert (said["totals"]["drug_share"], said["totals"]["amount"]) == (0.35, "100.0000")


async def test_fees_of_all_institutions_can_be_seen_as_one(api: Running, stack: Stack, orgs: ClickHouse) -> None:
    for org, drug in ((ORG_A, "30.00"), (ORG_B, "10.00")):
        day_facts(
            orgs, org=org, table=CHARGES,
            measures=[("charge", "09", 1, drug), ("charge", "10", 1, "60.00"), ("drug", "", 1, drug)],
        )  # fmt: skip
    said = await ask(api, stack, "fee_shares", group="all")
    assert figures(said, "code", "amount", "care_share", "total_share") == [
        ("09", "40.0000", 0.25, 0.25), ("10", "120.0000", 0.75, 0.75)
    ]  # fmt: skip
    assert "org" not in {column["name"] for column in said["columns"]}
    drugs = await ask(api, stack, "fee_shares/drugs", group="all")
    assert figures(drugs, "month", "care", "drugs", "drug_share") == [(f"{DAY:%Y-%m}", "outpatient", "40.0000", 0.25)]
    own = await ask(api, stack, "fee_shares", "b", group="all")
    assert figures(own, "code", "amount") == [("09", "10.0000"), ("10", "60.0000")]
