"""``sanjian user`` and ``sanjian client``, and the first accounts of a new installation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from typer import Typer
from typer.testing import CliRunner

from api.accounts.accounts import Accounts
from api.accounts.principal import Assignment
from api.accounts.registrations import Wish
from api.accounts.tables import AuditEntry
from api.errors import ApiError
from sanjian import datadir
from sanjian.errors import Misconfigured
from sanjian.first import DEMO_ACCOUNTS, demo_users, first_admin, runtime_client
from sanjian.people import clients, users
from sanjian.settings import Settings
from tests.api.conftest import CHEAP

ORG = "990000000000000000000A"
HERE = "127.0.0.1"
Run = Callable[..., str]


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    """A new installation."""
    made = Accounts.open(Settings(data_dir=tmp_path), passwords=CHEAP)
    made.database.migrate()
    yield made
    made.close()


@pytest.fixture
def run(tmp_path: Path, accounts: Accounts) -> Run:
    """Runs a command on it; the text that it prints."""
    app = Typer()
    app.add_typer(users, name="user")
    app.add_typer(clients, name="client")

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments, "--data", str(tmp_path)])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return run


def password_of(output: str) -> str:
    return next(line.split(": ")[1] for line in output.splitlines() if "password" in line)


def test_somebody_is_added_disabled_enabled_unlocked_and_gets_a_new_password(run: Run, accounts: Accounts) -> None:
    first = password_of(run("user", "add", "li.na", "--role", "hospital", "--org", ORG, "--full-name", "李娜"))
    assert accounts.sessions.login("li.na", first, HERE).user.must_change
    second = password_of(run("user", "reset-password", "li.na"))
    with pytest.raises(ApiError):
        accounts.sessions.login("li.na", first, HERE)
    run("user", "disable", "li.na")
    assert "停用" in run("user", "list")
    run("user", "enable", "li.na")
    run("user", "unlock", "li.na")
    assert accounts.sessions.login("li.na", second, HERE).user.full_name == "李娜"
    with accounts.database.reading() as session:
        actors = set(session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "user.disable")))
    assert len(actors) == 1
    assert actors.pop().startswith("shell:")


def test_somebody_who_asked_is_approved(run: Run, accounts: Accounts) -> None:
    wish = Wish("wang.fang", "王芳", "a short sentence", Assignment("hospital", ORG))
    ident = accounts.registrations.ask(wish, HERE)
    assert f"{ident} wang.fang 王芳 hospital {ORG}" in run("user", "list")
    run("user", "approve", ident, "--manages")
    assert accounts.users.find("wang.fang").assignment == Assignment("hospital", ORG, manages=True)


def test_a_machine_is_added_listed_rotated_and_taken_back(run: Run, accounts: Accounts) -> None:
    shown = dict(line.split(": ") for line in run("client", "add", "--label", "HIS", "--org", ORG).splitlines())
    client_id, secret = shown["client_id"], shown["client_secret"]
    assert accounts.tokens.issue(client_id, secret, HERE) is not None
    assert client_id in run("client", "list")
    rotated = dict(line.split(": ") for line in run("client", "rotate", client_id).splitlines())
    assert accounts.tokens.issue(client_id, secret, HERE) is not None  # the overlap
    run("client", "rotate", client_id, "--overlap-hours", "0")
    assert accounts.tokens.issue(client_id, rotated["client_secret"], HERE) is None
    run("client", "revoke", client_id)
    assert accounts.clients.all() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["user", "add", "x", "--role", "root"], "--role"), (["user", "add", "x", "--role", "admin"], "user name"),
        (["user", "add", "li.na", "--role", "hospital"], "do not fit"), (["user", "disable", "nobody"], "no such user"),
        (["client", "add", "--label", "x", "--org", ORG, "--allow", "10.1"], "addresses"),
        (["client", "revoke", "sjc_nobody"], "no such client"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(run: Run, arguments: list[str], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        run(*arguments)


def test_a_database_that_is_not_there_yet_is_not_made_by_the_way(tmp_path: Path) -> None:
    app = Typer()
    app.add_typer(users, name="user")
    done = CliRunner().invoke(app, ["user", "list", "--data", str(tmp_path)])
    assert isinstance(done.exception, Misconfigured)
    assert "sanjian migrate" in str(done.exception)


def test_a_new_installation_gets_one_administrator_with_a_password_for_one_login(accounts: Accounts) -> None:
    password = first_admin(accounts)
    assert password is not None
    user = accounts.sessions.login("admin", password, HERE).user
    assert (user.role, user.must_change) == ("admin", True)
    assert first_admin(accounts) is None


def test_each_start_has_a_client_of_its_own(accounts: Accounts) -> None:
    first, second = runtime_client(accounts), runtime_client(accounts)
    assert first["client_id"] == second["client_id"]
    assert accounts.tokens.issue(first["client_id"], first["client_secret"], HERE) is None
    assert accounts.tokens.issue(second["client_id"], second["client_secret"], HERE) is not None


def test_the_demonstration_has_a_labelled_account_for_each_role(accounts: Accounts, tmp_path: Path) -> None:
    made = demo_users(accounts, tmp_path, ORG, "990000")
    assert sorted(role for _, _, role in made) == ["admin", "hospital", "operator", "regulator", "tester"]
    assert (tmp_path / DEMO_ACCOUNTS).stat().st_mode & 0o777 == 0o600
    assert len({password for _, password, _ in made}) == 5
    for name, password, role in made:
        user = accounts.sessions.login(name, password, HERE).user
        assert (user.role, user.must_change) == (role, False)
        assert "demo" in user.name
        assert "演示" in user.full_name
    assert demo_users(accounts, tmp_path, ORG, "990000") == made  # what the file says stays right
    datadir.remove(tmp_path, DEMO_ACCOUNTS)
    again = demo_users(accounts, tmp_path, ORG, "990000")
    assert {name for name, _, _ in again} == {name for name, _, _ in made}
    assert accounts.sessions.login(*again[0][:2], HERE).user.name == again[0][0]
