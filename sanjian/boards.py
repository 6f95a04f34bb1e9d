"""``sanjian grafana``: boards and alert rules of Grafana, written to files, pushed to a server, pulled from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False)


@app.command()
def render(
    check: Annotated[
        bool, typer.Option("--check", help="只检查是否最新 · only tell whether they are as they should be")
    ] = False,
) -> None:
    """把看板和预置文件写到 grafana/ · write boards and provisioning files; exit code 1: --check found stale ones."""
    from grafana import files

    if check:
        stale = files.stale()
        for name in stale:
            console.print(f"过期 stale: grafana/{name}", markup=False)
        raise typer.Exit(1 if stale else 0)
    changed = files.write()
    for name in changed:
        console.print(f"grafana/{name}", markup=False)
    console.print(f"{len(changed)} 个文件有变化 · files changed")


@app.command()
def push(
    diff: Annotated[bool, typer.Option("--diff", help="只显示会改什么 · only show what would change")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="覆盖浏览器中的改动 · overwrite what was changed in the browser")
    ] = False,
) -> None:
    """把文件夹、数据源、看板、告警规则推到 Grafana；可重复运行 · push to Grafana; may be repeated.

    Exit code 1: --diff found something, or something was left as it is."""
    from grafana import push as work
    from grafana.remote import Remote
    from sanjian.cli import load_settings

    settings = load_settings()
    remote = Remote.of(settings)
    given = work.changes if diff else work.push
    found = left = 0
    for change in given(remote, settings, overwrite=overwrite):
        found += 1
        left += bool(change.why)
        if diff:
            typer.echo(change.text)
        if change.why:
            console.print(f"未写入 left as it is: {change.name}: {change.why}", markup=False)
        elif not diff:
            console.print(f"已写入 written: {change.name}", markup=False)
    if not found:
        console.print("已是最新 · nothing to change")
    raise typer.Exit(1 if left or (diff and found) else 0)


@app.command()
def pull(
    out: Annotated[
        Path | None, typer.Option("--out", help="差异写入此目录 · write the differences into this directory")
    ] = None,
) -> None:
    """把浏览器中的改动取回为差异，不改动仓库 · bring back as a diff what was changed in the browser.

    Exit code 1: something was."""
    from grafana import pull as work
    from grafana.remote import Remote
    from sanjian.cli import load_settings

    pulled = work.pull(Remote.of(load_settings()))
    for one in pulled:
        typer.echo(one.text)
    if out:
        for path in work.keep(pulled, out):
            console.print(str(path), markup=False)
    if not pulled:
        console.print("没有改动 · nothing was changed")
    raise typer.Exit(1 if pulled else 0)
