"""Deliveries as they are stored. Calls block and raise NotNow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from clickhouse.steps import MOMENT, take_step
from streams.outbox.delivery import Delivery, id_from

TABLE = "outbox"
#: The last attempt is a day after the first; one of ours may be away for days, or a person wants a dead one again.
LOOKED_BACK, LOOKED_FAR_BACK = timedelta(days=7), timedelta(days=30)

_NAMES = tuple(field.name for field in fields(Delivery))
_SCHEMA: dict[str, Any] = {"not_before": MOMENT, "attempts": pl.UInt16}
#: What deliveries may be narrowed by; empty: not narrowed.
_UNFILTERED = dict.fromkeys(("id", "from_id", "channel", "org", "notice", "state"), "")


class OutboxReader:
    """Reads deliveries without payloads, of those institutions that ``clickhouse`` reads."""

    def __init__(self, clickhouse: Reader) -> None:
        self._reader = clickhouse

    def find(self, ident: str) -> Delivery | None:
        """A delivery by its id."""
        found = self.page(1, 0, id=ident)[1]
        return found[0] if found else None

    def page(self, limit: int, offset: int, **wanted: str) -> tuple[int, list[Delivery]]:
        """How many there are and one page, the newest notice first; ``wanted`` as in ``outbox_newest.sql``."""
        filters = {**_UNFILTERED, **wanted}
        total = self._reader.rows(load_query("outbox_count"), filters)[0]["deliveries"]
        rows = self._reader.rows(load_query("outbox_page"), {**filters, "limit": limit, "offset": offset})
        return int(total), [_delivery(row) for row in rows]


class OutboxStore(OutboxReader):
    """Everything about deliveries."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        super().__init__(clickhouse)
        self._clickhouse = clickhouse

    def put(self, deliveries: Sequence[Delivery]) -> None:
        """Write first steps. They depend on the notice alone, so writing them twice, or by two, changes nothing."""
        if deliveries:
            frame = pl.DataFrame(
                [{**asdict(one), "writer": ""} for one in deliveries],
                schema_overrides={"version": pl.UInt32, "at": MOMENT, **_SCHEMA},
            )
            self._clickhouse.insert(TABLE, frame)

    def take(self, delivery: Delivery) -> bool:
        """Take the step; False when somebody else has this version already."""
        return take_step(self._clickhouse, TABLE, asdict(delivery), _SCHEMA)

    def due(self, now: datetime, most: int, *, far: bool = True) -> list[Delivery]:
        """What is to be sent now, without payloads, the longest waiting first; at most ``most`` of each channel.

        :param far: look 30 days back, not seven.
        """
        since = now - (LOOKED_FAR_BACK if far else LOOKED_BACK)
        wanted = {**_UNFILTERED, "state": "open", "from_id": id_from(since), "now": now, "most": most}
        return [_delivery(row) for row in self._clickhouse.rows(load_query("outbox_due"), wanted)]

    def payload(self, ident: str) -> str:
        """The notice of a delivery as JSON."""
        return str(self._clickhouse.rows(load_query("outbox_payload"), {"id": ident})[0]["payload"])


def _delivery(row: dict[str, Any]) -> Delivery:
    return Delivery(**{name: row.get(name, "") for name in _NAMES})
