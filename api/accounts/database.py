"""The accounts database: SQLite in the data directory, or PostgreSQL by URL. Opens, migrates, and runs transactions.

Every call blocks; asynchronous code calls from threads. Raises NotNow while the database is away or busy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, TimeoutError
from sqlalchemy.orm import Session

from sanjian.errors import Invalid, Misconfigured, NotNow
from sanjian.settings import Settings

MIGRATIONS = Path(__file__).with_name("migrations")
FILE = "accounts.sqlite"
#: Another process may hold SQLite's one write lock; its transactions take milliseconds.
BUSY_SECONDS = 10
#: Of PostgreSQL, held while migrating, so that of two processes that start together one waits. Any number does.
_LOCK = 733_101
#: What SQLite says when trying again is right.
_BUSY = ("database is locked", "database table is locked", "disk i/o error", "unable to open database file")


class Database:
    """The database at a URL. ``reading`` and ``writing`` give a session in a transaction."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            self.sqlite = parsed.get_backend_name() == "sqlite"
            options: dict[str, Any] = {"connect_args": {"timeout": BUSY_SECONDS}} if self.sqlite else {}
            self._engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=not self.sqlite, **options)
        except (ArgumentError, ImportError) as error:
            raise Misconfigured("SANJIAN_ACCOUNTS must look like postgresql://user:password@host/database.") from error
        if self.sqlite:
            _private(Path(parsed.database or ""))
            _prepare(self._engine)

    @classmethod
    def of(cls, settings: Settings) -> Database:
        """The database that the settings name."""
        return cls(settings.accounts or f"sqlite:///{(settings.data_dir / FILE).resolve()}")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking things up. Raises NotNow, and Invalid for what no database holds."""
        with _away(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back by an exception. Raises NotNow."""
        with _away(), Session(self._engine, expire_on_commit=False) as session:
            if self.sqlite:  # the write lock at once: two that read first and write then would deadlock
                session.connection(execution_options={"sanjian_writes": True})
            yield session
            session.commit()

    def migrate(self) -> list[str]:
        """Apply what is pending, and return its names."""
        with _away(), self._engine.begin() as connection:
            if not self.sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            names = _pending(connection)
            if names:
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        return names

    def pending(self) -> list[str]:
        """What :meth:`migrate` would apply, oldest first."""
        with _away(), self._engine.connect() as connection:
            return _pending(connection)

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine."""
        return self._engine

    def close(self) -> None:
        """Close every connection; the next call opens new ones."""
        self._engine.dispose()


def _private(path: Path) -> None:
    """The file is made here, so that it is its owner's only; SQLite gives its journals the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise Misconfigured(f"The accounts database {path} cannot be written ({error.strerror}).") from error


def _prepare(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: Python's sqlite3 begins too late
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")  # an audit entry that was acknowledged survives a power cut

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("sanjian_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _away() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise NotNow("the accounts database has no connection free") from error
    except DataError as error:  # PostgreSQL: a text with a NUL, a number beyond its column
        raise Invalid("not_storable") from error
    except DBAPIError as error:
        if _is_away(error):
            raise NotNow("the accounts database does not answer") from error
        raise


def _is_away(error: DBAPIError) -> bool:
    name, said = type(error.orig).__module__, str(error.orig).lower()
    if name.startswith("sqlite3") or name == "builtins":
        return any(part in said for part in _BUSY)
    # PostgreSQL: class 08 connection, 53 resources, 57 shut down, 40 serialisation; no state: no connection at all
    state = getattr(error.orig, "sqlstate", None)
    operational = type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout", "InterfaceError")
    return error.connection_invalidated or (operational and (state is None or state[:2] in ("08", "53", "57", "40")))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _pending(connection: Connection) -> list[str]:
    scripts = ScriptDirectory.from_config(_config())
    current = MigrationContext.configure(connection).get_current_revision()
    return [script.revision for script in reversed(list(scripts.iterate_revisions("head", current or "base")))]
