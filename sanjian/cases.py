"""``sanjian cases``: what is wrong now, and what people do about it, asked of the running server."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from clickhouse.client import SHANGHAI
from sanjian.admin import Credentials, Data, Url, ask, console
from sanjian.errors import Misconfigured
from streams.cases.texts import ACTIONS, KINDS, SEVERITIES, STAGES, STATES

app = typer.Typer(no_args_is_help=True)

CaseId = Annotated[str, typer.Argument(help="告警编号，见 sanjian cases list · id of the case")]
Note = Annotated[str, typer.Option("--note", help="备注，不写个人信息 · a note, no personal data")]
_COLOURS = {"critical": "red", "warning": "yellow", "info": "dim"}


@app.command("list")
def list_(
    state: Annotated[str, typer.Option(help="live（默认）| open | acknowledged | snoozed | resolved | all")] = "live",
    kind: Annotated[str, typer.Option(help=f"{' | '.join(list(KINDS)[:10])}")] = "",
    org: Annotated[str, typer.Option(help="机构代码 · institution")] = "",
    severity: Annotated[str, typer.Option(help="info | warning | critical")] = "",
    stage: Annotated[str, typer.Option(help="clue | verify | handle | review | closed")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="只看逾期 · overdue ones only")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """列出告警，最新发现的在前 · list cases, the last opened first."""
    wanted = {"state": "" if state == "all" else state, "kind": kind, "org": org, "severity": severity, "limit": limit}
    wanted |= {"stage": stage, "overdue": overdue}
    found = ask("GET", "/api/v1/cases", url, credentials, data, params=wanted)
    shown = Table()
    shown.add_column("编号 id", no_wrap=True)  # what the other commands take: to be copied whole
    for title in (
        "级别 severity",
        "种类 kind",
        "状态 state",
        "阶段 stage",
        "机构 org",
        "业务日期 date",
        "发现 since",
        "情况 what",
    ):
        shown.add_column(title, overflow="fold")
    for one in found["cases"]:
        shown.add_row(
            one["id"], _coloured(one["severity"]), KINDS[one["kind"]][0], STATES[one["state"]][0], _stage(one),
            escape(one["org_name"] or one["org"]), one["biz_date"] or "", _minute(one["opened_at"]), escape(one["zh"]),
        )  # fmt: skip
    console.print(shown)
    console.print(f"共 {found['total']} 条 · {found['total']} in all")


@app.command()
def show(case: CaseId, url: Url = "", credentials: Credentials = None, data: Data = Path("data")) -> None:
    """查看一条告警及其经过 · one case and its steps."""
    found = ask("GET", f"/api/v1/cases/{case}", url, credentials, data)
    one = found["case"]
    console.print(
        f"{_coloured(one['severity'])} [bold]{KINDS[one['kind']][0]}[/] {STATES[one['state']][0]} · "
        f"{escape(one['org_name'])} {one['org']} {one['table']} {one['biz_date'] or ''}"
    )
    console.print(escape(f"{one['zh']}\n{one['en']}\n→ {one['fix_zh']}\n→ {one['fix_en']}"))
    steps = Table("", "时间 at", "步骤 step", "人 who", "备注 note", "数值 measured")
    for step in found["steps"]:
        steps.add_row(
            str(step["version"]), _minute(step["at"]), " ".join(ACTIONS[step["action"]]), escape(step["actor"]),
            escape(step["note"]), _measured(step["measure"]),
        )  # fmt: skip
    console.print(steps)


@app.command()
def acknowledge(
    case: CaseId, note: Note = "", url: Url = "", credentials: Credentials = None, data: Data = Path("data")
) -> None:
    """知悉：有人处理，不再提醒 · somebody takes care; no more reminders."""
    _act(case, "acknowledge", {"note": note}, url, credentials, data)


@app.command()
def snooze(
    case: CaseId,
    hours: Annotated[float, typer.Option("--hours", min=0.1, help="多少小时后恢复提醒 · for so many hours")] = 24,
    note: Note = "",
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """暂停提醒 · no reminders for a while, unless it gets worse."""
    until = datetime.now(SHANGHAI) + timedelta(hours=hours)
    _act(case, "snooze", {"note": note, "until": until.isoformat()}, url, credentials, data)


@app.command()
def resolve(
    case: CaseId, note: Note = "", url: Url = "", credentials: Credentials = None, data: Data = Path("data")
) -> None:
    """手工关闭，须用 --note 写明原因 · close by hand; say why with --note."""
    if not note:
        raise Misconfigured("Say with --note why the case is closed.")
    _act(case, "resolve", {"note": note}, url, credentials, data)


def _act(case: str, action: str, body: dict[str, Any], url: str, credentials: Path | None, data: Path) -> None:
    done = ask("POST", f"/api/v1/cases/{case}/{action}", url, credentials, data, json=body)
    zh, en = STATES[done["state"]]
    console.print(f"{zh} · {en}（{escape(done['zh'])}）")


def _coloured(severity: str) -> str:
    return f"[{_COLOURS[severity]}]{SEVERITIES[severity][0]}[/]"


def _stage(one: dict[str, Any]) -> str:
    return STAGES[one["stage"]][0] + ("[red]（逾期 overdue）[/]" if one["overdue"] else "")


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _measured(measure: dict[str, float | None]) -> str:
    if not measure["denominator"]:
        return ""
    return f"{measure['numerator']:g} / {measure['denominator']:g}"
