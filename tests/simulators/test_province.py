from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal

import pytest

from simulators.expect import iso
from simulators.messages import Row, change_batch
from simulators.province import INPATIENT_TABLES, OUTPATIENT_TABLES, PATIENTS, Province
from standard.load import load

END = date(2026, 11, 20)


def moment(written: str) -> datetime:
    digits = "".join(character for character in written if character.isdigit())
    return datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007 (wall clock)


def total(rows: list[Row], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def by(rows: list[Row], *columns: str) -> dict[tuple[str, ...], list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return groups


def fingerprint(province: Province) -> str:
    digest = hashlib.sha256()
    for batch in province.batches():
        more = {} if batch.rows else {"biz_date": batch.day.isoformat()}
        digest.update(change_batch(batch.org, batch.table, batch.id, batch.sent_at, batch.rows, **more).value)
    return digest.hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first = fingerprint(Province(2, 2, END, seed=5, volume=0.2))
    assert fingerprint(Province(2, 2, END, seed=5, volume=0.2)) == first
    assert fingerprint(Province(2, 2, END, seed=6, volume=0.2)) != first


def test_a_province_can_be_run_through_again() -> None:
    province = Province(2, 2, END, seed=5, volume=0.2)
    assert fingerprint(province) == fingerprint(province)


def test_every_table_of_the_standard_has_rows_of_its_own_columns(rows: dict[str, list[Row]]) -> None:
    tables = load().daily
    assert set(rows) == set(tables) == {*PATIENTS, *OUTPATIENT_TABLES, *INPATIENT_TABLES}
    for name, found in rows.items():
        assert found, name
        assert {column for row in found for column in row} <= set(tables[name].by_name)


def test_mandatory_columns_are_filled_and_texts_fit(rows: dict[str, list[Row]]) -> None:
    for name, table in load().daily.items():
        for column in table.columns:
            for row in rows[name]:
                assert row.get(column.name) or not column.mandatory, (name, column.name)
                if column.type == "text" and column.width:
                    assert len(row.get(column.name, "")) <= column.width, (name, column.name)


def test_codes_are_in_their_code_sets(rows: dict[str, list[Row]]) -> None:
    standard = load()
    for name, table in standard.daily.items():
        for column in table.columns:
            if column.code_set:
                values = {row[column.name] for row in rows[name] if row.get(column.name, "-") != "-"}
                assert values <= set(standard.code_sets[column.code_set].codes), (name, column.name)


def test_keys_are_unique_but_for_the_admission_that_is_sent_again_at_discharge(rows: dict[str, list[Row]]) -> None:
    for name, table in load().daily.items():
        counts = Counter(tuple(row[column] for column in table.key) for row in rows[name])
        if name == "TB_ZY_CRYMXB":
            again = [key for key, count in counts.items() if count > 1]
            assert again
            assert all(counts[key] == 2 for key in again)
        else:
            assert max(counts.values()) == 1, name


def test_every_row_has_its_parents(rows: dict[str, list[Row]]) -> None:
    standard = load()
    known: dict[tuple[str, tuple[str, ...]], set[tuple[str, ...]]] = {}
    for name, table in standard.daily.items():
        groups: dict[str, list[tuple[tuple[str, ...], set[tuple[str, ...]]]]] = defaultdict(list)
        for number, parent in enumerate(table.parents):
            own, theirs = (tuple(pair[side] for pair in parent.columns) for side in (0, 1))
            place = (parent.table, theirs)
            if place not in known:
                known[place] = {tuple(row.get(column, "") for column in theirs) for row in rows[parent.table]}
            groups[parent.group or str(number)].append((own, known[place]))
        for row in rows[name]:
            for alternatives in groups.values():
                keys = [(tuple(row.get(column, "") for column in own), parents) for own, parents in alternatives]
                if all(all(key) for key, _ in keys):
                    assert any(key in parents for key, parents in keys), (name, keys)


def test_the_receivable_is_price_times_quantity(rows: dict[str, list[Row]]) -> None:
    for row in rows["TB_MZ_SFMXB"] + rows["TB_ZY_SFMXB"]:
        assert Decimal(row["MXXMYSJE"]) == Decimal(row["MXXMDJ"]) * Decimal(row["MXXMSL"])
        assert abs(Decimal(row["MXXMSSJE"])) <= abs(Decimal(row["MXXMYSJE"]))


def test_outpatient_settlements_are_the_sum_of_their_charges_and_of_their_payments(rows: dict[str, list[Row]]) -> None:
    charges = by(rows["TB_MZ_SFMXB"], "YLJGDM", "SYJSID")
    payments = by(rows["TB_MZ_JSZFFSMXB"], "YLJGDM", "JSJLID")
    for row in rows["TB_MZ_JSMXB"]:
        key = (row["YLJGDM"], row["JSJLID"])
        assert Decimal(row["FYJSZJE"]) == total(charges[key], "MXXMSSJE") == total(payments[key], "ZFJE")
    assert len(charges) == len(payments) == len(rows["TB_MZ_JSMXB"])


def test_a_prescription_costs_what_its_details_were_charged(rows: dict[str, list[Row]]) -> None:
    charges = by([row for row in rows["TB_MZ_SFMXB"] if "YZMXID" in row and row["TFBZ"] != "2"], "YLJGDM", "YZMXID")
    details = by(rows["TB_MZ_YPCFMX"] + rows["TB_MZ_QTCFMX"], "YLJGDM", "CFZID")
    for row in rows["TB_MZ_CFZB"]:
        lines = [charges[row["YLJGDM"], detail["CFMXID"]] for detail in details[row["YLJGDM"], row["CFZID"]]]
        assert Decimal(row["CFJE"]) == total([line for part in lines for line in part], "MXXMSSJE")


def test_a_refund_names_its_charge_and_gives_back_what_was_paid(rows: dict[str, list[Row]]) -> None:
    charges = {(row["YLJGDM"], row["SFMXID"]): row for row in rows["TB_MZ_SFMXB"]}
    refunds = [row for row in rows["TB_MZ_SFMXB"] if row["TFBZ"] == "2"]
    assert refunds
    for refund in refunds:
        original = charges[refund["YLJGDM"], refund["BTFMXID"]]
        assert original["TFBZ"] == "3"
        assert original["JZLSH"] == refund["JZLSH"]
        assert Decimal(original["MXXMSSJE"]) == -Decimal(refund["MXXMSSJE"])
        assert moment(refund["FYFSSJ"]) > moment(original["FYFSSJ"])
    assert len(refunds) == sum(row["TFBZ"] == "3" for row in rows["TB_MZ_SFMXB"])


def test_a_discharged_stay_is_settled_to_the_last_line(rows: dict[str, list[Row]]) -> None:
    charges = by(rows["TB_ZY_SFMXB"], "YLJGDM", "JZLSH")
    lines = by(rows["TB_ZY_JSMXB"], "YLJGDM", "JSJLID")
    payments = by(rows["TB_ZY_JSZFFSMXB"], "YLJGDM", "JSJLID")
    discharged = {(row["YLJGDM"], row["JZLSH"]) for row in rows["TB_ZY_CRYMXB"] if row["CYBZ"] == "1"}
    assert {(row["YLJGDM"], row["JZLSH"]) for row in rows["TB_ZY_JSJLB"]} == discharged
    for row in rows["TB_ZY_JSJLB"]:
        mine = charges[row["YLJGDM"], row["JZLSH"]]
        key = (row["YLJGDM"], row["JSJLID"])
        assert Decimal(row["FYJSZJE"]) == total(mine, "MXXMSSJE") == total(payments[key], "ZFJE")
        assert {line["SFMXID"]: line["TFBZ"] for line in lines[key]} == {one["SFMXID"]: one["TFBZ"] for one in mine}


def test_a_stay_has_a_bed_fee_every_day_and_days_that_fit(rows: dict[str, list[Row]]) -> None:
    beds = by([row for row in rows["TB_ZY_SFMXB"] if row["MXXMBM"].startswith("CWF")], "YLJGDM", "JZLSH")
    for row in rows["TB_ZY_CRYMXB"]:
        if row["CYBZ"] == "1":
            nights = (moment(row["CYSJ"]).date() - moment(row["RYSJ"]).date()).days
            assert int(row["ZYTS"]) == nights >= 1
            days = {iso(bed["FYFSSJ"]) for bed in beds[row["YLJGDM"], row["JZLSH"]]}
            assert len(days) == nights + 1


def test_times_of_a_visit_are_in_order(rows: dict[str, list[Row]]) -> None:
    registered = {
        (row["YLJGDM"], row["JZLSH"]): moment(row["GTHSJ"]) for row in rows["TB_MZ_GHMXB"] if row["GTHBZ"] == "1"
    }
    for row in rows["TB_MZ_JZMXB"]:
        assert registered[row["YLJGDM"], row["JZLSH"]] < moment(row["JZSJ"]) < moment(row["WCJZSJ"])
        assert moment(row["JZSJ"]).strftime("%Y%m%d") == row["JZKSRQ"]
    for row in rows["TB_MZ_SFMXB"]:
        assert registered[row["YLJGDM"], row["JZLSH"]] <= moment(row["FYFSSJ"]) <= moment(row["SFJSSJ"])


def test_nobody_with_a_cancelled_registration_is_seen(rows: dict[str, list[Row]]) -> None:
    cancelled = {(row["YLJGDM"], row["JZLSH"]) for row in rows["TB_MZ_GHMXB"] if row["GTHBZ"] == "2"}
    assert cancelled
    assert not cancelled & {(row["YLJGDM"], row["JZLSH"]) for row in rows["TB_MZ_JZMXB"]}


def test_uploads_come_within_72_hours_and_never_before_what_they_tell(rows: dict[str, list[Row]]) -> None:
    for name, table in load().daily.items():
        for row in rows[name]:
            age = moment(row["TBRQ"]) - moment(row[table.biz_date])
            assert 0 <= age.total_seconds() <= 72 * 3600, name


def test_every_local_code_is_in_the_institutions_map(province: Province, rows: dict[str, list[Row]]) -> None:
    standard = load()
    known = {(e["org"], e["map"], e["local_code"]) for maps in province.maps for e in maps.entries()}
    for name, table in standard.daily.items():
        for column in table.columns:
            for row in rows[name] if column.maps else ():
                code = row.get(column.name, "")
                if (code and row.get("SFXMLBBM") != "99") or (code and column.maps in (("department",), ("fee",))):
                    local = any((row["YLJGDM"], kind, code) in known for kind in column.maps)
                    assert local or any(code in standard.catalogues[kind] for kind in column.maps), (name, code)


def test_map_entries_agree_with_the_catalogue(province: Province) -> None:
    drugs = load().catalogues["drug"]
    for entry in province.maps[0].entries():
        if entry["map"] == "drug":
            fields = drugs[entry["standard_code"]].fields
            assert entry["dosage_form"] == fields["dosage_form_code"]
            assert (entry["generic_name"], entry["specification"], entry["manufacturer"]) == (
                fields["generic_name"], fields["specification"], fields["manufacturer"],
            )  # fmt: skip


def test_less_complete_maps_leave_local_codes_out() -> None:
    whole, partial = Province(1, 1, END, seed=4), Province(1, 1, END, seed=4, completeness=0.5)
    assert not whole.maps[0].missing
    assert len(partial.maps[0].entries()) == len(whole.maps[0].entries()) - len(partial.maps[0].missing)


@pytest.mark.parametrize("table", [*OUTPATIENT_TABLES, *INPATIENT_TABLES])
def test_an_institution_tells_about_every_table_every_day(province: Province, table: str) -> None:
    expected = {
        (org.org, day)
        for org in province.orgs
        for day in province.dates
        if org.inpatient or table not in INPATIENT_TABLES
    }
    assert {(batch.org, batch.day) for batch in province.batches() if batch.table == table} == expected


def test_weekends_are_quieter() -> None:
    counts: Counter[int] = Counter()
    for batch in Province(2, 14, END, seed=2).batches():
        if batch.table == "TB_MZ_GHMXB":
            counts[batch.day.weekday()] += len(batch.rows)
    assert counts[6] < counts[0]
    assert counts[5] < counts[0]
