"""A client that connects: what it has missed, then what comes, without a moment in between.

1. No cursor, or one that leads nowhere: hello, and live from here on (``recovered`` null or false).
2. Otherwise hello (``recovered`` true), and
3. of former topics (a memory broker that was lost) everything behind the cursor, from ClickHouse,
4. of this topic what is older than the ring, from ClickHouse; then what is in the ring, as fast as the client reads,
5. until little is left: it is written and the client joins those who listen, in one step of the loop, so that no alert
   can come in between.

Every message carries a cursor that is right there and then: a connection that breaks on the way loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from api.live.clients import STALL_SECONDS, Client, Clients
from api.live.codes import COME_BACK, TRY_AGAIN
from api.live.cursor import Cursor, read_cursor
from api.live.history import NO_END, History
from api.live.ring import Ring
from sanjian import metrics
from sanjian.errors import NotNow

#: Written at once; then the client is waited for.
PORTION_BYTES = 256 * 1024
#: As much as a transport takes without asking to wait.
LITTLE_BYTES = 64 * 1024


class Stream(Protocol):
    """What is listened to: the alert hub."""

    ring: Ring
    clients: Clients

    def note(self, kind: str, cursor: Cursor | None = None, **more: object) -> bytes:
        """A message about the connection as a frame."""


async def resume(client: Client, text: str, stream: Stream, history: History) -> None:
    """Bring a client up to date and let it join; cut it off where that does not go.

    :param text: its cursor; empty when it has none.
    """
    try:
        await _resume(client, text, stream, history)
    except NotNow:
        client.cut(TRY_AGAIN, "not_now")
    except TimeoutError:
        client.cut(TRY_AGAIN, "too_slow")
        metrics.ALERT_CLIENTS_SLOW.inc()


async def _resume(client: Client, text: str, stream: Stream, history: History) -> None:
    ring, epoch, cursor = stream.ring, stream.ring.epoch, read_cursor(text)
    in_ring = cursor is not None and ring.covers(cursor)
    former = await history.former(cursor, epoch, ring.first) if cursor is not None and not in_ring else []
    if cursor is None or former is None:
        if text:
            metrics.ALERT_RESUMES.labels(source="not_covered").inc()
        client.send(stream.note("hello", org=client.org, recovered=False if text else None))
        stream.clients.join(client)
        return
    metrics.ALERT_RESUMES.labels(source="ring" if in_ring else "history").inc()
    client.send(stream.note("hello", cursor, org=client.org, recovered=True))
    for begin in former:
        await _read_former(client, begin, history)
    if cursor.epoch != epoch:
        cursor = Cursor(epoch, dict.fromkeys(ring.first, 0))
    await _read_on(client, cursor, stream, history)


async def _read_former(client: Client, cursor: Cursor, history: History) -> None:
    for partition in cursor.next:
        last = False
        while not last and client.outlet.open:
            frames, cursor, last = await history.page(cursor, partition, NO_END, client.orgs)
            await _write(client, frames)


async def _read_on(client: Client, cursor: Cursor, stream: Stream, history: History) -> None:
    ring = stream.ring
    while client.outlet.open:
        if cursor.epoch != ring.epoch:
            client.cut(COME_BACK, "resume")
        elif not ring.covers(cursor):
            partition, to = next((p, first) for p, first in ring.first.items() if cursor.next.get(p, 0) < first)
            frames, cursor, _ = await history.page(cursor, partition, to, client.orgs)
            await _write(client, frames)
        else:
            frames, cursor = ring.missed(cursor, client.orgs), ring.cursor
            if sum(map(len, frames)) <= LITTLE_BYTES:
                client.send(b"".join([*frames, stream.note("heartbeat")]))
                stream.clients.join(client)
                return
            await _write(client, frames)


async def _write(client: Client, frames: Iterable[bytes]) -> None:
    for portion in _portions(frames):
        client.outlet.write(portion)
        await client.outlet.drained(STALL_SECONDS)


def _portions(frames: Iterable[bytes]) -> Iterator[bytes]:
    portion: list[bytes] = []
    size = 0
    for frame in frames:
        portion.append(frame)
        size += len(frame)
        if size >= PORTION_BYTES:
            yield b"".join(portion)
            portion, size = [], 0
    if portion:
        yield b"".join(portion)
