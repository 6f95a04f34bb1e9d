"""Charge rows for benchmarks: many, fast, 39 columns, about 770 bytes each, one in a hundred faulty.

Every column but BTFMXID (only refunds have one) is filled. The faulty rows lack KDYSBH: one finding of SF28 each.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from simulators.faults import BURST
from simulators.maps import OrgMaps, make_maps
from simulators.messages import BATCH_ROWS, Row, change_batch
from simulators.numbers import money
from simulators.orgs import Org, make_orgs
from simulators.people import make_staff
from simulators.site import Day, make_site
from standard.load import load
from standard.model import Standard

ORGS = 6
TABLE = "TB_MZ_SFMXB"
#: A day that is past for every clock.
DAY = date(2026, 6, 1)
FAULTY_EVERY = 100
#: Different rows that the others are copies of; ids, times and amounts are always new.
PATTERNS = 64


def charge_orgs(seed: int = 1) -> tuple[Org, ...]:
    """The institutions of the rows, to be registered."""
    return make_orgs(ORGS, seed)


def charge_maps(seed: int = 1, standard: Standard | None = None) -> tuple[OrgMaps, ...]:
    """Their code maps (``entries()`` of each), to be registered."""
    known = standard or load()
    return tuple(make_maps(org, known, seed) for org in charge_orgs(seed))


def charge_faulty(rows: int) -> int:
    """How many of ``rows`` rows are rejected, each with one finding."""
    return rows // FAULTY_EVERY


def charge_keys(n: int, seed: int = 1) -> Iterator[bytes]:
    """The Kafka key of each message of ``charge_rows``."""
    orgs = charge_orgs(seed)
    for number in range((n + BATCH_ROWS - 1) // BATCH_ROWS):
        yield orgs[number % ORGS].org.encode()


def charge_rows(n: int, seed: int = 1) -> Iterator[bytes]:
    """Change batches of 500 rows, institutions in turn, ``n`` rows in all; the same bytes for the same arguments."""
    standard = load()
    sites = [make_site(maps_org, maps, standard, seed) for maps_org, maps in _pairs(seed, standard)]
    days = [site.day(DAY) for site in sites]
    patterns = [_patterns(site.maps, site.org, seed) for site in sites]
    rng = Random(f"{seed}/load")
    done = 0
    for number in range((n + BATCH_ROWS - 1) // BATCH_ROWS):
        which = number % ORGS
        rows = []
        for _ in range(min(BATCH_ROWS, n - done)):
            done += 1
            rows.append(_row(rng, patterns[which][done % PATTERNS], days[which], done))
        org, day = sites[which].org.org, days[which]
        yield change_batch(org, TABLE, f"L{seed}-{number:07d}", day.sent_at, rows).value


def _pairs(seed: int, standard: Standard) -> list[tuple[Org, OrgMaps]]:
    return list(zip(charge_orgs(seed), charge_maps(seed, standard), strict=True))


def _row(rng: Random, pattern: dict[str, Any], day: Day, number: int) -> Row:
    second = 28800 + int(rng.random() * 36000)
    cents, quantity = int(rng.random() * 9900) + 100, int(rng.random() * 5) + 1
    amount = money(cents * quantity)
    visit = number // 4
    row: Row = pattern | {
        "SFMXID": f"SF{number:010d}", "BRZSY": f"P{visit:08d}", "JZLSH": f"M{visit:08d}",
        "YZMXID": f"MX{number:010d}", "FYFSSJ": day.at(second), "SYJSID": f"JS{visit:08d}",
        "SFJSSJ": day.at(second + 60), "MXXMDJ": money(cents), "MXXMSL": str(quantity), "MXXMYSJE": amount,
        "MXXMSSJE": amount, "TBRQ": day.uploaded,
    }  # fmt: skip
    if number % FAULTY_EVERY == 0:
        BURST.change(row)
    return row


def _patterns(maps: OrgMaps, org: Org, seed: int) -> list[dict[str, str]]:
    rng = Random(f"{seed}/load/{org.org}")
    patterns = []
    for number in range(PATTERNS):
        department, where = rng.choice(maps.departments), rng.choice(maps.departments)
        doctor, worker = (make_staff(rng, org.city, "YS", number * 2 + part) for part in (1, 2))
        drug = rng.choice(maps.drugs)
        patterns.append(
            {
                "YLJGDM": org.org, "TFBZ": "1", "SFCJBM": "2", "SFXMLBBM": "01",
                "FYSRGLBM": maps.fees["0101" if drug.kind == "1" else "0103"], "KDKSBM": department.code,
                "KDKSMC": department.name, "KDYSBH": doctor.number, "KDYSXM": doctor.name,
                "KDYSSFZHM": doctor.id_number, "ZXKSBM": where.code, "ZXKSMC": where.name, "ZXRYBH": worker.number,
                "ZXRYXM": worker.name, "ZXRYSFZHM": worker.id_number, "SFXMBZBM": "01", "MXXMBM": drug.code,
                "MXXMMC": drug.name, "YNSFXMBM": drug.code, "YNSFXMMC": drug.name, "MXXMDW": "盒", "XMFLBM": "0101",
                "XMFLMC": "西药", "XGBZ": "0", "YLYL1": "1", "YLYL2": "2",
            }
        )  # fmt: skip
    return patterns
