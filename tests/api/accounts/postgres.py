"""A PostgreSQL server of the tests' own, in a directory of its own, behind a socket of its own; nothing listens on a
port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Where Debian keeps it.
_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl; None when PostgreSQL is not installed."""
    found = shutil.which("pg_ctl")
    return Path(found).resolve().parent if found else next(iter(_FOLDERS), None)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The URL of a database of a new server, which is stopped at the end."""
    user = "nobody" if os.getuid() == 0 else None  # PostgreSQL refuses to run as root
    with tempfile.TemporaryDirectory(prefix="sanjian-postgres-") as name:
        if user:
            shutil.chown(name, user)

        def run(program: str, *arguments: str) -> None:
            command = [str(folder / program), "-D", f"{name}/data", *arguments]
            subprocess.run(command, user=user, cwd=name, check=True, capture_output=True, timeout=60)

        run("initdb", "-U", "sanjian", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {name} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "-o", options, "-l", f"{name}/log", "-w", "start")
        try:
            yield f"postgresql://sanjian@/postgres?host={name}"
        finally:
            run("pg_ctl", "-m", "immediate", "-w", "stop")
