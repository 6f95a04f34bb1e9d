"""Institutions and code maps come back as they were saved; a change replaces and is counted."""

from __future__ import annotations

import threading

import pytest

from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore, MapEntry
from clickhouse.orgs import Org, OrgStore
from tests.clickhouse.rows import MORNING

pytestmark = pytest.mark.stack

ORG = "12345678X00000000000AA"


def test_institutions_come_back_and_a_second_save_replaces(clickhouse: ClickHouse) -> None:
    store = OrgStore(clickhouse)
    assert store.all() == []
    store.save([])
    first = Org(ORG, "第一人民医院", "990100", "990101", 3, "hospital", True, True, "张三", "000", True, False)
    second = Org("B", "第二人民医院")
    store.save([second, first])
    assert store.all() == [first, second]
    renamed = Org("B", "市二院", level=2)
    store.save([second, renamed])
    assert store.all() == [first, renamed]


def test_the_clock_of_a_store_is_what_its_rows_carry(clickhouse: ClickHouse) -> None:
    OrgStore(clickhouse, clock=lambda: MORNING).save([Org("A", "a")])
    CodeMapStore(clickhouse, clock=lambda: MORNING).save("A", "fee", [MapEntry("1")], "me")
    for table in ("orgs", "code_maps"):
        assert clickhouse.rows(f"SELECT updated_at FROM {table}") == [{"updated_at": MORNING}]


def test_each_change_of_an_institutions_maps_raises_its_version_by_one(clickhouse: ClickHouse) -> None:
    store = CodeMapStore(clickhouse)
    assert store.version(ORG) == 0
    drug = MapEntry("L1", "阿莫西林", "000000000001", "阿莫西林", "01", "0.25g", "某厂")
    assert store.save(ORG, "drug", [drug, MapEntry("L2", standard_code="000000000002")], "importer") == 1
    assert store.save(ORG, "department", [MapEntry("01", "内科", "A03")], "张三") == 2
    assert store.save("B", "department", [MapEntry("01", "内科", "A03")], "张三") == 1
    assert store.save(ORG, "drug", [MapEntry("L2")], "李四") == 3
    assert store.save(ORG, "drug", [], "nobody") == 3
    assert (store.version(ORG), store.version("B")) == (3, 1)

    entries = {(entry.org, entry.map, entry.local_code): entry for entry in store.all()}
    assert list(entries) == [
        (ORG, "department", "01"),
        (ORG, "drug", "L1"),
        (ORG, "drug", "L2"),
        ("B", "department", "01"),
    ]
    kept = entries[ORG, "drug", "L1"]
    assert (kept.generic_name, kept.manufacturer, kept.version, kept.changed_by) == ("阿莫西林", "某厂", 1, "importer")
    unmapped = entries[ORG, "drug", "L2"]
    assert (unmapped.standard_code, unmapped.version, unmapped.changed_by) == ("", 3, "李四")


def test_changes_at_the_same_time_get_versions_of_their_own(clickhouse: ClickHouse) -> None:
    store = CodeMapStore(clickhouse)
    versions: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: versions.append(store.save(ORG, "item", [MapEntry(str(n))], "me")))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(versions) == [1, 2, 3, 4, 5, 6]
    assert len(store.all()) == 6
