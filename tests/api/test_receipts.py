"""GET /api/v1/receipts/{id} and /api/v1/findings: what became of what was sent."""

from __future__ import annotations

from datetime import date

import pytest

from tests.api.conftest import NDJSON, ORG_A, ORG_B, Running, Stack
from tests.api.landed import DAY, RULE, TABLE, findings, ledger

pytestmark = pytest.mark.stack


async def receipt(api: Running, stack: Stack, who: str = "a") -> str:
    answer = await api.client.post(
        f"/api/v1/changes/{TABLE}", content=b'{"A":1}', headers=stack.headers(who) | NDJSON | {"X-Sanjian-Batch": "b1"}
    )
    return str(answer.json()["status_url"])


async def test_a_receipt_goes_from_queued_to_done_with_counts_and_rules(api: Running, stack: Stack) -> None:
    url = await receipt(api, stack)
    queued = (await api.client.get(url, headers=stack.headers())).json()
    assert (queued["state"], queued["days"], queued["landed_at"]) == ("queued", [], None)
    ledger(stack.clickhouse, accepted=7, rejected=3, flagged=1, findings=4, unknown_columns=["BZ2"])
    ledger(stack.clickhouse, biz_date=date(2026, 11, 19), received=2, accepted=2)
    ledger(stack.clickhouse, offset=1, kind="repeat", received=0, accepted=0, repeated=12)
    findings(stack.clickhouse, *({"row": row} for row in (4, 2, 9)), {"severity": "warning", "rule_id": "SF-GONE-1"})
    done = (await api.client.get(url, headers=stack.headers())).json()
    assert done["state"] == "done"
    assert done["counts"] == {
        "received": 12, "accepted": 9, "rejected": 3, "flagged": 1, "unreadable": 0, "findings": 4, "unmapped": 0,
    }  # fmt: skip
    by_day = {day["biz_date"]: day["received"] for day in done["days"] if day["received"]}
    assert by_day == {"2026-11-19": 2, str(DAY): 10}
    assert done["unknown_columns"] == ["BZ2"]
    known, gone = done["rules"]
    assert (known["rule_id"], known["rows"], known["first_row"]) == (RULE.id, 3, 2)
    assert (known["rule_zh"], known["fix_zh"]) == (RULE.zh, RULE.fix_zh)
    assert known["column_zh"] == "医疗机构代码"
    assert (gone["rule_zh"], gone["fix_zh"]) == ("SF-GONE-1", "")


async def test_a_receipt_of_another_institution_is_no_receipt(api: Running, stack: Stack) -> None:
    url = await receipt(api, stack)
    other = await api.client.get(url, headers=stack.headers("b"))
    nothing = await api.client.get("/api/v1/receipts/0", headers=stack.headers("b"))
    assert (other.status_code, other.json()) == (404, nothing.json())
    assert (await api.client.get(url)).status_code == 401
    operator = stack.headers("operator")
    assert (await api.client.get(f"{url}?org={ORG_A}", headers=operator)).json()["org"] == ORG_A
    assert (await api.client.get(url, headers=operator)).status_code == 404


async def test_landed_rows_of_another_institution_with_the_same_batch_id_stay_out(api: Running, stack: Stack) -> None:
    url = await receipt(api, stack)
    ledger(stack.clickhouse, org=ORG_B)
    assert (await api.client.get(url, headers=stack.headers())).json()["state"] == "queued"


async def page(api: Running, stack: Stack, query: str = "", who: str = "a") -> dict[str, object]:
    answer = await api.client.get(f"/api/v1/findings?{query}", headers=stack.headers(who))
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_findings_are_paged_without_gap_or_overlap(api: Running, stack: Stack) -> None:
    findings(stack.clickhouse, *({"row": row} for row in range(1, 8)))
    rows, offset = [], 0
    while offset is not None:
        found = (await api.client.get(f"/api/v1/findings?limit=3&offset={offset}", headers=stack.headers())).json()
        assert found["total"] == 7
        rows += [one["row"] for one in found["findings"]]
        offset = found["next_offset"]
    assert sorted(rows) == list(range(1, 8))


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", 4), ("table=tb_mz_sfmxb", 3), ("table=TB_HZXX", 1), ("from=2026-11-20", 3), ("to=2026-11-19", 1),
        ("from=2026-11-19&to=2026-11-19", 1), ("rule_id=SF-2", 1), ("severity=warning", 1), ("batch=b2", 1),
        ("batch=b2&severity=warning", 0), (f"org={ORG_A}", 4),
    ],
)  # fmt: skip
async def test_findings_are_filtered(api: Running, stack: Stack, query: str, total: int) -> None:
    findings(
        stack.clickhouse, {"biz_date": date(2026, 11, 19)}, {"rule_id": "SF-2", "severity": "warning", "row": 2},
        {"batch": "b2", "row": 3}, {"table": "TB_HZXX", "row": 4}, {"org": ORG_B, "row": 5},
    )  # fmt: skip
    assert (await page(api, stack, query))["total"] == total


async def test_a_hospital_sees_only_its_own_findings_and_an_operator_all(api: Running, stack: Stack) -> None:
    findings(stack.clickhouse, {}, {"org": ORG_B})
    assert [one["org"] for one in (await page(api, stack))["findings"]] == [ORG_A]  # type: ignore[attr-defined]
    other = await api.client.get(f"/api/v1/findings?org={ORG_B}", headers=stack.headers("a"))
    assert (other.status_code, other.json()["error"]["code"]) == (403, "other_org")
    assert (await page(api, stack, who="operator"))["total"] == 2
    assert (await page(api, stack, f"org={ORG_B}", who="admin"))["total"] == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [("limit=0", 422), ("limit=1001", 422), ("from=soon", 422), ("severity=bad", 422), ("table=TB_NONE", 404)],
)
async def test_wrong_filters_are_refused_and_not_repeated(api: Running, stack: Stack, query: str, status: int) -> None:
    answer = await api.client.get(f"/api/v1/findings?{query}", headers=stack.headers())
    assert answer.status_code == status
    assert "soon" not in answer.text
    if status == 422:
        assert answer.json()["error"]["fields"][0]["field"].startswith("query.")
