"""How many may listen: in this process, and with one token. A script that forgets its connections harms only itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from api.errors import ApiError
from sanjian import metrics


class Seats:
    """Counts connections. Both methods raise ApiError ``too_many_clients`` when there is no room."""

    def __init__(self, total: int, per_token: int) -> None:
        self._total = total
        self._per_token = per_token
        self._taken = 0
        self._by_token: Counter[str] = Counter()

    @contextmanager
    def seat(self) -> Iterator[None]:
        """A connection, whoever it is of; also one that has not shown its token yet."""
        if self._taken >= self._total:
            metrics.ALERT_CLIENTS_REFUSED.labels(limit="total").inc()
            raise ApiError("too_many_clients")
        self._taken += 1
        metrics.ALERT_CLIENTS.inc()
        try:
            yield
        finally:
            self._taken -= 1
            metrics.ALERT_CLIENTS.dec()

    @contextmanager
    def of_token(self, token: str) -> Iterator[None]:
        """A connection that has shown this token."""
        if self._by_token[token] >= self._per_token:
            metrics.ALERT_CLIENTS_REFUSED.labels(limit="token").inc()
            raise ApiError("too_many_clients")
        self._by_token[token] += 1
        try:
            yield
        finally:
            self._by_token[token] -= 1
            if not self._by_token[token]:
                del self._by_token[token]
