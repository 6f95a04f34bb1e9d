"""Local codes become standard codes: the institution's map first, then the code itself, and only where all agrees."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, cast

import orjson
import pytest

from streams.decode import MESSAGE
from streams.mapfeed import MapFeed
from streams.maps import CodeMaps, agrees, with_mapped
from streams.rules.checks import ORG as ORG_COLUMN
from tests.streams.unit.build import ORG, OTHER_ORG, batch, charge, standard, work
from tests.streams.unit.rules import check, frame_of, rule_of, table_of

DRUG = "101900000379"
ENTRY = standard().catalogues["drug"][DRUG]
DRUG_ENTRY: dict[str, str] = {
    "local_code": "D-17", "standard_code": DRUG, "generic_name": ENTRY.fields["generic_name"],
    "dosage_form": ENTRY.fields["dosage_form_code"], "specification": ENTRY.fields["specification"],
    "manufacturer": ENTRY.fields["manufacturer"],
}  # fmt: skip
OTHER_DRUG = "100200000741"


def maps(*entries: dict[str, Any], org: str = ORG, kind: str = "fee", version: int = 1) -> CodeMaps:
    made = CodeMaps(standard())
    made.apply(org, kind, entries, version)
    return made


def fee(local: str, code: str) -> dict[str, str]:
    return {"local_code": local, "standard_code": code}


def mapped(column: str, rows: list[dict[str, Any]], known: CodeMaps, **params: Any) -> list[str | None]:
    kinds = {"FEE": ["fee"], "DRUG": ["drug", "item"]}[column]
    table = table_of(rule_of(check("mapping", column, maps=kinds, **params)))
    codes: list[str | None] = frame_of(rows, table, maps=known)[column + "@"].to_list()
    return codes


def test_a_code_of_the_standard_is_itself_and_another_is_nothing() -> None:
    rows = [{"FEE": "0101"}, {"FEE": "F1"}, {}, {"FEE": "-"}]
    assert mapped("FEE", rows, CodeMaps(standard())) == ["0101", None, None, None]


def test_a_code_is_not_itself_where_the_platform_says_so() -> None:
    settings = {**standard().settings, "identity_maps": {"fee": False}}
    strict = CodeMaps(replace(standard(), settings=MappingProxyType(settings)))
    assert mapped("FEE", [{"FEE": "0101"}], strict) == [None]
    strict.apply(ORG, "fee", [fee("0101", "0302")], 1)
    assert mapped("FEE", [{"FEE": "0101"}], strict) == ["0302"]


def test_the_institutions_map_comes_before_the_code_itself() -> None:
    known = maps(fee("0101", "0302"), fee("F1", "0101"))
    assert mapped("FEE", [{"FEE": "0101"}, {"FEE": "F1"}, {"FEE": "0302"}], known) == ["0302", "0101", "0302"]


def test_each_institution_has_its_own_map() -> None:
    known = maps(fee("F1", "0101"))
    known.apply(OTHER_ORG, "fee", [fee("F1", "0302"), fee("F2", "0103")], 1)
    rows = [
        {"FEE": "F1"}, {"FEE": "F1", ORG_COLUMN: OTHER_ORG}, {"FEE": "F2"}, {"FEE": "F2", ORG_COLUMN: OTHER_ORG},
        {"FEE": "0101", ORG_COLUMN: OTHER_ORG}, {"FEE": "F1"},
    ]  # fmt: skip
    assert mapped("FEE", rows, known) == ["0101", "0302", None, "0103", "0101", "0101"]


def test_two_institutions_in_one_batch_of_messages_get_their_own_codes() -> None:
    known = maps(fee("F1", "0101"), version=3)
    known.apply(OTHER_ORG, "fee", [fee("F1", "0103")], 8)
    theirs = batch(charge(FYSRGLBM="F1", YLJGDM=OTHER_ORG), org=OTHER_ORG)
    worked = work(theirs, batch(charge(FYSRGLBM="F1")), theirs, maps=known)
    records = worked.landing.records["tb_mz_sfmxb"]
    assert records.sort("_offset")["fysrglbm_std"].to_list() == ["0103", "0101", "0103"]
    assert records.sort("_offset")["_map_version"].to_list() == [8, 3, 8]
    assert worked.landing.ledger["map_version"].to_list() == [8, 3, 8]


def test_several_kinds_of_maps_are_tried_in_order() -> None:
    item = next(iter(standard().catalogues["item"]))
    known = maps(DRUG_ENTRY, kind="drug")
    known.apply(
        ORG, "item", [{"local_code": "I-1", "standard_code": item}, {"local_code": "D-17", "standard_code": item}], 1
    )
    rows = [{"DRUG": "D-17"}, {"DRUG": "I-1"}, {"DRUG": item}, {"DRUG": DRUG}, {"DRUG": "?"}]
    assert mapped("DRUG", rows, known) == [DRUG, item, item, DRUG, None]


def test_the_local_column_is_looked_up_first() -> None:
    known = maps(DRUG_ENTRY, kind="drug")
    rows = [
        {"LOCAL": "D-17", "DRUG": DRUG},
        {"LOCAL": "D-17"},
        {"LOCAL": "D-17", "DRUG": "?"},
        {"DRUG": DRUG},
        {"LOCAL": "x"},
    ]
    assert mapped("DRUG", rows, known, local="LOCAL") == [DRUG, DRUG, DRUG, DRUG, None]


def test_a_code_that_contradicts_the_map_of_its_own_local_code_is_no_match() -> None:
    known = maps(DRUG_ENTRY, kind="drug")
    rows = [
        {"LOCAL": "D-17", "DRUG": OTHER_DRUG},
        {"LOCAL": "D-17", "DRUG": DRUG},
        {"LOCAL": "D-18", "DRUG": OTHER_DRUG},
    ]
    assert mapped("DRUG", rows, known, local="LOCAL") == [None, DRUG, OTHER_DRUG]


AGREE = {"FORM": "dosage_form_code", "SPEC": "specification", "NAME": "generic_name"}
RIGHT = {
    "DRUG": DRUG, "FORM": ENTRY.fields["dosage_form_code"], "SPEC": ENTRY.fields["specification"], "NAME": ENTRY.name,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "agreed"),
    [
        ({}, True), ({"FORM": "99"}, False), ({"SPEC": "0.5g"}, False), ({"NAME": "别的药"}, False),
        ({"FORM": None}, True), ({"FORM": "-"}, True), ({"SPEC": None, "NAME": "-", "FORM": None}, True),
        ({"SPEC": None, "NAME": "别的药"}, False),
    ],
)  # fmt: skip
def test_a_drug_is_matched_when_what_the_row_says_agrees_with_the_catalogue(
    change: dict[str, Any], agreed: bool
) -> None:
    expected = DRUG if agreed else None
    rows: list[dict[str, Any]] = [{**RIGHT, **change}, RIGHT, {"DRUG": "?"}, {}]
    assert mapped("DRUG", rows, CodeMaps(standard()), agree=AGREE) == [expected, DRUG, None, None]


@pytest.mark.parametrize("field", ["generic_name", "dosage_form", "specification", "manufacturer"])
def test_an_entry_of_a_drug_map_must_agree_in_all_it_says(field: str) -> None:
    assert agrees("drug", DRUG_ENTRY, standard())
    assert not agrees("drug", DRUG_ENTRY | {field: "another"}, standard())
    assert not agrees("drug", {name: value for name, value in DRUG_ENTRY.items() if name != field}, standard())
    known = maps(DRUG_ENTRY | {field: "another"}, kind="drug")
    assert mapped("DRUG", [{"DRUG": "D-17"}], known) == [None]


def test_an_entry_with_a_code_that_no_catalogue_has_does_not_map() -> None:
    assert not agrees("fee", fee("F1", "no such code"), standard())
    assert mapped("FEE", [{"FEE": "F1"}], maps(fee("F1", "no such code"))) == [None]


def test_an_entry_that_agrees_no_longer_unmaps_its_code() -> None:
    known = maps(DRUG_ENTRY, kind="drug")
    known.apply(ORG, "drug", [DRUG_ENTRY | {"manufacturer": "another"}], 2)
    assert mapped("DRUG", [{"DRUG": "D-17"}], known) == [None]
    known = maps(fee("F1", "0101"))
    known.apply(ORG, "fee", [fee("F1", "")], 2)
    assert mapped("FEE", [{"FEE": "F1"}], known) == [None]


def test_a_change_adds_to_the_map_and_never_touches_the_one_in_use() -> None:
    known = maps(fee("F1", "0101"))
    in_use = known.codes[ORG, "fee"]
    known.apply(ORG, "fee", [fee("F2", "0302")], 2)
    assert in_use == {"F1": "0101"}
    assert known.codes[ORG, "fee"] == {"F1": "0101", "F2": "0302"}


def test_the_version_of_an_institution_only_grows() -> None:
    known = maps(fee("F1", "0101"), version=5)
    known.apply(ORG, "department", [], 3)
    assert (known.version(ORG), known.version(OTHER_ORG)) == (5, 0)
    known.apply(ORG, "fee", [], 9)
    assert known.version(ORG) == 9


def test_unmapped_codes_are_counted_with_a_name_and_an_example() -> None:
    rows = [
        charge(SFMXID="S1", KDKSBM="K1", KDKSMC="发热门诊"), charge(SFMXID="S2", KDKSBM="K1", KDKSMC="发热门诊二"),
        charge(SFMXID="S3", KDKSBM="K2", KDKSMC=None), charge(SFMXID="S4", KDKSBM="K1", FYFSSJ="2026-11-19 08:00:00"),
    ]  # fmt: skip
    worked = work(batch(*rows))
    unmapped = worked.landing.unmapped_codes
    chosen = unmapped.select("column", "map", "code", "name", "rows", "example_key", "biz_date").sort(
        "biz_date", "code"
    )
    assert [tuple(map(str, row)) for row in chosen.rows()] == [
        ("KDKSBM", "department", "K1", "内科", "1", "S4", "2026-11-19"),
        ("KDKSBM", "department", "K1", "发热门诊", "2", "S1", "2026-11-20"),
        ("KDKSBM", "department", "K2", "", "1", "S3", "2026-11-20"),
    ]
    assert sum(row["unmapped"] for row in worked.ledger) == 4


def test_two_unmapped_codes_of_a_row_count_twice() -> None:
    worked = work(batch(charge(KDKSBM="K1", FYSRGLBM="F1")))
    assert worked.ledger[0]["unmapped"] == 2


def test_a_column_without_a_duty_is_mapped_all_the_same() -> None:
    table = table_of()
    frame = frame_of([{"FEE": "F1", "DRUG": "-"}], table, maps=maps(fee("F1", "0101")))
    assert frame.select("FEE@", "DRUG@").rows() == [("0101", None)]
    assert with_mapped(frame.drop("FEE@", "DRUG@"), table, CodeMaps(standard()))["FEE@"].to_list() == [None]
    assert MESSAGE in frame.columns


def test_a_change_of_one_map_counts_though_a_later_one_of_another_map_came_first() -> None:
    maps = CodeMaps(standard())
    feed = MapFeed(maps, cast(Any, None), [], "sanjian.codemaps")

    def told(kind: str, version: int, code: str) -> None:
        entries = [{"local_code": "1", "standard_code": code}]
        feed._take(orjson.dumps({"org": "A", "map": kind, "version": version, "entries": entries}))

    told("fee", 6, "0101")
    told("department", 5, "03")
    assert maps.codes["A", "department"] == {"1": "03"}
    assert maps.version("A") == 6
    told("department", 4, "04")  # older than what is known of that map
    assert maps.codes["A", "department"] == {"1": "03"}
