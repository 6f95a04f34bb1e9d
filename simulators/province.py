"""A seeded province: every institution, every day, every table, as batches of rows in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from simulators.clinic import Clinic
from simulators.maps import OrgMaps, make_maps
from simulators.messages import BATCH_ROWS, Row
from simulators.orgs import Org, make_orgs
from simulators.site import Day, Rows, Site, make_site
from simulators.wards import Stay, Wards
from standard.load import load
from standard.model import Standard

PATIENTS = ("TB_HZXX",)
OUTPATIENT_TABLES = (
    "TB_MZ_GHMXB", "TB_MZ_JZMXB", "TB_MZ_ZDMXB", "TB_MZ_CFZB", "TB_MZ_YPCFMX", "TB_MZ_QTCFMX", "TB_MZ_SFMXB",
    "TB_MZ_JSMXB", "TB_MZ_JSZFFSMXB",
)  # fmt: skip
INPATIENT_TABLES = (
    "TB_ZY_CRYMXB", "TB_ZY_ZDMXB", "TB_ZY_YZZB", "TB_ZY_YPYZMX", "TB_ZY_QTYZMX", "TB_ZY_SFMXB", "TB_ZY_JSJLB",
    "TB_ZY_JSMXB", "TB_ZY_JSZFFSMXB",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table that an institution sends together; without rows an honest "nothing happened"."""

    org: str
    table: str
    day: date
    number: int
    sent_at: datetime
    rows: Sequence[Row]

    @property
    def id(self) -> str:
        """The batch id, unique within the institution."""
        return f"D{self.day:%Y%m%d}-{self.table}-{self.number:04d}"

    def with_rows(self, rows: Sequence[Row]) -> Batch:
        """The same batch with other rows."""
        return replace(self, rows=rows)


@dataclass(frozen=True, slots=True)
class Sending:
    """All that one institution sends for one day: its rows by table, those without rows too."""

    site: Site
    day: Day
    rows: Rows
    left: Sequence[tuple[Stay, int]] = ()  # who was discharged, and at which second of the day

    def batches(self, table: str) -> Iterator[Batch]:
        """The batches of one table; a single empty one when nothing happened."""
        rows = self.rows[table]
        for number, start in enumerate(range(0, max(len(rows), 1), BATCH_ROWS), 1):
            part = rows[start : start + BATCH_ROWS]
            yield Batch(self.site.org.org, table, self.day.date, number, self.day.sent_at, part)


class Province:
    """``orgs`` institutions over ``days`` days up to and with ``end``. The same arguments give the same bytes.

    :param volume: factor on the number of patients (1.0: a large hospital sees 120 outpatients a day).
    :param completeness: share of local codes that the institutions' code maps hold.
    :param code: the code of the first institution, instead of a made-up one.
    """

    def __init__(
        self, orgs: int, days: int, end: date, seed: int = 1, volume: float = 1.0, completeness: float = 1.0,
        standard: Standard | None = None, code: str = "",
    ) -> None:  # fmt: skip
        self.standard = standard or load()
        self.seed = seed
        self.volume = volume
        self.end = end
        self.dates = tuple(end - timedelta(days=back) for back in range(days - 1, -1, -1))
        self.orgs: tuple[Org, ...] = make_orgs(orgs, seed, code)
        self.maps: tuple[OrgMaps, ...] = tuple(make_maps(org, self.standard, seed, completeness) for org in self.orgs)

    def sendings(self) -> Iterator[Sending]:
        """Day by day, institution by institution. Every call begins the province anew."""
        parts = []
        for org, maps in zip(self.orgs, self.maps, strict=True):
            site = make_site(org, maps, self.standard, self.seed)
            parts.append((site, Clinic(site, self.volume), Wards(site, self.volume) if org.inpatient else None))
        for date_ in self.dates:
            for site, clinic, wards in parts:
                day = site.day(date_)
                rows = clinic.day(day)
                inpatient = wards.day(day) if wards is not None else {}
                together = {table: rows.get(table, []) for table in (*PATIENTS, *OUTPATIENT_TABLES)}
                if wards is not None:
                    together |= {table: inpatient.get(table, []) for table in INPATIENT_TABLES}
                    together["TB_HZXX"] = together["TB_HZXX"] + inpatient.get("TB_HZXX", [])
                yield Sending(site, day, together, tuple(wards.left) if wards is not None else ())

    def batches(self) -> Iterator[Batch]:
        """Every batch of the province, without faults."""
        for sending in self.sendings():
            for table in sending.rows:
                yield from sending.batches(table)
