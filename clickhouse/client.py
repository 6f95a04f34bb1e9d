"""The one way to ClickHouse: a small thread-safe pool of clickhouse-connect clients, the same for both kinds.

``chdb:///path`` is the engine inside this process, ``clickhouse://user:password@host:8123/database`` (or
``clickhouses://`` with TLS) a server. A client of either kind does one thing at a time, so there are a few for writing
(small inserts cost mostly waiting) and a few for reading: a long report does not hold up the landing of rows. All calls
block and release the interpreter; asynchronous code calls them through ``asyncio.to_thread``.

Failures: :class:`sanjian.errors.NotNow` when trying again is right (see ``failures.NOT_NOW``),
:class:`sanjian.errors.Misconfigured` when the engine cannot be opened as it is set up; everything else is a bug and
comes through as clickhouse-connect raised it.
"""

from __future__ import annotations

import io
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from polars.interchange import CompatLevel

from clickhouse import embedded, server
from clickhouse.pool import Pool
from clickhouse.replicated import LOCAL_SUFFIX, replicated
from sanjian.errors import NotNow

SHANGHAI = ZoneInfo("Asia/Shanghai")

_SETTINGS: Mapping[str, Any] = {
    # A message with dates of 200 months is a matter for the rules; with the limit of 100 it could never be landed.
    "max_partitions_per_insert_block": 0,
    # Acknowledged means written: asynchronous inserts would also bypass the deduplication tokens.
    "async_insert": 0,
    # Text comes as text, not as bytes.
    "output_format_arrow_string_as_string": 1,
}

_READ_SECONDS = 120  # the longest report we want to wait for; also what a stop of the program may have to wait for
_CLOSE_SECONDS = 5.0  # a stop has ten seconds for everything
_READER_WAIT_SECONDS = 60.0  # all readers busy for so long: tell the caller instead of piling up threads

Parameters = Mapping[str, Any]


