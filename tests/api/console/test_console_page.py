"""The console's page of the documentation has every page, with its picture."""

from __future__ import annotations

import pytest

from api.console.pages import EVERY
from api.console.routing import PAGES, Page
from tests.browser.pictures import ENGLISH, PICTURES, name_of
from tests.stack.server import ROOT

assert EVERY  # all pages are registered
_TEXT = (ROOT / "docs" / "console.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.path)
def test_every_page_is_described_and_shown(page: Page) -> None:
    assert f"**{page.zh} {page.en}** · `{page.path}`" in _TEXT
    assert f"(pictures/{name_of(page.path)}.png)" in _TEXT


def test_there_is_a_picture_of_every_page_and_none_of_a_page_that_is_gone() -> None:
    wanted = {f"{name_of(path)}.png" for path in PAGES} | {f"{name_of(path, 'en')}.png" for path in ENGLISH}
    assert {path.name for path in PICTURES.glob("*.png")} == wanted
