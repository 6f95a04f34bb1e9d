"""The standard can be browsed by everybody: tables, columns, rules, codes."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from api import browse
from api.accounts.principal import Assignment
from standard.load import load
from tests.api.conftest import Running, Stack

STANDARD = load()


def test_every_rule_is_found_by_its_id_and_belongs_to_one_table() -> None:
    found = browse.rules(STANDARD, browse.RuleFilter())
    assert len(found) == len({one.rule_id for one in found}) == len(STANDARD.rules)
    for one in found[::50]:
        detail = browse.rule_detail(STANDARD, one.rule_id)
        assert detail is not None
        assert (detail.table, detail.zh) == (one.table, one.zh)
        assert detail.checks


def test_rules_are_told_apart_by_table_column_severity_scope_and_text() -> None:
    def ids(**wanted: Any) -> set[str]:
        return {one.rule_id for one in browse.rules(STANDARD, browse.RuleFilter(**wanted))}

    every = ids()
    assert ids(severity="error") | ids(severity="warning") == every
    assert not ids(severity="error") & ids(severity="warning")
    assert ids(scope="flight") | ids(scope="store") == every
    assert "SF03" in ids(scope="flight") & ids(scope="store")
    assert ids(table="TB_MZ_SFMXB") == {rule.id for rule in STANDARD.tables["TB_MZ_SFMXB"].rules}
    assert "SF03" in ids(column="BRZSY", text="患者表")
    assert ids(text="sf03") == {"SF03"}
    assert not ids(text="nobody says that")


def test_every_column_of_every_table_is_described() -> None:
    lists = browse.code_lists(STANDARD)
    for table in STANDARD.tables.values():
        shown = browse.table_detail(STANDARD, table).column_list
        assert [one.name for one in shown] == [column.name for column in table.columns]
        assert all(one.type_zh and (one.personal_zh or not one.personal) for one in shown)
        assert {name for one in shown for name in (one.code_set, *one.maps) if name} <= set(lists)


def test_the_lists_of_codes_share_no_name() -> None:
    several = len(STANDARD.code_sets) + len(STANDARD.dictionaries) + len(STANDARD.catalogues)
    assert len(browse.code_lists(STANDARD)) == several


def test_a_page_says_where_the_next_one_begins() -> None:
    assert browse.paged([1, 2, 3], 2, 0)[1]["next_offset"] == 2
    page, where = browse.paged([1, 2, 3], 2, 2)
    assert (list(page), where) == ([3], {"total": 3, "limit": 2, "offset": 2, "next_offset": None})
    assert browse.paged([1, 2, 3], 2, 9)[1]["next_offset"] is None


@pytest.mark.stack
async def test_every_role_may_browse_the_standard(api: Running, stack: Stack) -> None:
    stack.machine("tester", Assignment("tester"))
    for who in ("a", "operator", "admin", "tester"):
        said = (await api.client.get("/api/v1/standard", headers=stack.headers(who))).json()
        assert (said["tables"], said["rules"]) == (len(STANDARD.tables), len(STANDARD.rules))
    assert (await api.client.get("/api/v1/standard")).status_code == 401


@pytest.mark.stack
async def test_from_a_table_to_a_rule_to_the_codes(api: Running, stack: Stack) -> None:
    async def get(path: str, status: int = 200) -> Any:
        answer = await api.client.get(f"/api/v1/standard{path}", headers=stack.headers("a"))
        assert answer.status_code == status, answer.text
        return answer.json()

    tables = (await get("/tables"))["tables"]
    table = await get(f"/tables/{tables[0]['table'].lower()}")
    assert (len(table["column_list"]), len(table["rule_list"])) == (tables[0]["columns"], tables[0]["rules"])
    coded = next(one for one in table["column_list"] if one["code_set"])
    codes = await get(f"/code-sets/{coded['code_set']}?limit=1&offset=1")
    assert (len(codes["code_list"]), codes["total"]) == (1, codes["codes"])
    assert f"{table['table']}.{coded['name']}" in codes["used_by"]
    drugs = await get("/code-sets/drug?q=阿莫西林胶囊")
    assert 0 < drugs["total"] < drugs["codes"]
    assert all("阿莫西林胶囊" in one["name_zh"] and one["fields"]["specification"] for one in drugs["code_list"])
    assert (await get("/code-sets?q=gender"))["code_sets"][0]["name"] == "gender"
    rule = await get(f"/rules/{table['rule_list'][0]['rule_id']}")
    assert rule["fix_zh"]
    page = await get("/rules?scope=store&severity=error&limit=3")
    assert len(page["rules"]) == 3 < page["total"]
    for path, code in (
        ("/tables/TB_X", "unknown_table"), ("/rules/X1", "unknown_rule"), ("/code-sets/x", "unknown_code_set"),
        ("/rules?table=TB_X", "unknown_table"),
    ):  # fmt: skip
        assert (await get(path, 404))["error"]["code"] == code


@pytest.mark.stack
async def test_rules_are_exported_and_that_is_logged(api: Running, stack: Stack) -> None:
    url = "/api/v1/standard/rules?table=TB_HZXX&format="
    answer = await api.client.get(f"{url}xlsx", headers=stack.headers("a"))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    assert sheet.max_row == 1 + len(STANDARD.tables["TB_HZXX"].rules)
    answer = await api.client.get(f"{url}csv&lang=en", headers=stack.headers("a"))
    assert len(answer.text.splitlines()) == sheet.max_row
    log = (await api.client.get("/api/v1/audit-log?action=standard", headers=stack.headers("admin"))).json()
    assert [one["detail"]["format"] for one in log["entries"]] == ["csv", "xlsx"]
