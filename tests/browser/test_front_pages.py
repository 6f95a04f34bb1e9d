"""Front pages in the browser: a hospital uploads, sees what is wrong, mends the file, and its errors fall."""

from __future__ import annotations

import pytest

from tests.browser.front_pages import front_pages_of, opened, written
from tests.browser.site import Site
from tests.browser.window import Window

WRONG = 1


@pytest.fixture
def month(site: Site) -> str:
    """A month of the other hospital that may be submitted."""
    found, _ = front_pages_of(site.feed.province, site.orgs[1])
    opened(site.http, site.orgs[1], found)
    return f"{found:%Y-%m}"


def test_a_hospital_uploads_sees_its_errors_mends_the_file_and_the_error_rate_falls(
    window: Window, site: Site, month: str
) -> None:
    _, rows = front_pages_of(site.feed.province, site.orgs[1])
    bad, good = written(window.files / "bad.csv", rows, WRONG), written(window.files / "good.csv", rows)
    window.login(site.people["other_hospital"], then=f"/front-pages/upload?month={month}")
    window.see("上报时间", "已用 0 次")
    window.give(bad)
    window.see("bad.csv")
    window.click("开始上报")
    window.see("已完成", f"{len(rows)} / {len(rows)}")
    window.shot("front-pages-uploaded")

    window.click("查看错误明细和记录")
    window.see("违反的规则", "HQ012", "文件行号", "性别必填且为0、1、2、9")
    window.settled()
    window.shot("front-pages-errors")
    window.click("下载错误明细")
    window.click("CSV")
    found = window.until(lambda: next(window.files.glob("病案首页错误明细*.csv"), None), "no error detail")
    lines = [line for line in found.read_text("utf-8-sig").splitlines() if "HQ012" in line]
    assert [line.split(",")[0] for line in lines] == [str(row) for row in range(2, 2 + WRONG)]

    window.go(f"/front-pages/upload?month={month}")
    window.see("已用 1 次")
    window.give(good)
    window.see("good.csv")
    window.click("开始上报")
    window.see("已完成", f"{len(rows)} / {len(rows)}")
    window.click("与上次对比")
    window.see("本月共上报 2 次", "每次上报")
    window.settled()
    window.shot("front-pages-compared")
    said = site.http.get("/api/v1/front-pages/comparison", params={"month": month, "org": site.orgs[1]}).json()["rows"]
    first, second = said
    assert (first["rejected"] - second["rejected"], second["changed"], second["added"]) == (WRONG, WRONG, 0)
    assert second["error_rate"] < first["error_rate"]
    window.go("/front-pages/submissions")
    window.see("第 2 次（有效）", "第 1 次")


def test_a_file_that_cannot_be_front_pages_is_refused_with_the_row_in_plain_words(
    window: Window, site: Site, month: str
) -> None:
    broken = window.files / "broken.csv"
    broken.write_text("甲,乙\n1,2\n", "utf-8")
    window.login(site.people["other_hospital"], then=f"/front-pages/upload?month={month}")
    window.give(broken)
    window.see("broken.csv")
    window.click("开始上报")
    window.see("文件未通过检查", "改正文件后重新上报")


def test_a_hospital_fills_in_whom_to_ask_and_the_number_is_masked(window: Window, site: Site) -> None:
    window.login(site.people["other_hospital"], then="/front-pages/contacts")
    window.see("未填全")
    window.open(site.orgs[1], ".q-table tbody td button, .q-table tbody td")
    for name, text in (("联系人姓名", "示例联系人"), ("手机", "13800000000"), ("身份证号", "110101199003070011")):
        window.type(name, text)
    window.click("保存")
    window.see("示例联系人", "110************11")
