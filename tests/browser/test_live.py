"""The live monitor and an institution's page: what happens is seen without a reload, by those who may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.browser.site import Site
from tests.browser.window import Window

#: An institution that sends nothing; codes that begin with 99 are nobody's.
SILENT = "SILENT0009901021110A10"
NAME = "静默示例医院"


def mark(window: Window) -> None:
    """Remember something in the page itself; a reload forgets it."""
    window.driver.execute_script("window.keptByTest = true")


def unloaded(window: Window) -> bool:
    """Whether it is still the same page."""
    return bool(window.driver.execute_script("return window.keptByTest === true"))


def register(site: Site) -> None:
    """An institution that owes the last days and has sent nothing."""
    first = site.feed.province.orgs[0]
    starts = datetime.now(UTC).date() - timedelta(days=4)
    body = {"org": SILENT, "name": NAME, "city": first.city, "county": first.county, "starts_on": starts.isoformat()}
    answer = site.http.post("/api/v1/orgs", json=body)
    assert answer.status_code == 201, answer.text


def rows(window: Window) -> list[str]:
    """Codes of the institutions in the calendar."""
    found = window.driver.find_elements("css selector", "#sj-cal tbody tr")
    return [str(row.get_attribute("data-org")) for row in found]


def test_an_operator_sees_a_gap_appear_live_and_closes_it(
    open_window: Callable[[], Window], window: Window, site: Site
) -> None:
    monitor, desk = window, open_window()
    monitor.login(site.people["operator"], then=f"/?month={site.month}")
    monitor.see("上传日历", site.feed.province.orgs[0].name)
    assert SILENT not in rows(monitor)
    mark(monitor)
    register(site)
    monitor.see(NAME)
    monitor.find(f'tr[data-org="{SILENT}"] td', "✕")
    alert = monitor.find("#sj-feed .sj-alert", NAME)
    monitor.shot("live")
    ident = str(alert.get_attribute("data-id"))

    desk.login(site.people["operator"], then=f"/alerts/{ident}")
    desk.see(NAME, "要做什么")
    desk.click("关闭", ".sj-act")
    desk.type("关闭的原因", "已电话确认停诊")
    desk.click("关闭", ".sj-dialog button")
    desk.see("已关闭")
    monitor.until(
        lambda: not monitor.driver.find_elements("css selector", f'#sj-feed [data-id="{ident}"]'),
        "the alert is still on the monitor",
    )
    assert unloaded(monitor), "all of it came by push"
    assert monitor.errors() == []
    monitor.click("✕", f'tr[data-org="{SILENT}"] td')
    monitor.see(NAME, "漏传（表 × 日）", "这一天没有数据到达")


def test_a_hospital_sees_its_own_row_and_nothing_of_others(window: Window, site: Site) -> None:
    own, other = site.feed.province.orgs[0], site.feed.province.orgs[1]
    window.login(site.people["hospital"], then=f"/?month={site.month}")
    window.see(own.name)
    assert rows(window) == [own.org]
    assert other.org not in window.driver.page_source
    window.go(f"/orgs/{other.org}")
    window.see("403 · other_org")
    assert other.name not in window.text


def test_a_cell_of_an_institution_leads_to_its_batches_and_findings(window: Window, site: Site) -> None:
    org = site.orgs[0]
    window.login(site.people["operator"], then=f"/orgs/{org}?month={site.month}")
    window.see("上传日历", "各表合计", "违反最多的规则", "对码情况", "机构资料", "本月告警")
    window.shot("institution")
    window.click("", ".sj-cal td[data-day] i")
    window.see("批次（", "违反的规则", "查看拒收的行")
    window.shot("institution-day")


def test_filters_stand_in_the_address_and_choose_the_institutions(window: Window, site: Site) -> None:
    first = site.feed.province.orgs[0]
    window.login(site.people["regulator"], then=f"/?month={site.month}&county={first.county}")
    window.see(first.name)
    outside = [org.name for org in site.feed.province.orgs if org.county != first.county]
    assert not [name for name in outside if name in window.find("#sj-cal").text]
    window.click("只看有问题的机构", ".q-checkbox")
    window.until(lambda: "problems=true" in window.path, "the choice is not in the address")
    assert f"county={first.county}" in window.path


def test_a_lost_connection_is_said_and_when_it_is_back_the_figures_go_on(window: Window, site: Site) -> None:
    window.login(site.people["operator"], then="/")
    window.see("上传日历", "更新于")
    mark(window)
    window.driver.execute_script("window.socket.disconnect()")
    window.see("连接中断，正在重连…")
    window.driver.execute_script("window.socket.connect()")
    window.gone("连接中断，正在重连…")
    before = window.find("#sj-age").text
    window.until(lambda: window.find("#sj-age").text not in ("", before), "nothing comes any more")
    assert unloaded(window)


def test_who_is_logged_out_elsewhere_loses_the_monitor(window: Window, site: Site) -> None:
    window.login(site.people["other_hospital"], then="/")
    window.see("上传日历")
    window.driver.execute_async_script("""
        const done = arguments[0];
        fetch("/api/v1/me").then((answer) => answer.json()).then((me) =>
          fetch("/api/v1/me/sessions", {method: "DELETE", headers: {"X-CSRF-Token": me.csrf_token}})).then(done, done);
    """)
    window.until(lambda: window.path.startswith("/login"), "the monitor is still open")
