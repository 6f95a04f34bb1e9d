"""Row faults and their expected findings, as data. Expectations are stated here, never asked from the rule engine.

A fault is chosen so that it breaks exactly the rules it names and no other rule of the same row. A row gets at most
one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from simulators.messages import Row
from simulators.numbers import ID_CHECKS

Finding = tuple[str, str]
Change = Callable[[Row], None]
Applies = Callable[[Row], bool]
#: A year that is the future for every arrival, and that the pipeline's and ClickHouse's times still hold.
FUTURE = "2099"


@dataclass(frozen=True, slots=True)
class RowFault:
    """A fault of one row of ``table``. ``kind`` groups faults for rates; ``duplicate`` sends the row a second time."""

    kind: str
    table: str
    findings: tuple[Finding, ...]
    change: Change = lambda row: None
    applies: Applies = lambda row: True
    duplicate: bool = False
    unmapped: tuple[tuple[str, str], ...] = ()  # (map, column) whose code has no standard code then


@dataclass(frozen=True, slots=True)
class Duty:
    """A mapping duty of a column: an unmapped code is a finding of ``rule`` (one a row), under ``applies``."""

    column: str
    maps: tuple[str, ...]  # tried in order; unmapped codes are counted under the first
    rule: str
    applies: Applies = lambda row: True


@dataclass(frozen=True, slots=True)
class Profile:
    """How much goes wrong. ``rows``: share of rows by kind of fault (of those tables that know the kind).

    The others are shares of institution-days (``late_days``, ``missing_days``), of institution-table-days
    (``missing_tables``, ``bursts``, ``drift``) and garbage messages an institution-day.
    """

    rows: Mapping[str, float] = field(default_factory=dict)
    late_days: float = 0.0
    missing_days: float = 0.0
    missing_tables: float = 0.0
    bursts: float = 0.0
    burst_factor: int = 5
    drift: float = 0.0
    garbage: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether nothing goes wrong."""
        return self == Profile()


def blank(column: str) -> Change:
    """Leave a column out."""

    def change(row: Row) -> None:
        row.pop(column, None)

    return change


def put(column: str, value: str) -> Change:
    """Another value in a column."""

    def change(row: Row) -> None:
        row[column] = value

    return change


def wrong_check(column: str) -> Change:
    """The check character of an identity number one further in its cycle; everything else stays right."""

    def change(row: Row) -> None:
        value = row[column]
        row[column] = value[:17] + ID_CHECKS[(ID_CHECKS.index(value[17]) + 1) % 11]

    return change


def ten_more(column: str) -> Change:
    """An amount that is 10.00 higher."""

    def change(row: Row) -> None:
        whole, cents = row[column].split(".")
        row[column] = f"{int(whole) + 10}.{cents}"

    return change


def in_future(column: str) -> Change:
    """A time moved to the year 2099 (29 February to the 28th), in the row's own way of writing it."""

    def change(row: Row) -> None:
        value = FUTURE + row[column][4:]
        row[column] = value.replace("2099-02-29", "2099-02-28").replace("20990229", "20990228")

    return change


def unknown_code(column: str) -> Change:
    """A local code that no map knows; made from the right one, so that examples are recognisable."""

    def change(row: Row) -> None:
        row[column] = f"{row[column][:30]}-X"

    return change


def filled(column: str) -> Applies:
    """Only rows with a value there."""
    return lambda row: bool(row.get(column))


def charged(row: Row) -> bool:
    """Only plain charges: a refund or a refunded charge has rules of its own."""
    return row["TFBZ"] == "1"


def catalogued(row: Row) -> bool:
    """Only drugs, laboratory tests and examinations; bed, nursing and registration fees have no mapping duty."""
    return row["SFXMLBBM"] != "99"


def _missing(table: str, column: str, *rules: str) -> RowFault:
    return RowFault("missing_mandatory", table, tuple((rule, "error") for rule in rules), blank(column))


def _code(table: str, column: str, value: str, rule: str, severity: str = "error") -> RowFault:
    return RowFault("bad_code", table, ((rule, severity),), put(column, value), filled(column))


def _check(table: str, column: str, rule: str, severity: str) -> RowFault:
    return RowFault("bad_checksum", table, ((rule, severity),), wrong_check(column), filled(column))


