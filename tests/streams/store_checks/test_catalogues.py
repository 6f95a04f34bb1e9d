"""``dictionary_store``, ``sex_store`` and ``age_store``: a row and the standard's own lists."""

from __future__ import annotations

from standard.load import load
from tests.streams.store_checks.hospital import Hospital

DIAGNOSES, PATIENTS, DRUGS = "TB_MZ_ZDMXB", "TB_HZXX", "TB_MZ_YPCFMX"


def test_a_diagnosis_is_in_the_dictionary_of_its_system(hospital: Hospital) -> None:
    rows = {"1": ("J18.900", "01"), "2": ("J99.999", "01"), "3": ("J18.900", "02"), "4": ("-", "01")}
    for key, (code, system) in rows.items():
        hospital.put(DIAGNOSES, ZDID=key, ZDBM=code, ZDFFBM=system)
    assert hospital.failed("MD17") == ["2", "3"]
    assert hospital.outcome("MD17") == (3, 2)


def test_what_the_catalogue_says_of_a_drug(hospital: Hospital) -> None:
    """By the standard code that the local one was mapped to; without one another rule speaks."""
    fields = load().catalogues["drug"]["101900000379"].fields
    rows = {
        "1": ("101900000379", fields["dosage_form_code"], fields["specification"]), "2": ("101900000379", "99", "?"),
        "3": ("", "99", "?"), "4": ("101900000379", "", "-"),
    }  # fmt: skip
    for key, (code, form, specification) in rows.items():
        hospital.put(DRUGS, CFMXID=key, SYPBM=f"L{key}", sypbm_std=code, JXDM=form, YPGG=specification)
    assert hospital.failed("YP13") == ["2"]
    assert hospital.failed("YP14", run=False) == ["2"]
    assert hospital.outcome("YP13") == (2, 1)


def test_income_classes_that_do_not_fit_the_item(hospital: Hospital) -> None:
    rows = {"1": ("01", "0101"), "2": ("01", "0308"), "3": ("99", "0308"), "4": ("99", "0101"), "5": ("", "0101")}
    for key, (category, fee) in rows.items():
        hospital.put("TB_MZ_SFMXB", SFMXID=key, SFXMLBBM=category, FYSRGLBM="L", fysrglbm_std=fee)
    assert hospital.failed("SF26") == ["2", "4"]


def test_a_diagnosis_of_the_other_sex(hospital: Hospital) -> None:
    for patient, sex in (("M", "1"), ("W", "2"), ("U", "9")):
        hospital.put(PATIENTS, BRZSY=patient, XB=sex)
    for code in ("O80.900", "N40.x00", "J18.900"):  # delivery, prostate, pneumonia
        for patient in "MWU":
            hospital.put(DIAGNOSES, ZDID=f"{code}{patient}", BRZSY=patient, ZDBM=code)
    assert hospital.failed("MD19") == ["N40.x00W", "O80.900M"]
    assert hospital.outcome("MD19") == (6, 2)


def test_a_diagnosis_that_does_not_fit_the_age(hospital: Hospital) -> None:
    newborn = next(r for r in load().restrictions if r.codes[0][0].startswith("P") and r.max_days is not None)
    code = f"{newborn.codes[0][0]}.900"
    hospital.put(PATIENTS, BRZSY="BABY", CSRQ="20261118")
    hospital.put(PATIENTS, BRZSY="MAN", CSRQ="19900307")
    hospital.put(PATIENTS, BRZSY="UNKNOWN", CSRQ="")
    for patient in ("BABY", "MAN", "UNKNOWN"):
        hospital.put(DIAGNOSES, ZDID=patient, BRZSY=patient, ZDBM=code, ZDRQSJ="10:00")
    hospital.put(DIAGNOSES, ZDID="MAN2", BRZSY="MAN", ZDBM="J18.900", ZDRQSJ="10:00")
    assert hospital.failed("MD20") == ["MAN"]
    assert hospital.outcome("MD20") == (3, 1)


def test_an_examination_of_the_other_sex(hospital: Hospital) -> None:
    items = load().catalogues["item"]
    women = next(code for code, entry in items.items() if entry.fields["sex"] == "2")
    anybody = next(code for code, entry in items.items() if not entry.fields["sex"])
    for patient, sex in (("M", "1"), ("W", "2")):
        hospital.put(PATIENTS, BRZSY=patient, XB=sex)
        for name, code in (("women", women), ("anybody", anybody)):
            hospital.put("TB_MZ_QTCFMX", CFMXID=f"{patient}-{name}", BRZSY=patient, XMBM="L", xmbm_std=code)
    assert hospital.failed("QT23") == ["M-women"]
