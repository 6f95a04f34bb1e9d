"""Findings and rejected rows: a hospital sees its own, learns what to do, takes the error detail along; the record of a
visit; rejected rows validated again."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

import openpyxl

from api.accounts.principal import Assignment
from tests.browser.site import Site
from tests.browser.window import Window

SINCE = "from=2026-01-01"


def rejected(site: Site, org: str) -> dict[str, Any]:
    said: dict[str, Any] = site.http.get("/api/v1/rejected", params={"org": org, "limit": 1}).json()
    return said


def finding_with_visit(site: Site, org: str) -> dict[str, Any]:
    rows = site.http.get("/api/v1/findings", params={"org": org, "severity": "error", "limit": 200}).json()["findings"]
    found: dict[str, Any] = next(row for row in rows if row["visit"])
    return found


def test_a_hospital_sees_why_a_row_was_rejected_and_downloads_the_error_detail(window: Window, site: Site) -> None:
    own = rejected(site, site.orgs[0])
    row = own["rejected"][0]
    window.login(site.people["hospital"], then=f"/rejected?{SINCE}")
    window.see("拒收的行", row["row_key"], f"共 {own['total']:,} 条")
    window.shot("rejected")
    window.click(row["row_key"], ".sj-choose tbody td")
    rule = row["rules"][0]
    window.see(rule["rule_zh"], "改正办法", rule["fix_zh"], "相同主键")
    window.shot("rejected-row")
    window.click("", ".sj-dialog-head button")
    window.gone("相同主键")

    window.click("下载错误明细")
    window.click("CSV (.csv)")
    lines = list(csv.DictReader(io.StringIO(window.downloaded(".csv").read_text("utf-8-sig"))))
    assert {line["机构代码"] for line in lines} == {site.orgs[0]}
    assert {line["结果"] for line in lines} == {"拒收"}
    assert all(line["改正办法"] for line in lines)
    assert row["row_key"] in {line["主键"] for line in lines}
    window.click("下载错误明细")
    window.click("Excel / WPS (.xlsx)")
    sheet = openpyxl.load_workbook(window.downloaded(".xlsx")).worksheets[0]
    header, *rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert header == list(lines[0])
    of_key = header.index("主键")
    assert Counter(row[of_key] for row in rows) == Counter(line["主键"] for line in lines)


def test_a_finding_leads_to_the_record_of_its_visit_with_names_masked(window: Window, site: Site) -> None:
    found = finding_with_visit(site, site.orgs[0])
    window.login(site.people["hospital"], then=f"/findings?{SINCE}&row_key={found['row_key']}")
    window.click(found["row_key"], "a.sj-link")
    window.until(lambda: window.path.startswith(f"/records/{site.orgs[0]}/"), "not at the record")
    window.see(f"就诊流水号 {found['visit']}", found["rule_zh"], "改正：", "个人信息已脱敏")
    assert "显示个人信息" not in window.text
    window.shot("record")


def test_who_may_read_personal_data_is_asked_first_and_it_is_in_the_audit_log(window: Window, site: Site) -> None:
    found = finding_with_visit(site, site.orgs[0])
    name = site.person("pei", Assignment("hospital", org=site.orgs[0], personal=True))
    window.login(name, then=f"/records/{site.orgs[0]}/{found['visit']}")
    window.see("个人信息已脱敏")
    masked = site.http.get(f"/api/v1/records/{site.orgs[0]}/{found['visit']}").json()
    patient = masked["sections"][0]["rows"][0]["values"]["XM"]
    window.see(patient)
    window.click("显示个人信息")
    window.see("会记入审计日志")
    window.click("显示", ".sj-dialog-foot button.bg-primary")
    window.see("正在显示个人信息")
    window.gone(patient)
    entries = site.http.get("/api/v1/audit-log", params={"action": "record.personal"}).json()["entries"]
    assert entries[0]["target"] == f"{site.orgs[0]}|{found['visit']}"
    assert name in entries[0]["actor"]


def test_rejected_rows_are_validated_again_after_a_look_at_how_many(window: Window, site: Site) -> None:
    org = site.orgs[2]
    before = rejected(site, org)["total"]
    assert before
    window.login(site.people["operator"], then=f"/rejected?{SINCE}&org={org}")
    window.see(f"共 {before:,} 条")
    window.click("重新校验")
    window.see("将重新校验", "不重复计数")
    window.shot("redrive")
    window.click("重新校验", ".sj-dialog-foot button.bg-primary")
    window.see("已完成", "仍然拒收")
    assert rejected(site, org)["total"] == before, "no rule has changed"
