from __future__ import annotations

import re
from datetime import date
from random import Random

import pytest

from simulators.numbers import id_check, money, org_check
from simulators.orgs import make_orgs
from simulators.people import make_person, make_staff
from standard.load import load

DAY = date(2026, 11, 20)


def test_the_check_character_of_an_identity_number_is_that_of_gb_11643() -> None:
    assert id_check("11010519491231002") == "X"  # the example of the standard itself
    assert id_check("99000019900307001") == "3"


def test_the_check_character_of_an_organisation_code_is_that_of_gb_11714() -> None:
    assert org_check("D2143569") == "X"  # the example of the standard itself
    assert org_check("90000001") == "4"


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (5, "0.05"), (123456, "1234.56"), (-150, "-1.50"), (-5, "-0.05")]
)
def test_cents_are_written_with_two_decimals(cents: int, text: str) -> None:
    assert money(cents) == text


def test_patients_have_numbers_that_fit_their_birth_and_sex_and_no_real_area() -> None:
    rng = Random(1)
    shape = re.compile(load().formats["Identity number"].regex)
    for number in range(500):
        person = make_person(rng, "990102", "P", number, DAY)
        assert shape.fullmatch(person.id_number)
        assert person.id_number.startswith("99")
        assert person.id_number[6:14] == person.birth8 == f"{person.birth:%Y%m%d}"
        assert person.id_number[17] == id_check(person.id_number[:17])
        assert int(person.id_number[16]) % 2 == int(person.sex == "1")
        assert person.birth < DAY
        assert person.phone.startswith("169")
        assert len(person.phone) == 11


def test_staff_are_grown_up() -> None:
    staff = [make_staff(Random(number), "990100", "YS", number) for number in range(100)]
    assert all("1960" < one.id_number[6:10] < "2000" for one in staff)
    assert all(one.id_number[17] == id_check(one.id_number[:17]) for one in staff)


def test_institution_codes_have_the_official_structure_and_a_right_check_character() -> None:
    orgs = make_orgs(40, 7)
    shape = re.compile(load().formats["Institution code"].regex)
    assert len({org.org for org in orgs}) == len({org.name for org in orgs}) == 40
    for org in orgs:
        assert shape.fullmatch(org.org)
        assert org.org[8] == org_check(org.org[:8])
        assert org.org[9:15] == org.county
        assert org.county.startswith("99")


def test_a_province_has_three_levels_several_cities_and_institutions_without_beds() -> None:
    orgs = make_orgs(12, 1)
    assert {org.level for org in orgs} == {1, 2, 3}
    assert len({org.city for org in orgs}) > 2
    assert {org.inpatient for org in orgs} == {0, 1}
    assert all(org.outpatient for org in orgs)


def test_a_person_is_as_old_as_the_calendar_says() -> None:
    person = make_person(Random(5), "990102", "P", 1, DAY)
    before = person.birth.replace(year=person.birth.year + 30)
    assert person.age(before) == 30
    assert person.age(before.replace(day=max(1, before.day - 1))) in (29, 30)
