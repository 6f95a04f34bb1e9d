"""A ClickHouse server over HTTP: its address and its clients."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError

from clickhouse.embedded import DATABASE
from clickhouse.replicated import create_database
from sanjian.errors import Misconfigured

_CONNECT_SECONDS = 10  # a server that is there answers in milliseconds; the caller tries again by itself
_ANSWER_SECONDS = 150  # a little more than a query may take, so that the server is the one who says so
_UNKNOWN_DATABASE = 81


def parameters(dsn: str) -> dict[str, Any]:
    """The parts of ``clickhouse://user:password@host:8123/database``; ``clickhouses://`` means TLS.

    User and password are percent-decoded. Raises :class:`Misconfigured` for anything else.
    """
    parts = urlsplit(dsn)
    if parts.scheme not in {"clickhouse", "clickhouses"} or not parts.hostname:
        raise Misconfigured("SANJIAN_CLICKHOUSE must look like clickhouse://user:password@host:8123/database.")
    secure = parts.scheme == "clickhouses"
    try:
        port = parts.port
    except ValueError as error:
        raise Misconfigured(f"SANJIAN_CLICKHOUSE has a port that is not a number: {parts.hostname}.") from error
    return {
        "interface": "https" if secure else "http",
        "host": parts.hostname,
        "port": port or (8443 if secure else 8123),
        "username": unquote(parts.username or "default"),
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.strip("/")) or DATABASE,
    }


def open_client(server: dict[str, Any], settings: dict[str, Any], *, cluster: bool = False) -> Any:
    """A client of a server; the database is created when it is not there yet, ``cluster``: on all servers."""
    options = {
        "settings": settings,
        "connect_timeout": _CONNECT_SECONDS,
        "send_receive_timeout": _ANSWER_SECONDS,
        "autogenerate_session_id": False,  # a session would be locked by a call whose connection broke
    }
    try:
        return clickhouse_connect.get_client(**server, **options)
    except DatabaseError as error:
        if error.code != _UNKNOWN_DATABASE:
            raise
    first = clickhouse_connect.get_client(**{**server, "database": "default"}, **options)
    name = server["database"]
    first.command(create_database(name) if cluster else f"CREATE DATABASE IF NOT EXISTS `{name}`")
    first.close()
    return clickhouse_connect.get_client(**server, **options)