class ClickHouse:
    """Pools of ``writers`` writing and ``readers`` reading clients; safe to use from any thread.

    ``memory_mb`` caps the embedded engine (ignored for a server); ``temp_dir`` is where rows wait on their way into
    it, by default ``inserts`` below its directory. The embedded engine is opened here, a server at the first call.
    ``cluster``: the server is one of several that hold the same tables.
    """

    def __init__(
        self, dsn: str, *, readers: int = 2, writers: int = 3, memory_mb: int | None = None,
        temp_dir: Path | None = None, cluster: bool = False,
    ) -> None:  # fmt: skip
        self.embedded = dsn.startswith(embedded.SCHEME)
        self._dsn = dsn
        self._memory_mb = memory_mb
        self._closed = False
        self._cluster = cluster
        self._attempt = uuid.uuid4().hex  # in front of every token
        self.database = embedded.DATABASE
        self._writers = Pool(writers, self._open, renew=self.embedded)
        self._readers = Pool(readers, self._open_reader, renew=self.embedded, wait=_READER_WAIT_SECONDS)
        if self.embedded:
            self._path = embedded.data_path(dsn)
            self._private = temp_dir or self._path / "inserts"
            embedded.make_directory(self._path, self._private)
            with self._writers.client():  # opens the engine
                embedded.empty_directory(self._private)
        else:
            self._server = server.parameters(dsn)
            self.database = self._server["database"]

    def insert(self, table: str, frame: pl.DataFrame, token: str = "") -> None:
        """Inserts the rows of ``frame``; its columns are named like the table's, missing ones get their default.

        Acknowledged means written. Times must carry a zone (a naive one would be taken for UTC). With ``token`` a
        table with a deduplication window ignores a second insert with the same token through this pool, whatever its
        rows are: put a hash of the rows into it. Without one every insert counts.
        """
        # Never without a token: ClickHouse would compare contents, and rows that were deleted could not be written
        # again (insert_deduplicate = 0 does not keep a MergeTree from it).
        self._insert(table, frame, f"{self._attempt}:{token or uuid.uuid4().hex}")

    def insert_once(self, table: str, frame: pl.DataFrame, token: str) -> None:
        """Like :meth:`insert`, but of all processes and for good: the first insert with ``token`` is the only one."""
        self._insert(table, frame, f"once:{token}")

    def _insert(self, table: str, frame: pl.DataFrame, token: str) -> None:
        naive = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime) and not kind.time_zone]
        if naive:
            raise ValueError(f"times without zone in {table}: {', '.join(naive)}")
        if frame.is_empty():
            return
        # One chunk is one block is one part: a token would otherwise be counted on per block.
        frame = frame.rechunk()
        settings = {"insert_deduplication_token": token}
        with self._writers.client() as client:
            if self.embedded:
                embedded.insert(client, self._private, table, frame, settings)
                return
            body = io.BytesIO()
            frame.write_ipc_stream(body, compat_level=CompatLevel.oldest())
            client.raw_insert(table, frame.columns, body.getvalue(), settings, fmt="ArrowStream")

    def forget_tokens(self) -> None:
        """From now on no token counts as seen. To be called before rows are deleted that are to be written again:
        ClickHouse remembers tokens across restarts and would silently ignore the new rows."""
        self._attempt = uuid.uuid4().hex

    def query(
        self, sql: str, parameters: Parameters | None = None, settings: Mapping[str, Any] | None = None
    ) -> pl.DataFrame:
        """The result as a frame: DateTime64 zoned as in ClickHouse, Decimal exact, Date32 as dates, arrays as lists.

        ``parameters`` are bound by the server where the statement says ``{name:Type}``; times must carry a zone and
        their type in the statement must be ``DateTime64(3, 'Asia/Shanghai')``. A plain ``DateTime`` comes back as a
        number of seconds (that is what ClickHouse puts into Arrow): use DateTime64.
        """
        with self._readers.client() as client:
            data = client.raw_query(
                sql, parameters=_bound(parameters), settings=dict(settings or {}), fmt="ArrowStream"
            )
        return pl.read_ipc_stream(data)

    def rows(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """The result as one dictionary a row; types as in :meth:`query`."""
        return self.query(sql, parameters).to_dicts()

    def command(self, sql: str, parameters: Parameters | None = None) -> None:
        """Runs a statement that changes something; waits until it is done."""
        sql = replicated(sql) if self._cluster else sql
        with self._writers.client() as client:
            client.command(sql, parameters=_bound(parameters))

    @property
    def local_database(self) -> str:
        """Where tables for a moment belong: on a cluster a database of the one server, otherwise :attr:`database`."""
        return f"{self.database}{LOCAL_SUFFIX}" if self._cluster else self.database

    def ping(self) -> bool:
        """Whether ClickHouse answers a query now."""
        try:
            return self.rows("SELECT 1 AS one") == [{"one": 1}]
        except NotNow:
            return False

    def use(self, database: str) -> None:
        """Creates ``database`` and moves every client to it (tests work in a database of their own)."""
        with self._writers.client() as client:
            engine = " ENGINE = Atomic" if self.embedded else ""
            client.command(f"CREATE DATABASE IF NOT EXISTS `{database}`{engine}")
        self.database = database

        def move(client: Any) -> None:
            client.database = database

        self._writers.each(move)
        self._readers.each(move)

    def close(self) -> None:
        """Closes every client; later calls raise ``RuntimeError``. Calls under way are waited for, but not for long:
        what they hold ends with the process, and what was acknowledged is written."""
        deadline = time.monotonic() + _CLOSE_SECONDS
        self._closed = True
        self._writers.close(deadline)
        self._readers.close(deadline)

    def __enter__(self) -> ClickHouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, **settings: Any) -> Any:
        if self._closed:
            raise RuntimeError("the ClickHouse pool is closed")
        settings = {**_SETTINGS, **settings}
        if self.embedded:
            client = embedded.open_client(self._path, self._memory_mb, settings)
            client.database = self.database
            return client
        return server.open_client({**self._server, "database": self.database}, settings, cluster=self._cluster)

    def _open_reader(self) -> Any:
        return self._open(max_execution_time=_READ_SECONDS)


def _bound(parameters: Parameters | None) -> dict[str, Any] | None:
    """Times as Shanghai wall clock: clickhouse-connect would write them in the zone of the server."""
    if parameters is None:
        return None
    return {name: _time_text(value) if isinstance(value, datetime) else value for name, value in parameters.items()}


def _time_text(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"a time without zone as parameter: {value}")
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
