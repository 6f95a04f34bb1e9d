"""Who listens. An alert is one write to the transport of each client; who does not keep up makes nobody else wait.

A client that does not read has its frames noted (not copied) until they are more than ``limit`` bytes: then it is cut
off with 1013 and can resume with its cursor.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence

import structlog
from anyio import to_thread

from api.accounts.principal import Principal
from api.accounts.standing import Standing
from api.live.codes import COME_BACK, TRY_AGAIN, UNAUTHORIZED
from api.live.outlet import Outlet
from api.live.ring import Entry
from sanjian import metrics
from sanjian.errors import NotNow

log = structlog.get_logger("api.live")

#: Between heartbeats, also the time until a token that was taken back stops working here.
HEARTBEAT_SECONDS = 15.0
#: A client that has not read a buffer of 64 KB in so long is gone, or will not come to an end.
STALL_SECONDS = 30.0
#: So many heartbeats are written before alerts get a chance again.
AT_ONCE = 200


#: How those stand who are connected; blocks, raises NotNow.
Asking = Callable[[Collection[Principal]], Standing]


class Client:
    """One listener. ``org`` is the institution that it asked for, empty for all that ``who`` may see; ``orgs`` are
    those that it hears of, None for every one. ``limit``: bytes that it may be behind."""

    __slots__ = ("_bytes", "_limit", "_waiting", "org", "orgs", "outlet", "who")

    def __init__(self, outlet: Outlet, who: Principal, org: str, limit: int) -> None:
        self.outlet = outlet
        self.who = who
        self.org = org
        self.orgs = frozenset({org}) if org else who.orgs
        self._limit = limit
        self._waiting: deque[bytes] | None = None
        self._bytes = 0  # of what is waiting

    def send(self, frames: bytes) -> bool:
        """Write frames, or note them while the client does not read; False when it is too far behind now."""
        if self._waiting is None and self.outlet.paused_at is None:
            self.outlet.write(frames)
            return True
        if not self.outlet.open:
            return True  # it is leaving
        if self._waiting is None:
            self._waiting = deque()
            self.outlet.on_drained = self._go_on
        self._waiting.append(frames)
        self._bytes += len(frames)
        return self._bytes + self.outlet.unsent <= self._limit

    def cut(self, code: int, reason: str) -> None:
        """End the connection; what waits is not sent."""
        self.outlet.on_drained = None
        self._waiting = None
        self.outlet.cut(code, reason)

    def _go_on(self) -> None:
        waiting = self._waiting
        while waiting and self.outlet.paused_at is None:
            frames = waiting.popleft()
            self._bytes -= len(frames)
            self.outlet.write(frames)
        if not waiting:
            self._waiting = None
            self.outlet.on_drained = None


class Clients:
    """Those who have seen everything up to now and get what comes."""

    def __init__(self) -> None:
        self._listening: dict[frozenset[str] | None, set[Client]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._listening.values()))

    def __iter__(self) -> Iterator[Client]:
        return iter([client for clients in self._listening.values() for client in clients])

    def join(self, client: Client) -> None:
        """From now on the client gets every alert for it."""
        self._listening.setdefault(client.orgs, set()).add(client)

    def leave(self, client: Client) -> None:
        """Nothing happens if it never joined."""
        listening = self._listening.get(client.orgs, set())
        listening.discard(client)
        if not listening:
            self._listening.pop(client.orgs, None)

    def give(self, entries: Sequence[Entry]) -> None:
        """Alerts that were read together are one write for each client."""
        for orgs, clients in list(self._listening.items()):
            frames = [entry.frame for entry in entries if orgs is None or entry.org in orgs]
            if frames:
                self._write(clients, b"".join(frames))
                metrics.ALERTS_SENT.inc(len(frames) * len(clients))

    def cut_all(self, code: int, reason: str) -> None:
        """End every connection; the clients come back with their cursors."""
        for client in self:
            client.cut(code, reason)

    async def beat(self, note: Callable[[], bytes], ask: Asking) -> None:
        """For ever: a heartbeat to every client; those whose token or session has ended, and those that are stuck, are
        cut off; those who may see other institutions by now come back as such.

        :param note: makes the heartbeat's frame.
        """
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            everybody = list(self)
            standing = await _standing(ask, everybody) if everybody else None
            for start in range(0, len(everybody), AT_ONCE):
                frame = note()  # anew each time: alerts may have come in between
                for client in everybody[start : start + AT_ONCE]:
                    self._check(client, standing)
                self._write(everybody[start : start + AT_ONCE], frame)
                await asyncio.sleep(0)

    def _check(self, client: Client, standing: Standing | None) -> None:
        if standing is not None and not standing.holds(client.who):
            client.cut(UNAUTHORIZED, "bad_token" if client.who.kind == "client" else "no_session")
            return
        if standing is not None and not standing.sees_the_same(client.who):
            client.cut(COME_BACK, "resume")
            return
        paused = client.outlet.paused_at
        if paused is not None and client.outlet.loop.time() - paused > STALL_SECONDS:
            self._too_slow(client)

    def _write(self, clients: Collection[Client], frames: bytes) -> None:
        for client in [client for client in clients if not client.send(frames)]:
            self._too_slow(client)

    def _too_slow(self, client: Client) -> None:
        metrics.ALERT_CLIENTS_SLOW.inc()
        log.info("client_too_slow", org=client.org, unsent=client.outlet.unsent)
        client.cut(TRY_AGAIN, "too_slow")


async def _standing(ask: Asking, clients: Collection[Client]) -> Standing | None:
    """None while that cannot be told: nobody is sent away because of our own trouble."""
    try:
        return await to_thread.run_sync(ask, [client.who for client in clients])
    except NotNow as error:
        log.warning("clients_not_checked", reason=str(error))
        return None
