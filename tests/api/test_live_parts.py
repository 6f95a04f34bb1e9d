"""The parts of the live stream by themselves: cursors, frames, the ring, who is given what. No server."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import orjson
import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from api.accounts.principal import Assignment, Principal
from api.errors import ApiError
from api.live.clients import Client, Clients
from api.live.cursor import Cursor, read_cursor
from api.live.messages import alert_frame, frame, is_alert, note_frame
from api.live.outlet import Outlet
from api.live.ring import Entry, Ring
from api.live.seats import Seats
from tests.api.conftest import ORG_A, ORG_B
from tests.api.landed import NOW


def opened(data: bytes) -> list[bytes]:
    """The texts of frames, as a client's library reads them."""
    reader = StreamReader()
    reader.feed_data(data)
    texts = []
    while reader.buffer:
        parsing, found = Frame.parse(reader.read_exact, mask=False), []
        try:
            next(parsing)
        except StopIteration as done:
            found.append(done.value)
        [read] = found  # else the frame is not whole
        assert (read.opcode, read.fin) == (Opcode.TEXT, True)
        texts.append(bytes(read.data))
    return texts


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 70_000])
def test_a_frame_is_what_a_client_reads(length: int) -> None:
    text = b"x" * length
    assert opened(frame(text) + frame(b"next")) == [text, b"next"]


@pytest.mark.parametrize(
    "cursor", [Cursor("01a2-b3", {0: 0}), Cursor("e", {0: 5, 12: 2**60}), Cursor("e", {}), Cursor("e", {2: 1, 1: 2})]
)
def test_a_cursor_can_be_read_again_and_put_into_an_address(cursor: Cursor) -> None:
    text = cursor.text()
    assert read_cursor(text) == cursor
    assert text.replace("-", "").replace("_", "").isalnum()


IMPOSSIBLE = (Cursor("", {}), Cursor("e", {-1: 0}), Cursor("e", {0: -1}))


@pytest.mark.parametrize("text", ["", "é", "a", "MQ", "A" * 3000, *(one.text() for one in IMPOSSIBLE)])
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert read_cursor(text) is None


def test_a_cursor_of_another_version_is_none() -> None:
    from base64 import urlsafe_b64encode

    assert read_cursor(urlsafe_b64encode(b"2 e 0:1").decode()) is None
    assert read_cursor(urlsafe_b64encode(b"1 e 0:1").decode()) == Cursor("e", {0: 1})


def test_an_alert_keeps_what_it_says_and_gets_its_place() -> None:
    payload = {"id": "a", "zh": "拒收 }", "kind": "rejection"}
    [text] = opened(alert_frame(b" " + orjson.dumps(payload) + b"\n", 3, 17, Cursor("e", {3: 18})))
    place = {"epoch": "e", "position": "3:17", "cursor": Cursor("e", {3: 18}).text()}
    assert orjson.loads(text) == payload | place


def test_a_note_says_how_the_connection_is() -> None:
    [text] = opened(note_frame("hello", NOW, True, Cursor("e", {0: 1}), recovered=None))
    assert orjson.loads(text) == {
        "kind": "hello", "at": "2026-11-21T12:00:00.000+08:00", "live": True, "recovered": None, "epoch": "e",
        "cursor": Cursor("e", {0: 1}).text(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "alert"),
    [(b'{"id":"a"}', True), (b'{"id":5}', False), (b"{}", False), (b"[]", False), (b"", False), (b'{"id":"a"', False)],
)
def test_an_alert_is_an_object_with_an_id(payload: bytes, alert: bool) -> None:
    assert is_alert(payload) is alert


def filled(*entries: tuple[int, int, str], size: int = 10_000) -> Ring:
    ring = Ring(size)
    ring.begin("e", {0: 10, 1: 0})
    for partition, offset, org in entries:
        ring.add(partition, offset, org, b'{"id":"%d/%d"}' % (partition, offset))
    return ring


def missed(ring: Ring, org: str = "", **offsets: int) -> list[str]:
    cursor = Cursor("e", {int(name[1:]): offset for name, offset in offsets.items()})
    assert ring.covers(cursor)
    return [orjson.loads(text)["id"] for text in opened(b"".join(ring.missed(cursor, {org} if org else None)))]


def test_the_ring_gives_what_is_behind_a_cursor_in_the_order_in_which_it_came() -> None:
    ring = filled((0, 10, "A"), (1, 0, "B"), (0, 11, "B"), (1, 1, "A"), (0, 12, "A"))
    assert missed(ring, p0=10, p1=0) == ["0/10", "1/0", "0/11", "1/1", "0/12"]
    assert missed(ring, p0=11, p1=1) == ["0/11", "1/1", "0/12"]
    assert missed(ring, p0=13, p1=1) == ["1/1"]
    assert missed(ring, p0=13, p1=2) == []
    assert missed(ring, p0=10) == ["0/10", "1/0", "0/11", "1/1", "0/12"], "a partition that is new to the cursor"
    assert missed(ring, "A", p0=11, p1=0) == ["1/1", "0/12"]
    assert missed(ring, p0=99, p1=99) == [], "another process was ahead of this one"


