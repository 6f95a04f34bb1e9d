"""``sanjian redrive``: validate rejected rows again, after a rule, a code map or the standard has changed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from sanjian.admin import Credentials, Data, Url, ask, console

#: Between two looks at how far it is.
PAUSE_SECONDS = 1.0
_COUNTS = (
    ("sent_rows", "已发送 sent"), ("accepted", "入库 accepted"), ("rejected", "仍拒收 rejected again"),
    ("unreadable", "无法读取 unreadable"), ("repeated", "已由他人重投 repeated"), ("waiting", "待校验 waiting"),
)  # fmt: skip


def redrive(
    org: Annotated[str, typer.Option(help="机构代码 · institution")] = "",
    table: Annotated[str, typer.Option(help="标准表 · table")] = "",
    rule: Annotated[str, typer.Option(help="规则编号 · rule")] = "",
    since: Annotated[str, typer.Option("--from", help="业务日期起 · first business date, 2026-11-01")] = "",
    until: Annotated[str, typer.Option("--to", help="业务日期止（含）· last business date")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说明有多少 · only say how many")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="等到校验完 · until all are validated")] = True,
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """重新校验拒收的行 · validate rejected rows again; exit code 1 when it was stopped."""
    wanted = {"org": org, "table": table, "rule_id": rule, "from": since or None, "to": until or None}
    body = {**wanted, "dry_run": dry_run}
    found = ask("POST", "/api/v1/rejected/redrive", url, credentials, data, json=body)
    console.print(
        f"{found['messages']} 批、{found['rows']} 行（其中 {found['matching']} 行符合条件）· {found['rows']} rows of "
        f"{found['messages']} messages, {found['matching']} of them asked for"
    )
    for one in found["not_possible"]:
        console.print(f"  不能重投 not possible：{one['rows']} 行 rows · {one['reason_zh']} · {one['reason_en']}")
    while wait and found["id"] and (found["state"] == "running" or (found["state"] == "done" and found["waiting"])):
        time.sleep(PAUSE_SECONDS)
        found = ask("GET", f"/api/v1/rejected/redrives/{found['id']}", url, credentials, data)
    if found["id"]:
        _show(found)
    if found["more"]:
        console.print("还有更多，完成后请再次运行 · there are more, run it again when it is done")
    if found["state"] == "stopped":
        raise typer.Exit(1)


def _show(found: dict[str, Any]) -> None:
    shown = Table(*(title for _, title in _COUNTS), title=found["id"])
    shown.add_row(*(str(found[name]) for name, _ in _COUNTS))
    console.print(shown)
