"""Journeys in a real browser, chromium without a window, on a really running Sanjian.

Write a journey as a test that gets ``window``, a fresh browser, and ``site``:
``window.login(site.people["operator"], then="/alerts")``. One Sanjian serves all of them, so a journey makes what it
changes: an institution, a person, a day of its own. Pictures (``window.shot("name")``) are kept in build/pictures.

Where chromium or its driver is not installed, these tests are skipped and say so; the gate installs both.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.site import Site
from tests.browser.window import Window

PICTURES = Path(__file__).parents[2] / "build" / "pictures"
_MISSING = "chromium and its driver are not installed (Debian: apt-get install chromium chromium-driver)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where the pictures are."""
    if PICTURES.is_dir():
        terminalreporter.write_line(f"pictures of the pages: {PICTURES}")


@pytest.fixture(scope="session")
def browser() -> tuple[str, str]:
    """Where chromium and its driver are."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip(_MISSING)
    return chromium, driver


@pytest.fixture(scope="package")
def site(browser: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Sanjian with a small province, for all journeys; ended with them, because it goes on working."""
    del browser  # no site without a browser
    with Site.running(tmp_path_factory.mktemp("site") / "data") as running:
        yield running


@pytest.fixture
def open_window(site: Site, browser: tuple[str, str], tmp_path: Path) -> Iterator[Callable[..., Window]]:
    """Opens browsers for a journey with several people."""
    opened: list[Window] = []

    def open_one(at: Site = site) -> Window:
        files = tmp_path / f"window{len(opened)}"
        files.mkdir()
        opened.append(Window(at, *browser, files, PICTURES))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    """A browser of its own for the journey."""
    return open_window()
