"""Quality score of front pages: what counts, what it takes away, who is best, and which rows it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from standard.load import load
from tests.api.conftest import ORG_A, ORG_B, Running, Stack
from tests.api.landed import NOW
from tests.api.pages import LEFT, front_page, switched
from tests.databases import Databases

pytestmark = pytest.mark.stack

MISSING, WRONG, CODE = ("HQ057", "mandatory", "error"), ("HQ015", "date_order", "error"), ("HQ012", "code", "error")
ODD = ("HQ022", "code", "warning")
SUBMITTED = "5f0e7c1a2b3c4d5e6f708192a3b4c5d6"


@pytest.fixture
def clickhouse(databases: Databases) -> Iterator[ClickHouse]:
    """A database that has front pages."""
    with databases.migrated([load().tables["TB_BASY"]]) as client:
        yield client


@pytest.fixture
def pages(stack: Stack) -> ClickHouse:
    """Two institutions in different cities."""
    OrgStore(stack.clickhouse, lambda: NOW).save(
        [
            Org(ORG_A, "甲医院", city="370100", county="370102", level=3, type="hospital"),
            Org(ORG_B, "乙中医院", city="370200", county="370202", level=2, type="tcm_hospital"),
        ]
    )
    return stack.clickhouse


async def ask(api: Running, stack: Stack, path: str = "score", who: str = "operator", **asked: Any) -> dict[str, Any]:
    answer = await api.client.get(
        f"/api/v1/front-pages/{path}", params={"month": "2026-10"} | asked, headers=stack.headers(who)
    )
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def points(row: dict[str, Any]) -> tuple[float, ...]:
    return tuple(row[name] for name in ("completeness", "logic", "coding", "score"))


async def test_a_front_page_loses_points_once_for_each_rule_in_the_part_of_its_check(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    front_page(pages, "BA1|1")
    front_page(pages, "BA2|1", MISSING, CODE, ODD, rejected=True)
    front_page(pages, "BA3|1", WRONG, rejected=True)
    front_page(pages, "BA4|1", store=("HQ008",))
    [row] = (await ask(api, stack))["rows"]
    # completeness (100 + 80 + 100 + 100) / 4, logic (100 + 100 + 80 + 80) / 4, coding (100 + 75 + 100 + 100) / 4
    assert points(row) == pytest.approx((95.0, 90.0, 93.75, 93.125), abs=0.005)
    assert (row["pages"], row["accepted"], row["rejected"], row["perfect"]) == (4, 2, 2, 1)
    assert (row["errors"], row["findings"], row["grade"], row["rank"]) == (4, 5, "good", 1)


async def test_no_front_page_has_less_than_no_points(api: Running, stack: Stack, pages: ClickHouse) -> None:
    front_page(pages, "BA1|1", *((f"HQ{place:03}", "mandatory", "error") for place in range(1, 9)), rejected=True)
    [row] = (await ask(api, stack))["rows"]
    assert points(row) == (0.0, 100.0, 100.0, 60.0)


async def test_only_the_submission_counts_that_its_month_was_switched_to(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    front_page(pages, "BA1|1", MISSING, rejected=True)  # by the stream: the month has a file now
    front_page(pages, "BA1|1", MISSING, rejected=True, submission="a" * 32, file_row=2)
    front_page(pages, "BA1|1", submission=SUBMITTED, file_row=2)
    front_page(pages, "BA2|1", WRONG, rejected=True, submission=SUBMITTED, file_row=3, left=date(1970, 1, 1))
    front_page(pages, "BA3|1", MISSING, rejected=True, submission="c" * 32, file_row=2)  # not switched to
    switched(pages, "a" * 32, 1)
    switched(pages, SUBMITTED, 2)
    [row] = (await ask(api, stack))["rows"]
    assert (row["submission"], row["pages"], row["month"]) == (SUBMITTED, 2, "2026-10")
    assert points(row) == (100.0, 90.0, 100.0, 97.0)
    listed = (await ask(api, stack, "score/rows"))["rows"]
    assert [(one["row_key"], one["file_row"], one["score"]) for one in listed] == [
        ("BA2|1", 3, 94.0), ("BA1|1", 2, 100.0)
    ]  # fmt: skip


async def test_a_front_page_of_the_stream_that_was_mended_counts_as_it_stands(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    front_page(pages, "BA1|1", MISSING, rejected=True)
    front_page(pages, "BA1|1", MISSING, WRONG, rejected=True, at=NOW + timedelta(minutes=1))
    front_page(pages, "BA2|1", CODE, rejected=True)
    front_page(pages, "BA2|1", ODD, at=NOW + timedelta(minutes=1))
    listed = (await ask(api, stack, "score/rows"))["rows"]
    assert [(one["row_key"], one["outcome"], one["errors"], one["findings"]) for one in listed] == [
        ("BA1|1", "rejected", 2, 2), ("BA2|1", "accepted", 0, 1)
    ]  # fmt: skip


async def test_the_best_institution_of_a_month_is_first_and_equal_ones_share_a_rank(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    other = "990000000000000000000C"
    OrgStore(pages, lambda: NOW).save([Org(other, "丙医院", city="370100")])
    front_page(pages, "BA1|1", MISSING, rejected=True)
    front_page(pages, "BA1|1", org=ORG_B)
    front_page(pages, "BA1|1", org=other)
    front_page(pages, "BA9|1", MISSING, rejected=True, org=other, left=date(2026, 9, 30))
    said = await ask(api, stack, month="", **{"from": "2026-09-30", "to": "2026-10-01"})
    assert [(row["month"], row["rank"], row["name"], row["score"]) for row in said["rows"]] == [
        ("2026-09", 1, "丙医院", 92.0), ("2026-10", 1, "乙中医院", 100.0), ("2026-10", 1, "丙医院", 100.0),
        ("2026-10", 3, "甲医院", 92.0),
    ]  # fmt: skip
    assert (said["totals"]["pages"], said["totals"]["orgs"], said["totals"]["score"]) == (4, 3, 96.0)
    assert [row["name"] for row in (await ask(api, stack, city="370200"))["rows"]] == ["乙中医院"]


async def test_every_score_follows_from_its_rows_and_their_findings(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    """Worked out again from what was planted, in the plainest way."""
    settings, rng = load().settings, Random(6)
    kinds = {kind: part for part, known in settings["score_kinds"].items() for kind in known}
    rules = [(f"HQ{place:03}", rng.choice([*kinds, "range", "logic"]), "") for place in range(1, 30)]
    planted: dict[str, list[list[tuple[str, str, str]]]] = {ORG_A: [], ORG_B: []}
    for place in range(40):
        org = rng.choice([ORG_A, ORG_B])
        wrong = [
            (rule, kind, rng.choice(["error", "warning"])) for rule, kind, _ in rng.sample(rules, rng.randint(0, 8))
        ]
        rejected = any(severity == "error" for *_, severity in wrong)
        front_page(pages, f"BA{place}|1", *wrong, org=org, rejected=rejected, left=LEFT + timedelta(place % 9))
        planted[org].append(wrong)
    said = {row["org"]: row for row in (await ask(api, stack))["rows"]}
    for org, found in planted.items():
        whole = 0.0
        for part, weight in settings["score_weights"].items():
            lost = [
                sum(settings["score_deductions"][s] for _, kind, s in wrong if kinds.get(kind, "logic") == part)
                for wrong in found
            ]
            mean = sum(max(0, 100 - one) for one in lost) / len(found)
            assert said[org][part] == pytest.approx(mean, abs=0.005)
            whole += weight * mean
        assert said[org]["score"] == pytest.approx(whole, abs=0.01)
        rows = (await ask(api, stack, "score/rows", org=org))["rows"]
        assert len(rows) == len(found)
        assert sum(row["score"] for row in rows) / len(rows) == pytest.approx(whole, abs=0.01)
    rows = (await ask(api, stack, "score/rules"))["rows"]
    assert sum(row["pages"] for row in rows) == sum(len(wrong) for found in planted.values() for wrong in found)


async def test_what_costs_most_points_is_the_first_rule(api: Running, stack: Stack, pages: ClickHouse) -> None:
    front_page(pages, "BA1|1", MISSING, ODD, rejected=True)
    front_page(pages, "BA2|1", MISSING, rejected=True)
    said = await ask(api, stack, "score/rules")
    assert [(row["rule_id"], row["part"], row["pages"], row["points"]) for row in said["rows"]] == [
        ("HQ057", "completeness", 2, 40.0), ("HQ022", "coding", 1, 5.0)
    ]  # fmt: skip
    assert all(row["rule_zh"] and row["fix_zh"] for row in said["rows"])


async def test_a_specialty_is_told_by_discharge_department_or_diagnosis(
    api: Running, stack: Stack, pages: ClickHouse
) -> None:
    front_page(pages, "BA1|1", P26="0304", P321="I21.900", P27=10, P782=1000, P769=200, P771=100, P741="5", P490="36.0")
    front_page(pages, "BA2|1", P26="0302", P321="I10.x00", P27=4, P782=500)
    front_page(pages, "BA3|1", ODD, P26="0701", P321="J18.900", P27=6, P782=300)
    front_page(pages, "BA4|1", MISSING, rejected=True, P26="0304", P321="E11.900")
    said = await ask(api, stack, "specialties/figures")
    found = {row["specialty"]: row for row in said["rows"]}
    heart = found["cardiovascular"]
    assert (heart["pages"], heart["mean_days"], heart["mean_cost"], heart["drug_share"]) == (2, 7.0, "750.00", 0.2)
    assert (heart["death_share"], heart["procedure_share"], heart["orgs"]) == (0.5, 0.5, 1)
    assert heart["score"] == pytest.approx((100 + 100 + 92) / 3, abs=0.01)  # the rejected one counts in the score
    assert (found["spleen_stomach"]["pages"], found["paediatrics"]["pages"]) == (1, 1)
    assert "rheumatology" not in found
    by = {by: (await ask(api, stack, "score/rows", specialty="cardiovascular", by=by))["total"] for by in
          ("any", "department", "diagnosis")}  # fmt: skip
    assert by == {"any": 3, "department": 2, "diagnosis": 2}


async def test_a_specialty_that_there_is_not_is_refused(api: Running, stack: Stack, pages: ClickHouse) -> None:
    answer = await api.client.get("/api/v1/front-pages/score?specialty=x", headers=stack.headers("operator"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_specialty")


async def test_a_hospital_sees_its_own_score_only(api: Running, stack: Stack, pages: ClickHouse) -> None:
    front_page(pages, "BA1|1")
    front_page(pages, "BA1|1", org=ORG_B)
    for path in ("score", "score/rows", "specialties/figures"):
        rows = (await ask(api, stack, path, "a", group="org"))["rows"]
        assert {row["org"] for row in rows} <= {ORG_A}, path
    assert len((await ask(api, stack, who="a"))["rows"]) == 1
    refused = await api.client.get(f"/api/v1/front-pages/score?org={ORG_B}", headers=stack.headers("a"))
    assert refused.status_code == 403


async def test_how_the_score_is_made_can_be_asked_for(api: Running, stack: Stack) -> None:
    answer = await api.client.get("/api/v1/front-pages/score/terms", headers=stack.headers("a"))
    said = answer.json()
    assert sum(part["weight"] for part in said["parts"]) == pytest.approx(1)
    assert (said["error"], said["warning"]) == (20, 5)
    known = await api.client.get("/api/v1/front-pages/specialties", headers=stack.headers("a"))
    assert [one["zh"] for one in known.json()["specialties"]] == ["脾胃", "心血管", "康复", "儿科", "风湿"]


async def test_scores_leave_as_a_file_and_that_is_logged(api: Running, stack: Stack, pages: ClickHouse) -> None:
    front_page(pages, "BA1|1", MISSING, rejected=True)
    for path in ("score", "score/rows", "score/rules", "specialties/figures"):
        answer = await api.client.get(
            f"/api/v1/front-pages/{path}?month=2026-10&format=csv", headers=stack.headers("operator")
        )
        assert answer.status_code == 200
        assert answer.content.startswith("\ufeff".encode())
    logged = stack.clickhouse.rows("SELECT target FROM audit_log WHERE action = 'indicator.export' ORDER BY target")
    assert len(logged) == 4
