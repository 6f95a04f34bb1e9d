"""The accounts database: made by migrations, its owner's only, told apart when it is away."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError
from typer import Typer
from typer.testing import CliRunner

from api.accounts.accounts import Accounts
from api.accounts.database import FILE, Database
from api.accounts.tables import Base, LoginSession
from api.errors import ApiError
from sanjian.errors import Invalid, Misconfigured, NotNow
from sanjian.settings import Settings
from tests.api.accounts.clock import START
from tests.api.conftest import opened

REVISIONS = ["0001_accounts", "0002_onboarding", "0003_contacts"]


def test_the_migrations_make_exactly_the_tables_of_the_program(accounts: Accounts) -> None:
    with accounts.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        assert set(inspect(connection).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_what_is_pending_is_told_applied_once_and_then_gone(tmp_path: Path) -> None:
    database = Database.of(Settings(data_dir=tmp_path))
    assert database.pending() == REVISIONS
    assert database.migrate() == REVISIONS
    assert database.pending() == database.migrate() == []
    database.close()


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database.of(Settings(data_dir=tmp_path))

    def fails(*_: object) -> None:
        with database.engine.connect() as other:
            assert inspect(other).get_table_names() == []
        raise RuntimeError("power cut")

    monkeypatch.setattr("api.accounts.database.command.upgrade", fails)
    with pytest.raises(RuntimeError):
        database.migrate()
    monkeypatch.undo()
    assert database.migrate() == REVISIONS
    database.close()


def test_the_file_and_its_journals_are_their_owners_only(tmp_path: Path) -> None:
    database = Database.of(Settings(data_dir=tmp_path))
    database.migrate()
    with database.reading() as session:
        session.execute(text("SELECT 1 FROM users"))
        files = sorted(tmp_path.glob(f"{FILE}*"))
        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * len(files)
        assert len(files) == 3  # the journals too
    database.close()


def test_references_are_held_to(accounts: Accounts) -> None:
    with pytest.raises(IntegrityError), accounts.database.writing() as session:
        session.add(LoginSession(hash="h", user_id="nobody", created_at=START, seen_at=START))


def test_what_an_exception_interrupts_is_not_kept(accounts: Accounts, user: str) -> None:
    def fails() -> None:
        with accounts.database.writing() as session:
            session.execute(text("UPDATE users SET full_name = 'changed'"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert accounts.users.find(user).full_name == ""


def test_times_come_back_zoned_and_need_a_zone(accounts: Accounts, user: str) -> None:
    assert accounts.users.find(user).created_at == START
    assert accounts.users.find(user).created_at.tzinfo is not None
    with pytest.raises(Exception, match="without zone"), accounts.database.writing() as session:
        session.add(LoginSession(hash="h", user_id="x", created_at=START.replace(tzinfo=None), seen_at=START))


def test_a_database_that_another_process_holds_too_long_is_not_now(
    tmp_path: Path, empty_accounts: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.accounts.database.BUSY_SECONDS", 0)
    settings = Settings(data_dir=tmp_path)
    first, second = opened(settings, empty_accounts), Accounts.open(settings)
    with first.database.writing(), pytest.raises(NotNow), second.database.writing():
        pass
    with second.database.reading() as session:  # reading goes on
        session.execute(text("SELECT 1 FROM users"))
    first.close()
    second.close()


def test_a_server_that_is_away_is_not_now(tmp_path: Path) -> None:
    database = Database("postgresql://nobody:secret@127.0.0.1:9/none")
    with pytest.raises(NotNow) as error, database.reading() as session:
        session.execute(text("SELECT 1"))
    assert "secret" not in str(error.value)


def test_a_text_that_a_database_cannot_hold_is_refused_and_no_bug(accounts: Accounts) -> None:
    """PostgreSQL takes no NUL; SQLite does, and finds nobody."""
    for ask in (
        lambda: accounts.users.find("li\0na"), lambda: accounts.sessions.login("li\0na", "x", "10.0.0.9"),
        lambda: accounts.clients.find("sjc\0"), lambda: accounts.registrations.find("\0"),
    ):  # fmt: skip
        with pytest.raises((Invalid, ApiError)):
            ask()


def test_a_wrong_statement_is_a_bug_not_a_database_that_is_away(accounts: Accounts) -> None:
    with pytest.raises(Exception, match="nothing") as error, accounts.database.reading() as session:
        session.execute(text("SELECT 1 FROM nothing"))
    assert not isinstance(error.value, NotNow)
    assert isinstance(error.value, OperationalError) or "UndefinedTable" in str(error.value)


@pytest.mark.parametrize("url", ["nonsense", "oracle+nothing://x"])
def test_an_address_that_is_none_is_one_sentence(url: str) -> None:
    with pytest.raises(Misconfigured, match="SANJIAN_ACCOUNTS"):
        Database(url)


@pytest.mark.parametrize("value", ["mysql://x", "postgres", "sqlite://"])
def test_a_database_that_we_do_not_know_is_refused_at_the_start(value: str) -> None:
    with pytest.raises(ValueError, match="SANJIAN_ACCOUNTS"):
        Settings(accounts=value)


@pytest.mark.parametrize("value", ["10.0.0.5/33", "proxy.local", "0.0.0.0/0", "10.0.0.1, ::/0"])
def test_proxies_that_are_none_or_everybody_are_refused_at_the_start(value: str) -> None:
    with pytest.raises(ValueError, match="SANJIAN_TRUSTED_PROXIES"):
        Settings(trusted_proxies=value)


def test_the_command_is_there() -> None:
    from sanjian.migrate import migrate

    app = Typer()
    app.command()(migrate)
    assert "--check" in CliRunner().invoke(app, ["--help"]).output
