"""The tests run in as many processes as there are processors (``make test``); what shares something stays together."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

#: All of this folder look at one running Sanjian with a browser; elsewhere what a file shares is started quickly.
_TOGETHER = "tests/browser"


class Together(LoadScopeScheduling):
    """Gives a process one file after the other, and the whole folder of journeys to one of them."""

    def _split_scope(self, nodeid: str) -> str:
        return _TOGETHER if nodeid.startswith(f"{_TOGETHER}/") else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Which test runs where."""
    return Together(config, log)
