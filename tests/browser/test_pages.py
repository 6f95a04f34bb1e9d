"""Every page as every role: it opens, it is whole, or it says that it is not for this role."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from api.accounts.principal import Principal
from api.console.pages import EVERY
from api.console.routing import PAGES, Page
from tests.browser.addresses import Addresses
from tests.browser.front_pages import front_pages_of, submit, written
from tests.browser.site import Site
from tests.browser.window import Window
from tests.stack.server import ROOT, SECONDS

assert EVERY  # all pages are registered

_NAMELESS = """
return [...document.querySelectorAll('button, a[href], input, textarea, select, [role=button], [role=img]')]
  .filter(one => one.checkVisibility() && !one.closest('[aria-hidden=true]') && !(one.innerText || '').trim()
    && !one.getAttribute('aria-label') && !one.title && ![...one.labels || []].some(label => label.innerText.trim())
    && !one.closest('[role=checkbox][aria-label], [role=switch][aria-label]'))
  .map(one => one.outerHTML.slice(0, 200))
"""
_ELSEWHERE = """
return performance.getEntriesByType('resource').map(one => one.name)
  .filter(name => !name.startsWith(location.origin) && !name.startsWith('data:') && !name.startsWith('blob:'))
"""
_STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus"
_WIDER = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
_PROBLEMS = "return [...document.querySelectorAll('.sj-problem, .q-notification')].map(one => one.innerText)"


@pytest.fixture(scope="module")
def joining(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A test institution that has sent something."""
    body = {"name": "页面测试医院", "city": "370100", "county": "370112", "inpatient": False, "client": "pages"}
    made = site.http.post("/api/v1/onboarding", json=body).raise_for_status().json()
    org: str = made["onboarding"]["org"]
    credentials: Path = tmp_path_factory.mktemp("pages") / "client.json"
    credentials.write_bytes(orjson.dumps(made["credentials"]))
    subprocess.run(
        [sys.executable, "-m", "sanjian", "simulate", "--scenario", "faults", "--org", org, "--days", "1", "--quiet",
         "--volume", "0.2", "--to", site.url, "--credentials", str(credentials)],
        cwd=ROOT, check=True, timeout=SECONDS, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return org


@pytest.fixture(scope="module")
def submitted(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The hospital has submitted front pages."""
    month, rows = front_pages_of(site.feed.province, site.orgs[0])
    submit(site.http, written(tmp_path_factory.mktemp("front") / "pages.csv", rows), site.orgs[0], month)


@pytest.mark.parametrize("role", ["admin", "regulator", "operator", "hospital", "tester"])
def test_every_page_opens_whole_or_says_that_it_is_not_for_this_role(
    window: Window, site: Site, joining: str, submitted: None, role: str
) -> None:
    who = site.principal(site.people[role])
    window.until(lambda: site.http.get("/api/v1/cases", params={"org": site.orgs[0]}).json()["cases"], "no case yet")
    addresses = Addresses(site.http, site.orgs[0], joining)
    window.login(site.people[role])
    wrong = [f"{page.path}: {one}" for page in PAGES.values() for one in _wrong(window, page, addresses, who)]
    assert wrong == []


def _wrong(window: Window, page: Page, addresses: Addresses, who: Principal) -> list[str]:
    """What is wrong with this page for this person."""
    path, org = addresses.of(page.path)
    window.go(path)
    window.settled()
    wrong = [f"without a name: {one}" for one in window.driver.execute_script(_NAMELESS)]
    wrong += [f"from elsewhere: {one}" for one in window.driver.execute_script(_ELSEWHERE)]
    if more := window.driver.execute_script(_WIDER):
        wrong.append(f"{more} pixels wider than the screen")
    problems, status = window.driver.execute_script(_PROBLEMS), window.driver.execute_script(_STATUS)
    if not who.may(page.right):
        if status != 403 or ["您的角色不能查看此页" in one for one in problems] != [True]:
            wrong.append(f"not for this role, but {status} {problems}")
    elif org and not who.sees(org):
        if not any("403 · other_org" in one or "404 · " in one for one in problems):
            wrong.append(f"about another institution, but {status} {problems}")
    elif status != 200 or problems:
        wrong.append(f"{status} {problems}")
    return wrong + [one for one in window.errors() if f"{path} - Failed to load resource" not in one or status == 200]
