"""``refund_store``, ``sum_store`` and ``volume``: amounts and numbers of rows that must fit together."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.streams.store_checks.hospital import DAY, Hospital

CHARGES, SETTLEMENTS, PAYMENTS, REGISTRATIONS = "TB_MZ_SFMXB", "TB_MZ_JSMXB", "TB_MZ_JSZFFSMXB", "TB_MZ_GHMXB"


def test_a_refund_names_a_refunded_charge_of_the_same_visit(hospital: Hospital) -> None:
    hospital.put(CHARGES, SFMXID="A", JZLSH="V1", TFBZ="3")
    hospital.put(CHARGES, SFMXID="B", JZLSH="V1", TFBZ="1")
    for key, original, visit in (("1", "A", "V1"), ("2", "B", "V1"), ("3", "A", "V2"), ("4", "C", "V1")):
        hospital.put(CHARGES, SFMXID=key, JZLSH=visit, TFBZ="2", BTFMXID=original)
    assert hospital.failed("SF10") == ["2", "3", "4"]


def test_refunds_together_are_not_more_than_the_charge(hospital: Hospital) -> None:
    for original, refunds in (("A", ["-4", "-6"]), ("B", ["-4", "-6.02"]), ("C", ["-10.01"])):
        hospital.put(CHARGES, SFMXID=original, TFBZ="3", MXXMSSJE="10", MXXMSL="9")
        for place, amount in enumerate(refunds):
            hospital.put(
                CHARGES, SFMXID=f"{original}{place}", TFBZ="2", BTFMXID=original, MXXMSSJE=amount, MXXMSL="-1"
            )  # fmt: skip
    assert hospital.failed("SF12") == ["B0", "B1"]
    assert hospital.outcome("SF12") == (5, 2)


def test_a_charge_marked_as_refunded_has_a_refund(hospital: Hospital) -> None:
    for key in ("A", "B"):
        hospital.put(CHARGES, SFMXID=key, TFBZ="3")
    hospital.put(CHARGES, SFMXID="C", TFBZ="1")
    hospital.put(CHARGES, SFMXID="1", TFBZ="2", BTFMXID="A")
    assert hospital.failed("SF13") == ["B"]


def test_a_cancellation_comes_after_the_registration_with_the_same_fee(hospital: Hospital) -> None:
    visits = {"V1": ("09:00", "-8"), "V2": ("08:00", "-8"), "V3": ("09:00", "-7"), "V4": ("09:00", "8")}
    for visit, (time, fee) in visits.items():
        hospital.put(REGISTRATIONS, GHJLID=f"{visit}a", JZLSH=visit, GTHBZ="1", GTHSJ="08:00", GHZFY="8")
        hospital.put(REGISTRATIONS, GHJLID=f"{visit}b", JZLSH=visit, GTHBZ="2", GTHSJ=time, GHZFY=fee)
    hospital.put(REGISTRATIONS, GHJLID="V5b", JZLSH="V5", GTHBZ="2", GTHSJ="07:00", GHZFY="8")  # JZ26 is about that
    assert hospital.failed("GH10") == ["V2b"]
    assert hospital.failed("GH18", run=False) == ["V3b"]


def test_a_refund_of_an_inpatient_needs_a_charge_of_the_same_item(hospital: Hospital) -> None:
    rows = {"1": ("1", "X", "10"), "2": ("2", "X", "-10"), "3": ("2", "Y", "-1")}
    for key, (flag, item, amount) in rows.items():
        hospital.put(
            "TB_ZY_SFMXB", SFMXID=key, JZLSH="Z1", TFBZ=flag, MXXMBM=item, MXXMSSJE=amount, MXXMSL=amount
        )  # fmt: skip
    assert hospital.failed("ZS10") == ["3"]


def test_a_settlement_is_the_sum_of_its_charges_and_of_its_payments(hospital: Hospital) -> None:
    sums = {"1": ["10", "5.01"], "2": ["10", "5.02"], "3": []}
    for key, amounts in sums.items():
        hospital.put(SETTLEMENTS, JSJLID=key, FYJSZJE="15")
        for amount in amounts:
            hospital.put(CHARGES, day=date(2026, 11, 18), SYJSID=key, MXXMSSJE=amount)
            hospital.put(PAYMENTS, JSJLID=key, ZFJE=amount)
    assert hospital.failed("JS12") == ["2", "3"]  # what is missing differs too
    assert hospital.failed("JS13", run=False) == ["2", "3"]


def test_revoked_charges_are_not_in_the_sum(hospital: Hospital) -> None:
    hospital.put(SETTLEMENTS, JSJLID="1", FYJSZJE="15")
    hospital.put(CHARGES, SYJSID="1", MXXMSSJE="15")
    hospital.put(CHARGES, SYJSID="1", MXXMSSJE="99", XGBZ="1")
    assert hospital.failed("JS12") == []


def test_charges_together_are_the_total_of_their_settlement(hospital: Hospital) -> None:
    for key, total in (("J1", "15"), ("J2", "15")):
        hospital.put(SETTLEMENTS, JSJLID=key, FYJSZJE=total)
    for key, settlement, amount in (("1", "J1", "10"), ("2", "J1", "5"), ("3", "J2", "10"), ("4", "J9", "10")):
        hospital.put(CHARGES, SFMXID=key, SYJSID=settlement, MXXMSSJE=amount)
    assert hospital.failed("SF22") == ["3"]
    assert hospital.outcome("SF22") == (3, 1)  # J9 is not there: another rule says so


def test_a_prescription_costs_what_was_charged_for_its_details(hospital: Hospital) -> None:
    for key in ("1", "2"):
        hospital.put("TB_MZ_CFZB", CFZID=key, CFJE="12")
    hospital.put("TB_MZ_YPCFMX", CFMXID="a", CFZID="1")
    hospital.put("TB_MZ_QTCFMX", CFMXID="b", CFZID="1")
    hospital.put("TB_MZ_YPCFMX", CFMXID="c", CFZID="2")
    for order, amount, flag in (("a", "5", "1"), ("a", "4", "3"), ("a", "-4", "2"), ("b", "3", "1"), ("c", "11", "1")):
        hospital.put(CHARGES, YZMXID=order, MXXMSSJE=amount, TFBZ=flag)
    assert hospital.failed("CF20") == ["2"]


def test_a_day_with_half_of_the_usual_rows_is_noticed(hospital: Hospital) -> None:
    for back in range(1, 8):
        hospital.put(REGISTRATIONS, day=DAY - timedelta(days=back), copies=30)
    hospital.put(REGISTRATIONS, copies=14)
    assert hospital.failed("GH24") == [""]
    assert hospital.outcome("GH24") == (1, 1)
    assert hospital.findings("GH24")[0]["value"] == "14 / 30"
    hospital.put(REGISTRATIONS)  # 15 of 30 are enough
    assert hospital.failed("GH24") == []
    assert hospital.outcome("GH24") == (1, 0)


def test_amounts_are_compared_like_numbers_of_rows(hospital: Hospital) -> None:
    for back in range(1, 5):
        hospital.put(SETTLEMENTS, day=DAY - timedelta(days=back), FYJSZJE="10", copies=30)
    hospital.put(SETTLEMENTS, FYJSZJE="149.99")
    assert hospital.failed("JS19") == [""]


def test_a_day_that_is_not_over_or_without_history_is_not_judged(hospital: Hospital) -> None:
    for back in range(1, 4):  # three days of seven are too few
        hospital.put(REGISTRATIONS, day=DAY - timedelta(days=back), copies=40)
    hospital.put(REGISTRATIONS)
    assert hospital.failed("GH24") == []
    assert hospital.outcome("GH24") == (0, 0)
    hospital.put(REGISTRATIONS, day=DAY - timedelta(days=4), copies=40)
    before_midnight = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)  # 23:59 of DAY in Shanghai
    hospital.run(REGISTRATIONS, now=before_midnight - timedelta(seconds=30))
    assert hospital.outcome("GH24") == (0, 0)
    assert hospital.failed("GH24") == [""]


def test_a_small_institution_has_quiet_days_by_chance(hospital: Hospital) -> None:
    for back in range(1, 8):
        hospital.put(REGISTRATIONS, day=DAY - timedelta(days=back), copies=29)
    hospital.put(REGISTRATIONS)
    assert hospital.failed("GH24") == []
    assert hospital.outcome("GH24") == (0, 0)


def test_days_of_a_stay_without_a_bed_fee(hospital: Hospital) -> None:
    fees = {"A": [16, 17, 18, 19], "B": [16, 17, 19], "C": [], "D": [16]}
    for key, days in fees.items():
        out = None if key == "D" else "2026-11-20 09:00"  # the day of discharge is not charged
        hospital.put("TB_ZY_CRYMXB", CRYID=key, JZLSH=f"Z{key}", RYSJ="2026-11-16 23:59", CYSJ=out)
        for day in days:
            hospital.put("TB_ZY_SFMXB", JZLSH=f"Z{key}", FYSRGLBM="0307", FYFSSJ=f"2026-11-{day} 00:00")
    hospital.put("TB_ZY_SFMXB", JZLSH="ZB", FYSRGLBM="0201", FYFSSJ="2026-11-18 00:00")
    assert hospital.failed("ZS22") == ["TB_ZY_CRYMXB:B", "TB_ZY_CRYMXB:C"]
    assert hospital.outcome("ZS22") == (4, 2)


def test_three_days_in_a_row_without_an_order(hospital: Hospital) -> None:
    orders = {"A": [10, 13], "B": [10, 14], "C": [10, 14]}
    for key, days in orders.items():
        end = None if key == "C" else f"2026-11-{days[-1] + 1} 09:00"
        hospital.put("TB_ZY_CRYMXB", CRYID=key, JZLSH=f"Z{key}", RYSJ="2026-11-10 10:00", CYSJ=end)
        for day in days:
            hospital.put("TB_ZY_YZZB", JZLSH=f"Z{key}", YZXDSJ=f"2026-11-{day} 12:00")
    assert hospital.failed("YZ21") == ["TB_ZY_CRYMXB:B", "TB_ZY_CRYMXB:C"]
