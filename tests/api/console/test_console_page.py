"""The console's page of the documentation has every page."""

from __future__ import annotations

import pytest

from api.console.pages import EVERY
from api.console.routing import PAGES, Page
from tests.stack.server import ROOT

assert EVERY  # all pages are registered
_TEXT = (ROOT / "docs" / "console.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.path)
def test_every_page_is_described(page: Page) -> None:
    assert f"**{page.zh} {page.en}** · `{page.path}`" in _TEXT
