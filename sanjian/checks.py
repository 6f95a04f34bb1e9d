"""``sanjian checks``: the rules of scope store, through the running server."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sanjian.admin import Credentials, Data, Url, ask, console

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _checks() -> None:
    """跨表规则 · rules that look at other rows."""


@app.command()
def run(
    from_: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="首个业务日期，默认昨天 · first business day"),
    ] = None,
    to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="末个业务日期 · last business day")
    ] = None,
    org: Annotated[str, typer.Option(help="机构代码，默认全部 · institution")] = "",
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """重新运行所选业务日期的跨表规则 · run the rules again for these business days."""
    wanted = {"from": from_, "to": to}
    body = {name: day.date().isoformat() for name, day in wanted.items() if day} | {"org": org}
    done = ask("POST", "/api/v1/checks/run", url, credentials, data, json=body)
    console.print(
        f"{done['biz_from']} – {done['biz_to']}: {done['cells']} 机构·表·日 cells, "
        f"检查 {done['checked']} 行次 checked, 不合 {done['failed']} 行次 failed"
    )
