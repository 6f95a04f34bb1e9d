"""What was sent, and what became of it; and the facts of one institution."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clickhouse.orgs import Org, OrgStore
from tests.api.conftest import NDJSON, ORG_A, ORG_B, Running, Stack
from tests.api.landed import DAY, NOW, TABLE, ledger

pytestmark = pytest.mark.stack


async def test_batches_of_a_day_come_newest_first_with_their_outcome(api: Running, stack: Stack) -> None:
    ledger(stack.clickhouse, batch="b1", rejected=2, accepted=8, findings=3)
    ledger(stack.clickhouse, batch="b2", offset=1, arrived_at=NOW + timedelta(minutes=1))
    ledger(stack.clickhouse, batch="b2", offset=2, arrived_at=NOW + timedelta(minutes=2))  # in two messages
    ledger(stack.clickhouse, batch="b1", offset=3, kind="repeat", received=0, accepted=0)
    ledger(stack.clickhouse, batch="b3", offset=4, biz_date=DAY - timedelta(days=1))
    asked = f"?table={TABLE}&from={DAY}&to={DAY}"
    said = (await api.client.get(f"/api/v1/batches{asked}", headers=stack.headers())).json()
    assert (said["total"], said["next_offset"]) == (2, None)
    assert [(one["batch"], one["received"], one["rejected"]) for one in said["batches"]] == [
        ("b2", 20, 0),
        ("b1", 10, 2),
    ]
    page = (await api.client.get(f"/api/v1/batches{asked}&limit=1", headers=stack.headers())).json()
    assert (page["next_offset"], len(page["batches"])) == (1, 1)


async def test_a_batch_that_came_through_the_gateway_has_its_receipt(api: Running, stack: Stack) -> None:
    sent = await api.client.post(
        f"/api/v1/changes/{TABLE}", content=b"{}", headers=stack.headers() | NDJSON | {"X-Sanjian-Batch": "b1"}
    )
    ledger(stack.clickhouse, batch="b1")
    ledger(stack.clickhouse, batch="", offset=1)
    said = (await api.client.get("/api/v1/batches", headers=stack.headers())).json()
    receipts = {one["batch"]: one["receipt_id"] for one in said["batches"]}
    assert receipts == {"b1": sent.json()["receipt_id"], "": ""}


async def test_messages_without_a_batch_number_are_not_put_together(api: Running, stack: Stack) -> None:
    for offset in (1, 2):
        ledger(stack.clickhouse, batch="", offset=offset)
    said = (await api.client.get("/api/v1/batches", headers=stack.headers())).json()
    assert (said["total"], [one["received"] for one in said["batches"]]) == (2, [10, 10])


async def test_batches_of_others_are_not_shown(api: Running, stack: Stack) -> None:
    ledger(stack.clickhouse, batch="mine")
    ledger(stack.clickhouse, batch="theirs", org=ORG_B, offset=1)
    said = (await api.client.get("/api/v1/batches", headers=stack.headers("a"))).json()
    assert [one["batch"] for one in said["batches"]] == ["mine"]
    assert (await api.client.get(f"/api/v1/batches?org={ORG_B}", headers=stack.headers("a"))).status_code == 403


async def test_an_institution_reads_its_own_facts_and_nobody_elses(api: Running, stack: Stack) -> None:
    OrgStore(stack.clickhouse).save([Org(ORG_A, "Hospital A", contact="信息科"), Org(ORG_B, "Hospital B")])
    own = await api.client.get(f"/api/v1/orgs/{ORG_A}", headers=stack.headers("a"))
    assert (own.json()["name"], own.json()["contact"]) == ("Hospital A", "信息科")
    assert (await api.client.get(f"/api/v1/orgs/{ORG_B}", headers=stack.headers("a"))).status_code == 403
    assert (await api.client.get(f"/api/v1/orgs/{'9' * 22}", headers=stack.headers("operator"))).status_code == 404
