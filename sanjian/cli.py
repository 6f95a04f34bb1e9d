"""The ``sanjian`` command: a table of contents of everything that can be run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from sanjian.errors import Misconfigured, NotNow
from sanjian.settings import Settings

app = typer.Typer(
    help="三监 Sanjian：医院数据质量实时监测 · real-time monitor of hospital data quality",
    no_args_is_help=True, pretty_exceptions_enable=False,
)  # fmt: skip

Data = Annotated[Path | None, typer.Option("--data", help="数据目录 · data directory (SANJIAN_DATA_DIR)")]
Port = Annotated[int | None, typer.Option("--port", help="端口 · port (SANJIAN_PORT)")]
Host = Annotated[str | None, typer.Option("--host", help="监听地址 · address to listen on (SANJIAN_HOST)")]


def load_settings(data: Path | None = None, port: int | None = None, host: str | None = None) -> Settings:
    """Settings from the environment, with what the command line says instead. Raises Misconfigured."""
    given = {"data_dir": data, "port": port, "host": host}
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "SANJIAN_" + "_".join(str(part) for part in first["loc"]).upper()
        raise Misconfigured(f"{name}: {first['msg']}") from error


@app.command()
def up(
    demo: Annotated[bool, typer.Option("--demo", help="同时运行模拟医院 · also run a simulated province")] = False,
    data: Data = None,
    port: Port = None,
    host: Host = None,
) -> None:
    """一个进程运行全部：消息、校验、存储、接口和页面 · everything in one process."""
    from sanjian import logs
    from sanjian import up as runtime

    settings = load_settings(data, port, host)
    logs.configure(settings)
    raise typer.Exit(runtime.run(settings, demo))


@app.command()
def worker(data: Data = None) -> None:
    """只运行数据流（生产环境，可启动多个） · a stream worker (production; run as many as there are partitions)."""
    from sanjian import logs, server

    settings = load_settings(data)
    logs.configure(settings)
    raise typer.Exit(server.run_worker(settings))


@app.command()
def api(data: Data = None, port: Port = None, host: Host = None) -> None:
    """只运行接口和页面（生产环境） · the API and the pages only (production)."""
    from sanjian import logs, server

    settings = load_settings(data, port, host)
    logs.configure(settings)
    raise typer.Exit(server.run_api(settings))


@app.command()
def demo(data: Data = None) -> None:
    """在生产环境的服务器上登记模拟省份并发送其数据 · a simulated province on the servers of the settings."""
    from sanjian import logs, server

    settings = load_settings(data)
    logs.configure(settings)
    server.run_demo(settings)


def _mount() -> None:
    from sanjian.admin import audit, deadletters
    from sanjian.boards import app as boards
    from sanjian.case_loop import app as cases
    from sanjian.checks import app as checks
    from sanjian.listen import listen_command
    from sanjian.migrate import migrate
    from sanjian.people import clients, users
    from sanjian.redrive import redrive
    from sanjian.submit import submit_command
    from sanjian.tables import codemaps, table_app
    from sanjian.watch import app as watch
    from simulators import commands as simulators
    from simulators.front_commands import write_front_pages
    from standard.commands import app as standard

    app.command("migrate")(migrate)
    app.add_typer(standard, name="standard", help="数据标准 · the data standard")
    app.command("simulate")(simulators.simulate)
    app.command("record")(simulators.record)
    app.command("replay")(simulators.replay)
    app.command("front-pages")(write_front_pages)
    app.command("submit")(submit_command)
    app.command("listen")(listen_command)
    app.command("audit")(audit)
    app.add_typer(deadletters, name="deadletters", help="死信 · what could not be read")
    app.command("redrive")(redrive)
    app.add_typer(table_app("/api/v1/orgs"), name="orgs", help="医疗机构 · institutions")
    app.add_typer(table_app("/api/v1/schedule"), name="schedule", help="上传计划 · who must send what by when")
    app.add_typer(table_app("/api/v1/quiet-times"), name="quiet-times", help="静默时段 · when nothing is due")
    app.add_typer(table_app("/api/v1/thresholds"), name="thresholds", help="阈值 · thresholds")
    app.add_typer(table_app("/api/v1/declarations"), name="declarations", help="申报数 · declared figures")
    app.add_typer(codemaps, name="codemaps", help="对码 · code maps")
    app.add_typer(checks, name="checks", help="跨表规则 · rules that look at other rows")
    app.add_typer(cases, name="cases", help="告警处理 · what is wrong and who takes care of it")
    app.add_typer(boards, name="grafana", help="Grafana 看板与告警规则 · boards and alert rules of Grafana")
    app.add_typer(watch, name="watch", help="监测状态 · how the watch is")
    app.add_typer(users, name="user", help="用户 · people")
    app.add_typer(clients, name="client", help="接入凭证 · machines that send and listen")


def main() -> None:
    """Run the command; what is set up wrong is one sentence and exit code 2, a server that is away exit code 75."""
    _mount()
    try:
        app()
    except Misconfigured as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except NotNow as error:
        typer.echo(f"{error}", err=True)
        sys.exit(75)
