"""The one way to ClickHouse: a small thread-safe pool of clickhouse-connect clients, the same for both kinds.

``chdb:///path`` is the engine inside this process, ``clickhouse://user:password@host:8123/database`` (or
``clickhouses://`` with TLS) a server. A client of either kind does one thing at a time, so there is one for writing and
a few for reading: a long report does not hold up the landing of rows. All calls block and release the interpreter;
asynchronous code calls them through ``asyncio.to_thread``.

Failures: :class:`sanjian.errors.NotNow` when trying again is right (see ``failures.NOT_NOW``),
:class:`sanjian.errors.Misconfigured` when the engine cannot be opened as it is set up; everything else is a bug and
comes through as clickhouse-connect raised it.
"""

from __future__ import annotations

import io
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from clickhouse_connect.driver.exceptions import ClickHouseError
from polars.interchange import CompatLevel

from clickhouse import embedded, server
from clickhouse.failures import classified
from sanjian.errors import Misconfigured, NotNow

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
    """A pool of one writing and ``readers`` reading clients; safe to use from any thread.

    ``memory_mb`` caps the embedded engine (ignored for a server); ``temp_dir`` is where rows wait on their way into
    it, by default ``inserts`` below its directory. The embedded engine is opened here, a server at the first call.
    """

    def __init__(
        self, dsn: str, *, readers: int = 2, memory_mb: int | None = None, temp_dir: Path | None = None
    ) -> None:
        self.embedded = dsn.startswith(embedded.SCHEME)
        self._dsn = dsn
        self._memory_mb = memory_mb
        self._writer: Any = None
        self._write_lock = threading.Lock()
        self._readers: queue.LifoQueue[Any] = queue.LifoQueue()
        self._reader_count = readers
        self._closed = False
        self._attempt = uuid.uuid4().hex  # in front of every token
        self.database = embedded.DATABASE
        if self.embedded:
            self._path = embedded.data_path(dsn)
            self._private = temp_dir or self._path / "inserts"
            embedded.make_directory(self._path, self._private)
            with classified():
                self._writer = self._open()
            embedded.empty_directory(self._private)
        else:
            self._server = server.parameters(dsn)
            self.database = self._server["database"]
        for _ in range(readers):
            self._readers.put(None)  # opened when it is first needed

    def insert(self, table: str, frame: pl.DataFrame, token: str = "") -> None:
        """Inserts the rows of ``frame``; its columns are named like the table's, missing ones get their default.

        Acknowledged means written. Times must carry a zone (a naive one would be taken for UTC). With ``token`` a
        table with a deduplication window ignores a second insert with the same token through this pool, whatever its
        rows are: put a hash of the rows into it. Without one every insert counts.
        """
        naive = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime) and not kind.time_zone]
        if naive:
            raise ValueError(f"times without zone in {table}: {', '.join(naive)}")
        if frame.is_empty():
            return
        # One chunk is one block is one part: a token would otherwise be counted on per block.
        frame = frame.rechunk()
        # Never without a token: ClickHouse would compare contents, and rows that were deleted could not be written
        # again (insert_deduplicate = 0 does not keep a MergeTree from it).
        settings = {"insert_deduplication_token": f"{self._attempt}:{token or uuid.uuid4().hex}"}
        with self._writing() as client:
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

    def query(self, sql: str, parameters: Parameters | None = None) -> pl.DataFrame:
        """The result as a frame: DateTime64 zoned as in ClickHouse, Decimal exact, Date32 as dates, arrays as lists.

        ``parameters`` are bound by the server where the statement says ``{name:Type}``; times must carry a zone and
        their type in the statement must be ``DateTime64(3, 'Asia/Shanghai')``. A plain ``DateTime`` comes back as a
        number of seconds (that is what ClickHouse puts into Arrow): use DateTime64.
        """
        with self._reading() as client:
            data = client.raw_query(sql, parameters=_bound(parameters), fmt="ArrowStream")
        return pl.read_ipc_stream(data)

    def rows(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """The result as one dictionary a row; types as in :meth:`query`."""
        return self.query(sql, parameters).to_dicts()

    def command(self, sql: str, parameters: Parameters | None = None) -> None:
        """Runs a statement that changes something; waits until it is done."""
        with self._writing() as client:
            client.command(sql, parameters=_bound(parameters))

    def ping(self) -> bool:
        """Whether ClickHouse answers a query now."""
        try:
            return self.rows("SELECT 1 AS one") == [{"one": 1}]
        except NotNow:
            return False

    def use(self, database: str) -> None:
        """Creates ``database`` and moves every client to it (tests work in a database of their own)."""
        with self._writing() as client:
            engine = " ENGINE = Atomic" if self.embedded else ""
            client.command(f"CREATE DATABASE IF NOT EXISTS `{database}`{engine}")
            client.database = database
        taken = [self._readers.get() for _ in range(self._reader_count)]
        self.database = database
        for client in taken:
            if client is not None:
                client.database = database
            self._readers.put(client)

    def close(self) -> None:
        """Closes every client; later calls raise ``RuntimeError``. Calls under way are waited for, but not for long:
        what they hold ends with the process, and what was acknowledged is written."""
        deadline = time.monotonic() + _CLOSE_SECONDS
        self._closed = True
        clients = []
        if self._write_lock.acquire(timeout=_CLOSE_SECONDS):
            clients.append(self._writer)
            self._writer = None
            self._write_lock.release()
        for _ in range(self._reader_count):
            with suppress(queue.Empty):
                clients.append(self._readers.get(timeout=max(0.0, deadline - time.monotonic())))
        for client in clients:
            if client is not None:
                client.close()
        for _ in range(self._reader_count):
            self._readers.put(None)  # whoever waits for one is told

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
        return server.open_client({**self._server, "database": self.database}, settings)

    def _open_reader(self) -> Any:
        return self._open(max_execution_time=_READ_SECONDS)

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        with self._write_lock:
            try:
                with classified():
                    if self._writer is None:
                        self._writer = self._open()
                    yield self._writer
            except BaseException:
                self._writer = self._after_failure(self._writer, self._open)
                raise

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        try:
            client = self._readers.get(timeout=_READER_WAIT_SECONDS)
        except queue.Empty:
            raise NotNow(f"all {self._reader_count} readers of ClickHouse are busy") from None
        try:
            with classified():
                client = self._open_reader() if client is None else client
                yield client
        except BaseException:
            client = self._after_failure(client, self._open_reader)
            raise
        finally:
            if self._closed and client is not None:  # close() did not wait for us
                client.close()
                client = None
            self._readers.put(client)

    def _after_failure(self, client: Any, reopen: Callable[[], Any]) -> Any:
        """The client to go on with. chDB 26.9 keeps what a failed statement had put out already and gives it out in
        front of the next result of the same client: rows of somebody else, or an empty result that is none."""
        if client is None or not self.embedded:
            return client
        fresh = None
        # Nothing to go on with when the pool is closed; when it cannot be opened now, the next call tries.
        with suppress(ClickHouseError, Misconfigured, RuntimeError):
            fresh = reopen()  # before closing the old one: without any client the engine would stop
        client.close()
        return fresh


def _bound(parameters: Parameters | None) -> dict[str, Any] | None:
    """Times as Shanghai wall clock: clickhouse-connect would write them in the zone of the server."""
    if parameters is None:
        return None
    return {name: _time_text(value) if isinstance(value, datetime) else value for name, value in parameters.items()}


def _time_text(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"a time without zone as parameter: {value}")
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
