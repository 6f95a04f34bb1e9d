"""Alerts: an operator takes care of one, the closed loop between a hospital and a regulator, two people at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from tests.browser.site import Site
from tests.browser.window import Window

DIALOG = ".sj-dialog button"


@pytest.fixture
def alert(site: Site, window: Window) -> Callable[[str], dict[str, Any]]:
    """Finds an open alert of an institution that no journey has touched."""

    def one(org: str) -> dict[str, Any]:
        wanted: dict[str, str | int] = {
            "org": org,
            "state": "open",
            "stage": "clue",
            "limit": 1,
            "kind": "anomaly_rate",
        }

        def opened() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = site.http.get("/api/v1/cases", params=wanted).json()["cases"]
            return found

        return window.until(opened, f"no open alert of {org}")[0]

    return one


def state(site: Site, ident: str) -> dict[str, Any]:
    found: dict[str, Any] = site.http.get(f"/api/v1/cases/{ident}").json()["case"]
    return found


def test_an_operator_acknowledges_and_closes_an_alert(
    window: Window, site: Site, alert: Callable[[str], dict[str, Any]]
) -> None:
    case = alert(site.orgs[2])
    window.login(site.people["operator"], then=f"/alerts?org={site.orgs[2]}&kind=anomaly_rate")
    window.see("待处理", case["zh"])
    window.shot("alerts")
    window.click(case["zh"])
    window.see("要做什么", case["fix_zh"], "异常率", "接收的行", "经过")
    assert window.path == f"/alerts/{case['id']}"
    window.shot("alert")

    window.open("知悉", ".sj-act")
    window.type("备注（可不填）", "已电话联系信息科")
    window.click("知悉", DIALOG)
    window.see("已知悉", "已电话联系信息科", f"运维人员 {site.people['operator']}")

    window.open("关闭", ".sj-act")
    window.click("关闭", DIALOG)
    window.see("请填写说明")
    window.type("关闭的原因", "接口已更正")
    window.click("关闭", DIALOG)
    window.see("已关闭", "手工关闭", "接口已更正")
    assert (state(site, case["id"])["state"], state(site, case["id"])["ending"]) == ("resolved", "by_hand")
    window.click("返回列表")
    window.click("已关闭", ".q-btn-toggle button")
    window.see(case["zh"])


def test_a_hospital_appeals_a_regulator_answers_and_what_was_mended_is_reviewed(
    open_window: Callable[[], Window], window: Window, site: Site, alert: Callable[[str], dict[str, Any]]
) -> None:
    case = alert(site.orgs[0])
    regulator, hospital = window, open_window()
    hospital.login(site.people["hospital"], then=f"/alerts/{case['id']}")
    hospital.see("闭环", "待监管端处理")
    regulator.login(site.people["regulator"], then=f"/alerts/{case['id']}")
    regulator.click("交办核实")
    regulator.type("要求", "请三天内核实")
    regulator.click("交办核实", DIALOG)

    hospital.see("待医疗机构处理", "请三天内核实")  # without a reload
    assert site.people["regulator"] not in hospital.text, "a hospital sees the role, not the name"
    hospital.click("申诉")
    hospital.type("申诉理由", "当天字典由平台更换")
    hospital.click("申诉", DIALOG)
    hospital.see("申诉待答复")

    regulator.see("申诉待答复", "当天字典由平台更换")
    regulator.shot("loop")
    regulator.click("答复申诉")
    regulator.click("不成立", ".sj-dialog .q-radio")
    regulator.type("答复", "字典已提前一周公布")
    regulator.click("答复申诉", DIALOG)
    regulator.see("申诉不成立")

    hospital.see("申诉不成立", "字典已提前一周公布")
    assert not [one for one in hospital.driver.find_elements("css selector", ".sj-act") if "申诉" in one.text]
    hospital.click("报告已处理")
    hospital.type("处理情况", "已更正并重传")
    hospital.click("报告已处理", DIALOG)
    hospital.see("待监管端处理")

    regulator.see("已更正并重传")
    regulator.click("复核", ".sj-act")
    regulator.click("复核", DIALOG)
    regulator.see("处理后办结", "复核通过")
    hospital.see("处理后办结")
    assert state(site, case["id"])["ending"] == "handled"
    regulator.go("/alerts/summary")
    regulator.see("处理后办结", "当月发生的告警到现在的结果")
    regulator.click("导出")
    regulator.click("Excel")
    sheet = openpyxl.load_workbook(regulator.downloaded(".xlsx")).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    of_month = site.http.get("/api/v1/cases/summary", params={"org": site.orgs[0]}).json()["rows"][0]
    own = dict(zip(header, next(row for row in rows if row[0] == site.orgs[0]), strict=True))
    assert (own["处理后办结"], own["申诉不成立"]) == (of_month["closed_handled"], of_month["appeals_refused"])
    assert own["处理后办结"] >= 1
    assert rows[-1][0] == "合计"


def test_of_two_who_act_at_once_the_second_sees_what_the_first_has_done(
    open_window: Callable[[], Window], window: Window, site: Site, alert: Callable[[str], dict[str, Any]]
) -> None:
    case = alert(site.orgs[1])
    first, second = window, open_window()
    for one, who in ((first, "operator"), (second, "regulator")):
        one.login(site.people[who], then=f"/alerts/{case['id']}")
        one.click("交办核实")
    first.type("要求", "请先核实")
    first.click("交办核实", DIALOG)
    first.see("待医疗机构处理")
    second.type("要求", "请尽快核实")
    second.click("交办核实", DIALOG)
    second.see("该告警", site.people["operator"], "交办核实", "请先核实")
    second.shot("overtaken")
    steps = site.http.get(f"/api/v1/cases/{case['id']}").json()["steps"]
    assert sum(step["action"] == "assign" for step in steps) == 1
