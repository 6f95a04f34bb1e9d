"""Inpatients of one institution and day: admission, orders, daily charges, discharge and its settlement.

A stay lives over several days. Its admission row is sent again, with the same key, when the patient leaves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from simulators.billing import payments
from simulators.maps import BED_FEE, NURSING_FEE, Department, Drug, Item, fits
from simulators.messages import Row
from simulators.numbers import money
from simulators.people import Person, Staff
from simulators.site import SHANGHAI, WEEKDAY_SHAPE, Day, Name, Rows, Site, is_chinese
from simulators.visit import CATEGORY, FEE, GROUP, PRESCRIPTION

#: One admission for so many outpatient visits.
VISITS_PER_ADMISSION = 25
#: Nights of a stay: short ones, so that the discharge is uploaded within 72 hours of the admission it belongs to.
NIGHTS = (1, 2)
REFUND_SHARE = 0.02
BED = ("CWF0001", "普通病房床位费", BED_FEE, 3500)
NURSING = ("HLF0002", "二级护理费", NURSING_FEE, 1200)
AUTOMATIC_GROUP = ("99", "其他")
#: Not treated here: neoplasms need a pathologist; the others share a code with what they often come with.
ELSEWHERE = ("C", "D0", "D1", "D2", "D3", "D4", "I50", "J18", "K81")
PATENT = "2"  # kind of drug
#: Drugs whose names say that a skin test comes before them.
SKIN_TEST = "青霉素"
HOUR = 3600


@dataclass(slots=True)
class Stay:
    """A patient in a bed. ``charges`` are (line, cents, flag) of everything charged so far."""

    number: str
    person: Person
    department: Department
    doctor: Staff
    nurse: Staff
    admitted: datetime
    nights: int
    diagnosis: Name
    other: Name
    admission: Row
    drugs: list[Drug]
    fees: Counter[str] = field(default_factory=Counter)  # income class → cents
    paid: int = 0  # cents that the patient paid
    charges: list[tuple[str, int, str]] = field(default_factory=list)
    lines: int = 0


class Wards:
    """Writes the inpatient rows of one institution, a day at a time; keeps who is in bed."""

    def __init__(self, site: Site, volume: float = 1.0) -> None:
        self.site = site
        self.volume = volume
        self.stays: list[Stay] = []
        self.admitted: Counter[str] = Counter()
        self.rows: Rows = {}
        #: Who left today, and at which second of the day.
        self.left: list[tuple[Stay, int]] = []
        self.diagnoses = [one for one in site.diagnoses if not one[0].startswith(ELSEWHERE)]

    def day(self, day: Day) -> Rows:
        """Rows by table of one day: care of those in bed, discharges, new admissions."""
        rng = self.site.rng(f"wards/{day.compact}")
        self.rows = defaultdict(list)
        self.left = []
        staying = []
        left = []
        for stay in self.stays:
            leaves = (day.date - stay.admitted.date()).days >= stay.nights
            self._care(day, rng, stay, 7 * HOUR + 1800, leaves)
            if leaves:
                self._discharge(day, rng, stay)
                left.append(stay.person.index)
            else:
                staying.append(stay)
        for place in range(self._admissions(day, rng)):
            staying.append(self._admit(day, rng, place))
        self.stays = staying
        self.site.in_bed.difference_update(left)  # nobody comes back on the day they left
        return self.rows

    def _admissions(self, day: Day, rng: Random) -> int:
        expected = self.site.org.daily_visits * self.volume / VISITS_PER_ADMISSION * WEEKDAY_SHAPE[day.date.weekday()]
        return max(1, int(expected + rng.random()))

    def _admit(self, day: Day, rng: Random, place: int) -> Stay:
        site = self.site
        number = f"{day.compact[2:]}{place:04d}"
        second = 10 * HOUR + int(rng.random() * 5 * HOUR)
        person, new = site.patient(rng, day.date)
        while person.index in site.in_bed:
            person, new = site.patient(rng, day.date)
        site.in_bed.add(person.index)
        self.admitted[person.index] += 1
        if new:
            self.rows["TB_HZXX"].append(site.patient_row(day, person, second - 120, rng))
        department = rng.choice([one for one in site.maps.departments if fits(one, person.age(day.date), person.sex)])
        doctor = rng.choice(site.doctors[department.code])
        diagnosis, other = rng.sample(self.diagnoses, 2)
        admission = {
            "YLJGDM": site.org.org, "CRYID": f"CRY{number}", "BRZSY": person.index, "JZLSH": f"Z{number}",
            "ZYH": f"ZYH{number}", "ZYCS": str(self.admitted[person.index]),
            "HZXM": person.name, "HZXB": person.sex, "CSRQ": person.birth8,
            "HZSX": person.insurance, "RYTJ": "2", "RYQK": "3", "RYSJ": day.at(second), "RYKSBM": department.code,
            "RYKSMC": department.name, "RYBQ": f"{department.name}一病区", "RYCH": f"{place % 60 + 1}床",
            "SZYSGH": doctor.number, "SZYSXM": doctor.name, "SZYSSFZHM": doctor.id_number, "RYZDBM": diagnosis[0],
            "RYZDMC": diagnosis[1], "ZKBZ": "0", "CYBZ": "0", "TBRQ": day.uploaded, "XGBZ": "0",
        }  # fmt: skip
        stay = Stay(
            number=number, person=person, department=department, doctor=doctor, nurse=rng.choice(site.nurses),
            admitted=datetime.combine(day.date, datetime.min.time(), SHANGHAI) + timedelta(seconds=second),
            nights=rng.choice(NIGHTS), diagnosis=diagnosis, other=other, admission=admission,
            drugs=self._drugs(rng, department),
        )  # fmt: skip
        self.rows["TB_ZY_CRYMXB"].append(admission)
        self._diagnosis(day, stay, "1", "31", "01", diagnosis, second + 600)
        self._care(day, rng, stay, second + 900, False)
        return stay

    def _drugs(self, rng: Random, department: Department) -> list[Drug]:
        """Three drugs; a department of Chinese medicine gives one of its own."""
        drugs = rng.sample(self.site.maps.drugs, 3)
        chinese = [drug for drug in self.site.maps.drugs if drug.kind == PATENT]
        if is_chinese(department) and chinese and not any(drug.kind == PATENT for drug in drugs):
            drugs[0] = rng.choice(chinese)
        return drugs

    def _diagnosis(
        self, day: Day, stay: Stay, part: str, category: str, rank: str, diagnosis: Name, second: int
    ) -> None:
        when = day.at(second)
        row = {
            "YLJGDM": self.site.org.org, "ZDID": f"ZZ{stay.number}{part}", "BRZSY": stay.person.index,
            "JZLSH": f"Z{stay.number}", "ZDRQSJ": when, "ZDFFBM": "01", "ZDBZBM": "01", "ZDLBBM": category,
            "BZQBDM": "-", "ZDZCBM": rank, "ZDSX": str(int(rank)), "ZDBM": diagnosis[0], "ZDMC": diagnosis[1],
            "SFYZ": "02", "JLSJ_YWK": when, "TBRQ": day.uploaded, "XGBZ": "0",
        }  # fmt: skip
        if category == "1":
            row["CYQKBM"] = "2"
        self.rows["TB_ZY_ZDMXB"].append(row)

    def _care(self, day: Day, rng: Random, stay: Stay, second: int, last: bool) -> None:
        """A day in bed: bed and nursing fees, drugs, and on most days a test or an examination."""
        for code, name, fee, cents in (BED, NURSING):
            self._charge(day, stay, second, "", "99", fee, AUTOMATIC_GROUP, (code, name, "日"), cents, 1, "1")
        if last:
            return
        number = f"{stay.number}{day.compact[6:]}"
        self._order(day, stay, f"{number}1", "0101", "01", "长期用药", second)
        for place, drug in enumerate(stay.drugs, 1):
            self._drug(day, rng, stay, f"{number}1", place, drug, second)
        maps = self.site.maps
        for part, share, pool in ((2, 0.8, maps.tests), (3, 0.4, maps.examinations)):
            if rng.random() < share:
                items = rng.sample(pool, 2)
                kind = "lab" if items[0].laboratory else "exam"
                self._order(day, stay, f"{number}{part}", PRESCRIPTION[kind], "02", items[0].name, second)
                for place, item in enumerate(items, 1):
                    self._item(day, rng, stay, f"{number}{part}", place, item, second)

    def _order(self, day: Day, stay: Stay, number: str, group: str, validity: str, name: str, second: int) -> None:
        person, department, doctor = stay.person, stay.department, stay.doctor
        self.rows["TB_ZY_YZZB"].append(
            {
                "YLJGDM": self.site.org.org, "YZZID": f"YZZ{number}", "BRZSY": person.index,
                "JZLSH": f"Z{stay.number}", "CFDL": group, "CXBZ": "0", "YZXQ": validity, "YZMC": name,
                "HZXM": person.name, "HZXB": person.sex, "HZNL": str(person.age(day.date)), "HZKS": department.name,
                "HZBQ": f"{department.name}一病区", "HZBSH": person.index, "XDKSBM": department.code,
                "XDKSMC": department.name, "YZXDYSGH": doctor.number, "YZXDYSXMXDRXM": doctor.name,
                "YZXDYSSFZHM": doctor.id_number, "YZXDSJ": day.at(second + 300), "TBRQ": day.uploaded, "XGBZ": "0",
            }
        )  # fmt: skip

    def _detail(self, day: Day, stay: Stay, parent: str, place: int, second: int, where: Department) -> Row:
        nurse = stay.nurse
        return {
            "YLJGDM": self.site.org.org, "YZID": f"YZ{parent}{place:02d}", "BRZSY": stay.person.index,
            "JZLSH": f"Z{stay.number}", "YZZID": f"YZZ{parent}", "CXBZ": "0", "YZKSSJ": day.at(second + 600),
            "YZJDHSGH": nurse.number, "YZJDHSXM": nurse.name, "YZJDHSSFZHM": nurse.id_number,
            "YZJDSJ": day.at(second + 900), "ZXKSBM": where.code, "ZXKSMC": where.name, "ZXRGH": nurse.number,
            "ZXRXM": nurse.name, "YZZXSJ": day.at(second + 1800), "YZXH": str(place), "YZZH": f"Z{parent}",
            "TBRQ": day.uploaded, "XGBZ": "0",
        }  # fmt: skip

    def _drug(self, day: Day, rng: Random, stay: Stay, parent: str, place: int, drug: Drug, second: int) -> None:
        row = self._detail(day, stay, parent, place, second, stay.department)
        self.rows["TB_ZY_YPYZMX"].append(
            row | {
                "ZXRSFZHM": stay.nurse.id_number, "ZLXMBZBM": "03", "JXDM": drug.form, "YZMXBM": drug.code,
                "YZMXMC": drug.name, "SMXBM": drug.standard, "SMXMC": drug.name, "YNSFXMBM": drug.code,
                "YNSFXMMC": drug.name, "YZXMFLDM": GROUP[drug.kind][0], "YZXMFLMC": GROUP[drug.kind][1],
                "ZLXMLBBM": CATEGORY[drug.kind], "JYLX": "1", "CPSD": "01", "YPGG": drug.specification,
                "YZYF": "口服", "YYPCDM": "01", "YZPD": "bid", "JL": "1", "DW": drug.unit, "YPSL": "2",
                "YPDW": drug.unit, "YYTS": "1", "SFPS": "2" if SKIN_TEST in drug.name else "0",
            }
        )  # fmt: skip
        self._charge(
            day, stay, second + 1800, row["YZID"], CATEGORY[drug.kind], FEE[drug.kind], GROUP[drug.kind],
            (drug.code, drug.name, drug.unit), drug.cents, 2, "1",
        )  # fmt: skip

    def _item(self, day: Day, rng: Random, stay: Stay, parent: str, place: int, item: Item, second: int) -> None:
        kind = "lab" if item.laboratory else "exam"
        where = self.site.maps.laboratory if item.laboratory else self.site.maps.imaging
        row = self._detail(day, stay, parent, place, second, where)
        self.rows["TB_ZY_QTYZMX"].append(
            row | {
                "YZZXRSFZHM": stay.nurse.id_number, "ZLXMBZBM": "01", "YZMXBM": item.code, "YZMXMC": item.name,
                "YNMXBM": item.code, "YNMXMC": item.name, "YZXMFLDM": GROUP[kind][0], "YZXMFLMC": GROUP[kind][1],
                "ZLXMLBBM": CATEGORY[kind], "ZXPL": "13",
            } | ({"CJBB": "血液", "CJFX": "静脉采血"} if item.laboratory else {"JCBW": "见检查项目"})
        )  # fmt: skip
        returned = rng.random() < REFUND_SHARE
        what = (item.code, item.name, "次")
        self._charge(
            day, stay, second + 1800, row["YZID"], CATEGORY[kind], FEE[kind], GROUP[kind], what, item.cents, 1,
            "3" if returned else "1",
        )  # fmt: skip
        if returned:
            self._charge(
                day, stay, second + 5400, row["YZID"], CATEGORY[kind], FEE[kind], GROUP[kind], what, item.cents, -1, "2"
            )

    def _charge(
        self, day: Day, stay: Stay, second: int, order: str, category: str, fee: str, group: Name,
        what: tuple[str, str, str], cents: int, quantity: int, flag: str,
    ) -> None:  # fmt: skip
        stay.lines += 1
        line = f"ZSF{stay.number}{stay.lines:04d}"
        stay.charges.append((line, cents * quantity, flag))
        stay.fees[fee] += cents * quantity
        department, doctor, nurse = stay.department, stay.doctor, stay.nurse
        amount = money(cents * quantity)
        row = {
            "YLJGDM": self.site.org.org, "SFMXID": line, "TFBZ": flag, "JZLSH": f"Z{stay.number}",
            "BRZSY": stay.person.index, "KDKSBM": department.code, "KDKSMC": department.name, "KDYSBH": doctor.number,
            "KDYSXM": doctor.name, "ZXKSBM": department.code, "ZXKSMC": department.name, "ZXRYBH": nurse.number,
            "ZXRYXM": nurse.name, "SFXMLBBM": category, "FYSRGLBM": self.site.maps.fees[fee],
            "FYFSSJ": day.at(second), "SFXMBZBM": "99" if category == "99" else "01", "MXXMBM": what[0],
            "MXXMMC": what[1], "XMFLBM": group[0], "XMFLMC": group[1], "MXXMDW": what[2], "MXXMDJ": money(cents),
            "MXXMSL": str(quantity), "MXXMYSJE": amount, "MXXMSSJE": amount, "TBRQ": day.uploaded, "XGBZ": "0",
        }  # fmt: skip
        if order:
            row["YZMXID"] = order
        self.rows["TB_ZY_SFMXB"].append(row)

    def _discharge(self, day: Day, rng: Random, stay: Stay) -> None:
        department, doctor = stay.department, stay.doctor
        left = 9 * HOUR + int(rng.random() * 2 * HOUR)
        self.left.append((stay, left))
        self.rows["TB_ZY_CRYMXB"].append(
            stay.admission | {
                "BAH": f"BA{stay.number}", "CYBZ": "1", "CYSJ": day.at(left), "CYKSBM": department.code,
                "CYKSMC": department.name, "CYBQ": stay.admission["RYBQ"], "CYYSGH": doctor.number,
                "CYYSXM": doctor.name, "CYZDBM": stay.diagnosis[0], "CYZDMC": stay.diagnosis[1], "CYQKBM": "2",
                "LYFS": "1", "ZYTS": str(stay.nights), "TBRQ": day.uploaded,
            }
        )  # fmt: skip
        self._diagnosis(day, stay, "2", "1", "01", stay.diagnosis, left - 600)
        self._diagnosis(day, stay, "3", "1", "02", stay.other, left - 600)
        self._settle(day, rng, stay, left + 1800)

    def _settle(self, day: Day, rng: Random, stay: Stay, second: int) -> None:
        person = stay.person
        cashier = rng.choice(self.site.cashiers)
        number = f"ZJS{stay.number}"
        total = sum(cents for _, cents, _ in stay.charges)
        when = day.at(second)
        common = {
            "YLJGDM": self.site.org.org, "BRZSY": person.index, "JZLSH": f"Z{stay.number}", "JSJLID": number,
            "TBRQ": day.uploaded, "XGBZ": "0",
        }  # fmt: skip
        record = common | {
            "JLSFZT": "1", "JSFPH": f"ZFP{stay.number}", "SFCJBM": "2", "FYJSSJ": when, "HZLYSX": person.source,
            "FYJSZJE": money(total), "JSRYGH": cashier.number, "JSRYXM": cashier.name,
        }  # fmt: skip
        if person.insured:
            record["YBKKH"] = person.card
        self.rows["TB_ZY_JSJLB"].append(record)
        for line, _, flag in stay.charges:
            self.rows["TB_ZY_JSMXB"].append(
                common | {"JSMXID": f"JM{line}", "SFMXID": line, "TFBZ": flag, "SFJSSJ": when}
            )
        parts = payments(rng, total, person.insured)
        stay.paid = parts[-1][2]
        for place, (way, name, part) in enumerate(parts, 1):
            self.rows["TB_ZY_JSZFFSMXB"].append(
                common | {"ZFFSJLID": f"ZZF{stay.number}{place}", "JLSFZT": "1", "ZFFSBM": way, "ZFFSMC": name,
                          "ZFJE": money(part), "FYJSSJ": when, "JSRYGH": cashier.number, "JSRYXM": cashier.name}
            )  # fmt: skip
