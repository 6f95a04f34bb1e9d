"""Who may make and approve whom: each region and institution looks after its own."""

from __future__ import annotations

import pytest

from api.accounts.manage import check, may_manage
from api.accounts.principal import Assignment
from api.accounts.region import EVERYWHERE, covers, region_of
from api.errors import ApiError
from tests.api.conftest import ORG_A, ORG_B

PROVINCE, CITY, COUNTY, OTHER_CITY = "370000", "370100", "370112", "370200"
ADMIN = Assignment("admin")
CITY_ADMIN = Assignment("operator", scope=CITY, manages=True)
HEAD = Assignment("hospital", ORG_A, manages=True)
STAFF = Assignment("hospital", ORG_A)


@pytest.mark.parametrize(
    ("region", "other", "expected"),
    [
        (PROVINCE, CITY, True), (PROVINCE, COUNTY, True), (CITY, COUNTY, True), (CITY, CITY, True),
        (COUNTY, COUNTY, True), (COUNTY, CITY, False), (CITY, PROVINCE, False), (CITY, OTHER_CITY, False),
        ("420000", CITY, False), (EVERYWHERE, CITY, True), (EVERYWHERE, "", True), (CITY, "", False),
        (PROVINCE, EVERYWHERE, False), ("37", CITY, False), ("", CITY, False), (CITY, "3701", False),
    ],
)  # fmt: skip
def test_a_region_covers_itself_and_what_lies_in_it(region: str, other: str, expected: bool) -> None:
    assert covers(region, other) is expected


def test_the_smallest_known_region_of_an_institution_counts() -> None:
    assert region_of(CITY, COUNTY) == COUNTY
    assert region_of(CITY, "") == CITY
    assert region_of("", "") == ""


@pytest.mark.parametrize(
    ("who", "target", "region", "expected"),
    [
        # an administrator of the platform
        (ADMIN, ADMIN, "", True),
        (ADMIN, Assignment("hospital", ORG_A, personal=True), "", True),
        # nobody else makes one, or gives the right to personal data
        (Assignment("regulator", scope=EVERYWHERE, manages=True), ADMIN, "", False),
        (CITY_ADMIN, Assignment("hospital", ORG_A, personal=True), CITY, False),
        # an institution's administrator: colleagues, no other administrator, no other institution, no other role
        (HEAD, STAFF, CITY, True),
        (HEAD, HEAD, CITY, False),
        (HEAD, Assignment("hospital", ORG_B), CITY, False),
        (HEAD, Assignment("operator", scope=COUNTY), "", False),
        (HEAD, Assignment("tester", ORG_A), CITY, False),
        # who administrates nothing
        (STAFF, STAFF, CITY, False),
        (Assignment("operator", scope=CITY), STAFF, CITY, False),
        (Assignment("tester", manages=True), Assignment("tester", ORG_A), CITY, False),
        # a region's administrator: institutions in it, their administrators too
        (CITY_ADMIN, STAFF, COUNTY, True),
        (CITY_ADMIN, HEAD, CITY, True),
        (CITY_ADMIN, STAFF, OTHER_CITY, False),
        (CITY_ADMIN, STAFF, "", False),
        (CITY_ADMIN, Assignment("tester", ORG_A), COUNTY, True),
        (CITY_ADMIN, Assignment("tester"), "", False),
        # … colleagues of the region and of its parts; administrators only of its parts
        (CITY_ADMIN, Assignment("operator", scope=CITY), "", True),
        (CITY_ADMIN, Assignment("operator", scope=COUNTY, manages=True), "", True),
        (CITY_ADMIN, CITY_ADMIN, "", False),
        (CITY_ADMIN, Assignment("operator", scope=PROVINCE), "", False),
        (CITY_ADMIN, Assignment("operator", scope=OTHER_CITY), "", False),
        # … regulators are made by regulators
        (CITY_ADMIN, Assignment("regulator", scope=COUNTY), "", False),
        (Assignment("regulator", scope=CITY, manages=True), Assignment("regulator", scope=COUNTY), "", True),
        (Assignment("regulator", scope=CITY, manages=True), Assignment("operator", scope=CITY), "", True),
    ],
)
def test_each_looks_after_its_own(who: Assignment, target: Assignment, region: str, expected: bool) -> None:
    assert may_manage(who, target, region) is expected


@pytest.mark.parametrize(
    "fits",
    [
        ADMIN, HEAD, CITY_ADMIN, Assignment("regulator", scope=EVERYWHERE), Assignment("tester"),
        Assignment("tester", ORG_A), Assignment("hospital", ORG_A, personal=True),
    ],
)  # fmt: skip
def test_what_fits_together_is_taken(fits: Assignment) -> None:
    check(fits)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (Assignment("hospital"), "org"), (Assignment("hospital", "short"), "org"),
        (Assignment("hospital", "'; DROP TABLE users;--"), "org"), (Assignment("admin", ORG_A), "org"),
        (Assignment("operator", ORG_A, CITY), "org"), (Assignment("operator"), "scope"),
        (Assignment("regulator", scope="3701"), "scope"), (Assignment("hospital", ORG_A, CITY), "scope"),
        (Assignment("admin", scope=CITY), "scope"), (Assignment("tester", manages=True), "manages"),
        (Assignment("root"), "role"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(wrong: Assignment, reason: str) -> None:
    with pytest.raises(ApiError) as error:
        check(wrong)
    assert (error.value.code, error.value.more["reason"]) == ("bad_assignment", reason)