def _unmapped(table: str, column: str, kind: str, rule: str, applies: Applies = lambda row: True) -> RowFault:
    return RowFault(
        "unmapped_code", table, ((rule, "warning"),), unknown_code(column), applies, unmapped=((kind, column),)
    )


def _twice(table: str, rule: str) -> RowFault:
    return RowFault("duplicate", table, ((rule, "error"),), duplicate=True)


def _sum(table: str, column: str, rule: str) -> RowFault:
    return RowFault("wrong_sum", table, ((rule, "error"),), ten_more(column), charged)


def _future(table: str, rule: str) -> RowFault:
    return RowFault("future_date", table, ((rule, "error"),), in_future("TBRQ"))


ROW_FAULTS: tuple[RowFault, ...] = (
    _missing("TB_HZXX", "XM", "HZ05"),
    _missing("TB_MZ_GHMXB", "GHLB", "GH11"),
    _missing("TB_MZ_JZMXB", "ZZYSGH", "JZ16"),
    _missing("TB_MZ_ZDMXB", "ZDZCBM", "MD14"),
    _missing("TB_MZ_CFZB", "CFHM", "CF11"),
    _missing("TB_MZ_YPCFMX", "YNSFXMMC", "YP11"),
    _missing("TB_MZ_QTCFMX", "YNSFXMMC", "QT12"),
    _missing("TB_MZ_SFMXB", "KDYSBH", "SF28"),
    _missing("TB_MZ_JSMXB", "JSRYGH", "JS17"),
    _missing("TB_ZY_CRYMXB", "ZYH", "CR09"),
    _missing("TB_ZY_YZZB", "YZMC", "YZ11"),
    _missing("TB_ZY_YPYZMX", "YNSFXMMC", "ZP21"),
    _missing("TB_ZY_QTYZMX", "YNMXMC", "ZQ21"),
    _missing("TB_ZY_SFMXB", "KDYSBH", "ZS19"),
    _missing("TB_ZY_JSJLB", "JSRYGH", "ZJ19"),
    _code("TB_HZXX", "HYZK", "77", "HZ17", "warning"),
    _code("TB_MZ_GHMXB", "BXLX", "88", "GH15"),
    _code("TB_MZ_SFMXB", "SFCJBM", "9", "SF14"),
    _code("TB_MZ_JSMXB", "SFCJBM", "9", "JS10"),
    _code("TB_ZY_YZZB", "YZXQ", "77", "YZ10"),
    _code("TB_ZY_JSJLB", "SFCJBM", "9", "ZJ10"),
    _check("TB_HZXX", "ZJHM", "HZ08", "error"),
    _check("TB_MZ_CFZB", "KFYSSFZHM", "CF08", "warning"),
    _check("TB_MZ_SFMXB", "KDYSSFZHM", "SF08", "warning"),
    _check("TB_ZY_CRYMXB", "SZYSSFZHM", "CR07", "warning"),
    _sum("TB_MZ_SFMXB", "MXXMYSJE", "SF15"),
    _sum("TB_ZY_SFMXB", "MXXMYSJE", "ZS11"),
    _future("TB_MZ_SFMXB", "SF07"),
    _future("TB_MZ_JSMXB", "JS07"),
    _future("TB_ZY_SFMXB", "ZS07"),
    _twice("TB_MZ_JZMXB", "JZ02"),
    _twice("TB_MZ_SFMXB", "SF02"),
    _twice("TB_ZY_SFMXB", "ZS02"),
    _unmapped("TB_MZ_GHMXB", "KSBM", "department", "GH16"),
    _unmapped("TB_MZ_QTCFMX", "XMBM", "item", "QT11"),
    _unmapped("TB_MZ_SFMXB", "KDKSBM", "department", "SF27"),
    _unmapped("TB_MZ_SFMXB", "MXXMBM", "drug", "SF25", lambda row: row["SFXMLBBM"] == "01"),
    _unmapped("TB_ZY_SFMXB", "KDKSBM", "department", "ZS18"),
)
KINDS = (*dict.fromkeys(fault.kind for fault in ROW_FAULTS), "orphan_patient")
BY_TABLE: Mapping[str, tuple[RowFault, ...]] = {
    table: tuple(fault for fault in ROW_FAULTS if fault.table == table)
    for table in dict.fromkeys(fault.table for fault in ROW_FAULTS)
}
#: The fault that a burst consists of, and what makes its rows new ones.
BURST = next(fault for fault in ROW_FAULTS if fault.findings == (("SF28", "error"),))
BURST_KEY = "SFMXID"

