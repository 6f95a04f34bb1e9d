"""Every page as every role: it opens, it is whole, or it says that it is not for this role."""

from __future__ import annotations

import pytest

from api.accounts.rights import RIGHTS, Role
from api.console.pages import EVERY
from api.console.routing import PAGES, Page
from tests.browser.site import Site
from tests.browser.window import WIDTH, Window

assert EVERY  # all pages are registered
_NAMELESS = """
return [...document.querySelectorAll('button, a[href], input, textarea, [role=img]')].filter(one =>
  one.offsetParent && !one.closest('[aria-hidden=true]') && !(one.innerText || '').trim()
  && !one.getAttribute('aria-label') && !one.title && !one.labels?.length && !one.closest('label')
).map(one => one.outerHTML.slice(0, 200))
"""
_ELSEWHERE = """
return performance.getEntriesByType('resource').map(one => one.name)
  .filter(name => !name.startsWith(location.origin) && !name.startsWith('data:') && !name.startsWith('blob:'))
"""


def address(page: Page, site: Site, org: str) -> str:
    """The page's address with something that is there in place of its parts."""
    visit = site.http.get("/api/v1/findings", params={"org": org, "limit": 1}).json()
    case = site.http.get("/api/v1/cases", params={"org": org, "limit": 1}).json()["cases"]
    rule = next(iter(site.rules))
    values = {
        "org": org, "visit": site.visit(org), "case_id": case[0]["id"] if case else "", "table": "TB_MZ_SFMXB",
        "rule_id": rule, "id": rule, "name": "XB",
    }  # fmt: skip
    del visit
    return page.path.format(**values)


@pytest.mark.parametrize("role", ["admin", "regulator", "operator", "hospital", "tester"])
def test_every_page_opens_whole_or_says_that_it_is_not_for_this_role(window: Window, site: Site, role: Role) -> None:
    wrong: list[str] = []
    window.login(site.people[role])
    for page in PAGES.values():
        window.go(address(page, site, site.orgs[0]))
        window.find(".sj-main")
        window.driver.execute_script("return document.fonts.ready")
        right = RIGHTS[page.right]
        may = role in right.roles and not right.personal and (not right.manages or role in ("admin", "regulator", "hospital"))
        refused = "您的角色不能查看此页" in window.text
        if refused == may:
            wrong.append(f"{page.path}: refused {refused}, may {may}")
        if "sj-problem" in window.driver.page_source and not refused and role == "admin":
            wrong.append(f"{page.path}: {window.find('.sj-problem').text}")
        wide = window.driver.execute_script("return document.documentElement.scrollWidth")
        if wide > WIDTH:
            wrong.append(f"{page.path}: {wide} pixels wide")
        wrong += [f"{page.path}: without a name: {one}" for one in window.driver.execute_script(_NAMELESS)]
        wrong += [f"{page.path}: from elsewhere: {one}" for one in window.driver.execute_script(_ELSEWHERE)]
        wrong += [f"{page.path}: {one}" for one in window.errors() if "403" not in one]
        window.shot(f"{role}{page.path.replace('/', '-').replace('{', '').replace('}', '')}")
    assert wrong == []
