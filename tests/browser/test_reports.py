"""Reports: a regulator drills from the check report to the rows and takes the report along as a file; a hospital sees
what is its own and declares figures."""

from __future__ import annotations

from typing import Any

import openpyxl

from tests.browser.site import Site
from tests.browser.window import Window


def report(site: Site, **asked: Any) -> dict[str, Any]:
    said: dict[str, Any] = site.http.get("/api/v1/indicators/check_report", params=asked).json()
    return said


def test_a_regulator_exports_the_check_report(window: Window, site: Site) -> None:
    at = site.month
    window.login(site.people["regulator"], then=f"/reports/check?month={at}")
    rows_of_known = [row for row in report(site, month=at, limit=1000)["rows"] if row["org"] in site.orgs]
    came = sum(row["received"] for row in rows_of_known)  # the platform's own total has unknown senders, too
    window.see("数据检查报告", "走势", "违反的规则", f"{came:,}", "合计")
    window.shot("check-report")
    window.click("导出报告")
    window.click("Excel / WPS (.xlsx)")
    sheet = openpyxl.load_workbook(window.downloaded(".xlsx")).active
    assert sheet is not None
    lines: list[Any] = list(sheet.iter_rows(values_only=True))
    header, *rows = lines
    assert header[:5] == ("月份", "机构代码", "机构名称", "标准表", "表名")
    received = header.index("接收")
    assert rows[-1][0] == "合计"
    assert rows[-1][received] == came == sum(row[received] for row in rows[:-1])
    entries = site.http.get("/api/v1/audit-log", params={"action": "indicator.export"}).json()["entries"]
    assert entries[0]["target"] == "check_report"
    assert site.people["regulator"] in entries[0]["actor"]


def test_a_row_of_the_report_leads_to_rules_and_from_there_to_the_rows(window: Window, site: Site) -> None:
    at = site.month
    [row] = report(site, month=at, sort="-rejected", limit=1)["rows"]
    rules = site.http.get(
        "/api/v1/indicators/check_report/rules", params={"month": at, "org": row["org"], "table": row["table"]}
    ).json()["rows"]
    rule = next(one for one in rules if one["scope"] == "flight")
    window.login(site.people["operator"], then=f"/reports/check?month={at}&sort=-rejected")
    window.click(row["name"], ".sj-choose tbody td")
    window.see(rule["rule_id"], rule["fix_zh"], "改正办法")
    window.shot("check-report-row")
    window.click(rule["rule_zh"], ".sj-dialog a")
    window.until(lambda: window.path.startswith("/findings?"), "not at the findings")
    window.see(rule["rule_id"], "改正办法")
    for part in (f"org={row['org']}", f"table={row['table']}", f"rule_id={rule['rule_id']}"):
        assert part in window.path


def test_sorting_and_filters_stand_in_the_address(window: Window, site: Site) -> None:
    at = site.month
    window.login(site.people["operator"], then=f"/reports/check?month={at}")
    window.see("按机构和表")
    window.click("拒收率", ".sj-sort")
    window.until(lambda: "sort=-rejection_rate" in window.path, "the address does not say it")
    window.click("拒收率", ".sj-sort")
    window.until(lambda: "sort=rejection_rate" in window.path, "the address does not say it")
    window.choose("日期按", "到达日期")
    window.until(lambda: "by=arrival" in window.path, "the address does not say it")
    window.driver.refresh()
    window.see("到达日期", "按到达日期不计")


def test_a_hospital_declares_and_the_sources_are_compared(window: Window, site: Site) -> None:
    at = site.month
    window.login(site.people["hospital"], then=f"/reports/sources?month={at}")
    window.see("多数据源校验", "这个月还没有申报")
    window.click("填报")
    window.type("门诊人次", "1,000")
    window.click("保存", ".sj-dialog button")
    window.see("已保存", "1,000")
    declared = site.http.get("/api/v1/declarations", params={"org": site.orgs[0]}).json()["entries"]
    assert [one["figures"] for one in declared] == [{"outpatient_visits": 1000.0}]
    window.shot("sources")
