"""The list of rejected rows and the error detail as a file: what, where, which rule, what to do; only one's own."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import polars as pl
import pytest

from api import error_detail
from api.accounts.principal import Assignment
from clickhouse.orgs import Org, OrgStore
from tests.api.conftest import ORG_A, ORG_B, Running, Stack
from tests.api.landed import DAY, NOW, RULE, TABLE, findings


def rejected(stack: Stack, **row: Any) -> None:
    """A rejected row with its finding."""
    place = {"topic_id": "t1", "partition": 0, "offset": 0, "row": 1, "org": ORG_A, "table": TABLE, "biz_date": DAY}
    kept = place | {"batch": "b1", "row_key": "k1", "op": "upsert", "arrived_at": NOW, "landed_at": NOW} | row
    raw = {"rule_ids": [RULE.id], "raw": '{"XM":"欧阳小明"}'}
    stack.clickhouse.insert("rejected_rows", pl.DataFrame([kept | raw]))
    kept.pop("op")
    findings(stack.clickhouse, kept)


@pytest.fixture
def rows(stack: Stack) -> None:
    """Rejected rows of two hospitals on several days."""
    OrgStore(stack.clickhouse).save([Org(ORG_A, "甲医院"), Org(ORG_B, "乙医院")])
    for number in range(5):
        rejected(stack, row=number + 1, row_key=f"k{number}", biz_date=DAY - timedelta(number), batch=f"b{number % 2}")
    rejected(stack, org=ORG_B, offset=9, row_key="=1+1", arrived_at=NOW + timedelta(minutes=1))
    warning = {"rule_id": "WARN", "severity": "warning", "row_key": "k0", "row": 1, "column": "XM", "value": "欧***"}
    findings(stack.clickhouse, warning, {"row": 7, "row_key": "k7", "severity": "warning", "outcome": "accepted"})


pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("rows")]


async def listed(api: Running, stack: Stack, who: str = "operator", **asked: Any) -> dict[str, Any]:
    answer = await api.client.get("/api/v1/rejected", params=asked, headers=stack.headers(who))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_rejected_row_says_where_it_is_what_is_wrong_and_what_to_do(api: Running, stack: Stack) -> None:
    [row] = (await listed(api, stack, row_key="k0"))["rejected"]
    rules = row.pop("rules")
    assert row == {
        "org": ORG_A, "org_name": "甲医院", "table": TABLE, "table_zh": "门诊费用明细表", "biz_date": "2026-11-20",
        "batch": "b0", "row": 1, "row_key": "k0", "op": "upsert", "topic_id": "t1", "partition": 0, "offset": 0,
        "arrived_at": "2026-11-21T12:00:00.000+08:00",
    }  # fmt: skip
    assert [(rule["rule_id"], rule["severity"], rule["value"]) for rule in rules] == [
        (RULE.id, "error", "99***"), ("WARN", "warning", "欧***"),
    ]  # fmt: skip
    assert (rules[0]["rule_zh"], rules[0]["fix_zh"], rules[0]["fix_en"]) == (RULE.zh, RULE.fix_zh, RULE.fix_en)


async def test_rejected_rows_can_be_narrowed_and_paged(api: Running, stack: Stack) -> None:
    first = await listed(api, stack, limit=4)
    rest = await listed(api, stack, limit=4, offset=first["next_offset"])
    keys = [row["row_key"] for row in [*first["rejected"], *rest["rejected"]]]
    assert keys[0] == "=1+1"  # the newest
    assert sorted(keys[1:]) == [f"k{number}" for number in range(5)]
    assert (first["total"], rest["next_offset"]) == (6, None)
    for asked, total in (
        ({"org": ORG_A}, 5), ({"org": ORG_B}, 1), ({"table": TABLE.lower()}, 6), ({"rule_id": RULE.id}, 6),
        ({"rule_id": "WARN"}, 0), ({"batch": "b1"}, 3), ({"from": "2026-11-19"}, 3), ({"to": "2026-11-17"}, 2),
        ({"from": "2026-11-18", "to": "2026-11-19"}, 2),
    ):  # fmt: skip
        assert (await listed(api, stack, **asked))["total"] == total, asked
    wrong = await api.client.get("/api/v1/rejected", params={"table": "NOPE"}, headers=stack.headers("a"))
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (404, "unknown_table")


@pytest.mark.parametrize("url", ["rejected", "rejected/export", "findings", "findings/export"])
async def test_a_hospital_sees_and_downloads_its_own_rows_only(api: Running, stack: Stack, url: str) -> None:
    own = await api.client.get(f"/api/v1/{url}", headers=stack.headers("b"))
    assert own.status_code == 200
    assert ORG_A not in own.text
    assert ORG_B in own.text
    other = await api.client.get(f"/api/v1/{url}", params={"org": ORG_A}, headers=stack.headers("b"))
    assert (other.status_code, other.json()["error"]["code"]) == (403, "other_org")
    stack.machine("nobody", Assignment("operator", scope="990000"))
    none = await api.client.get(f"/api/v1/{url}", headers=stack.headers("nobody"))
    assert none.status_code == 200
    assert "9900000000" not in none.text


async def test_no_content_of_a_row_leaves_with_the_list_or_the_file(api: Running, stack: Stack) -> None:
    for url in ("rejected", "rejected/export"):
        assert "小明" not in (await api.client.get(f"/api/v1/{url}", headers=stack.headers("admin"))).text


async def lines(api: Running, stack: Stack, url: str, who: str = "operator", **asked: Any) -> list[list[str]]:
    answer = await api.client.get(f"/api/v1/{url}/export", params=asked, headers=stack.headers(who))
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("chunk", [1, 2, 20_000])
async def test_the_error_detail_has_every_finding_once_however_it_is_read(
    api: Running, stack: Stack, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(error_detail, "CHUNK", chunk)
    header, *found = await lines(api, stack, "findings")
    assert header[:8] == ["机构代码", "机构名称", "标准表", "表名", "业务日期", "批次", "行号", "主键"]
    assert len(found) == len({tuple(line) for line in found}) == 8
    assert len((await lines(api, stack, "rejected"))[1:]) == 6  # errors of rejected rows
    assert len((await lines(api, stack, "findings", outcome="accepted"))[1:]) == 1
    assert len((await lines(api, stack, "findings", severity="warning"))[1:]) == 2


async def test_the_error_detail_says_it_in_the_language_that_is_asked_for_and_runs_no_formula(
    api: Running, stack: Stack
) -> None:
    [header, line] = await lines(api, stack, "rejected", "b", lang="en")
    row = dict(zip(header, line, strict=True))
    assert (row["row key"], row["rule text"], row["what to do"]) == ("'=1+1", RULE.en, RULE.fix_en)
    assert (row["severity"], row["outcome"], row["name"]) == ("error", "rejected", "乙医院")
    answer = await api.client.get(
        "/api/v1/rejected/export", params={"format": "xlsx", "row_key": "k0"}, headers=stack.headers("a")
    )
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    [_, row_values] = sheet.iter_rows(values_only=True)
    assert (row_values[0], row_values[7], row_values[14]) == (ORG_A, "k0", RULE.zh)


async def test_a_download_is_written_into_the_audit_log_without_the_row_key(api: Running, stack: Stack) -> None:
    await lines(api, stack, "rejected", "a", row_key="k0", table=TABLE)
    [entry] = stack.clickhouse.rows("SELECT actor, target, detail FROM audit_log WHERE action = 'findings.export'")
    assert (entry["actor"], entry["target"]) == ("hospital:hospital a", "rejected")
    assert '"rows":1' in entry["detail"]
    assert "k0" not in entry["detail"]


def test_days_are_read_together_up_to_a_chunk_and_a_long_one_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_detail, "CHUNK", 10)
    cells = [
        {"org": org, "table": "T", "biz_date": date(2026, 11, day), "findings": findings}
        for org, day, findings in (("a", 1, 4), ("a", 2, 6), ("a", 3, 1), ("b", 1, 25), ("b", 2, 10))
    ]
    found = [(one["org"], one["biz_from"].day, one["biz_to"].day, one["offset"]) for one in error_detail.spans(cells)]
    assert found == [("a", 1, 2, 0), ("a", 3, 3, 0), ("b", 1, 1, 0), ("b", 1, 1, 10), ("b", 1, 1, 20), ("b", 2, 2, 0)]
