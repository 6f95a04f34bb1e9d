"""Front pages of the stays that the wards write: the same patients, times, diagnoses and amounts.

A front page is made when the patient leaves; an institution sends those of a month together. Institutions of Chinese
medicine fill in its columns too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from simulators.maps import BED_FEE, EXAM_FEE, HERB_FEE, LAB_FEE, NURSING_FEE, PATENT_FEE, WESTERN_FEE
from simulators.messages import Row
from simulators.numbers import money
from simulators.orgs import Org
from simulators.province import Province, Sending
from simulators.site import Day, Name, Site
from simulators.wards import Stay
from standard.model import Standard, Variant

TABLE = "TB_BASY"
#: Income class of a charge → part of the total cost.
PARTS = {
    BED_FEE: "P752", NURSING_FEE: "P755", LAB_FEE: "P758", EXAM_FEE: "P759", WESTERN_FEE: "P769", PATENT_FEE: "P771",
    HERB_FEE: "P772",
}  # fmt: skip
#: patient_insurance_attr → P1.
PAYMENT = {"1": "1.1", "2": "2.1", "3": "3.1", "7": "7"}
#: Share of stays with an endoscopy or the like; the simulated wards have no operating theatre.
PROCEDURE_SHARE = 0.25
DIAGNOSTIC = "诊断性操作"
#: P66 and the weights are about those who are this young.
NEWBORN_DAYS = 28
MARRIED_FROM, SCHOOL_FROM, WORK_FROM, RETIRED_FROM, ADULT_FROM = 24, 7, 18, 60, 18


@dataclass(frozen=True, slots=True)
class FrontPages:
    """The front pages that one institution sends for one month."""

    org: Org
    month: date
    variant: Variant
    rows: list[Row]


def front_pages(province: Province) -> Iterator[FrontPages]:
    """Front pages by institution and month, in the order of the institutions. Begins the province anew."""
    found: dict[tuple[str, date], list[Row]] = {}
    for sending in province.sendings():
        month = sending.day.date.replace(day=1)
        rows = found.setdefault((sending.site.org.org, month), [])
        rows.extend(of_day(sending, province.standard))
    orgs = {org.org: org for org in province.orgs}
    order = {org.org: place for place, org in enumerate(province.orgs)}
    for (code, month), rows in sorted(found.items(), key=lambda item: (order[item[0][0]], item[0][1])):
        if orgs[code].inpatient:
            yield FrontPages(orgs[code], month, variant_of(orgs[code]), rows)


def variant_of(org: Org) -> Variant:
    """Which front page an institution fills in."""
    return "tcm" if org.type == "tcm_hospital" else ""


def of_day(sending: Sending, standard: Standard) -> Iterable[Row]:
    """The front pages of those who left on a day."""
    for stay, second in sending.left:
        yield _page(sending.site, sending.day, stay, second, standard)


def _page(site: Site, day: Day, stay: Stay, second: int, standard: Standard) -> Row:
    rng = site.rng(f"front page/{stay.number}")
    row = _who(site, stay) | _stay(site, day, stay, second, standard) | _staff(site, day, stay, rng) | _costs(stay)
    if rng.random() < PROCEDURE_SHARE:
        row |= _procedure(site, stay, rng, standard)
    if variant_of(site.org) == "tcm":
        row |= _chinese(site, rng)
    return row


def _who(site: Site, stay: Stay) -> Row:
    person, admitted = stay.person, stay.admitted.date()
    age = person.age(admitted)
    address = f"示例省示例市虚构路{int(person.index[1:]) % 900 + 1}号"
    row = {
        "P900": site.org.org, "P6891": site.org.name, "P800": "-", "P1": PAYMENT[person.insurance],
        "P2": stay.admission["ZYCS"], "P3": f"BA{stay.number}", "P4": person.name, "P5": person.sex,
        "P6": site.written(datetime.combine(person.birth, datetime.min.time()))[: 10 if site.style[2] else 8],
        "P7": str(age), "P8": "2" if age >= MARRIED_FROM else "1", "P9": occupation(age), "P11": "1", "P12": "156",
        "P13": person.id_number, "P801": address, "P802": person.phone, "P17": address,
        "P18": person.contact if person.contact != person.name else "-", "P19": "1" if age >= ADULT_FROM else "5",
        "P21": person.phone,
    }  # fmt: skip
    if person.insured:
        row["P686"] = person.card
    days = (admitted - person.birth).days
    if age < 1:
        row["P66"] = str(days)
    if days <= NEWBORN_DAYS:
        row |= {"P681": "3250", "P67": "3300"}
    return row


def occupation(age: int) -> str:
    """RC003 for an age: nobody under 7 and no student over 60."""
    if age < SCHOOL_FROM:
        return "90"
    if age < WORK_FROM:
        return "31"
    return "80" if age > RETIRED_FROM else "17"


def _stay(site: Site, day: Day, stay: Stay, second: int, standard: Standard) -> Row:
    department = standard.catalogues["department"][stay.department.standard].fields["hqms_code"]
    (code, name), (other, other_name) = stay.diagnosis, stay.other
    return {
        "P804": "2", "P22": site.written(stay.admitted), "P23": department, "P25": day.at(second), "P26": department,
        "P27": str(stay.nights), "P28": code, "P281": name, "P29": "3", "P30": code, "P301": name, "P321": code,
        "P322": name, "P805": "1", "P323": "2", "P324": other, "P325": other_name, "P806": "1", "P326": "2",
        "P689": "0", "P411": "1", "P412": "1", "P413": "0", "P563": str(stay.nights), "P581": "0", "P58": "2",
        "P59": "2", "P60": "2", "P62": "6", "P63": "4", "P64": "0", "P830": "1", "P741": "1",
    }  # fmt: skip


def _staff(site: Site, day: Day, stay: Stay, rng: Random) -> Row:
    doctor, chief = stay.doctor.name, rng.choice(site.doctors[stay.department.code]).name
    checked = day.date + timedelta(days=1)
    return {
        "P431": chief, "P432": chief, "P433": doctor, "P434": doctor, "P819": stay.nurse.name, "P438": "编码员",
        "P44": "1", "P45": doctor, "P46": stay.nurse.name,
        "P47": site.written(datetime.combine(checked, datetime.min.time())),
    }  # fmt: skip


def _costs(stay: Stay) -> Row:
    """Amounts as they were charged; the total is that of the settlement."""
    row = {PARTS[fee]: money(cents) for fee, cents in stay.fees.items() if cents}
    return row | {"P782": money(stay.fees.total()), "P751": money(stay.paid)}


def _procedure(site: Site, stay: Stay, rng: Random, standard: Standard) -> Row:
    known = sorted(
        (code, entry.name) for code, entry in standard.procedures.items()
        if entry.fields["kind"] == DIAGNOSTIC and not entry.fields["sex"]
    )  # fmt: skip
    code, name = rng.choice(known)
    return {"P490": code, "P492": name, "P491": site.written(stay.admitted + timedelta(hours=2)), "P498": ""}


def _chinese(site: Site, rng: Random) -> Row:
    disease, syndromes = rng.choice(site.diseases), rng.sample(site.syndromes, 2)
    return {
        "ZLLB": "2", "SSLCLJ": "3", "ZYYJ": "2", "ZYZLSB": "2", "ZYZLJS": "2", "BZSH": "1", "MZZD_ZYZD": disease[1],
        "JBDM": disease[0], "ZB": disease[1], "ZB_JBBM": disease[0], "ZB_RYBQ": "1",
    } | _syndromes(syndromes)  # fmt: skip


def _syndromes(found: list[Name]) -> Row:
    row: Row = {}
    for place, (code, name) in enumerate(found, 1):
        row |= {f"ZZ{place}": name, f"ZZ_JBBM{place}": code, f"ZZ_RYBQ{place}": "1"}
    return row
