"""Where unmapped codes are errors (a setting of the standard): a code gets its standard code, and the rows that were
rejected for it are validated again from the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.site import Site
from tests.browser.window import Window

SINCE = "from=2026-01-01"


@pytest.fixture(scope="module")
def strict(browser: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A platform of its own with this setting."""
    del browser
    directory: Path = tmp_path_factory.mktemp("strict")
    own = directory / "standard.yaml"
    own.write_text("unmapped_severity: error\n")
    with Site.running(directory / "data", orgs=2, SANJIAN_STANDARD_SETTINGS=str(own)) as running:
        yield running


def rejected_for_a_department(site: Site, org: str) -> tuple[str, str, str]:
    """Key of a row that was rejected for nothing but an unmapped department, its rule, and the code."""
    codes = {code for of, kind, code in site.feed.manifest.unmapped if (of, kind) == (org, "department")}
    rows: list[dict[str, Any]] = site.http.get("/api/v1/rejected", params={"org": org, "limit": 500}).json()["rejected"]
    return next(
        (row["row_key"], rule["rule_id"], rule["value"])
        for row in rows
        for rule in row["rules"]
        if len(row["rules"]) == 1 and rule["value"] in codes
    )


def test_after_a_map_has_changed_the_hospital_has_its_rejected_rows_validated_again(
    open_window: Callable[..., Window], strict: Site
) -> None:
    org, window = strict.orgs[0], open_window(strict)
    key, rule, code = rejected_for_a_department(strict, org)
    window.login(strict.people["hospital"], then=f"/rejected?{SINCE}&rule_id={rule}")
    window.see(key)
    own = next(one for one in strict.feed.province.maps[0].entries() if one["map"] == "department")
    table = f"院内编码,院内名称,标准编码\n{code},新设科室,{own['standard_code']}\n"
    answer = strict.http.post(f"/api/v1/codemaps/{org}/department/import", content=table.encode())
    assert answer.json()["added"] == 1, answer.text

    window.click("重新校验")
    window.see("将重新校验", "不重复计数")
    window.click("重新校验", ".sj-dialog-foot button.bg-primary")
    window.see("已完成", "现在入库")
    window.shot("redrive-accepted")
    window.click("", ".sj-dialog-head button")
    window.gone(key)
    left = strict.http.get("/api/v1/rejected", params={"org": org, "row_key": key}).json()
    assert left["total"] == 0
