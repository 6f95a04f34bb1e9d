"""Patients and staff: invented names, identity numbers that check on area codes that do not exist.

Telephone numbers begin 169, which no operator has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from simulators.numbers import id_check

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "安博晨德恩芳国海佳静凯岚明宁鹏琪然思婷文欣雅毅泽舟远宏晓春秋云峰"
#: Ages of those who come: few infants, many old people (years from, years to, weight).
AGES = ((0, 1, 2), (1, 14, 12), (14, 45, 32), (45, 65, 30), (65, 90, 24))
AGE_WEIGHTS = tuple(weight for _, _, weight in AGES)
#: patient_insurance_attr, its patient_source_attr, weight; 7 pays everything alone.
INSURANCES = (("1", "0103"), ("2", "0203"), ("3", "0303"), ("7", "07"))
INSURANCE_WEIGHTS = (40, 30, 18, 12)
UNINSURED = "7"
CHILD_YEARS = 14


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as an institution knows them. ``birth`` is the date, ``birth8`` the same as YYYYMMDD."""

    index: str
    name: str
    sex: str
    birth: date
    birth8: str
    id_number: str
    phone: str
    insurance: str
    source: str
    card: str
    contact: str

    def age(self, day: date) -> int:
        """Completed years on a day."""
        birth = self.birth
        return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))

    @property
    def insured(self) -> bool:
        """Whether a fund may pay for them."""
        return self.insurance != UNINSURED


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff: number in the institution, name, identity number."""

    number: str
    name: str
    id_number: str


def full_name(rng: Random) -> str:
    """An invented name of two or three characters."""
    given = rng.choice(GIVEN) + (rng.choice(GIVEN) if rng.random() < 0.8 else "")
    return rng.choice(SURNAMES) + given


def id_number(rng: Random, area: str, birth8: str, sex: str) -> str:
    """An identity number (GB 11643): the 17th digit is odd for men (sex 1)."""
    first17 = f"{area}{birth8}{rng.randrange(100):02d}{rng.randrange(5) * 2 + (sex == '1')}"
    return first17 + id_check(first17)


def make_person(rng: Random, area: str, prefix: str, number: int, day: date) -> Person:
    """A new patient of an institution who comes on ``day``; ``area`` is a 6-digit code beginning 99."""
    low, high, _ = AGES[rng.choices(range(len(AGES)), AGE_WEIGHTS)[0]]
    birth = day - timedelta(days=rng.randrange(low * 365 + low // 4 + 3, high * 365 + high // 4))
    sex = "1" if rng.random() < 0.48 else "2"
    birth8 = f"{birth:%Y%m%d}"
    insurance, source = INSURANCES[rng.choices(range(len(INSURANCES)), INSURANCE_WEIGHTS)[0]]
    return Person(
        index=f"{prefix}{number:08d}", name=full_name(rng), sex=sex, birth=birth, birth8=birth8,
        id_number=id_number(rng, area, birth8, sex), phone=f"169{rng.randrange(10**8):08d}", insurance=insurance,
        source=source, card=f"YB99{rng.randrange(10**10):010d}", contact=full_name(rng),
    )  # fmt: skip


def make_staff(rng: Random, area: str, prefix: str, number: int) -> Staff:
    """A member of staff between about 27 and 60 years of age."""
    sex = rng.choice("12")
    birth8 = f"{rng.randrange(1966, 1998)}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}"
    return Staff(f"{prefix}{number:04d}", full_name(rng), id_number(rng, area, birth8, sex))
