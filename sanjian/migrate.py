"""``sanjian migrate``: brings ClickHouse and the accounts database up to date, or tells what is missing."""

from __future__ import annotations

from typing import Annotated

import typer

from api.accounts.database import Database
from clickhouse.client import ClickHouse
from clickhouse.migrate import migrate as apply_pending
from clickhouse.migrate import pending
from sanjian.cli import load_settings


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="只检查，不修改；有未执行的迁移时退出码为 1 · only tell; exit code 1 if any")
    ] = False,
) -> None:
    """升级数据库结构：只进不退，可重复执行 · Bring the database up to date; forward only, safe to repeat."""
    settings = load_settings()
    with ClickHouse(
        settings.clickhouse_dsn, memory_mb=settings.clickhouse_memory_mb, cluster=settings.clickhouse_replicated
    ) as client:
        names = pending(client) if check else apply_pending(client)
    accounts = Database.of(settings)
    try:
        names += accounts.pending() if check else accounts.migrate()
    finally:
        accounts.close()
    word = "未执行 pending" if check else "已执行 applied"
    for name in names:
        typer.echo(f"{word}: {name}")
    if not names:
        typer.echo("数据库结构已是最新 · the database is up to date")
    elif check:
        raise typer.Exit(1)