def test_whoever_has_an_alert_of_the_ring_misses_nothing_before_it() -> None:
    ring = filled((0, 10, "A"), (1, 0, "A"), (0, 11, "A"), (1, 1, "A"))
    for number, text in enumerate(opened(b"".join(ring.missed(Cursor("e", {0: 10, 1: 0}), None)))):
        cursor = read_cursor(orjson.loads(text)["cursor"])
        assert cursor is not None
        assert len(ring.missed(cursor, None)) == 3 - number


def test_the_ring_knows_how_far_it_goes_back() -> None:
    ring = filled()
    assert ring.covers(Cursor("e", {0: 10, 1: 0}))
    assert not ring.covers(Cursor("e", {0: 9, 1: 0}))
    assert not ring.covers(Cursor("other", {0: 10, 1: 0}))
    one = len(filled((0, 10, "")).missed(Cursor("e", {0: 10}), None)[0])
    small = filled((0, 10, ""), (1, 0, ""), (0, 11, ""), size=2 * one + 10)
    assert (small.first, small.next) == ({0: 11, 1: 0}, {0: 12, 1: 1})
    assert not small.covers(Cursor("e", {0: 10, 1: 0}))
    assert missed(small, p0=11, p1=0) == ["1/0", "0/11"]
    small.begin("f", {0: 0})
    assert not small.covers(Cursor("e", {0: 12, 1: 1}))
    assert small.missed(Cursor("f", {0: 0}), None) == []


class Pipe:
    """An outlet that notes what is written."""

    def __init__(self) -> None:
        self.paused_at: float | None = None
        self.on_drained: Any = None
        self.open = True
        self.unsent = 0
        self.written: list[bytes] = []
        self.ended: tuple[int, str] | None = None
        self.loop = asyncio.get_event_loop()

    def write(self, frames: bytes) -> None:
        self.written.append(frames)

    def cut(self, code: int, reason: str) -> None:
        self.open, self.ended = False, (code, reason)


def listening(clients: Clients, org: str, limit: int = 100) -> tuple[Client, Pipe]:
    pipe = Pipe()
    assignment = Assignment("hospital", org) if org else Assignment("admin")
    who = Principal(assignment, "", frozenset({org}) if org else None)
    client = Client(cast(Outlet, pipe), who, org, limit)
    clients.join(client)
    return client, pipe


async def test_alerts_that_were_read_together_are_one_write_for_each_client() -> None:
    clients = Clients()
    pipes = {org: listening(clients, org)[1] for org in ("", ORG_A, ORG_B)}
    clients.give([Entry(0, 1, ORG_A, b"a1"), Entry(0, 2, "", b"x2"), Entry(0, 3, ORG_A, b"a3")])
    assert {org: pipe.written for org, pipe in pipes.items()} == {"": [b"a1x2a3"], ORG_A: [b"a1a3"], ORG_B: []}


async def test_what_a_client_does_not_read_is_noted_up_to_the_limit() -> None:
    clients = Clients()
    client, pipe = listening(clients, ORG_A)
    pipe.paused_at, pipe.unsent = 1.0, 60
    for number in range(4):
        clients.give([Entry(0, number, ORG_A, b"%d123456789" % number)])
    assert (pipe.written, pipe.ended) == ([], None)
    pipe.paused_at = None
    pipe.on_drained()
    clients.give([Entry(0, 5, ORG_A, b"5")])
    assert b"".join(pipe.written) == b"0123456789" + b"1123456789" + b"2123456789" + b"3123456789" + b"5"
    pipe.paused_at = 1.0
    clients.give([Entry(0, 6, ORG_A, b"6" * 40)])
    assert pipe.ended is None, "exactly the limit"
    clients.give([Entry(0, 7, ORG_A, b"7")])
    assert pipe.ended == (1013, "too_slow")
    clients.give([Entry(0, 8, ORG_A, b"8")])
    assert b"8" not in pipe.written
    clients.leave(client)
    assert len(clients) == 0


async def test_a_client_that_pauses_again_while_it_catches_up_keeps_its_order() -> None:
    clients = Clients()
    _, pipe = listening(clients, ORG_A)
    pipe.paused_at = 1.0
    for number in range(3):
        clients.give([Entry(0, number, ORG_A, b"%d" % number)])
    write = pipe.write

    def one_only(frames: bytes) -> None:
        write(frames)
        pipe.paused_at = 2.0

    pipe.write = one_only  # type: ignore[method-assign]
    pipe.paused_at = None
    pipe.on_drained()
    clients.give([Entry(0, 3, ORG_A, b"3")])
    assert pipe.written == [b"0"]
    for _ in range(3):
        pipe.paused_at = None
        pipe.on_drained()
    assert pipe.written == [b"0", b"1", b"2", b"3"]


def test_seats_are_given_back() -> None:
    seats = Seats(2, 1)
    with seats.seat(), seats.of_account("a"):
        with seats.seat(), seats.of_account("b"), pytest.raises(ApiError, match="too_many_clients"), seats.seat():
            pass
        with seats.seat(), pytest.raises(ApiError, match="too_many_clients"), seats.of_account("a"):
            pass
    with seats.seat(), seats.of_account("a"):
        assert (seats._taken, dict(seats._by_account)) == (1, {"a": 1})
    assert (seats._taken, dict(seats._by_account)) == (0, {})
