"""Commands that import and export what people keep: institutions, schedule, thresholds, declarations, code maps.

They send the file to the running server and show what it says line by line.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

import typer
from rich.table import Table

from sanjian.admin import Credentials, Data, Url, call, console

File = Annotated[Path, typer.Argument(help="CSV 或 .xlsx 文件 · CSV or .xlsx", exists=True, dir_okay=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只检查，不写入 · only check, write nothing")]
Out = Annotated[Path | None, typer.Option("--out", help="输出文件或目录 · file or directory to write")]
Kind = Annotated[str, typer.Option("--format", help="csv | xlsx")]


def table_app(path: str) -> typer.Typer:
    """The commands ``import`` and ``export`` for the endpoints below ``path``."""
    app = typer.Typer(no_args_is_help=True)

    @app.command("import")
    def import_(
        file: File, dry_run: DryRun = False, url: Url = "", credentials: Credentials = None, data: Data = Path("data")
    ) -> None:
        """导入 CSV 或 .xlsx；有一行不对就都不写入 · import a table; with one wrong line nothing is written."""
        raise typer.Exit(send_table(path, file, dry_run, url, credentials, data))

    @app.command("export")
    def export(
        out: Out = None,
        format: Kind = "xlsx",
        url: Url = "",
        credentials: Credentials = None,
        data: Data = Path("data"),
    ) -> None:
        """导出为 CSV 或 .xlsx，可修改后导入 · export a table that can be imported again."""
        console.print(str(fetch_table(path, out, format, url, credentials, data)))

    return app


codemaps = typer.Typer(no_args_is_help=True)

Org = Annotated[str, typer.Argument(help="机构代码 · institution")]
Map = Annotated[str, typer.Argument(help="department | fee | drug | item")]


@codemaps.command("import")
def import_map(
    org: Org, map: Map, file: File, dry_run: DryRun = False, url: Url = "", credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:  # fmt: skip
    """导入对码表 · import a code map; every line is held against the catalogue."""
    raise typer.Exit(send_table(f"/api/v1/codemaps/{org}/{map}", file, dry_run, url, credentials, data))


@codemaps.command("export")
def export_map(
    org: Org, map: Map, out: Out = None, format: Kind = "xlsx", url: Url = "", credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:  # fmt: skip
    """导出对码表 · export a code map."""
    console.print(str(fetch_table(f"/api/v1/codemaps/{org}/{map}", out, format, url, credentials, data)))


@codemaps.command("history")
def history(org: Org, map: Map, url: Url = "", credentials: Credentials = None, data: Data = Path("data")) -> None:
    """对码修改历史 · changes of a code map."""
    found = call("GET", f"/api/v1/codemaps/{org}/{map}/history", url, credentials, data).json()
    shown = Table("版本 version", "时间 at", "修改人 by", "编码 codes", "新增 added", "撤销 undoes", "被撤销 undone by")
    for one in found["versions"]:
        names = ("version", "at", "changed_by", "codes", "added", "undoes", "undone_by")
        shown.add_row(*(str(one[name] or "") for name in names))
    console.print(shown)


@codemaps.command("undo")
def undo(
    org: Org, map: Map, version: int, url: Url = "", credentials: Credentials = None, data: Data = Path("data")
) -> None:
    """撤销一个版本 · take one version back."""
    place = f"/api/v1/codemaps/{org}/{map}/undo"
    done = call("POST", place, url, credentials, data, params={"version": version}).json()
    console.print(f"已撤销，新版本 {done['version']} · undone, version {done['version']} now")


def send_table(path: str, file: Path, dry_run: bool, url: str, credentials: Path | None, data: Path) -> int:
    """Send a file to ``path``/import, show the answer, give the exit code: 1 when something in it is wrong."""
    answer = call(
        "POST", f"{path}/import", url, credentials, data, content=file.read_bytes(),
        params={"dry_run": dry_run},     ).json()  # fmt: skip
    found: dict[str, Any] = answer["error"]["import"] if "error" in answer else answer
    if found["problems"]:
        shown = Table("行 line", "列 column", "值 value", "问题 problem", "办法 what to do")
        for one in found["problems"]:
            shown.add_row(str(one["line"]), one["column_zh"], one["value"], one["zh"], one["fix_zh"])
        console.print(shown)
    if found["ignored_columns"]:
        console.print(f"未识别的列 · columns not known: {', '.join(found['ignored_columns'])}")
    counts = (("新增 added", "added"), ("修改 changed", "changed"), ("不变 unchanged", "unchanged"))
    console.print("，".join(f"{title} {found[name]}" for title, name in (*counts, ("有误 wrong", "problems_count"))))
    if found["problems_count"]:
        console.print("没有写入 · nothing was written")
        return 1
    console.print("检查通过，没有写入 · all right, nothing was written" if dry_run else "已写入 · written")
    return 0


def fetch_table(path: str, out: Path | None, format: str, url: str, credentials: Path | None, data: Path) -> Path:
    """Fetch ``path``/export into a file; returns where it is."""
    answer = call("GET", f"{path}/export", url, credentials, data, params={"format": format})
    name = re.search(r"filename\*=UTF-8''(\S+)", answer.headers.get("content-disposition", ""))
    given = Path(unquote(name[1])).name if name else f"export.{format}"
    place = out / given if out and out.is_dir() else out or Path(given)
    place.write_bytes(answer.content)
    return place
