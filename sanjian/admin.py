"""Commands that ask the running server (audit, dead letters), and how all such commands ask.

They go through the API, because the embedded ClickHouse belongs to one process. Where the server is and how to show who
asks: see ``sanjian.access``.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import orjson
import typer
from rich.console import Console
from rich.table import Table

from sanjian import access
from sanjian.errors import Misconfigured, NotNow

#: A repair of many messages takes its time; everything else answers at once.
ANSWER_SECONDS = 600.0

Url = Annotated[str, typer.Option("--url", envvar="SANJIAN_URL", help="服务地址 · address of the server")]
Credentials = Annotated[
    Path | None, typer.Option("--credentials", dir_okay=False, help="接入凭证文件 · file made by sanjian client add")
]
Data = Annotated[Path, typer.Option("--data", envvar="SANJIAN_DATA_DIR", help="数据目录 · data directory")]

deadletters = typer.Typer(no_args_is_help=True)
#: Into a file or a pipe lines are as long as they have to be.
console = Console(width=None if sys.stdout.isatty() else 240)


def ask(method: str, path: str, url: str, credentials: Path | None, data: Path, **more: Any) -> dict[str, Any]:
    """One call, its answer as JSON. Raises as :func:`call`."""
    answer = call(method, path, url, credentials, data, **more)
    content: dict[str, Any] = orjson.loads(answer.content) if answer.content else {}
    return content


def call(method: str, path: str, url: str, credentials: Path | None, data: Path, **more: Any) -> httpx.Response:
    """One call. Raises Misconfigured when it is not known whom to ask or the answer is a refusal, NotNow when away.

    A refusal that goes into lines of a table (``error.import``) is an answer to be shown.
    """
    url, found = access.find(data, url, credentials)
    try:
        answer = httpx.request(
            method, url.rstrip("/") + path, auth=access.Access(url, found), timeout=ANSWER_SECONDS, **more
        )
    except httpx.TransportError as error:
        raise NotNow(f"{url} does not answer ({type(error).__name__}).") from error
    if answer.is_error:
        wrong = orjson.loads(answer.content or b"{}").get("error", {})
        if "import" not in wrong:
            raise Misconfigured(f"{wrong.get('message_zh', answer.status_code)} · {wrong.get('message_en', '')}")
    return answer


def audit(
    repair: Annotated[
        bool, typer.Option("--repair", help="重读并补齐缺失的消息 · read the missing ones again")
    ] = False,
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """核对流水与消息主题 · compare the ledger with the topic; exit code 1 when messages are missing."""
    method, path = ("POST", "/api/v1/audit/repair") if repair else ("GET", "/api/v1/audit")
    found = ask(method, path, url, credentials, data)
    table = Table("分区 partition", "首 first", "末 end", "待处理 waiting", "缺失 missing", "位移 offsets")
    for one in found["partitions"]:
        offsets = ", ".join(str(offset) for offset in one["missing"][:10])
        table.add_row(*(str(one[name]) for name in ("partition", "first", "end", "waiting", "missing_count")), offsets)
    console.print(table)
    console.print("流水完整 · the ledger is complete" if found["complete"] else "流水有缺失 · messages are missing")
    raise typer.Exit(0 if found["complete"] else 1)


@deadletters.command("list")
def list_(
    org: Annotated[str, typer.Option(help="机构代码 · institution")] = "",
    table: Annotated[str, typer.Option(help="表 · table")] = "",
    reason: Annotated[str, typer.Option(help="原因 · reason")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """列出死信，最新在前 · list them, newest first."""
    wanted = {"org": org, "table": table, "reason": reason, "limit": limit}
    found = ask("GET", "/api/v1/deadletters", url, credentials, data, params=wanted)
    shown = Table()
    shown.add_column("位置 place", no_wrap=True)  # what show and redrive take: to be copied whole
    for title in ("行 row", "机构 org", "表 table", "批次 batch", "原因 reason", "字节 bytes", "到达 arrived"):
        shown.add_column(title, overflow="fold")
    for one in found["dead_letters"]:
        place = f"{one['topic_id']}/{one['partition']}/{one['offset']}"
        names = ("row", "org", "table", "batch", "reason", "size", "arrived_at")
        shown.add_row(place, *(str(one[name]) for name in names))
    console.print(shown)
    console.print(f"共 {found['total']} 条 · {found['total']} in all")


def _place(place: str) -> str:
    parts = place.split("/")
    if len(parts) != 3:
        raise Misconfigured("A dead letter is named TOPIC_ID/PARTITION/OFFSET, as sanjian deadletters list shows it.")
    return "/api/v1/deadletters/" + place


Place = Annotated[str, typer.Argument(help="TOPIC_ID/PARTITION/OFFSET")]


@deadletters.command()
def show(
    place: Place,
    raw: Annotated[
        bool, typer.Option("--raw", help="输出内容（可能含个人信息，会记入审计日志）· print the bytes")
    ] = False,
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """查看一条死信 · show one."""
    for one in ask("GET", _place(place), url, credentials, data)["dead_letters"]:
        content = base64.b64decode(one.pop("content_base64"))
        console.print_json(orjson.dumps(one).decode())
        if raw:
            typer.echo(content)


@deadletters.command()
def redrive(place: Place, url: Url = "", credentials: Credentials = None, data: Data = Path("data")) -> None:
    """原样重新投入管道 · send its bytes through the pipeline again."""
    done = ask("POST", _place(place) + "/redrive", url, credentials, data)
    console.print(f"已重投，新位移 {done['new_offset']} · sent again, new offset {done['new_offset']}")
