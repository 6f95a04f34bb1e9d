"""Coming in: the first login, a wrong password, leaving, and pages that are not for everybody."""

from __future__ import annotations

from api.accounts.principal import Assignment
from tests.browser.site import PASSWORD, Site
from tests.browser.window import Window


def test_the_first_login_must_change_the_password_and_the_old_one_is_gone(window: Window, site: Site) -> None:
    once = site.newcomer("nina", Assignment("operator", scope="000000"))
    window.go("/reports/check?month=2026-11")
    window.see("登录")
    window.shot("login")
    window.type("name", "nina")
    window.type("password", once)
    window.click("登录")
    window.see("首次登录须先修改密码")
    window.type("old", once)
    window.type("fresh", "Walnuts-in-autumn-3")
    window.type("again", "Walnuts-in-autumn-4")
    window.click("修改", "button[type=submit]")
    window.see("两次输入的新密码不一致")
    window.type("again", "Walnuts-in-autumn-3")
    window.shot("password")
    window.click("修改", "button[type=submit]")
    window.see("数据检查报告")
    assert window.path.startswith("/reports/check?month=2026-11"), "on to the page that was asked for"
    assert site.http.post("/api/v1/session", json={"name": "nina", "password": once}).status_code == 401


def test_a_wrong_password_is_said_and_lets_nobody_in(window: Window, site: Site) -> None:
    window.go("/login")
    window.type("name", site.people["operator"])
    window.type("password", "not-the-password")
    window.click("登录")
    window.until(lambda: window.find("[role=alert]").text, "nothing is said")
    assert window.path == "/login"
    window.go("/reports/check")
    assert window.path.startswith("/login?next=")


def test_who_leaves_has_left(window: Window, site: Site) -> None:
    window.login(site.people["operator"], then="/reports/check")
    window.see("数据检查报告")
    window.click(site.people["operator"])
    window.click("退出")
    window.until(lambda: window.path.startswith("/login"), "still there")
    window.go("/reports/check")
    assert window.path.startswith("/login?next=")


def test_pages_speak_english_when_asked(window: Window, site: Site) -> None:
    window.login(site.people["operator"], then="/reports/check")
    window.click("English")
    window.see("Check report", "Month", "Export")
    assert window.driver.execute_script("return document.documentElement.lang") == "en-US"


def test_after_the_login_nobody_is_led_to_another_site(window: Window, site: Site) -> None:
    window.go("/login?next=//example.org/")
    window.type("name", site.people["operator"])
    window.type("password", PASSWORD)
    window.click("登录")
    window.until(lambda: "/login" not in window.path, "not logged in")
    assert window.driver.current_url.startswith(site.url)
