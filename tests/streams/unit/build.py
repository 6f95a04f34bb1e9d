"""Records, messages and rows for the tests of the pure steps: small, readable, and what the broker would hand over.

A test says only what matters to it: ``charge(MXXMSL="0")`` is a right row of TB_MZ_SFMXB but for its quantity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import polars as pl

from standard.load import load
from standard.model import Standard
from streams.alerts import Alert
from streams.alerts import build as build_alerts
from streams.decide import Decider, Decision
from streams.decode import Decoded, decode, read_rows
from streams.maps import CodeMaps
from streams.shape import Landing, Place, landing

ORG = "90000001499000011A1001"
OTHER_ORG = "90000002299000011A1001"
ORGS = frozenset({ORG, OTHER_ORG})
CHARGES, PATIENTS = "TB_MZ_SFMXB", "TB_HZXX"
#: Saturday morning in Shanghai; every record arrives then unless a test says otherwise.
ARRIVED = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
ARRIVED_MS = int(ARRIVED.timestamp() * 1000)
NOW = datetime(2026, 11, 21, 0, 0, 1, tzinfo=UTC)
LIMIT = 1 << 20
PLACE = Place("his.changes", "topic-1", "worker-1", "standard-1")

RIGHT_CHARGE: Mapping[str, Any] = {
    "YLJGDM": ORG, "SFMXID": "S1", "BRZSY": "P1", "JZLSH": "V1", "TFBZ": "1", "SFCJBM": "2", "YZMXID": "M1",
    "SFXMLBBM": "01", "FYSRGLBM": "0101", "FYFSSJ": "2026-11-20 08:00:00", "SYJSID": "J1",
    "SFJSSJ": "2026-11-20 09:00:00", "KDKSBM": "03", "KDKSMC": "内科", "KDYSBH": "D1", "KDYSXM": "李医生",
    "ZXKSBM": "30", "ZXKSMC": "医学检验科", "ZXRYBH": "D2", "ZXRYXM": "赵护士", "MXXMBM": "101900000379",
    "MXXMMC": "阿莫西林胶囊", "YNSFXMBM": "-", "YNSFXMMC": "-", "MXXMDW": "盒", "XMFLBM": "-", "XMFLMC": "-",
    "MXXMDJ": "12.50", "MXXMSL": "2", "MXXMYSJE": "25.00", "MXXMSSJE": "25.00", "TBRQ": "2026-11-20 20:00:00",
    "XGBZ": "0",
}  # fmt: skip
RIGHT_PATIENT: Mapping[str, Any] = {
    "YLJGDM": ORG, "BRZSY": "P1", "ZJHM": "990000199003070013", "ZJLX": "01", "XB": "1", "XM": "王小明", "NLS": "36",
    "HYZK": "10", "CSRQ": "19900307", "MZ": "01", "GJ": "156", "SJHM": "13800000000", "JZDZ": "示例路1号",
    "XGBZ": "0", "TBRQ": "2026-11-20 08:00:00",
}  # fmt: skip


def charge(**changes: Any) -> dict[str, Any]:
    """A right row of TB_MZ_SFMXB with some values changed; None leaves a column out."""
    return {name: value for name, value in {**RIGHT_CHARGE, **changes}.items() if value is not None}


def patient(**changes: Any) -> dict[str, Any]:
    """A right row of TB_HZXX with some values changed; None leaves a column out."""
    return {name: value for name, value in {**RIGHT_PATIENT, **changes}.items() if value is not None}


@dataclass(slots=True)
class Sent:
    """A record as the Kafka client hands it over (``streams.message.Record``)."""

    value: bytes | None
    offset: int = 0
    partition: int = 0
    timestamp: int = ARRIVED_MS
    key: bytes | None = ORG.encode()
    headers: Sequence[tuple[str, bytes]] = field(default_factory=list)


Row = Mapping[str, Any] | bytes


def lines(rows: Iterable[Row], ending: bytes = b"\n") -> bytes:
    """Rows, one a line; bytes are taken as they are."""
    return ending.join(row if isinstance(row, bytes) else orjson.dumps(row) for row in rows)


def batch(*rows: Row, without: Sequence[str] = (), ending: bytes = b"\n", **header: Any) -> bytes:
    """A change batch of TB_MZ_SFMXB; ``header`` changes fields of the header, ``without`` leaves some out."""
    fields = {
        "sanjian": 1, "org": ORG, "table": CHARGES, "batch": "B1", "op": "upsert",
        "sent_at": "2026-11-21T07:59:59+08:00", "count": len(rows), **header,
    }  # fmt: skip
    chosen = {name: value for name, value in fields.items() if name not in without}
    return orjson.dumps(chosen) + ending + lines(rows, ending)


def event(row: Row | None, *, op: str = "c", table: str = CHARGES, wrapped: bool = False, **fields: Any) -> bytes:
    """A Debezium change event; the row is ``before`` of a deletion and ``after`` of everything else."""
    side = "before" if op == "d" else "after"
    mark = b'"@row@"'
    payload = {"before": None, "after": None, "op": op, "source": {"table": table}, "ts_ms": ARRIVED_MS - 1000}
    payload |= {side: None if row is None else "@row@", **fields}
    whole = orjson.dumps({"schema": {"type": "struct", "fields": []}, "payload": payload} if wrapped else payload)
    return whole.replace(mark, row if isinstance(row, bytes) else orjson.dumps(row), 1)


def records(*values: bytes | Sent | None) -> list[Sent]:
    """Records at the offsets 0, 1, …; a Sent keeps all but its offset."""
    sent = [value if isinstance(value, Sent) else Sent(value) for value in values]
    for offset, record in enumerate(sent):
        record.offset = offset
    return sent


@cache
def decider() -> Decider:
    """The standard as delivered, compiled once for all tests."""
    return Decider(load())


def standard() -> Standard:
    """The standard as delivered."""
    return decider().standard


def read(*values: bytes | Sent | None, limit: int = LIMIT, skip: frozenset[int] = frozenset()) -> Decoded:
    """Step 1 of these messages together."""
    return read_records(records(*values), limit, skip)


def read_records(sent: Sequence[Sent], limit: int = LIMIT, skip: frozenset[int] = frozenset()) -> Decoded:
    """Step 1 of records whose offsets are set."""
    decoded = decode(sent, decider().tables, ORGS, limit)
    decoded.letters = [letter for letter in decoded.letters if letter.message not in skip]
    read_rows(decoded, decider().tables, skip)
    return decoded


@dataclass(slots=True)
class Worked:
    """Messages after steps 1 and 2, shaped for landing."""

    decoded: Decoded
    decision: Decision
    landing: Landing
    alerts: list[Alert]

    @property
    def ledger(self) -> list[dict[str, Any]]:
        """The ledger's rows."""
        return self.landing.ledger.to_dicts()

    def found(self, *columns: str) -> list[tuple[Any, ...]]:
        """Findings as tuples of columns (default: row and rule), sorted."""
        chosen = columns or ("row", "rule_id")
        return sorted(self.landing.findings.select(chosen).rows()) if self.landing.findings.height else []

    def reasons(self) -> list[tuple[int, int, str]]:
        """Letters as (message, row, reason)."""
        return [(letter.message, letter.row, letter.reason) for letter in self.decoded.letters]


