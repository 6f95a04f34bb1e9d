"""Outpatients of one institution and day: registration, visit, diagnoses, prescriptions.

Everything of a visit happens on its day, in order; the money is ``billing``'s.
"""

from __future__ import annotations

from collections import defaultdict
from random import Random

from simulators.billing import CashDesk
from simulators.maps import REGISTRATION_FEE, Drug, Item
from simulators.messages import Row
from simulators.numbers import money
from simulators.people import CHILD_YEARS
from simulators.site import WEEKDAY_SHAPE, Day, Rows, Site, is_chinese
from simulators.visit import CATEGORY, FEE, GROUP, PRESCRIPTION, Charge, Visit

EMERGENCY_SHARE, CANCELLED_SHARE, REFUND_SHARE = 0.06, 0.02, 0.03
TESTS_SHARE, EXAMS_SHARE, DRUGS_SHARE, SECOND_DIAGNOSIS_SHARE = 0.45, 0.25, 0.8, 0.3
#: A prescription names five drugs at most (处方管理办法).
MOST_DRUGS = 5
#: Frequency code (CV06.00.228) and doses a day.
FREQUENCIES = (("09", 1, "qd"), ("01", 2, "bid"), ("14", 3, "tid"))
#: Dosage forms (CV08.50.002) that are not swallowed.
INJECTED, SMEARED, EYE_DROPS = {"15", "16", "18"}, {"37", "48", "49", "50", "51"}, {"43", "52"}
COMPLAINTS = ("发热伴咳嗽三天", "上腹部隐痛一周", "反复头晕半月余", "腰背部酸痛十天", "咽痛伴鼻塞两天")
THERAPIES = ("疏风清热", "健脾益气", "活血化瘀", "补肾强腰")
#: Registration fee in cents by level of the institution.
REGISTRATION_CENTS = {3: 1500, 2: 800, 1: 300}
#: What is charged at registration is no catalogue item: category 99, no mapping duty.
REGISTRATION_ITEM = ("GHF0001", "普通挂号费")
DAY_START, DAY_SPREAD = 8 * 3600, 8 * 3600


def visits_on(site: Site, day: Day, rng: Random, volume: float) -> int:
    """How many outpatients come on a day."""
    expected = site.org.daily_visits * volume * WEEKDAY_SHAPE[day.date.weekday()]
    return max(1, round(expected * rng.uniform(0.92, 1.08)))


