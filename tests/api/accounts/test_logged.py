"""Whatever changes something and whatever leaves as a file is in the audit log: by whom, what, from where."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.api.accounts.test_walk import address, api, call, foreign_ids, queries, routes
from tests.api.conftest import ORG_B, Running, Stack

pytestmark = pytest.mark.stack
__all__ = ["api"]  # the fixture: something in every place
FILE = "text/csv; charset=utf-8"


async def entries(api: Running, stack: Stack) -> Counter[tuple[str, str, str]]:
    await api.parts.audit_log.send()  # what was written with a change in the accounts database
    rows = stack.clickhouse.rows("SELECT actor, action, address FROM audit_log")
    return Counter((row["actor"], row["action"], row["address"]) for row in rows)


async def test_every_change_and_every_file_is_written_down(api: Running, stack: Stack) -> None:
    """Every route with what an administrator may do to B; what succeeds has left an entry."""
    ids = await foreign_ids(api, stack)
    done: dict[tuple[str, str], Any] = {}
    for method, route in sorted(routes(api), key=lambda one: one[0] == "DELETE"):  # as long as there is something
        query = queries(method)[2 if method == "GET" else 1]
        before = await entries(api, stack)
        answer = await call(api, stack, "admin", method, address(route, ids) + query, route.path)
        new = await entries(api, stack) - before
        done[method, route.path] = {action for _, action, _ in new}
        if answer.is_success and (method != "GET" or answer.headers.get("content-type") == FILE):
            assert {(actor, where) for actor, _, where in new} == {("admin:admin", "127.0.0.1")}, (method, route.path)
    actions = {action for found in done.values() for action in found}
    assert actions >= {
        "org.save", "orgs.import", "orgs.export", "schedule.save", "schedule.delete", "schedule.import",
        "schedule.export", "quiet_times.save", "quiet_times.delete", "quiet_times.import", "quiet_times.export",
        "thresholds.save", "thresholds.delete", "thresholds.import", "thresholds.export", "declarations.save",
        "declarations.delete", "declarations.import", "declarations.export", "codemap.save", "codemap.import",
        "codemap.export", "codemap.undo", "channel.save", "channel.test", "channel.delete", "outbox.retry",
        "case.acknowledge", "case.note", "case.snooze", "case.resolve", "checks.run", "indicator.export",
        "audit_log.export", "audit.repair", "deadletter.show", "user.add", "user.change", "client.add",
        "client.change", "client.rotate", "client.revoke",
    }, sorted(actions)  # fmt: skip
    shown = await api.client.get(
        f"/api/v1/records/{ORG_B}/{ids['visit']}?personal=true", headers=stack.headers("admin")
    )
    assert shown.status_code == 200
    assert (await entries(api, stack))["admin:admin", "record.personal", "127.0.0.1"] == 1
