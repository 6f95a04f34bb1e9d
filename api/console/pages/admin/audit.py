"""The audit log: who did what, when, from where."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from nicegui import ui

from api.console.desk import Desk
from api.console.pages.admin import words
from api.console.parts.bar import Bar
from api.console.parts.files import export
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.notes import act, card
from api.console.parts.people import person
from api.console.routing import page
from api.wire import SHANGHAI

_COLUMNS = (
    Col("at", "时间", "at", "second"),
    Col("who", "操作人", "actor", under="actor"),
    Col("what", "操作", "action", under="action"),
    Col("target", "对象", "target", wrap=True),
    Col("said", "详情", "detail", wrap=True),
    Col("address", "地址", "address"),
)
#: Beginnings of actions that people look for.
_ACTIONS = {
    "login": ("登录", "logins"),
    "user": ("用户", "users"),
    "client": ("凭证", "machines"),
    "codemap": ("对码", "code maps"),
    "threshold": ("阈值", "thresholds"),
    "case": ("告警", "alerts"),
    "record": ("查看记录", "records looked at"),
    "schedule": ("上传计划", "schedule"),
    "org": ("机构", "institutions"),
    "audit": ("审计", "audits"),
}


@page("/admin/audit", "审计日志", "Audit log", right="audit_log.read", group="admin", icon="history_edu")
async def audit(desk: Desk, days: str = "7", actor: str = "", action: str = "", target: str = "") -> None:
    """The newest entries first."""
    bar = Bar(desk, "/admin/audit", {"days": days, "actor": actor, "action": action, "target": target})
    bar.select(
        "days",
        desk.say("时间", "Time"),
        {str(number): desk.say(f"最近 {number} 天", f"last {number} days") for number in (1, 7, 30, 365)},
    )
    bar.select(
        "action",
        desk.say("操作", "Action"),
        {"": desk.say("全部", "all"), **{name: desk.say(*words) for name, words in _ACTIONS.items()}},
    )
    bar.text("actor", desk.say("操作人", "Actor"))
    bar.text("target", desk.say("对象", "Target"))

    def query() -> dict[str, Any]:
        chosen = bar.query()
        since = datetime.now(SHANGHAI).date() - timedelta(days=int(chosen.pop("days", "7")) - 1)
        return {**chosen, "from": f"{since.isoformat()}T00:00:00+08:00"}

    async def load(limit: int, offset: int) -> tuple[list[Row], int]:
        said = await desk.get("/audit-log", limit=limit, offset=offset, **query())
        return [one | _shown(desk, one) for one in said["entries"]], said["total"]

    with bar.row:
        ui.space()
        export(desk, "/audit-log", query)
    with card():
        grid = Grid(desk, _COLUMNS, load)
    bar.on_change(grid.refresh)
    await act(desk, grid.refresh)()


def _shown(desk: Desk, one: Row) -> Row:
    return {
        "who": person(one["actor"], desk.lang),
        "what": words.action(one["action"], desk.lang),
        "said": "; ".join(f"{name}: {value}" for name, value in one["detail"].items() if value not in ("", None)),
    }
