"""The tests run in as many processes as there are processors (``make test``); what shares something stays together."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

#: All of a folder look at one running Sanjian with a browser, at one simulated month; elsewhere what a file shares is
#: started quickly.
_TOGETHER = ("tests/browser/", "tests/grafana/")


class Together(LoadScopeScheduling):
    """Gives a process one file after the other, and some folders as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in _TOGETHER if file.startswith(folder)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Which test runs where."""
    return Together(config, log)
