"""Files of the indicators, opened and read cell by cell as a regulator's Excel would."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from api.indicators import export, figures
from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from tests.api.conftest import ORG_A, ORG_B, Running, Stack, running
from tests.api.facts import day_facts, expected, ledger_day, store_day, store_finding
from tests.api.landed import DAY, NOW, TABLE, findings

pytestmark = pytest.mark.stack


@pytest.fixture
def filled(stack: Stack) -> ClickHouse:
    """Two institutions, one with a name that a spreadsheet could run, and a month of figures."""
    clickhouse = stack.clickhouse
    OrgStore(clickhouse, lambda: NOW).save([Org(ORG_A, "甲医院"), Org(ORG_B, '=HYPERLINK("http://x","y")')])
    ledger_day(clickhouse, received=200, accepted=190, rejected=8, unreadable=2, flagged=2, findings=12)
    ledger_day(clickhouse, org=ORG_B, received=100, accepted=100)
    day_facts(clickhouse, standing=3, rules=[("SF28", "error", 12)], measures=[("charge", "0101", 4, "1234567.895")])
    day_facts(clickhouse, org=ORG_B, measures=[("charge", "", 1, "-0.5")], codes=[("MXXMBM", "drug", "-1+2", "", 3)])
    store_day(clickhouse, failed=1)
    store_finding(clickhouse)
    expected(clickhouse)
    findings(clickhouse, {"row": 7, "value": "@SUM(A1)"}, {"org": ORG_B, "rule_id": "SF07", "severity": "warning"})
    return clickhouse


async def file(api: Running, stack: Stack, path: str, who: str = "operator", **asked: Any) -> tuple[str, bytes]:
    """Name and content of an export of the month of DAY."""
    answer = await api.client.get(
        f"/api/v1/indicators/{path}", params={"month": f"{DAY:%Y-%m}"} | asked, headers=stack.headers(who)
    )
    assert answer.status_code == 200, answer.text
    return unquote(answer.headers["content-disposition"].rpartition("''")[2]), answer.content


async def book(api: Running, stack: Stack, path: str, **asked: Any) -> list[Worksheet]:
    name, content = await file(api, stack, path, format="xlsx", **asked)
    assert name.endswith(".xlsx")
    return list(load_workbook(io.BytesIO(content)).worksheets)


def cells(sheet: Worksheet) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


async def test_the_check_report_opens_with_chinese_headers_formats_and_totals(
    api: Running, stack: Stack, filled: ClickHouse
) -> None:
    name, _ = await file(api, stack, "check_report", format="xlsx")
    assert name == "数据检查报告_2026-11-01_2026-11-30.xlsx"
    [sheet] = await book(api, stack, "check_report")
    assert sheet.title == "数据检查报告"
    header, first, second, totals = cells(sheet)
    assert header == [
        "月份", "机构代码", "机构名称", "标准表", "表名", "接收", "入库", "拒收", "有警告", "异常（拒收+警告）",
        "无法读取", "拒收未改正", "问题数", "拒收率", "异常率",
    ]  # fmt: skip
    about = ["2026-11", ORG_A, "甲医院", TABLE, "门诊费用明细表"]
    assert first == [*about, 200, 190, 8, 2, 10, 2, 3, 12, 0.04, 0.05]
    assert second[2:] == ['=HYPERLINK("http://x","y")', TABLE, "门诊费用明细表", 100, 100, 0, 0, 0, 0, 0, 0, 0, 0]
    assert totals == ["合计", None, None, None, None, 300, 290, 8, 2, 10, 2, 3, 12, 8 / 300, 10 / 300]
    assert sheet["C3"].data_type == "s"  # a text, no formula
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref
    assert sheet["A1"].font.b
    assert "%" in sheet["O2"].number_format
    assert "0" in sheet["F2"].number_format


async def test_amounts_are_numbers_with_cents_and_their_shares(api: Running, stack: Stack, filled: ClickHouse) -> None:
    [sheet] = await book(api, stack, "fee_shares", lang="en")
    header, first, second, totals = cells(sheet)
    assert header[3:] == [
        "care", "fee category", "fee category (Chinese)", "rows", "amount (yuan)", "share of this care",
        "share of the institution",
    ]  # fmt: skip
    assert first[3:] == ["门诊", "0101", "西药费", 4, 1234567.895, 1, 1]
    assert second[5:8] == ["未对码", 1, -0.5]
    assert (totals[0], totals[7]) == ("Total", 1234567.395)
    assert sheet["H2"].number_format == "#,##0.00"


async def test_the_error_detail_has_key_column_value_rule_and_message(
    api: Running, stack: Stack, filled: ClickHouse
) -> None:
    [sheet] = await book(api, stack, "check_report/findings")
    header, first, second = cells(sheet)
    row = dict(zip(header, first, strict=True))
    assert (row["机构代码"], row["业务日期"], row["行号"], row["主键"]) == (
        ORG_A,
        datetime.combine(DAY, datetime.min.time()),
        7,
        "1",
    )
    assert (row["列"], row["列名"], row["值（个人信息已脱敏）"]) == ("YLJGDM", "医疗机构代码", "@SUM(A1)")
    assert (row["级别"], row["结果"], row["到达时间"]) == (
        "错误",
        "拒收",
        datetime.fromisoformat("2026-11-21 12:00:00"),
    )
    rule = stack.app().state.services.standard.rules[TABLE, row["规则编号"]]
    assert (row["规则"], row["改正办法"]) == (rule.zh, rule.fix_zh)
    assert dict(zip(header, second, strict=True))["级别"] == "警告"
    _, content = await file(api, stack, "check_report/findings", format="csv")
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert lines[0] == header
    assert lines[1][lines[0].index("值（个人信息已脱敏）")] == "'@SUM(A1)"


@pytest.mark.parametrize(
    ("path", "title", "rows"),
    [
        ("check_report/rules", "违反的规则", 3),  # with the totals, also of nothing
        ("association", "数据关联性检验", 2),
        ("association/rows", "关联性不通过明细", 1),
        ("drug_mapping", "药品对码", 2),
        ("department_mapping", "科室对码", 1),
        ("item_mapping", "费用类别、检验检查项目对码", 1),
        ("mapping/unmapped", "未对码代码", 1),
        ("multi_source", "多数据源校验", 2),
    ],
)
async def test_every_indicator_opens_as_a_workbook_and_as_csv(
    api: Running, stack: Stack, filled: ClickHouse, path: str, title: str, rows: int
) -> None:
    [sheet] = await book(api, stack, path)
    assert sheet.title == title
    assert sheet.max_row - 1 == rows
    said = await api.client.get(
        f"/api/v1/indicators/{path}", params={"month": "2026-11"}, headers=stack.headers("operator")
    )
    assert [cell.value for cell in sheet[1]] == [column["zh"] for column in said.json()["columns"]]
    name, content = await file(api, stack, path, format="csv", lang="en")
    assert name == f"{title}_2026-11-01_2026-11-30.csv"
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert lines[0] == [column["en"] for column in said.json()["columns"]]
    assert len(lines) == sheet.max_row


async def test_the_calendar_is_a_picture_with_a_column_a_day_and_a_list(stack: Stack, filled: ClickHouse) -> None:
    expected(filled, biz_date=DAY - timedelta(1))
    async with running(stack.app(now=lambda: NOW)) as api:
        picture, listed = await book(api, stack, "calendar")
        _, content = await file(api, stack, "calendar", format="csv")
    header, first, _ = cells(picture)
    assert header[:5] == ["机构代码", "机构名称", "标准表", "表名", "11-01"]
    assert len(header) == 4 + 30
    assert first[4 + 19] == "200"
    assert first[4 + 18] == "无法判断"
    assert first[4 + 20] in (None, "")
    rows = [dict(zip(cells(listed)[0], row, strict=True)) for row in cells(listed)[1:]]
    assert [(row["机构代码"], row["日期"].date(), row["状态"], row["接收"]) for row in rows] == [
        (ORG_A, date(2026, 11, 19), "无法判断", 0),
        (ORG_A, DAY, "已上传", 200),
        (ORG_B, DAY, "已上传", 100),
    ]
    assert content.decode("utf-8-sig").splitlines()[0].split(",") == cells(listed)[0]


async def test_every_file_that_leaves_is_in_the_audit_log(api: Running, stack: Stack, filled: ClickHouse) -> None:
    await file(api, stack, "check_report", who="a", format="csv")
    await file(api, stack, "calendar", format="xlsx")
    await api.client.get("/api/v1/indicators/check_report", headers=stack.headers())
    rows = filled.rows("SELECT actor, target, detail FROM audit_log WHERE action = 'indicator.export' ORDER BY at")
    assert [(row["actor"], row["target"]) for row in rows] == [
        ("hospital:hospital a", "check_report"),
        ("operator:operator", "calendar"),
    ]
    detail = orjson.loads(rows[0]["detail"])
    assert (detail["org"], detail["first"], detail["format"], detail["rows"]) == (ORG_A, "2026-11-01", "csv", 1)


async def test_a_long_list_is_asked_for_in_parts_and_none_is_lost(
    api: Running, stack: Stack, filled: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings(filled, *({"row": n, "offset": 9} for n in range(1, 24)), *({"org": ORG_B, "row": n} for n in range(2, 9)))
    for module in ("association", "check_report", "mapping"):
        monkeypatch.setattr(f"api.indicators.{module}.CHUNK", 4)
    _, content = await file(api, stack, "check_report/findings", format="csv")
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    places = [(line["机构代码"], line["规则编号"], line["行号"], line["批次"]) for line in lines]
    assert len(lines) == 2 + 23 + 7
    assert len(set(places)) >= 30  # row 7 of ORG_A is in two messages
    assert figures.CHUNK > 4


async def test_more_than_excel_holds_is_refused_with_what_to_do(
    api: Running, stack: Stack, filled: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "XLSX_ROWS", 1)
    url = "/api/v1/indicators/check_report/findings?month=2026-11&format="
    refused = await api.client.get(url + "xlsx", headers=stack.headers("operator"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "too_many_rows")
    assert (await api.client.get(url + "csv", headers=stack.headers("operator"))).status_code == 200


async def test_a_hospitals_file_holds_its_own_rows_only(api: Running, stack: Stack, filled: ClickHouse) -> None:
    for path in ("check_report", "check_report/findings", "fee_shares", "calendar"):
        _, content = await file(api, stack, path, who="b", format="csv")
        assert ORG_B in content.decode()
        assert ORG_A not in content.decode()
