"""Without a mouse, and on a narrow screen."""

from __future__ import annotations

from selenium.webdriver.common.keys import Keys

from tests.browser.site import PASSWORD, Site
from tests.browser.window import HEIGHT, WIDTH, Window


def test_with_the_keyboard_alone_one_logs_in_opens_a_menu_filters_and_opens_a_row(window: Window, site: Site) -> None:
    window.go("/login?next=/admin/channels")
    window.see("登录")
    window.press(site.people["operator"], Keys.TAB, PASSWORD, Keys.ENTER)
    window.see("告警渠道", "发送记录")
    window.tab_to(site.people["operator"], "button")
    window.press(Keys.ENTER)
    window.see("修改密码", "退出")
    window.press(Keys.ESCAPE)
    window.gone("修改密码")
    window.tab_to("阈值", "a")
    window.press(Keys.ENTER)
    window.see("mapping_rows", "anomaly_rate_rise")
    window.tab_to("搜索", "input")
    window.press("anomaly_rate_rise")
    window.gone("mapping_rows")
    assert "q=anomaly_rate_rise" in window.path
    window.tab_to("", "button.sj-open")
    window.press(Keys.ENTER)
    window.see("没有设置，按默认值。", "没有改过。")
    window.press(Keys.ESCAPE)
    window.gone("没有改过。")
    assert window.errors() == []


def test_on_a_narrow_screen_the_menu_is_closed_until_it_is_asked_for(window: Window, site: Site) -> None:
    window.driver.set_window_size(900, HEIGHT)
    window.login(site.people["operator"], then="/alerts")
    window.see("待处理")
    assert not [one for one in window.driver.find_elements("css selector", "a.sj-item") if one.is_displayed()]
    window.click("", "button[aria-label=菜单]")
    window.click("拒收", "a.sj-item")
    window.see("拒收的行")
    window.driver.set_window_size(WIDTH, HEIGHT)
    window.find("a.sj-item", "拒收")