class Clinic:
    """Writes the outpatient rows of one institution, a day at a time."""

    def __init__(self, site: Site, volume: float = 1.0) -> None:
        self.site = site
        self.volume = volume
        self.rows: Rows = {}
        self.desk = CashDesk(site, self.rows)

    def day(self, day: Day) -> Rows:
        """Rows by table of one day, the patients seen for the first time included."""
        rng = self.site.rng(f"clinic/{day.compact}")
        self.rows = defaultdict(list)
        self.desk = CashDesk(self.site, self.rows)
        for place in range(visits_on(self.site, day, rng, self.volume)):
            self._visit(day, rng, place)
        return self.rows

    def _visit(self, day: Day, rng: Random, place: int) -> None:
        site = self.site
        person, new = site.patient(rng, day.date)
        emergency = rng.random() < EMERGENCY_SHARE
        department = site.maps.emergency if emergency else rng.choice(site.maps.departments)
        registered = DAY_START + int(rng.random() * DAY_SPREAD)
        visit = Visit(
            number=f"{day.compact[2:]}{place:05d}", person=person, new=new, department=department,
            doctor=rng.choice(site.doctors[department.code]), emergency=emergency, registered=registered,
            seen=registered + 300 + int(rng.random() * 2400), diagnosis=rng.choice(site.diagnoses),
            disease=rng.choice(site.diseases), syndrome=rng.choice(site.syndromes),
        )  # fmt: skip
        if new:
            self.rows["TB_HZXX"].append(site.patient_row(day, person, registered - 60, rng))
        fee = 0 if emergency else REGISTRATION_CENTS[site.org.level]
        cancelled = rng.random() < CANCELLED_SHARE
        self._register(day, rng, visit, fee, cancelled)
        if cancelled:
            return
        self._consult(day, rng, visit)
        charges = self._prescribe(day, rng, visit)
        if charges:
            self._settle(day, rng, visit, charges)

    def _register(self, day: Day, rng: Random, visit: Visit, fee: int, cancelled: bool) -> None:
        number = visit.number
        row = {
            "YLJGDM": self.site.org.org, "GHJLID": f"GH{number}", "BRZSY": visit.person.index, "JZLSH": f"M{number}",
            "GTHBZ": "1", "GTHSJ": day.at(visit.registered), "GHLB": "200" if visit.emergency else "100",
            "SFJZ": "1" if visit.emergency else "0", "JZXZ": "0202" if visit.emergency else "0201",
            "GHTJBM": rng.choice(("0101", "0102", "0301", "0302")), "BXLX": visit.person.insurance,
            "KSBM": visit.department.code, "KSMC": visit.department.name,
            "LCYXLXBM": "02" if is_chinese(visit.department) else "01", "GHYSGH": visit.doctor.number,
            "GHYSXM": visit.doctor.name, "GHYSSFZHM": visit.doctor.id_number, "TXBZ": "0", "WDBZ": "0",
            "SFSQ": "1", "TBRQ": day.uploaded, "XGBZ": "0",
        }  # fmt: skip
        if fee:
            row["STFBH"] = f"JSG{number}"
        if not cancelled:  # of a cancelled one the charges and the refund tell the amounts; they sum to nothing
            row["GHZFY"] = money(fee)
        self.rows["TB_MZ_GHMXB"].append(row)
        back = visit.registered + 1800
        if cancelled:
            self.rows["TB_MZ_GHMXB"].append(
                row | {"GHJLID": f"GT{number}", "GTHBZ": "2", "GTHSJ": day.at(back)}
                | ({"STFBH": f"JTG{number}"} if fee else {})
            )  # fmt: skip
        if not fee:
            return
        code, name = REGISTRATION_ITEM
        charge = Charge(f"G{number}", "", "99", REGISTRATION_FEE, code, name, "次", ("99", "其他"), fee, 1)
        paid = visit.registered + 30
        self.desk.settle(day, rng, visit, f"JSG{number}", "1", paid, [charge], {charge.line} if cancelled else set())
        if cancelled:
            self.desk.refund(day, rng, visit, f"JTG{number}", "1", back, charge)

    def _consult(self, day: Day, rng: Random, visit: Visit) -> None:
        chinese = is_chinese(visit.department)
        code, name = visit.diagnosis
        doctor = visit.doctor
        upper = rng.randrange(100, 150)
        row = {
            "YLJGDM": self.site.org.org, "JZMXID": f"JZ{visit.number}", "BRZSY": visit.person.index,
            "JZLSH": f"M{visit.number}", "SFFZ": "0" if visit.new else "1", "LCYXLXBM": "02" if chinese else "01",
            "MZH": f"MZ{visit.number}", "HZXM": visit.person.name, "HZSX": visit.person.insurance,
            "JZLX": "200" if visit.emergency else "100", "SFJZ": "1" if visit.emergency else "0",
            "JZXZ": "0202" if visit.emergency else "0201", "JZKSBM": visit.department.code,
            "JZKSMC": visit.department.name, "JZKSRQ": day.compact, "JZSJ": day.at(visit.seen),
            "WCJZSJ": day.at(visit.done), "ZZYSGH": doctor.number, "ZZYSXM": doctor.name, "ZZYSSFZHM": doctor.id_number,
            "JZZDBM": code, "JZZDMC": name, "BMLX": "01", "ZS": rng.choice(COMPLAINTS),
            "FBRQSJ": day.at(visit.registered - 7200), "SSY": str(upper), "SZY": str(upper - rng.randrange(35, 55)),
            "TW": f"36.{rng.randrange(10)}", "TBRQ": day.uploaded, "XGBZ": "0",
        }  # fmt: skip
        if chinese:
            row |= {"ZXBM": visit.syndrome[0], "ZXMC": visit.syndrome[1], "ZFMC": rng.choice(THERAPIES)}
        self.rows["TB_MZ_JZMXB"].append(row)
        self._diagnose(day, rng, visit, chinese)

    def _diagnose(self, day: Day, rng: Random, visit: Visit, chinese: bool) -> None:
        number = visit.number
        when = day.at(visit.seen + 300)
        base = {
            "YLJGDM": self.site.org.org, "BRZSY": visit.person.index, "JZLSH": f"M{number}", "ZDRQSJ": when,
            "ZDLBBM": "2", "SFYZ": "02", "ZDLX": "1", "JLSJ_YWK": when, "TBRQ": day.uploaded, "XGBZ": "0",
        }  # fmt: skip
        western = base | {"ZDFFBM": "01", "ZDBZBM": "01", "BZQBDM": "-"}
        code, name = visit.diagnosis
        rows = self.rows["TB_MZ_ZDMXB"]
        rows.append(western | {"ZDID": f"ZD{number}1", "ZDZCBM": "01", "ZDSX": "1", "ZDBM": code, "ZDMC": name})
        if rng.random() < SECOND_DIAGNOSIS_SHARE:
            other = rng.choice(self.site.diagnoses)
            if other != visit.diagnosis:
                rows.append(
                    western | {"ZDID": f"ZD{number}2", "ZDZCBM": "02", "ZDSX": "2", "ZDBM": other[0], "ZDMC": other[1]}
                )
        if chinese:
            method = base | {"ZDFFBM": "02", "ZDBZBM": "02", "ZDZCBM": "02"}
            disease, syndrome = visit.disease, visit.syndrome
            rows.append(
                method | {"ZDID": f"ZD{number}3", "BZQBDM": "01", "ZDSX": "3", "ZDBM": disease[0], "ZDMC": disease[1]}
            )
            rows.append(
                method | {"ZDID": f"ZD{number}4", "BZQBDM": "02", "ZDYBID": f"ZD{number}3", "ZDSX": "4",
                          "ZDBM": syndrome[0], "ZDMC": syndrome[1]}
            )  # fmt: skip

    def _prescribe(self, day: Day, rng: Random, visit: Visit) -> list[Charge]:
        maps = self.site.maps
        charges: list[Charge] = []
        if rng.random() < DRUGS_SHARE:
            for part, kind in enumerate("12"):
                pool = [drug for drug in rng.sample(maps.drugs, 6) if drug.kind == kind][:MOST_DRUGS]
                if pool:
                    charges += self._drugs(day, rng, visit, f"{visit.number}{part + 1}", pool)
        if is_chinese(visit.department) and maps.herbs:
            charges += self._drugs(day, rng, visit, f"{visit.number}3", rng.sample(maps.herbs, min(8, len(maps.herbs))))
        if rng.random() < TESTS_SHARE:
            charges += self._items(day, rng, visit, f"{visit.number}4", rng.sample(maps.tests, rng.randrange(1, 5)))
        if rng.random() < EXAMS_SHARE:
            chosen = rng.sample(maps.examinations, rng.randrange(1, 3))
            charges += self._items(day, rng, visit, f"{visit.number}5", chosen)
        return charges

    def _head(self, day: Day, visit: Visit, number: str, group: str, charges: list[Charge], more: Row) -> None:
        person, doctor = visit.person, visit.doctor
        age = person.age(day.date)
        if age < CHILD_YEARS:
            more = more | {"HZTZ": f"{3 + age * 3}.5"}
        self.rows["TB_MZ_CFZB"].append(
            {
                "YLJGDM": self.site.org.org, "CFZID": f"CF{number}", "BRZSY": person.index,
                "JZLSH": f"M{visit.number}", "CFDL": group, "CFHM": f"C{number}", "JZKSDM": visit.department.code,
                "JZKSMC": visit.department.name, "KFYSGH": doctor.number, "KFYSXM": doctor.name,
                "KFYSSFZHM": doctor.id_number, "KFRQ": day.at(visit.seen + 600), "HZBSH": person.index,
                "HZXM": person.name, "HZXB": person.sex, "HZNL": str(age),
                "XYZDDM": visit.diagnosis[0], "LCZD": visit.diagnosis[1],
                "CFJE": money(sum(charge.total for charge in charges)), "TBRQ": day.uploaded, "XGBZ": "0",
            } | more
        )  # fmt: skip

    def _drugs(self, day: Day, rng: Random, visit: Visit, number: str, drugs: list[Drug]) -> list[Charge]:
        kind = drugs[0].kind
        age = visit.person.age(day.date)
        packs = rng.randrange(3, 8)  # doses of a decoction
        reviewer, dispenser, issuer, checker = self.site.pharmacists
        more = {
            "CFLX": "02" if visit.emergency else "03" if age < CHILD_YEARS else "01",
            "CFYXTS": "1" if visit.emergency else "3",
            "CFSHYJSBH": reviewer.number, "CFSHYJSQM": reviewer.name, "CFSHYJSSFZHM": reviewer.id_number,
            "CFTPYJSBH": dispenser.number, "CFTPYJSQM": dispenser.name, "CFTPYJSSFZHM": dispenser.id_number,
            "CFFYYJSBH": issuer.number, "CFFYYJSQM": issuer.name, "CFFYYJSSFZHM": issuer.id_number,
            "CFHDYJSBH": checker.number, "CFHDYJSQM": checker.name, "CFHDYJSSFZHM": checker.id_number,
        }  # fmt: skip
        if kind == "3":
            more |= {
                "ZYBMDM": visit.disease[0], "ZYBMMC": visit.disease[1], "ZYZHDM": visit.syndrome[0],
                "ZYZHMC": visit.syndrome[1], "ZYYPJSJ": str(packs), "ZYYPJZF": "水煎", "ZYYPFF": "温服",
                "ZYYPCF": "、".join(drug.name for drug in drugs),
            }  # fmt: skip
        charges = []
        for place, drug in enumerate(drugs, 1):
            order = f"{number}{place:02d}"
            frequency, per_day, words = ("01", 2, "bid") if kind == "3" else rng.choice(FREQUENCIES)
            days = packs if kind == "3" else rng.randrange(1, 4) if visit.emergency else rng.randrange(1, 8)
            dose = rng.randrange(3, 10) if kind == "3" else 1
            if kind == "3" and visit.emergency:
                days = 3
            quantity = dose * per_day * days if kind == "3" else 1 + (per_day * days) // 10
            charge = Charge(
                order, order, CATEGORY[kind], FEE[kind], drug.code, drug.name, drug.unit if kind == "3" else "盒",
                GROUP[kind], drug.cents, quantity,
            )  # fmt: skip
            charges.append(charge)
            row = {
                "YLJGDM": self.site.org.org, "CFMXID": f"MX{order}", "BRZSY": visit.person.index,
                "JZLSH": f"M{visit.number}", "CFZID": f"CF{number}", "YZXH": str(place), "YZZH": f"Z{order}",
                "ZLXMLBBM": CATEGORY[kind], "XMBZBM": "03", "XMBM": drug.code, "XMMC": drug.name,
                "SYPBM": drug.standard, "SYPMC": drug.name, "YNSFXMBM": drug.code, "YNSFXMMC": drug.name,
                "XMFLBM": GROUP[kind][0], "XMFLMC": GROUP[kind][1], "JYLX": "1", "CPSD": "01", "JXDM": drug.form,
                "YPGG": drug.specification, "YF": route(drug.form), "YYPCDM": frequency, "SYPC": words,
                "SYCJL": str(dose), "SJYLDW": drug.unit, "SYZL": str(dose * per_day * days), "SYZLDW": drug.unit,
                "YPSL": str(quantity), "YPDW": charge.unit, "YYTS": str(days),
                "YZKSSJ": day.at(visit.seen + 600), "ZXKSBM": visit.department.code,
                "ZXKSMC": visit.department.name, "TBRQ": day.uploaded, "XGBZ": "0",
            }  # fmt: skip
            if kind == "3":
                row["ZYJZF"] = "水煎"
            self.rows["TB_MZ_YPCFMX"].append(row)
        self._head(day, visit, number, PRESCRIPTION[kind], charges, more)
        return charges

    def _items(self, day: Day, rng: Random, visit: Visit, number: str, items: list[Item]) -> list[Charge]:
        laboratory = items[0].laboratory
        kind = "lab" if laboratory else "exam"
        where = self.site.maps.laboratory if laboratory else self.site.maps.imaging
        who = rng.choice(self.site.technicians)
        charges = []
        for place, item in enumerate(items, 1):
            order = f"{number}{place:02d}"
            charges.append(
                Charge(order, order, CATEGORY[kind], FEE[kind], item.code, item.name, "次", GROUP[kind], item.cents, 1)
            )
            self.rows["TB_MZ_QTCFMX"].append(
                {
                    "YLJGDM": self.site.org.org, "CFMXID": f"MX{order}", "BRZSY": visit.person.index,
                    "JZLSH": f"M{visit.number}", "CFZID": f"CF{number}", "YZXH": str(place), "YZZH": f"Z{order}",
                    "ZLXMLBBM": CATEGORY[kind], "XMBZBM": "01", "XMBM": item.code, "XMMC": item.name,
                    "YNSFXMBM": item.code, "YNSFXMMC": item.name, "XMFLBM": GROUP[kind][0], "XMFLMC": GROUP[kind][1],
                    "ZXPL": "13", "YZKSSJ": day.at(visit.seen + 600), "ZXKSBM": where.code, "ZXKSMC": where.name,
                    "ZXRGH": who.number, "ZXRXM": who.name, "YZZXSJ": day.at(visit.done + 3600),
                    "TBRQ": day.uploaded, "XGBZ": "0",
                } | ({"CJBB": "血液", "CJFX": "静脉采血"} if laboratory else {"JCBW": "见检查项目"})
            )  # fmt: skip
        self._head(day, visit, number, PRESCRIPTION[kind], charges, {})
        return charges

    def _settle(self, day: Day, rng: Random, visit: Visit, charges: list[Charge]) -> None:
        settlement = f"JSF{visit.number}"
        paid = visit.done + 300 + int(rng.random() * 900)
        returned = charges[-1] if rng.random() < REFUND_SHARE else None
        self.desk.settle(day, rng, visit, settlement, "2", paid, charges, {returned.line} if returned else set())
        if returned:
            self.desk.refund(day, rng, visit, f"JTF{visit.number}", "2", paid + 3600, returned)


def route(form: str) -> str:
    """Route of administration (CV06.00.102) by dosage form (CV08.50.002)."""
    if form in INJECTED:
        return "404"
    if form in SMEARED:
        return "6"
    return "607" if form in EYE_DROPS else "1"
