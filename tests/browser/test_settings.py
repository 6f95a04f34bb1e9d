"""The standard, for everybody to read; thresholds, which an administrator changes and operators see."""

from __future__ import annotations

from tests.browser.site import Site
from tests.browser.window import Window


def test_a_hospital_finds_what_a_rule_asks_for_and_how_to_mend_it(window: Window, site: Site) -> None:
    window.login(site.people["hospital"], then="/standard/rules")
    window.type("搜索编号、列、内容", "身份证号第17位")
    window.see("HZ10")
    window.until(lambda: "q=" in window.path, "what was looked for does not stand in the address")
    window.click("HZ10")
    window.see("身份证号第17位奇偶与性别一致", "怎么改正", "检查内容", "示例", "✕ 不通过")
    window.shot("rule")
    window.click("患者基本信息表 TB_HZXX")
    window.see("主键", "YLJGDM + BRZSY", "证件号码")
    window.click("gender")
    window.see("GB/T 2261.1", "男", "TB_HZXX.XB")


def test_an_administrator_changes_a_threshold_and_an_operator_sees_who_did(window: Window, site: Site) -> None:
    window.login(site.people["admin"], then="/admin/thresholds?q=mapping_rows")
    window.click("mapping_rows", "td")
    window.see("没有设置，按默认值。", "没有改过。")
    window.type("新值", "40")
    window.click("设置", ".sj-dialog button")
    window.see("全部机构 · 全部表", "未设置 → 40 行")
    window.shot("threshold")
    window.driver.delete_all_cookies()
    window.login(site.people["operator"], then="/admin/thresholds?q=mapping_rows")
    window.click("mapping_rows", "td")
    window.see("未设置 → 40 行", site.people["admin"])
    assert "新值" not in window.text
    window.go("/admin/thresholds?changed=true")
    window.see("40 行")
    window.gone("anomaly_rate_rise")
