from __future__ import annotations

import orjson

from simulators.load import charge_faulty, charge_keys, charge_maps, charge_orgs, charge_rows
from standard.load import load


def test_charge_rows_come_in_batches_of_500_of_which_one_in_a_hundred_is_faulty() -> None:
    messages = list(charge_rows(1200))
    heads = [orjson.loads(message.partition(b"\n")[0]) for message in messages]
    rows = [orjson.loads(line) for message in messages for line in message.split(b"\n")[1:]]
    assert [head["count"] for head in heads] == [500, 500, 200]
    assert [head["org"].encode() for head in heads] == list(charge_keys(1200))
    assert {head["org"] for head in heads} <= {org.org for org in charge_orgs()}
    assert len({row["SFMXID"] for row in rows}) == len(rows) == 1200
    assert sum("KDYSBH" not in row for row in rows) == charge_faulty(1200) == 12
    assert 700 < sum(map(len, messages)) / len(rows) < 850


def test_charge_rows_use_all_columns_but_that_of_refunds() -> None:
    row = orjson.loads(next(charge_rows(1)).split(b"\n")[1])
    assert {*row, "BTFMXID"} == set(load().tables["TB_MZ_SFMXB"].by_name)


def test_charge_rows_are_the_same_again() -> None:
    assert list(charge_rows(600, 3)) == list(charge_rows(600, 3))
    assert list(charge_rows(600, 3)) != list(charge_rows(600, 4))


def test_the_maps_of_the_load_hold_its_codes() -> None:
    known = {(entry["org"], entry["local_code"]) for maps in charge_maps() for entry in maps.entries()}
    for message in charge_rows(1000):
        for line in message.split(b"\n")[1:]:
            row = orjson.loads(line)
            assert {(row["YLJGDM"], row[column]) for column in ("KDKSBM", "ZXKSBM", "MXXMBM", "FYSRGLBM")} <= known
