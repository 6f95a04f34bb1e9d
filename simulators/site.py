"""What an institution is made of for a simulation: its people, staff, diagnoses, and the days of its calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from random import Random

from simulators.maps import CHINESE_MEDICINE, Department, OrgMaps
from simulators.messages import Row
from simulators.orgs import Org
from simulators.people import CHILD_YEARS, Person, Staff, make_person, make_staff
from standard.model import Standard

#: China has had no daylight saving since 1991, so a fixed offset is Shanghai time.
SHANGHAI = timezone(timedelta(hours=8))
#: Monday to Sunday, share of an ordinary weekday. Weekends are fuller than real ones: a Sunday at half the mean would
#: be a drop in volume by the standard's own rules, and clean data must have none.
WEEKDAY_SHAPE = (1.15, 1.05, 1.0, 1.0, 1.05, 0.9, 0.85)
#: How institutions write times: date, separator, whether the clock has colons.
TIME_STYLES = (("%Y-%m-%d", " ", True), ("%Y-%m-%d", "T", True), ("%Y%m%d", "", False))
#: Diagnoses that anybody may have as the main one: chapters A to N, without those restricted to a sex or an age, and
#: without the additional codes B95–B97 of pathogens.
CHAPTERS = frozenset("ABCDEGHIJKLMN")
DIAGNOSES = 160
RETURNING = 0.35

Rows = dict[str, list[Row]]
Name = tuple[str, str]


@lru_cache(maxsize=2)
def clock(colons: bool) -> tuple[str, ...]:
    """Every second of a day as text; looking one up is faster than formatting it."""
    form = "{:02d}:{:02d}:{:02d}" if colons else "{:02d}{:02d}{:02d}"
    return tuple(form.format(s // 3600, s // 60 % 60, s % 60) for s in range(86400))


@dataclass(frozen=True, slots=True)
class Day:
    """A day of an institution's calendar. ``uploaded`` is TBRQ of its rows, ``sent_at`` when the batches leave."""

    date: date
    compact: str
    prefix: str
    seconds: tuple[str, ...]
    uploaded: str
    sent_at: datetime

    def at(self, second: int) -> str:
        """A time of the day as the institution writes it; ``second`` 0 to 86399."""
        return self.prefix + self.seconds[second]


