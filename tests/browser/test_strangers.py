"""A hospital that changes ids in the address bar gets a refusal, and nothing of another institution."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tests.browser.site import Site
from tests.browser.window import Window


def first(site: Site, what: str, **asked: Any) -> dict[str, Any]:
    rows: list[dict[str, Any]] = site.http.get(f"/api/v1/{what}", params={"limit": 200, **asked}).json()[what]
    return next(row for row in rows if row.get("visit", "-"))


def test_a_hospital_that_names_another_one_in_the_address_gets_nothing_of_it(window: Window, site: Site) -> None:
    other = site.feed.province.orgs[1]
    window.until(lambda: site.http.get("/api/v1/cases", params={"org": other.org}).json()["cases"], "no alert yet")
    found, case = first(site, "findings", org=other.org, severity="error"), first(site, "cases", org=other.org)
    refused = {
        f"/orgs/{other.org}": "403 · other_org",
        f"/records/{other.org}/{quote(found['visit'], safe='')}": "403 · other_org",
        f"/rejected?from=2026-01-01&org={other.org}": "403 · other_org",
        f"/findings?from=2026-01-01&org={other.org}": "403 · other_org",
        f"/findings?from=2026-01-01&row_key={quote(found['row_key'])}": "没有",
        f"/reports/check?org={other.org}": "other_org",
        f"/alerts?org={other.org}": "不在您可查看的机构范围内",
        f"/alerts/{case['id']}": "404 · unknown_case",
    }
    window.login(site.people["hospital"])
    for address, said in refused.items():
        window.go(address)
        window.see(said)
        page = window.driver.page_source
        shown = [text for text in (other.name, found["rule_zh"], case["zh"]) if text in page]
        assert not shown, address