#: The rule of each table that flags late uploads (warning); TB_HZXX has no business time of its own.
LATE_RULES: Mapping[str, str] = {
    "TB_MZ_GHMXB": "GH06", "TB_MZ_JZMXB": "JZ07", "TB_MZ_ZDMXB": "MD07", "TB_MZ_CFZB": "CF07",
    "TB_MZ_YPCFMX": "YP07", "TB_MZ_QTCFMX": "QT07", "TB_MZ_SFMXB": "SF07", "TB_MZ_JSMXB": "JS07",
    "TB_MZ_JSZFFSMXB": "MF07", "TB_ZY_CRYMXB": "CR06", "TB_ZY_ZDMXB": "ZD07", "TB_ZY_YZZB": "YZ07",
    "TB_ZY_YPYZMX": "ZP07", "TB_ZY_QTYZMX": "ZQ07", "TB_ZY_SFMXB": "ZS07", "TB_ZY_JSJLB": "ZJ07",
    "TB_ZY_JSMXB": "ZM07", "TB_ZY_JSZFFSMXB": "ZF07",
}  # fmt: skip
#: The rule of each table (scope store) that misses a row's patient in TB_HZXX.
ORPHAN_RULES: Mapping[str, str] = {table: f"{rule[:2]}03" for table, rule in LATE_RULES.items()}

#: Mapping duties of every table, for institutions whose maps are not complete.
DUTIES: Mapping[str, tuple[Duty, ...]] = {
    "TB_MZ_GHMXB": (Duty("KSBM", ("department",), "GH16"),),
    "TB_MZ_JZMXB": (Duty("JZKSBM", ("department",), "JZ15"),),
    "TB_MZ_CFZB": (Duty("JZKSDM", ("department",), "CF14"),),
    "TB_MZ_YPCFMX": (Duty("ZXKSBM", ("department",), "YP23"),),
    "TB_MZ_QTCFMX": (Duty("XMBM", ("item",), "QT11"), Duty("ZXKSBM", ("department",), "QT19")),
    "TB_MZ_SFMXB": (
        Duty("FYSRGLBM", ("fee",), "SF24"),
        Duty("KDKSBM", ("department",), "SF27"), Duty("ZXKSBM", ("department",), "SF27"),
        Duty("MXXMBM", ("drug", "item"), "SF25", catalogued),
    ),
    "TB_ZY_CRYMXB": (Duty("RYKSBM", ("department",), "CR11"), Duty("CYKSBM", ("department",), "CR15")),
    "TB_ZY_YZZB": (Duty("XDKSBM", ("department",), "YZ13"),),
    "TB_ZY_YPYZMX": (Duty("ZXKSBM", ("department",), "ZP17"),),
    "TB_ZY_QTYZMX": (Duty("YZMXBM", ("item",), "ZQ20"), Duty("ZXKSBM", ("department",), "ZQ17")),
    "TB_ZY_SFMXB": (
        Duty("FYSRGLBM", ("fee",), "ZS16"),
        Duty("KDKSBM", ("department",), "ZS18"), Duty("ZXKSBM", ("department",), "ZS18"),
        Duty("MXXMBM", ("drug", "item"), "ZS17", catalogued),
    ),
}  # fmt: skip


def plant(
    rows: Sequence[Row], table: str, rates: Mapping[str, float], rng: Random
) -> tuple[list[Row], dict[int, RowFault]]:
    """Rows with faults, and which row (index into them) has which. The given rows stay as they are.

    A duplicate is put right behind its original; the copy carries the fault.
    """
    faults = [fault for fault in BY_TABLE.get(table, ()) if rates.get(fault.kind)]
    if not faults:
        return list(rows), {}
    shares = [rates[fault.kind] / sum(other.kind == fault.kind for other in faults) for fault in faults]
    total = sum(shares)
    planted: dict[int, RowFault] = {}
    result: list[Row] = []
    for row in rows:
        result.append(row)
        if rng.random() >= total:
            continue
        fault = rng.choices(faults, shares)[0]
        if not fault.applies(row):
            continue
        if fault.duplicate:
            result.append(dict(row))
        else:
            result[-1] = dict(row)
            fault.change(result[-1])
        planted[len(result) - 1] = fault
    return result, planted