@dataclass(slots=True)
class Site:
    """One institution in motion. Everything random comes from generators seeded with the institution and the day."""

    org: Org
    maps: OrgMaps
    seed: int
    style: tuple[str, str, bool]
    diagnoses: Sequence[Name]
    diseases: Sequence[Name]
    syndromes: Sequence[Name]
    doctors: Mapping[str, Sequence[Staff]]
    pharmacists: Sequence[Staff]
    cashiers: Sequence[Staff]
    nurses: Sequence[Staff]
    technicians: Sequence[Staff]
    people: list[Person] = field(default_factory=list)
    documents: set[str] = field(default_factory=set)
    in_bed: set[str] = field(default_factory=set)
    number: int = 0

    def rng(self, what: str) -> Random:
        """A generator of this institution for ``what``; the same text gives the same numbers."""
        return Random(f"{self.seed}/{self.org.org}/{what}")

    def day(self, day: date) -> Day:
        """The calendar's day. Uploads leave in the small hours of the next day."""
        pattern, separator, colons = self.style
        leaves = 3600 + int(self.org.org[5:8], 36) % 60 * 60  # institutions do not all come in the same minute
        next_day = day + timedelta(days=1)
        seconds = clock(colons)
        sent_at = datetime.combine(next_day, datetime.min.time(), SHANGHAI) + timedelta(seconds=leaves + 600)
        return Day(
            date=day, compact=f"{day:%Y%m%d}", prefix=day.strftime(pattern) + separator, seconds=seconds,
            uploaded=next_day.strftime(pattern) + separator + seconds[leaves], sent_at=sent_at,
        )  # fmt: skip

    def written(self, moment: datetime) -> str:
        """Any time as the institution writes it."""
        pattern, separator, colons = self.style
        return moment.strftime(pattern) + separator + moment.strftime("%H:%M:%S" if colons else "%H%M%S")

    def patient(self, rng: Random, day: date) -> tuple[Person, bool]:
        """Somebody who comes today, and whether the institution sees them for the first time."""
        if self.people and rng.random() < RETURNING:
            return self.people[rng.randrange(len(self.people))], False
        while True:
            person = make_person(rng, self.org.county, "P", self.number, day)
            if person.id_number not in self.documents:
                break
        self.number += 1
        self.documents.add(person.id_number)
        self.people.append(person)
        return person, True

    def patient_row(self, day: Day, person: Person, second: int, rng: Random) -> Row:
        """The row of TB_HZXX of somebody seen for the first time; generated when they came."""
        age = person.age(day.date)
        row = {
            "YLJGDM": self.org.org, "BRZSY": person.index, "ZJHM": person.id_number, "ZJLX": "01", "XB": person.sex,
            "XM": person.name, "NLS": str(age), "HYZK": "10" if age < 24 else "20", "CSRQ": person.birth8, "MZ": "01",
            "GJ": "156", "SJHM": person.phone, "JZDZ": f"示例省示例市虚构路{rng.randrange(1, 900)}号", "XGBZ": "0",
            "TBRQ": day.at(second), "YYDAH": f"DA{person.index}",
        }  # fmt: skip
        if person.insured:
            row["YBKKH"] = person.card
        if age < CHILD_YEARS:
            row |= {"LXRXM": person.contact, "LXRDH": person.phone, "LXRGX": "52"}
        if age < 1:
            days = (day.date - person.birth).days
            row |= {"NLY": str(days // 31), "NLT": str(days)}
        return row


def make_site(org: Org, maps: OrgMaps, standard: Standard, seed: int) -> Site:
    """An institution at the beginning: staff hired, nobody seen yet."""
    rng = Random(f"{seed}/site/{org.org}")
    numbers = iter(range(1, 10_000))

    def hire(prefix: str, count: int) -> tuple[Staff, ...]:
        return tuple(make_staff(rng, org.city, prefix, next(numbers)) for _ in range(count))

    return Site(
        org=org, maps=maps, seed=seed, style=TIME_STYLES[rng.randrange(len(TIME_STYLES))],
        diagnoses=rng.sample(unrestricted(standard), DIAGNOSES),
        diseases=tcm(standard, "A"), syndromes=tcm(standard, "B"),
        doctors={department.code: hire("YS", 1 + org.level) for department in maps.all_departments},
        pharmacists=hire("YJ", 4), cashiers=hire("SF", 3), nurses=hire("HS", 6), technicians=hire("JS", 4),
    )  # fmt: skip


@lru_cache(maxsize=4)
def _unrestricted(version: str, dictionary: tuple[Name, ...], blocks: tuple[Name, ...]) -> tuple[Name, ...]:
    return tuple(
        (code, name)
        for code, name in dictionary
        if code[0] in CHAPTERS
        and not "B95" <= code[:3] <= "B97"
        and len(code) == 7
        and not any(first <= code[: len(first)] and code[: len(last)] <= last for first, last in blocks)
    )


def unrestricted(standard: Standard) -> tuple[Name, ...]:
    """Diagnoses (code, name) of the dictionary that fit everybody, as the main diagnosis too."""
    blocks = tuple(pair for restriction in standard.restrictions for pair in restriction.codes)
    return _unrestricted(standard.version, tuple(standard.dictionaries["icd10"].items()), blocks)


def tcm(standard: Standard, letter: str) -> tuple[Name, ...]:
    """Diseases (A) or syndromes (B) of GB/T 15657-2021 in the dictionary."""
    return tuple((c, n) for c, n in standard.dictionaries["tcm"].items() if c[0] == letter and c[1].isdigit())


def is_chinese(department: Department) -> bool:
    """Whether a department practises Chinese medicine."""
    return department.standard.startswith(CHINESE_MEDICINE)
