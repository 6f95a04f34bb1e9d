"""``sanjian watch``: how the watch is, through the running server."""

from __future__ import annotations

from pathlib import Path

import typer

from sanjian.admin import Credentials, Data, Url, ask, console

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _watch() -> None:
    """监测 · the watch."""


@app.command()
def status(url: Url = "", credentials: Credentials = None, data: Data = Path("data")) -> None:
    """最近一次运行、入库水位、当前告警 · the last run and what holds; exit code 1 when the watch does not run."""
    found = ask("GET", "/api/v1/watch", url, credentials, data)
    console.print("监测正常运行 · the watch runs" if found["running"] else "监测未在运行 · the watch does not run")
    if found["at"]:
        console.print(f"最近一次 last run: {found['at']} ({found['watcher']}, {found['took_ms']} ms)")
        console.print(f"入库水位 watermark: {found['watermark']}, 待处理 waiting: {found['lag']} 条 messages")
    cases = ", ".join(f"{kind} {count}" for kind, count in found["cases"].items())
    console.print(f"当前异常 firing: {found['firing']}; 未解决 open cases: {cases or '0'}")
    for one in found["outages"]:
        console.print(f"中断 outage: {one['starts_at']} – {one['ends_at']}")
    raise typer.Exit(0 if found["running"] else 1)
