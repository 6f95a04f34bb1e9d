"""Which failures of ClickHouse mean *not now* (try the same again) and which are bugs (raised unchanged)."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from sanjian.errors import NotNow

_CREDENTIALS = "ClickHouse refuses the user or the password of SANJIAN_CLICKHOUSE"
_RIGHTS = "the ClickHouse user of SANJIAN_CLICKHOUSE lacks a right"

# Code → (name, why trying again is right). Everything that is not here is a bug: a wrong statement, an unknown table,
# a value that does not fit. A table of codes, because only they are stable; the texts change with the version.
NOT_NOW: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        159: ("TIMEOUT_EXCEEDED", "the server is slow at the moment"),
        160: ("TOO_SLOW", "the server is slow at the moment"),
        173: ("CANNOT_ALLOCATE_MEMORY", "the machine has no memory left at the moment"),
        192: ("UNKNOWN_USER", _CREDENTIALS),
        193: ("WRONG_PASSWORD", _CREDENTIALS),
        194: ("REQUIRED_PASSWORD", _CREDENTIALS),
        198: ("DNS_ERROR", "a name server does not answer"),
        201: ("QUOTA_EXCEEDED", "the user's quota is used up until its interval ends"),
        202: ("TOO_MANY_SIMULTANEOUS_QUERIES", "other queries have to end first"),
        203: ("NO_FREE_CONNECTION", "the server's own connections are all in use"),
        204: ("CANNOT_FSYNC", "the disk does not take data at the moment"),
        209: ("SOCKET_TIMEOUT", "a server does not answer"),
        210: ("NETWORK_ERROR", "a server does not answer"),
        225: ("NO_ZOOKEEPER", "the keeper is away"),
        236: ("ABORTED", "the server is stopping"),
        241: ("MEMORY_LIMIT_EXCEEDED", "other queries use the memory; it is free again when they end"),
        242: ("TABLE_IS_READ_ONLY", "the replica lost its keeper session and gets it back by itself"),
        243: ("NOT_ENOUGH_SPACE", "the disk is full until somebody makes room"),
        244: ("UNEXPECTED_ZOOKEEPER_ERROR", "the keeper is in trouble"),
        252: ("TOO_MANY_PARTS", "merges have to catch up with the inserts"),
        279: ("ALL_CONNECTION_TRIES_FAILED", "the other servers of the cluster do not answer"),
        285: ("TOO_FEW_LIVE_REPLICAS", "a quorum is missing until replicas come back"),
        286: ("UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE", "a quorum is missing until replicas catch up"),
        289: ("REPLICA_IS_NOT_IN_QUORUM", "the replica has to catch up first"),
        319: ("UNKNOWN_STATUS_OF_INSERT", "written or not: every insert may be repeated, so repeat it"),
        373: ("SESSION_IS_LOCKED", "another query of the session has to end first"),
        394: ("QUERY_WAS_CANCELLED", "somebody killed the query; the work is still to be done"),
        425: ("SYSTEM_ERROR", "the operating system refuses, for instance threads"),
        439: ("CANNOT_SCHEDULE_TASK", "the server's threads are all in use"),
        473: ("DEADLOCK_AVOIDED", "a table lock was not to be had in time"),
        497: ("ACCESS_DENIED", _RIGHTS),
        499: ("S3_ERROR", "the object store behind the table does not answer"),
        516: ("AUTHENTICATION_FAILED", _CREDENTIALS),
        700: ("USER_SESSION_LIMIT_EXCEEDED", "other sessions have to end first"),
        745: ("SERVER_OVERLOADED", "the server asks for patience"),
        999: ("KEEPER_EXCEPTION", "the keeper is in trouble"),
    }
)

# A full disk shows up as one of these when the engine or our own file of rows to insert is cut short by the system.
_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded", re.IGNORECASE)
_NO_SPACE_ERRNO = frozenset({errno.ENOSPC, errno.EDQUOT})

# What a proxy or load balancer says before ClickHouse itself is reached (no ClickHouse code then).
_PROXY = re.compile(r"HTTP status (429|5\d\d)\b")


def not_now_reason(error: BaseException) -> str:
    """The sentence to show when ``error`` means *try again later*; an empty text when it is a bug."""
    if isinstance(error, OSError) and error.errno in _NO_SPACE_ERRNO:
        return f"no space left for ClickHouse: {error.strerror}"
    if isinstance(error, DatabaseError):
        code: int | None = error.code
        text = str(error)
        if code is not None and code in NOT_NOW:
            name, why = NOT_NOW[code]
            return f"ClickHouse: {why} ({code} {name}): {text}"
        if _NO_SPACE.search(text):
            return f"no space left for ClickHouse: {text}"
        if code is None and (isinstance(error, OperationalError) or _PROXY.search(text)):
            return f"ClickHouse does not answer: {text}"
    return ""


@contextmanager
def classified() -> Iterator[None]:
    """Turns what is *not now* into :class:`sanjian.errors.NotNow`; lets every other failure through unchanged."""
    try:
        yield
    except (DatabaseError, OSError) as error:
        reason = not_now_reason(error)
        if not reason:
            raise
        raise NotNow(reason) from error
