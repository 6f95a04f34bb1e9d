"""``sanjian standard``: check the data standard, write its dictionary, list its rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

from standard.check import check as problems_of
from standard.docs import FILES, render
from standard.load import DATA, load
from standard.model import Standard
from standard.settings import StandardError

app = typer.Typer(help="数据标准：检查、字典、规则 · the data standard: check, dictionary, rules", no_args_is_help=True)

DOCS = Path(__file__).parents[1] / "docs" / "standard"
Settings = Annotated[Path | None, typer.Option("--settings", help="own settings of the standard (YAML)")]


@app.command()
def check(settings: Settings = None) -> None:
    """检查数据标准：引用、正则、示例是否一致。Tell whether the standard holds together; exit code 1 when not."""
    standard = _load(settings)
    problems = problems_of(standard, DATA)
    for problem in problems:
        typer.echo(str(problem), err=True)
    rules = standard.rules.values()
    typer.echo(
        f"{len(standard.tables)} tables, {sum(len(table.columns) for table in standard.tables.values())} columns, "
        f"{len(standard.code_sets)} code sets, {sum(not rule.generated for rule in rules)} written and "
        f"{sum(rule.generated for rule in rules)} generated rules, version {standard.version}: "
        + (f"{len(problems)} problems" if problems else "sound")
    )
    if problems:
        raise typer.Exit(1)


@app.command()
def docs(
    stale: Annotated[bool, typer.Option("--check", help="only tell whether the pages are fresh; exit code 1")] = False,
    directory: Annotated[Path, typer.Option(help="where the pages lie")] = DOCS,
) -> None:
    """写出数据字典（中文、英文）。Write the data dictionary pages in Chinese and English."""
    standard = _load(None)
    old = []
    for language, name in FILES.items():
        path, text = directory / name, render(standard, language)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        old.append(name)
        if not stale:
            directory.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            typer.echo(f"wrote {path}")
    if stale and old:
        typer.echo(f"{', '.join(old)}: not what the standard says now; run: sanjian standard docs", err=True)
        raise typer.Exit(1)


@app.command()
def rules(
    table: Annotated[str, typer.Option(help="only this table")] = "",
    scope: Annotated[str, typer.Option(help="only rules with checks here: flight or store")] = "",
    settings: Settings = None,
) -> None:
    """列出规则。List the rules with their severity and where they are evaluated."""
    standard = _load(settings)
    if scope not in ("", "flight", "store"):
        raise typer.BadParameter("scope is flight or store", param_hint="--scope")
    wanted = standard.table(table) if table else None
    if table and wanted is None:
        raise typer.BadParameter(f"there is no table {table!r}", param_hint="--table")
    grid = Grid(box=None)
    for head in ("table", "rule", "severity", "checks", "要求"):
        grid.add_column(head, overflow="fold")
    for rule in standard.rules.values():
        checks = [check for check in rule.checks if scope in ("", check.scope)]
        if checks and (wanted is None or rule.table == wanted.name):
            kinds = ", ".join(dict.fromkeys(check.kind for check in checks))
            grid.add_row(rule.table, rule.id, rule.severity, kinds, rule.zh)
    Console().print(grid)


def _load(settings: Path | None) -> Standard:
    try:
        return load(settings)
    except StandardError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
