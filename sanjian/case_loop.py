"""``sanjian cases assign …``: the closed loop of a case, and the summary of a month, beside ``sanjian.cases``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from sanjian.admin import Credentials, Data, Url, ask, console
from sanjian.cases import CaseId, Note, app
from sanjian.errors import Misconfigured
from streams.cases.texts import KINDS, STAGES

__all__ = ["app"]

Due = Annotated[str, typer.Option("--due", help="期限，如 2026-11-23T18:00；不给则按阈值 · until when")]
_SUMMARY = (
    ("raised", "发生 raised"), ("closed_by_itself", "自动恢复 by itself"), ("closed_handled", "处理后 handled"),
    ("closed_not_a_fault", "非本院问题 not a fault"), ("closed_by_hand", "手工 by hand"), ("open", "未办结 open"),
    ("appeals", "申诉 appeals"), ("overdue", "逾期 overdue"), ("median_hours", "中位小时 median h"),
)  # fmt: skip


@app.command()
def assign(
    case: CaseId,
    note: Note = "",
    due: Due = "",
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """交办医院核实（监管端）· hand it over to the institution."""
    _step(case, "assign", {"note": note, **_due(due)}, url, credentials, data)


@app.command()
def confirm(
    case: CaseId, note: Note = "", url: Url = "", credentials: Credentials = None, data: Data = Path("data")
) -> None:
    """核实属实（医院）· it is so, says the institution."""
    _step(case, "confirm", {"note": note}, url, credentials, data)


@app.command()
def appeal(
    case: CaseId, note: Note = "", url: Url = "", credentials: Credentials = None, data: Data = Path("data")
) -> None:
    """申诉，须用 --note 写明理由（医院）· it is not the institution's fault; say why."""
    _step(case, "appeal", {"note": _said(note)}, url, credentials, data)


@app.command()
def answer(
    case: CaseId,
    accepted: Annotated[bool, typer.Option("--accept/--refuse", help="申诉成立或不成立 · accept or refuse it")],
    note: Note = "",
    due: Due = "",
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """答复申诉，须用 --note 写明理由（监管端）· answer an appeal; say why."""
    _step(case, "answer", {"accepted": accepted, "note": _said(note), **_due(due)}, url, credentials, data)


@app.command()
def handled(
    case: CaseId, note: Note = "", url: Url = "", credentials: Credentials = None, data: Data = Path("data")
) -> None:
    """报告已处理，须用 --note 写明做了什么（医院）· it is mended; say what was done."""
    _step(case, "handled", {"note": _said(note)}, url, credentials, data)


@app.command()
def review(
    case: CaseId,
    passed: Annotated[bool, typer.Option("--pass/--send-back", help="通过或退回 · passed or sent back")],
    note: Note = "",
    due: Due = "",
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """复核；退回须用 --note 写明原因（监管端）· review; say why it is sent back."""
    note = note if passed else _said(note)
    _step(case, "review", {"passed": passed, "note": note, **_due(due)}, url, credentials, data)


@app.command()
def summary(
    month: Annotated[str, typer.Option(help="发生月份，如 2026-11，默认本月 · month of raising")] = "",
    group: Annotated[str, typer.Option(help="org | kind | org_kind")] = "org",
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """月度汇总 · what became of the cases of a month."""
    wanted = {"month": month, "group": group}
    found = ask("GET", "/api/v1/cases/summary", url, credentials, data, params=wanted)
    table = Table("机构 org", "种类 kind", *(title for _, title in _SUMMARY), title=found["month"])
    for row in [*found["rows"], found["total"] | {"name": "合计 total"}]:
        kind = KINDS[row["kind"]][0] if row["kind"] else ""
        figures = ("" if row[name] is None else f"{row[name]:g}" for name, _ in _SUMMARY)
        table.add_row(escape(row["name"] or row["org"]), kind, *figures)
    console.print(table)


def _step(case: str, action: str, body: dict[str, Any], url: str, credentials: Path | None, data: Path) -> None:
    """On the case as it is now; who acts at the same moment is refused."""
    seen = ask("GET", f"/api/v1/cases/{case}", url, credentials, data)["case"]
    body = {"version": seen["version"], **body}
    done = ask("POST", f"/api/v1/cases/{case}/{action}", url, credentials, data, json=body)
    due = f"，期限 due {done['due_at'][:16].replace('T', ' ')}" if done["due_at"] else ""
    console.print(f"{' · '.join(STAGES[done['stage']])}{due}（{escape(done['zh'])}）")


def _due(due: str) -> dict[str, str]:
    return {"due_at": due} if due else {}


def _said(note: str) -> str:
    if not note.strip():
        raise Misconfigured("Say with --note why, or what was done.")
    return note
