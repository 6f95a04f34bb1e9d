"""The tests run in as many processes as there are processors (``make test``); what shares something stays together."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
#: All of the folder look at one running Sanjian with a browser; elsewhere what a file shares is started quickly.
_TOGETHER = HERE / "browser"


@pytest.hookimpl(tryfirst=True)  # xdist reads the mark in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say of each test with which ones it shares a process."""
    for item in items:
        group = _TOGETHER if _TOGETHER in item.path.parents else item.path
        item.add_marker(pytest.mark.xdist_group(str(group.relative_to(HERE))))
