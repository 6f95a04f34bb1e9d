"""Local codes without a standard code now; asked again only when codes in use or code maps were written."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from clickhouse.client import ClickHouse
from clickhouse.query import load_query
from standard.model import Standard
from streams.watch.expectations import watched
from streams.watch.measures import map_parameters


class Unmapped:
    """``codes`` gives the rows of watch_unmapped. Blocks; raises NotNow."""

    def __init__(self, clickhouse: ClickHouse, standard: Standard) -> None:
        self._clickhouse = clickhouse
        self._parameters = map_parameters(standard)
        self._seen: object = None
        self._codes = pl.DataFrame()

    def codes(self, now: datetime) -> pl.DataFrame:
        """Those used on the business days that are watched."""
        days = watched(now)
        seen = (self._clickhouse.rows(load_query("watch_codes_changed")), days[-1])
        if seen != self._seen:
            parameters = self._parameters | {"biz_from": days[0], "biz_to": days[-1]}
            self._codes = self._clickhouse.query(load_query("watch_unmapped"), parameters)
            self._seen = seen
        return self._codes
