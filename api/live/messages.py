"""What goes over a websocket, as the bytes of its frames: made once, written to every client that listens to it."""

from __future__ import annotations

import struct
from datetime import datetime

import orjson

from api.live.cursor import Cursor
from api.wire import iso

#: RFC 6455: the first byte of a text message in one frame. A server's frames are not masked, so they are the same for
#: every client; a client that agreed to compress may be sent plain frames too.
_TEXT = 0x81


def frame(text: bytes) -> bytes:
    """A text message as a websocket frame from the server."""
    length = len(text)
    if length < 126:
        return bytes((_TEXT, length)) + text
    if length < 1 << 16:
        return struct.pack("!BBH", _TEXT, 126, length) + text
    return struct.pack("!BBQ", _TEXT, 127, length) + text


def is_alert(payload: bytes) -> bool:
    """Whether a record of the topic is an alert: a JSON object with an ``id``."""
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return False
    return isinstance(found, dict) and isinstance(found.get("id"), str)


def alert_frame(payload: bytes, partition: int, offset: int, cursor: Cursor) -> bytes:
    """An alert as published, with its place and the cursor behind it.

    :param payload: JSON object that is not empty.
    """
    more = {"epoch": cursor.epoch, "position": f"{partition}:{offset}", "cursor": cursor.text()}
    return frame(payload.strip()[:-1] + b"," + orjson.dumps(more)[1:])


def note_frame(kind: str, now: datetime, live: bool, cursor: Cursor, **more: object) -> bytes:
    """A message about the connection: ``hello`` or ``heartbeat``. Whoever has it has all alerts before its cursor."""
    note = {"kind": kind, "at": iso(now), "live": live, **more, "epoch": cursor.epoch, "cursor": cursor.text()}
    return frame(orjson.dumps(note))
