"""The data directory of the embedded runtime: one process at a time, private, and what other commands need to know.

``lock`` is held while the process lives. ``runtime.json`` tells ``sanjian audit``, ``listen``, ``simulate`` and the
rest where the running process is; it holds a client's secret and is readable by its owner only. ``broker.json`` tells
the next start that a broker is still there.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from sanjian.errors import Misconfigured

RUNTIME = "runtime.json"
BROKER = "broker.json"


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Make the directory and hold it. Raises Misconfigured when it cannot be written or another process holds it."""
    refused = f"The data directory {directory} cannot be written ({{}}); choose another with --data."
    taken = f"Another sanjian process uses the data directory {directory}; stop it or choose another with --data."
    with lock_file(directory / "lock", refused, taken):
        yield


@contextmanager
def lock_file(path: Path, refused: str, taken: str) -> Iterator[None]:
    """Hold a lock file, which is made with its directory, for as long as the context is open; it ends with the process.

    Raises Misconfigured: ``refused`` with the system's words in place of ``{}`` when the file cannot be written,
    ``taken`` when another process holds it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Misconfigured(refused.replace("{}", str(error.strerror))) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Misconfigured(taken) from error
        yield
    finally:
        os.close(handle)


def write(directory: Path, name: str, content: dict[str, Any]) -> None:
    """Replace a file of the directory in one step, readable by its owner only."""
    new = directory / f".{name}.new"
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    new.replace(directory / name)


def read(directory: Path, name: str) -> dict[str, Any]:
    """The file's content; empty when it is not there or not whole."""
    try:
        content = orjson.loads((directory / name).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return content if isinstance(content, dict) else {}


def remove(directory: Path, name: str) -> None:
    """Remove the file if it is there."""
    (directory / name).unlink(missing_ok=True)
