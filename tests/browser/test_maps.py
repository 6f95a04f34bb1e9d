"""Code mapping: a hospital takes the codes that lack, fills them in, mends what is wrong, and sees the rate rise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from api.console.parts.figures import percent
from tests.browser.site import Site
from tests.browser.window import Window

#: Maps in the order in which the journey prefers them: these need nothing but the standard code.
_KINDS = ("item", "department", "fee")


@pytest.fixture
def lacking(window: Window, site: Site) -> dict[str, Any]:
    """A code of the hospital that has no standard code, once the sums of its day are there."""

    def found() -> dict[str, Any] | None:
        for kind in _KINDS:
            asked = {"org": site.orgs[0], "map": kind, "month": site.month}
            rows = site.http.get("/api/v1/indicators/mapping/unmapped", params=asked).json()["rows"]
            if rows:
                row: dict[str, Any] = rows[0]
                return row
        return None

    return window.until(found, "the hospital has no unmapped code")


def filled(template: Path, code: str, standard: str | None) -> Path:
    """The template with a standard code for one local code; None: the first one of the catalogue that came with it."""
    book = openpyxl.load_workbook(template)
    wanted = standard or str(book.worksheets[1].cell(2, 1).value)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        if row[header.index("院内编码")].value == code:
            row[header.index("标准编码")].value = wanted
    path = template.with_name(f"filled-{wanted.replace('/', '-')}.xlsx")
    book.save(path)
    return path


def test_a_hospital_uploads_its_map_and_sees_the_unmapped_codes_become_fewer(
    window: Window, site: Site, lacking: dict[str, Any]
) -> None:
    kind, code = lacking["map"], lacking["code"]
    address = f"/api/v1/indicators/{'item' if kind in ('item', 'fee') else kind}_mapping"

    def rates() -> dict[str, Any]:
        rows = site.http.get(address, params={"org": site.orgs[0], "month": site.month}).json()["rows"]
        [row] = [one for one in rows if one["map"] == kind]
        return {**row, "unmapped": row["codes"] - row["mapped_codes"]}

    before = rates()
    tab = "item" if kind in ("item", "fee") else kind
    window.login(site.people["hospital"], then=f"/reports/mapping?tab={tab}&month={site.month}")
    window.see("行对码率", code)
    window.shot("mapping")
    window.click(code, "a.sj-link")
    window.see("1 下载", "2 上传并核对", "修改历史")

    window.click("未对码编码表")
    window.click("Excel / WPS (.xlsx)")
    template = window.downloaded(".xlsx")
    window.give(filled(template, code, "NO-SUCH-CODE"))
    window.see("3 核对结果", "标准目录里没有这个编码", "核对标准编码；取消对码填 -")
    assert not window.driver.find_elements("xpath", "//button[contains(., '写入')]"), "nothing can be written"
    window.shot("mapping-problems")

    window.give(filled(template, code, None))
    window.see("写入 1 处", "新增", code)
    window.shot("mapping-review")
    assert rates() == before, "a dry run writes nothing"
    window.click("写入 1 处")
    window.see("4 已写入", f"未对码的代码 {before['unmapped']} → {before['unmapped'] - 1}")
    window.shot("mapping-written")
    after = rates()
    assert (after["unmapped"], after["rows_rate"] > before["rows_rate"]) == (before["unmapped"] - 1, True)
    window.see(f"行对码率 {percent(before['rows_rate'])} → {percent(after['rows_rate'])}")

    window.click(site.people["hospital"], ".sj-choose tbody td")
    window.see(code, "撤销这次修改")
    window.click("撤销这次修改")
    window.click("撤销", ".sj-dialog-foot button.bg-primary")
    window.see("已被版本")
    assert rates() == before


def test_nobody_uploads_for_another_hospital(window: Window, site: Site) -> None:
    window.login(site.people["other_hospital"], then=f"/reports/mapping/upload?org={site.orgs[0]}&map=item")
    window.see("对码表维护", "修改历史")
    assert site.orgs[0] not in window.text
    window.until(lambda: site.orgs[0] not in window.driver.page_source.split("</head>")[1], "of the other one")


def test_a_regulator_sees_maps_but_cannot_upload(window: Window, site: Site) -> None:
    window.login(site.people["regulator"], then=f"/reports/mapping/upload?org={site.orgs[0]}&map=item")
    window.see("您的角色只能查看和下载")
    assert not window.driver.find_elements("css selector", "input[type=file]")
