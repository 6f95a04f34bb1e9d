"""What was missed longer ago than the ring goes back: from ClickHouse, by the places that the publishers kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from anyio import to_thread

from api.live.cursor import Cursor
from api.live.messages import alert_frame
from clickhouse.client import ClickHouse
from clickhouse.narrowed import Reader, reader
from clickhouse.query import load_query

#: Places are kept for 180 days (``alert_positions``); an older one may be gone, a younger one is there.
KEPT = timedelta(days=179)
#: Alerts read at once for one client: about 700 KB.
PAGE = 500
#: A thousand clients that come back together leave ClickHouse's other readers their turn.
AT_ONCE = 2
#: No offset is higher.
NO_END = 2**64 - 1


class History:
    """Reads places and alerts. Every method raises NotNow while ClickHouse is away."""

    def __init__(self, clickhouse: ClickHouse, now: Callable[[], datetime]) -> None:
        self._clickhouse = clickhouse
        self._now = now
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def former(self, cursor: Cursor, epoch: str, first: Mapping[int, int]) -> list[Cursor] | None:
        """Former topics that are to be read on the way from ``cursor`` to the topic ``epoch``, each from where on;
        none when it is of ``epoch`` itself. None when what is kept does not reach back to the cursor.

        :param first: what is before these offsets of ``epoch`` has to come from here.
        """
        if cursor.epoch == epoch:
            begins = [(partition, cursor.next.get(partition, 0)) for partition in first]
            lacking = [(partition, begin) for partition, begin in begins if begin < first[partition]]
            return [] if await self._reaches(epoch, lacking) else None
        epochs = {row["epoch"]: row["partitions"] for row in await self._rows("alert_epochs", {})}
        if cursor.epoch not in epochs:
            return None
        begins = [(partition, cursor.next.get(partition, 0)) for partition in epochs[cursor.epoch]]
        if not await self._reaches(cursor.epoch, begins):
            return None
        names = list(epochs)
        later = [name for name in names[names.index(cursor.epoch) + 1 :] if name != epoch]
        return [Cursor(cursor.epoch, dict(begins)), *(Cursor(name, dict.fromkeys(epochs[name], 0)) for name in later)]

    async def page(
        self, cursor: Cursor, partition: int, to: int, orgs: Collection[str] | None
    ) -> tuple[list[bytes], Cursor, bool]:
        """The next frames of a partition behind the cursor and before the offset ``to``, of these institutions (None:
        of all); the cursor behind them, and whether these are the last ones."""
        asked = {
            "epoch": cursor.epoch, "partition": partition, "from_offset": cursor.next.get(partition, 0),
            "to_offset": to, "limit": PAGE,
        }  # fmt: skip
        rows = await self._rows("alerts_missed", asked, reader(self._clickhouse, orgs))
        frames = []
        for row in rows:
            cursor = cursor.at(partition, row["offset"] + 1)
            if row["payload"]:
                frames.append(alert_frame(row["payload"].encode(), partition, row["offset"], cursor))
        last = len(rows) < PAGE
        return frames, cursor.at(partition, to) if last else cursor, last

    async def _reaches(self, epoch: str, begins: list[tuple[int, int]]) -> bool:
        for partition, begin in begins:
            oldest = await self._rows("alert_oldest", {"epoch": epoch, "partition": partition})
            # what is missing before a young place was never there: its publisher crashed and published it again
            if not oldest or (begin < oldest[0]["offset"] and oldest[0]["published_at"] < self._now() - KEPT):
                return False
        return True

    async def _rows(self, name: str, asked: dict[str, Any], seen: Reader | None = None) -> list[dict[str, Any]]:
        async with self._gate:
            return await to_thread.run_sync((seen or self._clickhouse).rows, load_query(name), asked)
