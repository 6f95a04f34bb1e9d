"""Clients of one kind, each used by one thread at a time."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from clickhouse_connect.driver.exceptions import ClickHouseError

from clickhouse.failures import classified
from sanjian.errors import Misconfigured, NotNow


class Pool:
    """Up to ``count`` clients, opened by ``opened`` when first needed.

    :param renew: whether a client is replaced after a failure. chDB 26.9 keeps what a failed statement had put out
        already and gives it out in front of the next result of the same client: rows of somebody else, or an empty
        result that is none.
    :param wait: seconds to wait for a client while all are busy; None: as long as it takes.
    """

    def __init__(self, count: int, opened: Callable[[], Any], *, renew: bool, wait: float | None = None) -> None:
        self._opened = opened
        self._renew = renew
        self._wait = wait
        self._count = count
        self._closed = threading.Event()
        self._clients: queue.LifoQueue[Any] = queue.LifoQueue()
        for _ in range(count):
            self._clients.put(None)

    @contextmanager
    def client(self) -> Iterator[Any]:
        """A client for one call. Raises NotNow when all stay busy, and what ``clickhouse.failures`` says."""
        try:
            client = self._clients.get(timeout=self._wait)
        except queue.Empty:
            raise NotNow(f"all {self._count} clients of ClickHouse are busy") from None
        try:
            with classified():
                client = self._opened() if client is None else client
                yield client
        except BaseException:
            client = self._after_failure(client)
            raise
        finally:
            if self._closed.is_set() and client is not None:  # close() did not wait for us
                client.close()
                client = None
            self._clients.put(client)

    def each(self, change: Callable[[Any], None]) -> None:
        """Change every client that is open; waits for those that are busy."""
        taken = [self._clients.get() for _ in range(self._count)]
        for client in taken:
            if client is not None:
                change(client)
            self._clients.put(client)

    def close(self, deadline: float) -> None:
        """Close every client that is free before ``deadline`` (monotonic); the others close after their call."""
        self._closed.set()
        taken = []
        for _ in range(self._count):
            with suppress(queue.Empty):
                taken.append(self._clients.get(timeout=max(0.0, deadline - time.monotonic())))
        for client in taken:
            if client is not None:
                client.close()
        for _ in range(self._count):
            self._clients.put(None)  # whoever waits for one is told by ``opened``

    def _after_failure(self, client: Any) -> Any:
        if client is None or not self._renew:
            return client
        fresh = None
        # Nothing to go on with when the pool is closed; when it cannot be opened now, the next call tries.
        with suppress(ClickHouseError, Misconfigured, RuntimeError):
            fresh = self._opened()  # before closing the old one: without any client the engine would stop
        client.close()
        return fresh
