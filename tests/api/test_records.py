"""The record view: everything of one visit, findings beside the rows, personal values masked without the right."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import polars as pl
import pytest
import structlog

from api.accounts.principal import Assignment
from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate
from standard.load import load
from tests.api.conftest import ORG_A, ORG_B, Running, Stack
from tests.api.facts import store_day, store_finding
from tests.api.landed import DAY, NOW, findings

pytestmark = pytest.mark.stack

VISIT = "M2611200001"


def row(clickhouse: ClickHouse, table: str, offset: int, **values: Any) -> None:
    """An accepted row of a table; columns in any case."""
    usual = {
        "yljgdm": ORG_A, "xgbz": "0", "_biz_date": DAY, "_version": offset, "_deleted": 0, "_topic_id": "t1",
        "_partition": 0, "_offset": offset, "_row": 1, "_batch": f"b{offset}", "_warnings": 0, "_map_version": 1,
        "_arrived_at": NOW + timedelta(seconds=offset),
    }  # fmt: skip
    clickhouse.insert(table.lower(), pl.DataFrame([usual | {name.lower(): value for name, value in values.items()}]))


def rejected(clickhouse: ClickHouse, offset: int, key: str, **values: str) -> None:
    """A rejected charge of the visit with its finding."""
    place = {"topic_id": "t1", "partition": 0, "offset": offset, "row": 3, "org": ORG_A, "table": "TB_MZ_SFMXB"}
    at = NOW + timedelta(seconds=offset)
    kept = place | {"biz_date": DAY, "batch": f"b{offset}", "row_key": key, "arrived_at": at, "landed_at": at}
    raw = orjson.dumps({"SFMXID": key, "JZLSH": VISIT, "XGBZ": "0"} | values).decode()
    clickhouse.insert("rejected_rows", pl.DataFrame([kept | {"raw": raw}]))
    findings(clickhouse, place | {"row_key": key, "visit": VISIT, "rule_id": "SF28", "column": "KDYSBH", "value": ""})


@pytest.fixture
def visit(stack: Stack) -> ClickHouse:
    """An outpatient visit: patient, registration, two charges, a settlement; and rows of others."""
    clickhouse = stack.clickhouse
    standard = load()
    migrate(clickhouse, tables=standard.tables.values())
    row(clickhouse, "TB_HZXX", 1, BRZSY="p1", XM="欧阳小明", ZJHM="370102199003071234")
    row(clickhouse, "TB_HZXX", 2, BRZSY="p2", XM="另一人")
    row(clickhouse, "TB_MZ_GHMXB", 3, GHJLID="g1", BRZSY="p1", JZLSH=VISIT, GTHSJ=NOW)
    row(clickhouse, "TB_MZ_SFMXB", 4, SFMXID="c1", BRZSY="p1", JZLSH=VISIT, MXXMSSJE=Decimal("1"))
    row(clickhouse, "TB_MZ_SFMXB", 5, SFMXID="c1", BRZSY="p1", JZLSH=VISIT, MXXMSSJE=Decimal("12.50"), KDYSXM="王医生")
    row(clickhouse, "TB_MZ_SFMXB", 6, SFMXID="c2", BRZSY="p1", JZLSH=VISIT, XGBZ="1")
    row(clickhouse, "TB_MZ_SFMXB", 7, SFMXID="c3", BRZSY="p2", JZLSH="M9")
    row(clickhouse, "TB_MZ_JSMXB", 8, JSJLID="s1", BRZSY="p1", JZLSH=VISIT)
    row(clickhouse, "TB_MZ_SFMXB", 9, YLJGDM=ORG_B, SFMXID="c1", BRZSY="p1", JZLSH=VISIT)
    return clickhouse


async def look(api: Running, stack: Stack, who: str = "a", org: str = ORG_A, **asked: Any) -> dict[str, Any]:
    answer = await api.client.get(f"/api/v1/records/{org}/{VISIT}", params=asked, headers=stack.headers(who))
    said: dict[str, Any] = answer.json()
    return said


def section(said: dict[str, Any], table: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in said["sections"] if one["table"] == table)
    return found


async def test_a_visit_has_its_tables_in_the_order_of_the_patients_way(
    api: Running, stack: Stack, visit: ClickHouse
) -> None:
    said = await look(api, stack)
    parts = [(one["part"], one["table"], len(one["rows"])) for one in said["sections"]]
    assert [part for part in parts if part[2]] == [
        ("patient", "TB_HZXX", 1),
        ("visit", "TB_MZ_GHMXB", 1),
        ("charges", "TB_MZ_SFMXB", 2),
        ("settlements", "TB_MZ_JSMXB", 1),
    ]
    assert not any(table.startswith("TB_ZY_") for _, table, _ in parts)
    charge, revoked = section(said, "TB_MZ_SFMXB")["rows"]
    assert (charge["state"], charge["batch"], charge["values"]["MXXMSSJE"]) == ("accepted", "b5", "12.5000")
    assert (revoked["state"], revoked["values"]["SFMXID"]) == ("revoked", "c2")
    assert section(said, "TB_MZ_GHMXB")["rows"][0]["values"]["GTHSJ"] == "2026-11-21T12:00:00.000+08:00"


async def test_every_daily_table_has_its_place_in_the_view() -> None:
    from api.records.view import PARTS

    placed = [table for tables in PARTS.values() for table in tables]
    assert sorted(placed) == sorted(load().daily)


async def test_each_row_has_the_findings_of_its_own_version_and_of_rules_of_scope_store(
    api: Running, stack: Stack, visit: ClickHouse
) -> None:
    place = {"visit": VISIT, "severity": "warning", "outcome": "accepted", "rule_id": "SF07"}
    findings(visit, place | {"offset": 4, "row_key": "c1"}, place | {"offset": 5, "row_key": "c1", "column": "TBRQ"})
    findings(visit, {"table": "TB_HZXX", "visit": "", "row_key": "p1", "offset": 1, "rule_id": "HZ08", "value": "37**"})
    findings(visit, {"table": "TB_HZXX", "visit": "", "row_key": "p2", "offset": 2, "rule_id": "HZ08"})
    store_day(visit, failed=1)
    store_finding(visit, row_key="c1", visit=VISIT)
    store_finding(visit, row_key="c1", visit=VISIT, rule_id="SF04")  # its newest run found nothing
    store_day(visit, rule_id="SF04", run_at=NOW + timedelta(minutes=1))
    said = await look(api, stack)
    charge, other = section(said, "TB_MZ_SFMXB")["rows"]
    assert [(one["scope"], one["rule_id"], one["column"]) for one in charge["findings"]] == [
        ("flight", "SF07", "TBRQ"),
        ("store", "SF03", "BRZSY"),
    ]
    assert other["findings"] == []
    [patient] = section(said, "TB_HZXX")["rows"]
    assert [(one["rule_id"], one["value"]) for one in patient["findings"]] == [("HZ08", "37**")]
    assert said["findings"] == 3
    assert all(one["rule_zh"] and one["severity"] for one in charge["findings"])


async def test_a_rejected_row_is_shown_until_it_is_accepted(api: Running, stack: Stack, visit: ClickHouse) -> None:
    rejected(visit, 20, "c9", BRZSY="p1", KDYSXM="李医生")
    rejected(visit, 2, "c1", BRZSY="p1")  # accepted with offset 5
    rows = section(await look(api, stack), "TB_MZ_SFMXB")["rows"]
    assert [(one["state"], one["values"]["SFMXID"]) for one in rows] == [
        ("accepted", "c1"),
        ("revoked", "c2"),
        ("rejected", "c9"),
    ]
    assert [one["rule_id"] for one in rows[2]["findings"]] == ["SF28"]
    assert rows[2]["values"]["KDYSXM"] == "李**"


async def test_a_visit_of_which_everything_was_rejected_still_has_its_patient(
    api: Running, stack: Stack, visit: ClickHouse
) -> None:
    visit.command("TRUNCATE TABLE tb_mz_sfmxb")
    visit.command("TRUNCATE TABLE tb_mz_ghmxb")
    visit.command("TRUNCATE TABLE tb_mz_jsmxb")
    rejected(visit, 20, "c9", BRZSY="p2")
    said = await look(api, stack)
    assert section(said, "TB_HZXX")["rows"][0]["values"]["BRZSY"] == "p2"


async def test_personal_values_are_masked_whoever_looks(api: Running, stack: Stack, visit: ClickHouse) -> None:
    for who in ("a", "operator", "admin"):
        said = await look(api, stack, who)
        values = section(said, "TB_HZXX")["rows"][0]["values"]
        assert (values["XM"], values["ZJHM"]) == ("欧***", "370************34")
        assert "欧阳小明" not in orjson.dumps(said).decode()
        assert "王医生" not in orjson.dumps(said).decode()
        assert said["personal"] is False
    assert visit.rows("SELECT count() AS n FROM audit_log")[0]["n"] == 0


async def test_a_machine_with_the_right_sees_them_and_each_look_is_in_the_audit_log(
    api: Running, stack: Stack, visit: ClickHouse
) -> None:
    stack.machine("doctor", Assignment("hospital", ORG_A, personal=True), "quality office")
    stack.machine("other", Assignment("hospital", ORG_B, personal=True))
    stack.machine("auditor", Assignment("admin"))
    stack.accounts.outbox.send(visit)
    masked = await look(api, stack, "doctor")
    shown = await look(api, stack, "doctor", personal=True)
    assert section(masked, "TB_HZXX")["rows"][0]["values"]["XM"] == "欧***"
    assert section(shown, "TB_HZXX")["rows"][0]["values"]["XM"] == "欧阳小明"
    assert shown["personal"] is True
    for who, code in (("a", "no_personal"), ("auditor", "no_personal"), ("other", "other_org")):
        assert (await look(api, stack, who, personal=True))["error"]["code"] == code
    rows = visit.rows("SELECT actor, action, target FROM audit_log WHERE action LIKE 'record%'")
    assert rows == [{"actor": "hospital:quality office", "action": "record.personal", "target": f"{ORG_A}|{VISIT}"}]


async def test_a_hospital_sees_visits_of_its_own_only(api: Running, stack: Stack, visit: ClickHouse) -> None:
    assert (await look(api, stack, "b"))["error"]["code"] == "other_org"
    own = await look(api, stack, "b", ORG_B)
    assert [len(one["rows"]) for one in own["sections"] if one["rows"]] == [1]
    visit.command("TRUNCATE TABLE tb_mz_sfmxb")
    assert (await look(api, stack, "b", ORG_B))["error"]["code"] == "unknown_visit"


async def test_a_column_that_the_standard_does_not_know_is_masked_too(
    api: Running, stack: Stack, visit: ClickHouse
) -> None:
    rejected(visit, 20, "c9", BRZSY="p1", HIS_EXT="13800138000")
    values = section(await look(api, stack), "TB_MZ_SFMXB")["rows"][2]["values"]
    assert values["HIS_EXT"] == "138********"


async def test_more_rows_than_anybody_reads_are_counted(
    api: Running, stack: Stack, visit: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.records.read.MOST_ROWS", 1)
    charges = section(await look(api, stack), "TB_MZ_SFMXB")
    assert (len(charges["rows"]), charges["more"]) == (1, 1)


async def test_no_log_line_holds_the_visit_or_the_institution(api: Running, stack: Stack, visit: ClickHouse) -> None:
    with structlog.testing.capture_logs() as lines:
        await look(api, stack)
    assert lines[0]["route"] == "/api/v1/records/{org}/{visit}"
    assert VISIT not in repr(lines)
    assert ORG_A not in repr(lines)
