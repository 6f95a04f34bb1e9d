"""Tables over the API: a dry run tells, an import writes all or nothing, an export comes back; who may do what."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import openpyxl
import pytest

from api.indicators.filters import shanghai_day
from api.sheets import xlsx_in
from api.wire import utc_now
from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from clickhouse.schedule import ScheduleEntry
from standard.load import load
from tests.api.conftest import ORG_A, ORG_B, Running, Stack
from tests.api.facts import day_facts
from tests.api.test_admin import published
from tests.api.workbooks import table, workbook

pytestmark = pytest.mark.stack

SCHEDULE = ("机构代码", "标准表", "T+天数")
DRUG = next(iter(load().catalogues["drug"].values()))
DRUG_HEADER = ("院内编码", "院内名称", "标准编码", "通用名", "剂型", "规格", "生产厂家")
DRUG_LINE = ("0231", "本院药", DRUG.code, *(DRUG.fields[name] for name in
             ("generic_name", "dosage_form", "specification", "manufacturer")))  # fmt: skip


@pytest.fixture(autouse=True)
def _orgs(clickhouse: ClickHouse) -> None:
    OrgStore(clickhouse).save([Org(ORG_A, "第一医院"), Org(ORG_B, "第二医院")])


def audited(clickhouse: ClickHouse) -> list[tuple[str, str, str]]:
    rows = clickhouse.rows("SELECT actor, action, target FROM audit_log ORDER BY at")
    return [(row["actor"], row["action"], row["target"]) for row in rows]


Send = Callable[..., Any]


@pytest.fixture
def send(api: Running, stack: Stack) -> Send:
    async def call(path: str, content: bytes, who: str = "admin", **query: Any) -> httpx.Response:
        return await api.client.post(path, content=content, params=query, headers=stack.headers(who))

    return call


async def test_a_dry_run_tells_everything_and_writes_nothing(send: Send, api: Running) -> None:
    content = workbook(
        [SCHEDULE, (ORG_A, "TB_HZXX", 2), (int("1" * 22), "*", 1), (ORG_B, "TB_NO", 99)], title="上传计划"
    )
    answer = await send("/api/v1/schedule/import", content, dry_run=True)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["ok"], found["written"], found["lines"], found["added"], found["problems_count"]) == (
        False, False, 3, 1, 3,
    )  # fmt: skip
    assert [(one["line"], one["column"], one["code"]) for one in found["problems"]] == [
        (5, "org", "number_as_code"), (6, "table", "unknown_table"), (6, "due_days", "range"),
    ]  # fmt: skip
    assert found["changes"] == [
        {"line": 4, "action": "added", "key": f"{ORG_A} TB_HZXX 1970-01-01", "before": {},
         "after": found["changes"][0]["after"]},
    ]  # fmt: skip
    assert found["changes"][0]["after"]["due_days"] == 2
    assert api.parts.schedule.all() == []


async def test_with_one_wrong_line_nothing_is_written(send: Send, api: Running, clickhouse: ClickHouse) -> None:
    content = table(",".join(SCHEDULE), f"{ORG_A},TB_HZXX,2", f"{ORG_B},TB_HZXX,x")
    answer = await send("/api/v1/schedule/import", content)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "rows_wrong"
    assert "1" in error["message_zh"]
    assert (error["import"]["written"], error["import"]["problems"][0]["line"]) == (False, 3)
    assert api.parts.schedule.all() == []
    assert audited(clickhouse) == []


async def test_an_import_writes_and_a_second_one_changes_nothing(
    send: Send, api: Running, clickhouse: ClickHouse
) -> None:
    content = table(",".join(SCHEDULE), f"{ORG_A},TB_HZXX,2", "*,*,1", encoding="gb18030")
    first = (await send("/api/v1/schedule/import", content)).json()
    assert (first["written"], first["added"], first["changed"]) == (True, 2, 0)
    assert [(one.org, one.table, one.due_days) for one in api.parts.schedule.all()] == [
        ("*", "*", 1), (ORG_A, "TB_HZXX", 2),
    ]  # fmt: skip
    again = (await send("/api/v1/schedule/import", content)).json()
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 2)
    assert audited(clickhouse) == [("admin:admin", "schedule.import", "schedule")] * 2


@pytest.mark.parametrize(
    "path", ["orgs", "schedule", "quiet-times", "thresholds", "declarations", f"codemaps/{ORG_A}/drug"]
)
@pytest.mark.parametrize("format", ["csv", "xlsx"])
async def test_every_export_is_a_table_that_imports_again(
    path: str, format: str, send: Send, api: Running, stack: Stack
) -> None:
    await kept_things(api, stack)
    query = {"format": format}
    answer = await api.client.get(f"/api/v1/{path}/export", params=query, headers=stack.headers("operator"))
    assert answer.status_code == 200
    assert f".{format}" in answer.headers["content-disposition"]
    found = (await send(f"/api/v1/{path}/import", answer.content, dry_run=True)).json()
    assert found["problems"] == []
    assert found["changed"] == 0
    if path != "thresholds":  # that one lists the defaults too
        assert (found["added"], found["unchanged"]) == (0, 2 if path == "orgs" else 1)


async def kept_things(api: Running, stack: Stack) -> None:
    """One entry of each kind, as a program sets it."""
    bodies: dict[str, dict[str, Any]] = {
        "schedule": {"org": ORG_A, "table": "TB_HZXX", "due_days": 2},
        "quiet-times": {"kind": "holiday", "starts_at": "2027-02-06T00:00:00+08:00", "ends_at": "2027-02-12T16:00:00Z"},
        "thresholds": {"name": "anomaly_rate_warning", "value": 0.03},
        "declarations": {"org": ORG_A, "month": "2026-10-01", "figures": {"outpatient_amount": "12.5"}},
    }
    for path, entry in bodies.items():
        answer = await api.client.put(f"/api/v1/{path}", json={"entries": [entry]}, headers=stack.headers("admin"))
        assert answer.json() == {"saved": 1}
    map_entry = {"local_code": "1", "local_name": "甲"}
    await api.client.put(
        f"/api/v1/codemaps/{ORG_A}/drug",
        json={"entries": [map_entry | {"standard_code": DRUG.code, "generic_name": DRUG.fields["generic_name"],
                                       "dosage_form": DRUG.fields["dosage_form_code"],
                                       "specification": DRUG.fields["specification"],
                                       "manufacturer": DRUG.fields["manufacturer"]}]},
        headers=stack.headers("admin"),
    )  # fmt: skip


async def test_what_was_set_is_shown_and_can_be_taken_away(api: Running, stack: Stack, clickhouse: ClickHouse) -> None:
    await kept_things(api, stack)
    admin = stack.headers("admin")

    async def entries(path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await api.client.get(f"/api/v1/{path}", headers=admin)).json()["entries"]
        return found

    quiet = (await entries("quiet-times"))[0]
    assert (quiet["starts_at"], quiet["ends_at"]) == ("2027-02-06T00:00:00.000+08:00", "2027-02-13T00:00:00.000+08:00")
    assert (await entries("declarations"))[0]["figures"] == {"outpatient_amount": 12.5}
    assert (await entries("thresholds"))[0]["value"] == 0.03
    gone = {
        "schedule": {"org": ORG_A, "table": "TB_HZXX"}, f"quiet-times/{quiet['id']}": {},
        "thresholds": {"name": "anomaly_rate_warning"}, "declarations": {"org": ORG_A, "month": "2026-10-31"},
    }  # fmt: skip
    for path, query in gone.items():
        answer = await api.client.delete(f"/api/v1/{path}", params=query, headers=admin)
        assert answer.json() == {"deleted": 1}
        again = await api.client.delete(f"/api/v1/{path}", params=query, headers=admin)
        assert again.json()["error"]["code"] == "unknown_entry"
        assert await entries(path.partition("/")[0]) == []
    actions = [action for _, action, _ in audited(clickhouse)]
    assert [a for a in actions if "delete" in a] == [
        "schedule.delete", "quiet_times.delete", "thresholds.delete", "declarations.delete",
    ]  # fmt: skip


async def test_the_history_of_thresholds_tells_who_changed_what(api: Running, stack: Stack) -> None:
    admin, path = stack.headers("admin"), "/api/v1/thresholds"
    for value in (0.03, 0.04):
        body = {"entries": [{"name": "anomaly_rate_warning", "org": ORG_A, "value": value}]}
        assert (await api.client.put(path, json=body, headers=admin)).status_code == 200
    await api.client.delete(path, params={"name": "anomaly_rate_warning", "org": ORG_A}, headers=admin)
    said = (await api.client.get(f"{path}/history", params={"org": ORG_A}, headers=stack.headers("operator"))).json()
    entries = [(one["before"] or {}, one["after"] or {}) for one in said["changes"]]
    told = [(before.get("value"), after.get("value")) for before, after in entries]
    assert told == [(0.04, None), (0.03, 0.04), (None, 0.03)]
    assert {one["changed_by"] for one in said["changes"]} == {"admin"}
    assert said["total"] == 3
    others = await api.client.get(f"{path}/history", params={"name": "mapping_rows"}, headers=admin)
    assert others.json()["changes"] == []


@pytest.mark.parametrize(
    ("path", "entry", "code"),
    [
        ("schedule", {"org": "X" * 22}, "unknown_org"),
        ("schedule", {"table": "TB_NO"}, "unknown_table"),
        ("schedule", {"table": "TB_BASY"}, "monthly_table"),
        ("schedule", {"valid_from": "2026-02-02", "valid_to": "2026-02-01"}, "order"),
        ("quiet-times", {"kind": "holiday", "starts_at": "2027-01-02T00:00:00Z", "ends_at": "2027-01-02T00:00:00Z"},
         "order"),
        ("thresholds", {"name": "no_such", "value": 1}, "unknown_threshold"),
        ("thresholds", {"name": "anomaly_rate_warning", "value": 5}, "range"),
        ("declarations", {"org": ORG_A, "month": "2999-01-01", "figures": {"outpatient_visits": 1}}, "range"),
        ("declarations", {"org": ORG_A, "month": "2026-01-01", "figures": {"outpatient_visits": 1.5}}, "not_whole"),
    ],
)  # fmt: skip
async def test_entries_that_cannot_be_are_refused(
    path: str, entry: dict[str, Any], code: str, api: Running, stack: Stack
) -> None:
    answer = await api.client.put(f"/api/v1/{path}", json={"entries": [entry]}, headers=stack.headers("admin"))
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["error"]["problems"]] == [code]
    assert (await api.client.get(f"/api/v1/{path}", headers=stack.headers("admin"))).json()["entries"] == []


async def test_an_unknown_quantity_is_refused(api: Running, stack: Stack) -> None:
    body = {"entries": [{"org": ORG_A, "month": "2026-01-01", "figures": {"colours": 1}}]}
    answer = await api.client.put("/api/v1/declarations", json=body, headers=stack.headers("a"))
    assert answer.json()["error"]["code"] == "unknown_quantity"


@pytest.mark.parametrize(
    ("who", "path"),
    [("a", "orgs"), ("a", "schedule"), ("a", "quiet-times"), ("a", "thresholds"), ("operator", "orgs"),
     ("operator", "thresholds")],
)  # fmt: skip
async def test_a_hospital_changes_no_plan_and_only_administrators_thresholds(who: str, path: str, send: Send) -> None:
    answer = await send(f"/api/v1/{path}/import", b"x", who=who)
    assert answer.json()["error"]["code"] == "forbidden"


async def test_a_hospital_declares_for_itself_only_and_sees_its_own(send: Send, api: Running, stack: Stack) -> None:
    both = table("机构代码,月份,门诊人次", f"{ORG_A},2026-01,5", f"{ORG_B},2026-01,6")
    refused = (await send("/api/v1/declarations/import", both, who="a")).json()["error"]
    assert [(one["line"], one["code"]) for one in refused["import"]["problems"]] == [(3, "other_org")]
    assert (await send("/api/v1/declarations/import", both, who="operator")).json()["written"]
    seen = (await api.client.get("/api/v1/declarations", headers=stack.headers("b"))).json()["entries"]
    assert [(one["org"], one["figures"]) for one in seen] == [(ORG_B, {"outpatient_visits": 6.0})]
    other = await api.client.get("/api/v1/declarations/export", params={"org": ORG_A}, headers=stack.headers("b"))
    assert other.status_code == 403
    body = {"entries": [{"org": ORG_A, "month": "2026-01-01", "figures": {"outpatient_visits": 1}}]}
    put = await api.client.put("/api/v1/declarations", json=body, headers=stack.headers("b"))
    assert put.json()["error"]["problems"][0]["code"] == "other_org"


async def test_institutions_come_as_a_workbook_and_leave_as_one(send: Send, api: Running, stack: Stack) -> None:
    code = "12345678X0000000000003"
    content = workbook(
        [("机构代码", "机构名称", "级别", "有住院"), (code, "第三医院", "二级", "是")], title="机构登记表"
    )
    assert (await send("/api/v1/orgs/import", content)).json()["added"] == 1
    answer = await api.client.get("/api/v1/orgs/export", headers=stack.headers("operator"))
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert page is not None
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows[0][:5] == ["机构代码", "机构名称", "市代码", "县区代码", "级别"]
    assert rows[1][:2] == [code, "第三医院"]
    assert (rows[1][4], rows[1][7]) == (2, "是")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xxxx", "old_office"), (b"hello", "no_header"), (b"PK\x03\x04x", "broken_xlsx")],
)
async def test_what_is_no_table_is_refused_with_what_to_do(content: bytes, reason: str, send: Send) -> None:
    answer = await send("/api/v1/orgs/import", content, dry_run=True)
    assert answer.status_code == 422
    assert (answer.json()["error"]["code"], answer.json()["error"]["reason"]) == ("bad_sheet", reason)


async def test_a_zip_bomb_and_a_body_over_the_limit_are_refused(send: Send, stack: Stack) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * (xlsx_in.MOST_UNPACKED + 1))
    error = (await send("/api/v1/orgs/import", out.getvalue())).json()["error"]
    assert (error["code"], error["reason"]) == ("bad_sheet", "too_big")
    too_large = b"x" * (stack.settings.max_message_bytes + 1)
    assert (await send("/api/v1/orgs/import", too_large)).status_code == 413


MAP = f"/api/v1/codemaps/{ORG_A}/drug"


async def test_a_hospital_uploads_its_map_and_the_workers_hear_of_it(
    send: Send, stack: Stack, clickhouse: ClickHouse
) -> None:
    content = workbook([DRUG_HEADER, DRUG_LINE, ("0232", "还没对", None, None, None, None, None)])
    found = (await send(f"{MAP}/import", content, who="a")).json()
    assert (found["written"], found["added"], found["skipped"], found["version"]) == (True, 1, 1, 1)
    again = (await send(f"{MAP}/import", content, who="a")).json()
    assert (again["added"], again["unchanged"], again["version"]) == (0, 1, 1)
    (_, first), (_, second) = await published(stack)
    assert first == second  # nothing changed, but told again: the first one may have been lost
    assert (first["org"], first["map"], first["version"]) == (ORG_A, "drug", 1)
    entry = first["entries"][0]
    assert (entry["local_code"], entry["standard_code"], entry["dosage_form"]) == (
        "0231", DRUG.code, DRUG.fields["dosage_form_code"],
    )  # fmt: skip
    assert [row["actor"] for row in clickhouse.rows("SELECT actor FROM audit_log")] == ["hospital:hospital a"] * 2


async def test_an_upload_is_undone_and_both_are_in_the_history(send: Send, api: Running, stack: Stack) -> None:
    headers = stack.headers("a")
    await send(f"{MAP}/import", workbook([DRUG_HEADER, DRUG_LINE]), who="a")
    done = await api.client.post(f"{MAP}/undo", params={"version": 1}, headers=headers)
    assert done.json() == {"org": ORG_A, "map": "drug", "version": 2, "entries": 1}
    history = (await api.client.get(f"{MAP}/history", headers=headers)).json()["versions"]
    assert [(one["version"], one["undoes"], one["undone_by"], one["codes"]) for one in history] == [
        (2, 1, 0, 1), (1, 0, 2, 1),
    ]  # fmt: skip
    one = (await api.client.get(f"{MAP}/history/1", headers=headers)).json()
    assert (one["total"], one["changes"][0]["before"], one["changes"][0]["after"]["standard_code"]) == (
        1,
        None,
        DRUG.code,
    )
    conflict = await api.client.post(f"{MAP}/undo", params={"version": 1}, headers=headers)
    assert (conflict.status_code, conflict.json()["error"]["codes"]) == (409, ["0231"])
    for path in (f"{MAP}/undo?version=9", f"{MAP}/history/9"):
        call = api.client.post if "undo" in path else api.client.get
        assert (await call(path, headers=headers)).json()["error"]["code"] == "unknown_version"


async def test_a_map_that_contradicts_the_catalogue_is_told_and_not_written(send: Send, api: Running) -> None:
    wrong = [*DRUG_LINE[:5], "1000g", DRUG_LINE[6]]
    answer = await send(f"{MAP}/import", workbook([DRUG_HEADER, wrong]), who="a")
    problem = answer.json()["error"]["import"]["problems"][0]
    assert (problem["column"], problem["code"]) == ("specification", "drug_disagrees")
    assert api.parts.code_maps.entries(ORG_A, "drug") == {}


async def test_codes_without_a_standard_code_come_as_a_table_to_be_filled_in(
    send: Send, api: Running, stack: Stack, clickhouse: ClickHouse
) -> None:
    today = shanghai_day(utc_now())
    codes = [("MXXMBM", "drug", "0231", "", 4), ("MXXMBM", "drug", "0232", "", 9)]
    day_facts(clickhouse, biz_date=today, codes=codes)
    day_facts(clickhouse, biz_date=today, org=ORG_B, codes=[("MXXMBM", "drug", "0777", "", 4)])

    async def listed() -> list[tuple[Any, ...]]:
        answer = await api.client.get(f"{MAP}/export?unmapped=true", headers=stack.headers("a"))
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        codes = [row[0].value for row in book.worksheets[1].iter_rows()]
        assert (book.sheetnames[1], codes[0], DRUG.code in codes) == ("标准目录", "标准编码", True)
        return [row[:3] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]

    assert await listed() == [("0232", None, None), ("0231", None, None)]
    await send(f"{MAP}/import", workbook([DRUG_HEADER, DRUG_LINE]), who="a")
    assert await listed() == [("0232", None, None)]
    refused = await api.client.get(f"{MAP}/export?unmapped=true", headers=stack.headers("b"))
    assert refused.json()["error"]["code"] == "other_org"


async def test_no_hospital_touches_the_maps_of_another(send: Send, api: Running, stack: Stack) -> None:
    content = workbook([DRUG_HEADER, DRUG_LINE])
    assert (await send(f"{MAP}/import", content, who="b")).json()["error"]["code"] == "other_org"
    headers = stack.headers("b")
    for method, path in (("GET", "export"), ("GET", "history"), ("GET", "history/1"), ("POST", "undo?version=1")):
        assert (await api.client.request(method, f"{MAP}/{path}", headers=headers)).status_code == 403
    assert (await send(f"{MAP}/import", content, who="operator")).json()["added"] == 1
    nowhere = await send(f"/api/v1/codemaps/{'X' * 22}/drug/import", content, who="operator")
    assert nowhere.json()["error"]["code"] == "unknown_org"


async def test_a_map_that_the_workers_could_not_be_told_is_refused(send: Send, api: Running, stack: Stack) -> None:
    assert stack.settings.max_message_bytes == 64 * 1024
    long = "长" * 400
    for part in range(2):
        lines = [f"{part}-{n},{long},03" for n in range(30)]
        answer = await send(
            f"/api/v1/codemaps/{ORG_A}/department/import", table("院内编码,院内名称,标准编码", *lines), who="a"
        )
    assert answer.json()["error"]["code"] == "map_too_large"
    assert len(api.parts.code_maps.entries(ORG_A, "department")) == 30


async def test_two_uploads_at_once_are_both_kept(send: Send, api: Running) -> None:
    header = "院内编码,标准编码"
    path = f"/api/v1/codemaps/{ORG_A}/department/import"
    answers = await asyncio.gather(*(send(path, table(header, f"{n},03"), who="a") for n in range(4)))
    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4]
    assert len(api.parts.code_maps.entries(ORG_A, "department")) == 4


async def test_a_store_entry_is_what_the_watch_reads(send: Send, api: Running) -> None:
    await send("/api/v1/schedule/import", table("机构代码,标准表,应上传", f"{ORG_A},*,否"))
    assert api.parts.schedule.all() == [ScheduleEntry(ORG_A, "*", expected=False, changed_by="admin")]
