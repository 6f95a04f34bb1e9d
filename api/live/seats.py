"""How many may listen: in this process, and of one account. A script that forgets its connections harms only itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from starlette.websockets import WebSocket

from api.accounts.principal import Principal
from api.errors import ApiError
from sanjian import metrics


class Seats:
    """Counts connections. Both methods raise ApiError ``too_many_clients`` when there is no room."""

    def __init__(self, total: int, per_account: int) -> None:
        self._total = total
        self._per_account = per_account
        self._taken = 0
        self._by_account: Counter[str] = Counter()

    @contextmanager
    def seat(self) -> Iterator[None]:
        """A connection, whoever it is of."""
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
    def of_account(self, ident: str) -> Iterator[None]:
        """A connection of this user or machine."""
        if self._by_account[ident] >= self._per_account:
            metrics.ALERT_CLIENTS_REFUSED.labels(limit="account").inc()
            raise ApiError("too_many_clients")
        self._by_account[ident] += 1
        try:
            yield
        finally:
            self._by_account[ident] -= 1
            if not self._by_account[ident]:
                del self._by_account[ident]


async def seated(socket: WebSocket, seats: Seats, who: Principal, held: ExitStack) -> bool:
    """Take the seats of a connection for as long as ``held`` is open, and accept it. False: there is no room, and a
    machine has been told; a page's user is told by ApiError ``too_many_clients``, because a browser tells its page
    nothing about a refused handshake."""
    try:
        held.enter_context(seats.seat())
        held.enter_context(seats.of_account(who.ident))
    except ApiError as error:
        if who.kind == "user":
            raise
        await socket.send_denial_response(error.response())
        return False
    await socket.accept()
    return True
