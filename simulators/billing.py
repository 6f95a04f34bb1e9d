"""The cash desk of the outpatient clinic: charges, settlements, payments, refunds.

Every amount is written once, from cents: receivable = price × quantity, a settlement is the sum of what was received,
the payments are the parts of the settlement; a refund is the same with a minus sign.
"""

from __future__ import annotations

from random import Random

from simulators.numbers import money
from simulators.site import Day, Rows, Site
from simulators.visit import Charge, Visit

CASH_WAYS = (("10", "微信支付"), ("11", "支付宝"), ("01", "现金"), ("08", "银行卡"))
POOLED = ("07", "统筹金")
#: Share of a settlement that a fund pays, in per cent.
POOLED_PERCENT = 60


class CashDesk:
    """Adds the money rows of visits to ``rows``."""

    def __init__(self, site: Site, rows: Rows) -> None:
        self.site = site
        self.rows = rows

    def settle(
        self, day: Day, rng: Random, visit: Visit, number: str, scene: str, paid: int, charges: list[Charge],
        returned: set[str],
    ) -> None:  # fmt: skip
        """Charge lines, their settlement and its payments at second ``paid``; ``returned`` lines will be refunded.

        ``scene`` is 1 registration or 2 outpatient charging.
        """
        for charge in charges:
            flag = "3" if charge.line in returned else "1"
            self._charge(day, visit, number, scene, paid, charge, flag, "")
        self._payment(day, rng, visit, number, scene, paid, sum(charge.total for charge in charges))

    def refund(self, day: Day, rng: Random, visit: Visit, number: str, scene: str, paid: int, charge: Charge) -> None:
        """Give one line back: a charge with the flag 2, a settlement of its own, payments back."""
        self._charge(day, visit, number, scene, paid, charge, "2", f"SF{charge.line}")
        self._payment(day, rng, visit, number, scene, paid, -charge.total)

    def _charge(
        self, day: Day, visit: Visit, settlement: str, scene: str, paid: int, charge: Charge, flag: str, original: str
    ) -> None:
        sign = -1 if original else 1
        amount = money(sign * charge.total)
        doctor, department = visit.doctor, visit.department
        row = {
            "YLJGDM": self.site.org.org, "SFMXID": f"{'TF' if original else 'SF'}{charge.line}",
            "BRZSY": visit.person.index, "JZLSH": f"M{visit.number}", "TFBZ": flag, "SFCJBM": scene,
            "SFXMLBBM": charge.category, "FYSRGLBM": self.site.maps.fees[charge.fee], "FYFSSJ": day.at(paid - 20),
            "SYJSID": settlement, "SFJSSJ": day.at(paid), "KDKSBM": department.code, "KDKSMC": department.name,
            "KDYSBH": doctor.number, "KDYSXM": doctor.name, "KDYSSFZHM": doctor.id_number,
            "ZXKSBM": department.code, "ZXKSMC": department.name, "ZXRYBH": doctor.number, "ZXRYXM": doctor.name,
            "ZXRYSFZHM": doctor.id_number, "SFXMBZBM": "99" if charge.category == "99" else "01",
            "MXXMBM": charge.code, "MXXMMC": charge.name, "YNSFXMBM": charge.code, "YNSFXMMC": charge.name,
            "MXXMDW": charge.unit, "XMFLBM": charge.group[0], "XMFLMC": charge.group[1],
            "MXXMDJ": money(charge.cents), "MXXMSL": str(sign * charge.quantity), "MXXMYSJE": amount,
            "MXXMSSJE": amount, "TBRQ": day.uploaded, "XGBZ": "0",
        }  # fmt: skip
        if original:
            row["BTFMXID"] = original
        if charge.order:
            row["YZMXID"] = f"MX{charge.order}"
        self.rows["TB_MZ_SFMXB"].append(row)

    def _payment(self, day: Day, rng: Random, visit: Visit, number: str, scene: str, paid: int, total: int) -> None:
        person = visit.person
        cashier = rng.choice(self.site.cashiers)
        state = "1" if total >= 0 else "2"
        common = {
            "YLJGDM": self.site.org.org, "BRZSY": person.index, "JZLSH": f"M{visit.number}", "JSJLID": number,
            "JLSFZT": state, "FYJSSJ": day.at(paid), "JSRYGH": cashier.number, "JSRYXM": cashier.name,
            "TBRQ": day.uploaded, "XGBZ": "0",
        }  # fmt: skip
        self.rows["TB_MZ_JSMXB"].append(
            common | {"JSFPH": f"FP{number}" if state == "1" else "-", "SFCJBM": scene, "HZLYSX": person.source,
                      "FYJSZJE": money(total)}
        )  # fmt: skip
        for place, (way, name, part) in enumerate(payments(rng, total, person.insured and scene == "2"), 1):
            self.rows["TB_MZ_JSZFFSMXB"].append(
                common | {"ZFFSJLID": f"ZF{number}{place}", "ZFFSBM": way, "ZFFSMC": name, "ZFJE": money(part)}
            )


def payments(rng: Random, total: int, insured: bool) -> list[tuple[str, str, int]]:
    """The parts (way, its name, cents) that make up a total; a fund pays its share for the insured."""
    way, name = rng.choice(CASH_WAYS)
    if not insured:
        return [(way, name, total)]
    pooled = abs(total) * POOLED_PERCENT // 100 * (1 if total >= 0 else -1)
    if pooled in (0, total):
        return [(way, name, total)]
    return [(*POOLED, pooled), (way, name, total - pooled)]
