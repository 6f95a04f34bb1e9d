"""A province's feed with planted faults: messages out, the expected result into a manifest on the way.

For each institution and day: 1 the day's own faults are drawn (missing, late) · 2 each table's (missing, burst, drift)
· 3 each batch's row faults · 4 the manifest is told what becomes of every row · 5 the batch becomes messages, one of
them with a line that is no row · 6 whole messages that cannot be read follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from simulators.expect import Expectation
from simulators.faults import BURST, BURST_KEY, Profile, RowFault, plant
from simulators.garbage import JUNK_LINES, WHOLE, garbage, with_junk
from simulators.manifest import Manifest
from simulators.messages import BATCH_ROWS, Message, Row, Shape, change_batch, messages
from simulators.province import Batch, Province, Sending

#: A late day is uploaded so many days later: more than 72 hours after any business time of the day.
LATE_DAYS = 4
PATIENTS = "TB_HZXX"
#: The table that bursts, and where single lines are spoilt: the one with most rows.
BUSIEST = "TB_MZ_SFMXB"
#: Of a burst's rows one in so many carries its fault; its batches are numbered from here.
BURST_EVERY, BURST_NUMBER = 3, 9000
DRIFT_COLUMN = "HIS_EXT_1"


@dataclass(slots=True)
class Feed:
    """Iterate over the messages once; afterwards ``manifest`` is complete.

    :param raw: whether the receiver takes any bytes (Kafka) or refuses unreadable ones itself (the gateway).
    :param tables: only these tables are sent.
    """

    province: Province
    profile: Profile = field(default_factory=Profile)
    shape: Shape = "batch"
    raw: bool = True
    tables: frozenset[str] | None = None
    manifest: Manifest = field(default_factory=Manifest)
    done: int = 0  # institution-days that were begun
    _spoilt: int = 0

    def __iter__(self) -> Iterator[Message]:
        expectation = Expectation(self.province, self.manifest)
        for sending in self.province.sendings():
            self.done += 1
            for message in self._institution_day(sending, expectation):
                self.manifest.messages += 1
                yield message
        self.manifest.finish()

    def _institution_day(self, sending: Sending, expectation: Expectation) -> Iterator[Message]:
        profile, day = self.profile, sending.day
        rng = sending.site.rng(f"faults/{day.compact}")
        tables = [table for table in sending.rows if self.tables is None or table in self.tables]
        if rng.random() < profile.missing_days:
            self._gap(sending, tables, "day")
            return
        late = rng.random() < profile.late_days and day.date <= self.province.end - timedelta(days=LATE_DAYS)
        if late:
            sending = late_sending(sending)
            self.manifest.planted["late_day"] += 1
        junk = self.raw and self.shape == "batch" and rng.random() < profile.garbage
        for table in tables:
            if sending.rows[table] and rng.random() < profile.missing_tables:
                self._gap(sending, [table], "table")
                continue
            drift = self.shape == "batch" and rng.random() < profile.drift
            for batch in sending.batches(table):
                for message in self._batch(batch, expectation, rng, late, drift):
                    spoil = junk and table == BUSIEST and message.rows > 0
                    junk = junk and not spoil
                    yield with_junk(message, batch, rng.choice(JUNK_LINES), self.manifest) if spoil else message
            if table == BUSIEST and not late and rng.random() < profile.bursts:
                yield from self._burst(sending, expectation)
        if self.raw and rng.random() < profile.garbage:
            yield self._garbage(sending, rng)

    def _batch(self, batch: Batch, expectation: Expectation, rng: Random, late: bool, drift: bool) -> Iterator[Message]:
        if not batch.rows:
            yield from self._nothing(batch)
            return
        rates = {} if late else self.profile.rows
        if self.shape != "batch":  # an event is a batch of its own, and the same event again is a repeat
            rates = {kind: rate for kind, rate in rates.items() if kind != "duplicate"}
        rows: Sequence[Row] = batch.rows
        if batch.table == PATIENTS and rates.get("orphan_patient"):
            rows = self._without_some(rows, rates["orphan_patient"], rng)
        rows, planted = plant(rows, batch.table, rates, rng)
        yield from self._sent(batch.with_rows(rows), planted, expectation, late, drift)

    def _sent(
        self, batch: Batch, planted: dict[int, RowFault], expectation: Expectation, late: bool, drift: bool
    ) -> Iterator[Message]:
        expectation.batch(batch, planted, late)
        rows = batch.rows
        if drift:
            rows = [row | {DRIFT_COLUMN: "1"} for row in rows]
            self.manifest.drift[batch.org, batch.table, batch.id] = [DRIFT_COLUMN]
            self.manifest.planted["schema_drift"] += 1
        yield from messages(batch.org, batch.table, batch.id, batch.sent_at, rows, self.shape)

    def _nothing(self, batch: Batch) -> Iterator[Message]:
        """An honest "nothing happened"; there is no such event in Debezium's shape."""
        if self.shape == "batch":
            day = batch.day.isoformat()
            self.manifest.empty.add((batch.org, batch.table, day))
            yield change_batch(batch.org, batch.table, batch.id, batch.sent_at, (), biz_date=day)

    def _without_some(self, rows: Sequence[Row], rate: float, rng: Random) -> list[Row]:
        """Patients whose row is never sent; what refers to them later has no patient. One always stays."""
        kept = [row for row in rows[1:] if rng.random() >= rate]
        self.manifest.planted["orphan_patient"] += len(rows) - 1 - len(kept)
        return [rows[0], *kept]

    def _burst(self, sending: Sending, expectation: Expectation) -> Iterator[Message]:
        """The day's rows of one table again and again under new keys, every third of them faulty."""
        rows = [
            row | {BURST_KEY: f"{row[BURST_KEY]}B{copy}"}
            for copy in range(1, self.profile.burst_factor)
            for row in sending.rows[BUSIEST]
        ]
        planted = dict.fromkeys(range(0, len(rows), BURST_EVERY), BURST)
        for place in planted:
            BURST.change(rows[place])
        self.manifest.planted["burst"] += 1
        for number, start in enumerate(range(0, len(rows), BATCH_ROWS), BURST_NUMBER):
            part = rows[start : start + BATCH_ROWS]
            batch = Batch(sending.site.org.org, BUSIEST, sending.day.date, number, sending.day.sent_at, part)
            mine = {place - start: BURST for place in planted if start <= place < start + len(part)}
            yield from self._sent(batch, mine, expectation, False, False)

    def _garbage(self, sending: Sending, rng: Random) -> Message:
        kind = WHOLE[self._spoilt] if self._spoilt < len(WHOLE) else WHOLE[self._spoilt % (len(WHOLE) - 1)]
        self._spoilt += 1
        table = rng.choice([table for table, rows in sending.rows.items() if rows])
        return garbage(kind, next(sending.batches(table)), self._spoilt, self.manifest)

    def _gap(self, sending: Sending, tables: Sequence[str], kind: str) -> None:
        org, day = sending.site.org.org, sending.day.date.isoformat()
        self.manifest.gaps.update({(org, table, day): kind for table in tables})
        self.manifest.planted[f"missing_{kind}"] += 1


def late_sending(sending: Sending) -> Sending:
    """The same rows, uploaded and sent days later. A patient's row keeps its time: that is its business time."""
    day = sending.day
    sent_at = day.sent_at + timedelta(days=LATE_DAYS - 1)
    uploaded = sending.site.written(sent_at - timedelta(minutes=10))
    rows = {
        table: rows if table == PATIENTS else [row | {"TBRQ": uploaded} for row in rows]
        for table, rows in sending.rows.items()
    }
    return Sending(sending.site, replace(day, uploaded=uploaded, sent_at=sent_at), rows)
