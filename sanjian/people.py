"""``sanjian user`` and ``sanjian client``: people and machines, in the accounts database itself.

No server has to run and no password is asked for: whoever may write the database (its file, or PostgreSQL's password)
owns the accounts anyway, and an administrator who has forgotten the password gets back in this way. What is done is
in the audit log as done by ``shell:<user of the machine>``.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.console import Console
from rich.table import Column, Table

from api.accounts.accounts import Accounts
from api.accounts.audit import By
from api.accounts.principal import Assignment
from api.accounts.rights import Role
from api.errors import ApiError
from sanjian import datadir
from sanjian.errors import Misconfigured

users = typer.Typer(no_args_is_help=True)
clients = typer.Typer(no_args_is_help=True)
#: Into a file or a pipe lines are as long as they have to be.
console = Console(width=None if sys.stdout.isatty() else 240)

Data = Annotated[Path | None, typer.Option("--data", help="数据目录 · data directory (SANJIAN_DATA_DIR)")]
Name = Annotated[str, typer.Argument(help="用户名 · user name")]
ClientId = Annotated[str, typer.Argument(help="client_id (appid)")]
RoleName = Annotated[str, typer.Option("--role", help=" | ".join(get_args(Role)))]
Org = Annotated[str, typer.Option("--org", help="机构代码 · institution (hospital, tester)")]
Scope = Annotated[str, typer.Option("--scope", help="地区代码 · region, e.g. 370100; 000000 everything")]
Manages = Annotated[bool, typer.Option("--manages", help="该机构或地区的管理员 · administrator of it")]
Personal = Annotated[bool, typer.Option("--personal", help="可查看个人信息 · may read personal data")]


def shell() -> By:
    """Who works at the command line."""
    return By(f"shell:{getpass.getuser()}")


@contextmanager
def _accounts(data: Path | None) -> Iterator[Accounts]:
    from sanjian.cli import load_settings

    accounts = Accounts.open(load_settings(data))
    try:
        if accounts.database.pending():
            raise Misconfigured("The accounts database is not up to date; run sanjian migrate (or sanjian up) first.")
        yield accounts
    except ApiError as error:
        raise Misconfigured(f"{error.message_zh} · {error.message_en}") from error
    finally:
        accounts.close()


def _assignment(role: str, org: str, scope: str, manages: bool, personal: bool) -> Assignment:
    if role not in get_args(Role):
        raise Misconfigured(f"--role is one of {', '.join(get_args(Role))}.")
    return Assignment(cast(Role, role), org, scope, manages, personal)


@users.command("add")
def add_user(
    name: Name,
    role: RoleName,
    org: Org = "",
    scope: Scope = "",
    full_name: Annotated[str, typer.Option("--full-name", help="姓名 · name of the person")] = "",
    manages: Manages = False,
    personal: Personal = False,
    data: Data = None,
) -> None:
    """新增用户，显示一次性密码 · add a user; prints a one-time password."""
    with _accounts(data) as accounts:
        wanted = _assignment(role, org, scope, manages, personal)
        _show_password(name, accounts.users.add(shell(), name, wanted, full_name))


@users.command("list")
def list_users(data: Data = None) -> None:
    """列出用户和待审批的注册 · list users, and registrations that wait."""
    with _accounts(data) as accounts:
        table = Table(
            Column("用户 user", no_wrap=True),
            "姓名 name",
            "角色 role",
            "机构/地区 for",
            "状态 state",
            "上次登录 last login",
        )
        for one in accounts.users.all():
            state = "启用 active" if one.active else "停用 disabled"
            table.add_row(
                one.name, one.full_name, one.role + ("*" if one.manages else ""), one.org or one.scope, state,
                f"{one.login_at:%Y-%m-%d %H:%M} UTC" if one.login_at else "–",
            )  # fmt: skip
        console.print(table)
        waiting = accounts.registrations.waiting()
        for asked, taken in waiting:
            note = "（用户名已占用 name taken）" if taken else ""
            console.print(
                f"待审批 waiting: {asked.id} {asked.name} {asked.full_name} {asked.role} "
                f"{asked.org or asked.scope}{note}",
                markup=False, soft_wrap=True,
            )  # fmt: skip


@users.command()
def disable(name: Name, data: Data = None) -> None:
    """停用，全部登录立即失效 · disable; every session ends."""
    with _accounts(data) as accounts:
        accounts.users.change(shell(), name, active=False)


@users.command()
def enable(name: Name, data: Data = None) -> None:
    """重新启用 · enable again."""
    with _accounts(data) as accounts:
        accounts.users.change(shell(), name, active=True)


@users.command("reset-password")
def reset_password(name: Name, data: Data = None) -> None:
    """重置密码，显示一次性密码 · a new one-time password."""
    with _accounts(data) as accounts:
        _show_password(name, accounts.users.reset_password(shell(), name))


@users.command()
def unlock(name: Name, data: Data = None) -> None:
    """解除锁定 · let somebody log in at once after too many wrong passwords."""
    with _accounts(data) as accounts:
        accounts.users.unlock(shell(), name)


@users.command()
def approve(
    ident: Annotated[str, typer.Argument(help="注册编号，见 sanjian user list · as sanjian user list shows it")],
    name: Annotated[str, typer.Option("--name", help="另起用户名 · another name")] = "",
    manages: Manages = False,
    data: Data = None,
) -> None:
    """批准注册 · approve a registration as it was asked for."""
    with _accounts(data) as accounts:
        asked = accounts.registrations.find(ident).assignment
        wanted = Assignment(asked.role, asked.org, asked.scope, manages)
        user = accounts.registrations.approve(shell(), ident, wanted, name)
        console.print(f"已批准 approved: {user.name}")


@clients.command("add")
def add_client(
    label: Annotated[str, typer.Option("--label", help="用途，唯一 · what it is for; unique")],
    role: RoleName = "hospital",
    org: Org = "",
    scope: Scope = "",
    allow: Annotated[str, typer.Option("--allow", help="地址白名单 · networks it may come from, 10.1.2.0/24,…")] = "",
    personal: Personal = False,
    out: Annotated[Path | None, typer.Option("--out", help="写入文件（仅本人可读） · into a file of one's own")] = None,
    data: Data = None,
) -> None:
    """新增接入凭证，密钥只显示一次 · add a machine; its secret is shown once."""
    with _accounts(data) as accounts:
        client, secret = accounts.clients.add(shell(), label, _assignment(role, org, scope, False, personal), allow)
        _show_secret(client.id, secret, out)


@clients.command("list")
def list_clients(data: Data = None) -> None:
    """列出接入凭证 · list the machines."""
    with _accounts(data) as accounts:
        table = Table(
            Column("client_id", no_wrap=True),
            "用途 label",
            "角色 role",
            "机构/地区 for",
            "白名单 allow",
            "密钥 secrets",
            "上次 last",
        )
        for one in accounts.clients.all():
            table.add_row(
                one.id, one.label, one.role, one.org or one.scope, one.allow or "–",
                str(accounts.clients.secrets(one.id)), f"{one.used_at:%Y-%m-%d %H:%M} UTC" if one.used_at else "–",
            )  # fmt: skip
        console.print(table)


@clients.command()
def rotate(
    client_id: ClientId,
    overlap_hours: Annotated[
        float, typer.Option(min=0, max=720, help="旧密钥继续有效的小时数 · old ones work on")
    ] = 24,
    out: Annotated[Path | None, typer.Option("--out", help="写入文件（仅本人可读） · into a file of one's own")] = None,
    data: Data = None,
) -> None:
    """更换密钥，只显示一次 · a new secret, shown once."""
    with _accounts(data) as accounts:
        secret = accounts.clients.rotate(shell(), client_id, timedelta(hours=overlap_hours))
        _show_secret(client_id, secret, out)


@clients.command()
def revoke(client_id: ClientId, data: Data = None) -> None:
    """撤销，密钥和令牌立即失效 · take back; its secrets and tokens end at once."""
    with _accounts(data) as accounts:
        accounts.clients.revoke(shell(), client_id)


def _show_password(name: str, password: str) -> None:
    typer.echo(
        f"用户 user: {name}\n一次性密码 one-time password: {password}\n首次登录须修改 · to be changed at first login"
    )


def _show_secret(client_id: str, secret: str, out: Path | None) -> None:
    if out is None:
        typer.echo(f"client_id: {client_id}\nclient_secret: {secret}")
        return
    datadir.write(out.parent, out.name, {"client_id": client_id, "client_secret": secret})
    typer.echo(f"client_id: {client_id}\n已写入 written into {out}")
