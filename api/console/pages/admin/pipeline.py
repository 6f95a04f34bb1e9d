"""Health of the pipeline: partitions and lag, the ledger compared with the topic, dead letters, the watch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.console.desk import Desk
from api.console.parts import orgs
from api.console.parts.bar import Bar
from api.console.parts.figures import NOTHING, count, moment
from api.console.parts.fresh import watch
from api.console.parts.grid import Col, Grid, Row
from api.console.parts.notes import act, ask, card, empty, told
from api.console.routing import page
from streams.reasons import UNREADABLE

_LETTERS = (
    Col("arrived_at", "到达", "arrived", "time"),
    Col("name", "机构", "institution", under="org"),
    Col("table", "表与批次", "table, batch", under="batch"),
    Col("why", "原因", "reason", wrap=True, under="exactly"),
    Col("place", "位置", "place"),
    Col("size", "字节", "bytes", "int"),
)


@page("/admin/pipeline", "管道健康", "Pipeline", right="deadletters.read", group="admin", icon="dns")
async def pipeline(desk: Desk, org: str = "", table: str = "", reason: str = "") -> None:
    """How far our own ingest is, and what could not be read."""
    numbers = ui.element("div").classes("sj-numbers")
    with card(desk.say("分区", "Partitions"), desk.say("his.changes", "his.changes")):
        with ui.row().classes("sj-tools"):
            ui.button(
                desk.say("核对流水", "Compare the ledger"), icon="rule", on_click=act(desk, _compare(desk))
            ).props("outline dense no-caps")
        partitions = ui.element("div").classes("sj-scroll")

    letters = await _dead_letters(desk, {"org": org, "table": table, "reason": reason})

    async def refresh() -> None:
        said, judged = await desk.get("/status"), await _watched(desk)
        numbers.clear()
        with numbers:
            _numbers(desk, said, judged)
        partitions.clear()
        with partitions:
            _partitions(desk, said["partitions"])
        await letters.refresh()

    watch(desk, refresh)
    await act(desk, refresh)()


def _compare(desk: Desk) -> Callable[[], Awaitable[None]]:
    async def compare() -> None:
        said = await desk.get("/audit")
        missing = sum(one["missing_count"] for one in said["partitions"])
        if not missing:
            told(desk, "流水完整：消息代理里的消息都已入账", "Complete: the ledger has every message of the broker")
        elif desk.may("ledger.repair"):
            ask(
                desk,
                desk.say("补齐流水", "Repair"),
                desk.say(f"流水缺 {missing} 条消息，现在重读？", f"{missing} messages are missing; read them again?"),
                repair,
            )
        else:
            told(
                desk,
                f"流水缺 {missing} 条消息，请管理员补齐",
                f"{missing} messages are missing; ask an administrator",
                "warning",
            )

    async def repair(_: str) -> None:
        said = await desk.post("/audit/repair")
        left = sum(one["missing_count"] for one in said["partitions"])
        told(desk, f"已补齐，仍缺 {left} 条", f"Repaired; {left} still missing", "positive" if not left else "warning")

    return compare


async def _watched(desk: Desk) -> Row:
    return await desk.get("/watch") if desk.may("watch.read") else {}


def _numbers(desk: Desk, said: Row, judged: Row) -> None:
    worker = said["worker"]
    ours = (
        desk.say("其他进程", "another process")
        if not worker["here"]
        else desk.say("运行中", "running")
        if worker["running"]
        else desk.say("未运行", "stopped")
    )
    memory = said["broker"]["memory_bytes"]
    for zh, en, value, note in (
        ("未入账消息", "messages waiting", count(said["lag"]), desk.say("各分区合计", "all partitions")),
        (
            "消息代理",
            "broker",
            _answers(desk, said["broker"]["answers"]),
            NOTHING if memory is None else f"{memory / 1e6:,.0f} MB",
        ),
        ("ClickHouse", "ClickHouse", _answers(desk, said["clickhouse"]["answers"]), said["clickhouse"]["database"]),
        ("处理进程", "worker", ours, worker["detail"]),
        (
            "监测上次运行",
            "watch ran last",
            moment(judged.get("beat_at") or judged.get("at")),
            desk.say("判断缺报和异常率", "judges gaps and rates"),
        ),
        ("标准版本", "standard", said["standard"], f"Sanjian {said['version']}"),
    ):
        with ui.element("div").classes("sj-number"):
            ui.html(f"<h3>{desk.say(zh, en)}</h3>", sanitize=False)
            ui.label(value).classes("sj-strong")
            ui.label(note).classes("sj-muted")


def _answers(desk: Desk, answers: bool) -> str:
    return desk.say("正常", "answers") if answers else desk.say("无应答", "does not answer")


def _partitions(desk: Desk, partitions: list[Row]) -> None:
    columns = [
        {"name": name, "label": desk.say(zh, en), "field": name, "align": "right"}
        for name, zh, en in (
            ("partition", "分区", "partition"),
            ("newest_offset", "最新位置", "newest"),
            ("ledger_offset", "已入账到", "landed up to"),
            ("lag", "未入账", "waiting"),
        )
    ]
    rows = [{name: count(value) for name, value in one.items()} for one in partitions]
    ui.table(columns=columns, rows=rows, row_key="partition", pagination=0).props("flat dense hide-pagination").classes(
        "sj-table"
    )


def _letter(desk: Desk, one: Row, names: dict[str, str]) -> Row:
    """Who sent it, and what was wrong with it: in words, and as the decoder said it."""
    return {
        "name": names.get(one["org"], one["org"]),
        "why": desk.say(*UNREADABLE.get(one["reason"], (one["reason"], one["reason"]))),
        "exactly": f"{one['reason']}: {one['detail']}",
        "place": "{partition}/{offset}#{row}".format(**one),
    }


async def _dead_letters(desk: Desk, given: dict[str, str]) -> Grid:
    with card(
        desk.say("死信", "Dead letters"),
        desk.say(
            "无法读取的消息；修复原因后重投，或请机构重新上传",
            "what could not be read; send it again when the cause is mended",
        ),
    ):
        bar = Bar(desk, "/admin/pipeline", given)
        names = await orgs.names(desk)
        bar.org(names)
        bar.text("table", desk.say("表", "Table"))
        bar.text("reason", desk.say("原因", "Reason"))

        async def load(limit: int, offset: int) -> tuple[list[Row], int]:
            said = await desk.get("/deadletters", limit=limit, offset=offset, **bar.query())
            return [one | _letter(desk, one, names) for one in said["dead_letters"]], said["total"]

        async def choose(row: Row) -> None:
            if not desk.may("deadletters.redrive"):
                return
            address = f"/deadletters/{row['topic_id']}/{row['partition']}/{row['offset']}"

            async def redrive(_: str) -> None:
                said = await desk.post(f"{address}/redrive")
                told(desk, f"已重投，新位置 {said['new_offset']}", f"Sent again, now at {said['new_offset']}")
                await grid.again()

            ask(
                desk,
                desk.say("重投死信", "Send it again"),
                desk.say(
                    f"{row['name']} {row['table']} {row['batch']}\n{row['why']}\n{row['exactly']}\n原样重新进入管道。",
                    f"{row['name']} {row['table']} {row['batch']}\n{row['why']}\n{row['exactly']}\n"
                    "The same bytes enter the pipeline again.",
                ),
                redrive,
            )

        def nothing() -> None:
            empty(
                desk,
                "没有死信",
                "No dead letters",
                "收到的消息都能读取。",
                "Everything that came could be read.",
                "mark_email_read",
            )

        grid = Grid(desk, _LETTERS, load, nothing, on_row=choose)
        bar.on_change(grid.refresh)
    return grid
