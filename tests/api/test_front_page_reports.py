"""What is in a submission of front pages, submissions compared, the month's report, and the contact sheet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from api.accounts.principal import Assignment
from api.submissions.submission import SCHEMA, Submission, row_of
from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from standard.load import load
from tests.api.conftest import ORG_A, ORG_B, Running, Stack, running
from tests.api.pages import front_page, switched
from tests.databases import Databases

pytestmark = pytest.mark.stack

MISSING, ODD = ("HQ057", "mandatory", "error"), ("HQ022", "code", "warning")
MONTH = date(2026, 10, 1)
FIRST, SECOND = "a" * 32, "b" * 32
#: The window of October is over on the 11th of November, Shanghai's time.
IN_TIME, LATE = datetime(2026, 11, 5, 4, tzinfo=UTC), datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture
def clickhouse(databases: Databases) -> Iterator[ClickHouse]:
    """A database that has front pages."""
    with databases.migrated([load().tables["TB_BASY"]]) as client:
        yield client


@pytest.fixture
def pages(stack: Stack) -> ClickHouse:
    """Two institutions with inpatients, one without."""
    OrgStore(stack.clickhouse, lambda: IN_TIME).save(
        [
            Org(ORG_A, "甲医院", city="370100", inpatient=True),
            Org(ORG_B, "乙中医院", city="370200", inpatient=True),
            Org("990000000000000000000C", "丙门诊部", city="370100"),
        ]
    )
    return stack.clickhouse


def submission(
    clickhouse: ClickHouse, ident: str, number: int, org: str = ORG_A, at: datetime = IN_TIME, **values: Any
) -> None:  # fmt: skip
    """A file of October that is done (``number`` 0: that did not count)."""
    usual = {"state": "done" if number else "refused", "rows": 10, "accepted": 9, "rejected": 1, "findings": 3}
    one = Submission(
        id=ident, version=1, at=at, org=org, month=MONTH, variant="western", file=f"{number}.csv", size=9, sha256="",
        actor="hospital:x", started_at=at, sent_at=at, ended_at=at + timedelta(minutes=1), number=number,
        late=int(at >= datetime(2026, 11, 10, 16, tzinfo=UTC)), **usual | values,
    )  # fmt: skip
    clickhouse.insert("submission_steps", pl.DataFrame([row_of(one) | {"writer": "w"}], schema_overrides=SCHEMA))
    if number:
        switched(clickhouse, ident, number, org)


def rows_of(clickhouse: ClickHouse, ident: str, *rows: tuple[str, int, int], org: str = ORG_A) -> None:
    """(key, row of the file, hash of its values)."""
    found = [{"org": org, "submission": ident, "key": key, "row": row, "hash": hash_} for key, row, hash_ in rows]
    clickhouse.insert("submission_rows", pl.DataFrame(found, schema_overrides={"hash": pl.UInt64, "row": pl.UInt32}))


async def ask(api: Running, stack: Stack, path: str, who: str = "operator", **asked: Any) -> dict[str, Any]:
    answer = await api.client.get(
        f"/api/v1/front-pages/{path}", params={"month": "2026-10"} | asked, headers=stack.headers(who)
    )
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_findings_name_the_row_of_the_senders_own_file(api: Running, stack: Stack, pages: ClickHouse) -> None:
    submission(pages, FIRST, 1)
    front_page(pages, "BA1|1", ODD, submission=FIRST, file_row=2, store=("HQ008",))
    front_page(pages, "BA2|1", MISSING, ODD, rejected=True, submission=FIRST, file_row=7)
    front_page(pages, "BA2|1", MISSING, rejected=True, submission=SECOND, file_row=3)  # of another file
    said = await ask(api, stack, "findings", "a", submission=FIRST)
    names = ("file_row", "row_key", "rule_id", "scope", "outcome")
    assert [tuple(row[name] for name in names) for row in said["rows"]] == [
        (2, "BA1|1", "HQ008", "store", "accepted"), (2, "BA1|1", "HQ022", "flight", "accepted"),
        (7, "BA2|1", "HQ057", "flight", "rejected"), (7, "BA2|1", "HQ022", "flight", "rejected"),
    ]  # fmt: skip
    assert all(
        row["rule_zh"] and row["fix_zh"] and row["column"] == "P3" for row in said["rows"] if row["scope"] == "flight"
    )
    only = await ask(api, stack, "findings", "a", submission=FIRST, severity="error", file_row=7)
    assert [row["rule_id"] for row in only["rows"]] == ["HQ057"]
    rules = await ask(api, stack, "findings/rules", "a", submission=FIRST)
    assert {row["rule_id"]: row["rows"] for row in rules["rows"]} == {"HQ022": 2, "HQ008": 1, "HQ057": 1}


async def test_the_error_detail_is_a_file_with_row_column_value_rule_and_what_to_do(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    submission(pages, FIRST, 1)
    front_page(pages, "BA2|1", MISSING, rejected=True, submission=FIRST, file_row=7)
    answer = await api.client.get(
        "/api/v1/front-pages/findings", params={"submission": FIRST, "format": "csv"}, headers=stack.headers("a")
    )
    head, line, *_ = answer.content.decode("utf-8-sig").splitlines()
    for word in ("文件行号", "列代码", "列名", "值", "规则", "改正办法"):
        assert word in head
    assert line.startswith("7,BA2|1,P3,病案号,")


async def test_rows_of_a_submission_are_found_by_record_number_and_names_are_masked(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    submission(pages, FIRST, 1)
    front_page(pages, "BA1|1", submission=FIRST, file_row=2, P4="欧阳小明", P5="1", P321="I10.x00", P782=5900)
    front_page(pages, "BA2|1", MISSING, rejected=True, submission=FIRST, file_row=3, P4="王大明", P782="10.5")
    said = await ask(api, stack, "rows", "a", submission=FIRST)
    assert [(row["file_row"], row["record"], row["name"], row["cost"], row["outcome"]) for row in said["rows"]] == [
        (2, "BA1", "欧***", "5900", "accepted"), (3, "BA2", "王**", "10.5", "rejected")
    ]  # fmt: skip
    assert "小明" not in str(said)
    for asked in ({"record": "BA2"}, {"outcome": "rejected"}, {"file_row": 3}):
        assert [row["record"] for row in (await ask(api, stack, "rows", "a", submission=FIRST, **asked))["rows"]] == [
            "BA2"
        ]


async def test_nobody_reads_a_submission_of_another_institution(api: Running, stack: Stack, pages: ClickHouse) -> None:
    submission(pages, FIRST, 1)
    front_page(pages, "BA2|1", MISSING, rejected=True, submission=FIRST, file_row=7)
    for path in ("findings", "findings/rules", "rows"):
        answer = await api.client.get(f"/api/v1/front-pages/{path}?submission={FIRST}", headers=stack.headers("b"))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_submission"), path
    answer = await api.client.get(f"/api/v1/front-pages/comparison?org={ORG_A}", headers=stack.headers("b"))
    assert answer.status_code == 403


async def test_submissions_are_compared_row_by_row_and_errors_fall(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    submission(pages, FIRST, 1, rows=4, rejected=2, findings=6)
    submission(pages, SECOND, 2, at=IN_TIME + timedelta(hours=1), rows=4, rejected=1, findings=2)
    submission(pages, "c" * 32, 0, at=IN_TIME + timedelta(hours=2))
    rows_of(pages, FIRST, ("BA1|1", 2, 11), ("BA2|1", 3, 12), ("BA3|1", 4, 13), ("|", 5, 14))
    rows_of(pages, SECOND, ("BA1|1", 2, 11), ("BA2|1", 3, 99), ("BA4|1", 4, 13), ("BA5|1", 5, 15))
    said = await ask(api, stack, "comparison", "a")
    names = ("number", "rows", "added", "removed", "changed", "same", "error_rate", "findings_per_page")
    assert [tuple(row[name] for name in names) for row in said["rows"]] == [
        (1, 4, None, None, None, None, 0.5, 1.5), (2, 4, 2, 2, 1, 1, 0.25, 0.5)
    ]  # fmt: skip
    changed = await ask(api, stack, "comparison/rows", "a", number=2, change="changed")
    assert [(row["key"], row["row"], row["before_row"]) for row in changed["rows"]] == [("BA2|1", 3, 3)]
    removed = await ask(api, stack, "comparison/rows", "a", number=2, change="removed")
    assert [(row["key"], row["before_row"]) for row in removed["rows"]] == [("BA3|1", 4), ("|", 5)]


async def test_a_comparison_is_of_one_institution(api: Running, stack: Stack, pages: ClickHouse) -> None:
    answer = await api.client.get("/api/v1/front-pages/comparison?month=2026-10", headers=stack.headers("operator"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "one_org")


@pytest.mark.parametrize(
    ("now", "states"),
    [(IN_TIME, ["waiting", "on_time"]), (LATE, ["missing", "on_time"])],
)
async def test_the_report_says_who_submitted_and_who_did_not(
    stack: Stack, pages: ClickHouse, now: datetime, states: list[str]
) -> None:
    submission(pages, FIRST, 1, at=IN_TIME - timedelta(hours=1))
    submission(pages, "c" * 32, 0, at=IN_TIME - timedelta(hours=2))
    submission(pages, SECOND, 2, at=IN_TIME, rows=20, accepted=20, rejected=0)
    front_page(pages, "BA1|1", submission=SECOND, file_row=2)
    async with running(stack.app(now=lambda: now)) as api:
        said = await ask(api, stack, "report")
    assert [row["state"] for row in said["rows"]] == states
    assert [row["name"] for row in said["rows"]] == ["乙中医院", "甲医院"]
    mine = said["rows"][1]
    assert (mine["submissions"], mine["attempts"], mine["rows"], mine["error_rate"]) == (2, 1, 20, 0.0)
    assert (mine["score"], mine["rank"], mine["contact"]) == (100.0, 1, False)
    assert (said["totals"]["orgs"], said["totals"]["on_time"], said["totals"]["submissions"]) == (2, 1, 2)


async def test_whoever_came_after_the_window_is_late(stack: Stack, pages: ClickHouse) -> None:
    submission(pages, FIRST, 1, org=ORG_B, at=LATE)
    async with running(stack.app(now=lambda: LATE)) as api:
        said = await ask(api, stack, "report")
    assert [(row["name"], row["state"]) for row in said["rows"]] == [("甲医院", "missing"), ("乙中医院", "late")]


SHEET = {
    "name": "示例联系人", "sex": "2", "birth_year": 1985, "title": "病案科主任", "phone": "0531-80000000",
    "mobile": "13800000000", "id_number": "110101199003070011",
}  # fmt: skip
CONTACTS = "/api/v1/front-pages/contacts"


async def test_a_hospital_fills_in_its_contact_sheet_and_the_centre_sees_that_it_is_filled(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    before = (await api.client.get(f"{CONTACTS}/{ORG_A}", headers=stack.headers("a"))).json()
    assert (before["filled"], len(before["missing"])) == (False, 7)
    part = await api.client.put(f"{CONTACTS}/{ORG_A}", json={"name": "示例联系人"}, headers=stack.headers("a"))
    assert (part.status_code, part.json()["missing"][0]) == (200, "sex")
    whole = await api.client.put(f"{CONTACTS}/{ORG_A}", json=SHEET, headers=stack.headers("a"))
    assert (whole.json()["filled"], whole.json()["id_number"]) == (True, "110************11")
    listed = (await api.client.get(CONTACTS, headers=stack.headers("operator"))).json()
    assert {one["org_name"]: one["filled"] for one in listed["contacts"]} == {"甲医院": True, "乙中医院": False}
    assert listed["filled"] == 1


async def test_id_numbers_are_shown_to_those_with_the_right_and_each_look_is_logged(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    await api.client.put(f"{CONTACTS}/{ORG_A}", json=SHEET, headers=stack.headers("a"))
    refused = await api.client.get(f"{CONTACTS}/{ORG_A}?personal=true", headers=stack.headers("operator"))
    assert refused.status_code == 403
    shown = await api.client.get(f"{CONTACTS}/{ORG_A}?personal=true", headers=stack.headers("admin"))
    assert shown.json()["id_number"] == SHEET["id_number"]
    file = await api.client.get(f"{CONTACTS}/export?format=csv", headers=stack.headers("operator"))
    assert SHEET["id_number"] not in file.text
    stack.accounts.outbox.send(stack.clickhouse)
    entries = stack.clickhouse.rows("SELECT action, detail FROM audit_log WHERE startsWith(action, 'contacts.')")
    assert sorted(one["action"] for one in entries) == ["contacts.export", "contacts.personal", "contacts.save"]
    assert "示例联系人" not in str(entries)


@pytest.mark.parametrize(
    ("column", "value"),
    [("mobile", "123"), ("phone", "电话"), ("id_number", "110101199003070012"), ("birth_year", 2020)],
)
async def test_a_wrong_column_of_the_contact_sheet_is_named(
    api: Running, stack: Stack, pages: ClickHouse, column: str, value: object
) -> None:
    answer = await api.client.put(f"{CONTACTS}/{ORG_A}", json={column: value}, headers=stack.headers("a"))
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["error"]["fields"]] == [f"body.{column}"]


async def test_contact_sheets_of_others_are_neither_read_nor_written(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    await api.client.put(f"{CONTACTS}/{ORG_A}", json=SHEET, headers=stack.headers("a"))
    listed = (await api.client.get(CONTACTS, headers=stack.headers("b"))).json()
    assert [one["org"] for one in listed["contacts"]] == [ORG_B]
    for answer in (
        await api.client.get(f"{CONTACTS}/{ORG_A}", headers=stack.headers("b")),
        await api.client.put(f"{CONTACTS}/{ORG_A}", json=SHEET, headers=stack.headers("b")),
    ):
        assert answer.status_code == 403
    stack.machine("regulator", Assignment("regulator", scope="370100"))
    refused = await api.client.put(f"{CONTACTS}/{ORG_A}", json=SHEET, headers=stack.headers("regulator"))
    assert refused.status_code == 403