def work(*values: bytes | Sent | None, maps: CodeMaps | None = None, repeats: frozenset[int] = frozenset()) -> Worked:
    """Steps 1 and 2 of these messages together, with their alerts."""
    return work_records(records(*values), maps, repeats)


def work_records(sent: Sequence[Sent], maps: CodeMaps | None = None, repeats: frozenset[int] = frozenset()) -> Worked:
    """Steps 1 and 2 of records whose offsets are set."""
    maps = maps or CodeMaps(standard())
    decoded = read_records(sent, skip=repeats)
    decision = decider().decide(decoded, maps)
    versions = {message.org: maps.version(message.org) for message in decoded.messages}
    shaped = landing(decoded, decision, standard(), PLACE, versions, repeats, NOW)
    return Worked(decoded, decision, shaped, build_alerts(decoded, decision, shaped, decider(), PLACE, repeats))


def values_of(decoded: Decoded, column: str, table: str = CHARGES, op: str = "upsert") -> list[str | None]:
    """A column of the decoded rows, in order."""
    texts: list[str | None] = decoded.frames[table, op][column].to_list()
    return texts


def count(ledger: Sequence[Mapping[str, Any]], name: str) -> int:
    """The sum of one count over rows of the ledger."""
    return sum(int(row[name]) for row in ledger)


def same(left: pl.DataFrame, right: pl.DataFrame) -> bool:
    """Whether two frames hold the same rows, whatever their order."""
    if not left.height and not right.height:
        return True
    names = sorted(left.columns)
    return names == sorted(right.columns) and sorted(map(str, left.select(names).rows())) == sorted(
        map(str, right.select(names).rows())
    )
