"""The embedded engine (chDB): its directory, its lock, and the private place for rows on their way into it.

chDB takes an insert from a file. clickhouse-connect would put that file into the machine's common temporary directory
and leave it there, patient rows and all, when the process is killed; here it goes to a directory of our own that is
emptied at the next start.
"""

from __future__ import annotations

import fcntl
import os
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import clickhouse_connect
import polars as pl
from clickhouse_connect.driver.exceptions import DatabaseError
from polars.interchange import CompatLevel

from sanjian.errors import Misconfigured

DATABASE = "sanjian"  # the engine's own "default" is not Atomic: no atomic rename or drop
SCHEME = "chdb://"

# Names the files of this process. Not its number: in a container that is 1 every time.
_RUN = uuid.uuid4().hex

# The engine locks this file and writes its process number into it.
_LOCK_FILE = "status"
_LOCK_PID = re.compile(r"^PID: (\d+)", re.MULTILINE)


def data_path(dsn: str) -> Path:
    """The directory named by ``chdb:///path``; raises :class:`Misconfigured` for an unusable one."""
    text = dsn.removeprefix(SCHEME)
    if not text.startswith("/") or "?" in text:
        raise Misconfigured(f"SANJIAN_CLICKHOUSE must look like chdb:///absolute/path, without a question mark: {dsn}")
    return Path(os.path.realpath(text))


def make_directory(path: Path, private: Path) -> None:
    """Creates the engine's directory and the private one for inserts (mode 0700), or says that it cannot."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
        private.chmod(0o700)
        probe = private / f"{_RUN}.{uuid.uuid4().hex}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Misconfigured(
            f"Cannot write to {path} ({error.strerror}): point SANJIAN_DATA_DIR or SANJIAN_CLICKHOUSE to a directory "
            "that this user may write to."
        ) from error


def empty_directory(private: Path) -> int:
    """Removes what earlier processes left in the private directory; returns how many files.

    To be called when the engine is open: only then is it sure that no other process is at work here. Files of this
    process stay, because another thread may be inserting.
    """
    left = [file for file in private.iterdir() if not file.name.startswith(_RUN)]
    for file in left:
        file.unlink(missing_ok=True)
    return len(left)


def open_client(path: Path, memory_mb: int | None, settings: dict[str, Any]) -> Any:
    """A new clickhouse-connect client of the engine at ``path``, in the database ``sanjian``.

    ``memory_mb`` caps the whole engine, not the client. Raises :class:`Misconfigured` when another process has the
    directory open, or this process another directory.
    """
    _refuse_other_process(path)
    options = {"max_server_memory_usage": memory_mb * 1024 * 1024} if memory_mb else None
    try:
        client = clickhouse_connect.get_client(
            interface="chdb", path=str(path), chdb_options=options, settings=settings
        )
    except DatabaseError as error:
        if "already initialized with path" in str(error):
            raise Misconfigured(
                f"This process already has another ClickHouse directory open; it cannot open {path} too."
            ) from error
        if _locked(path):
            raise Misconfigured(_in_use(path)) from error
        raise
    client.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE} ENGINE = Atomic")
    client.database = DATABASE
    return client


def insert(client: Any, private: Path, table: str, frame: pl.DataFrame, settings: Mapping[str, Any]) -> None:
    """Inserts ``frame`` (one chunk) through a file in ``private``, which is gone afterwards, whatever happens."""
    file = private / f"{_RUN}.{uuid.uuid4().hex}"
    clause = ", ".join(f"{name} = {_quoted(str(value))}" for name, value in settings.items())
    columns = ", ".join(f"`{name}`" for name in frame.columns)
    try:
        # 0600 from the first byte: the directory may have been handed to us with a wider mode.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            frame.write_ipc_stream(stream, compat_level=CompatLevel.oldest())
        client.command(
            f"INSERT INTO {table} ({columns}) FROM INFILE {_quoted(str(file))} SETTINGS {clause} FORMAT ArrowStream"
        )
    finally:
        file.unlink(missing_ok=True)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _locked(path: Path) -> bool:
    """Whether a process (this one counts) has the engine of ``path`` open."""
    try:
        with (path / _LOCK_FILE).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _refuse_other_process(path: Path) -> None:
    """Asks before the engine does: it would print to stderr and raise a message without the reason."""
    if _locked(path):
        found = _LOCK_PID.search((path / _LOCK_FILE).read_text(errors="replace"))
        if found and int(found[1]) != os.getpid():
            raise Misconfigured(_in_use(path, f" (number {found[1]})"))


def _in_use(path: Path, who: str = "") -> str:
    return f"{path} is used by another process{who}: stop it, or use another SANJIAN_DATA_DIR."
