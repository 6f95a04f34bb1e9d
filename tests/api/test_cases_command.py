"""``sanjian cases`` against a running server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from clickhouse.orgs import Org, OrgStore
from sanjian.case_loop import app
from sanjian.errors import Misconfigured
from streams.cases.cases import Cases
from tests.api.conftest import ORG_A, ORG_B, Serve, Stack
from tests.streams.cases.build import gap, rate

pytestmark = pytest.mark.stack
Run = Callable[..., Awaitable[str]]


@pytest.fixture
async def run(stack: Stack, serve: Serve) -> AsyncIterator[Run]:
    """The command as an operator; what it printed. A refusal is raised as in ``sanjian.cli.main``."""
    OrgStore(stack.clickhouse).save([Org(ORG_A, "甲[医]院"), Org(ORG_B, "乙医院")])
    Cases(stack.clickhouse, lambda notices, now: None).apply([gap(org=ORG_A), rate(org=ORG_B)], (), datetime.now(UTC))
    async with serve(stack.app()) as url:

        async def command(*arguments: str, who: str = "operator") -> str:
            environment = stack.environment(url, who)
            done = await asyncio.to_thread(CliRunner().invoke, app, list(arguments), env=environment)
            if done.exception is not None and not isinstance(done.exception, SystemExit):
                raise done.exception
            return done.output

        yield command


async def test_cases_are_listed_with_ids_that_the_other_commands_take(run: Run) -> None:
    said = await run("list", "--kind", "gap")
    assert "共 1 条" in said
    for text in ("严重", "漏传", "未处理", "甲[医]院", "2026-11-20", "19 张表未上传"):
        assert text in said
    assert "共 2 条" in await run("list")
    assert "共 1 条" in await run("list", "--org", ORG_B, "--severity", "warning")
    assert "共 0 条" in await run("list", "--state", "resolved")


async def test_a_case_is_shown_acknowledged_snoozed_and_resolved(run: Run) -> None:
    found = re.search(r"[0-9a-f]{24}", await run("list", "--kind", "gap"))
    assert found is not None
    case = found[0]
    assert "已知悉" in await run("acknowledge", case, "--note", "在查")
    assert "暂停提醒" in await run("snooze", case, "--hours", "2")
    with pytest.raises(Misconfigured, match="--note"):
        await run("resolve", case)
    assert "已恢复" in await run("resolve", case, "--note", "停业一天")
    said = await run("show", case)
    for text in ("19 张表未上传", "Send them", "新告警", "operator:operator", "在查", "停业一天", "19 / 19"):
        assert text in said
    assert "共 1 条" in await run("list")
    assert "共 2 条" in await run("list", "--state", "all")


async def test_a_refusal_is_one_sentence(run: Run) -> None:
    with pytest.raises(Misconfigured, match="没有这条告警"):
        await run("show", "0" * 20)
    with pytest.raises(Misconfigured, match="There is no such case"):
        await run("acknowledge", "0" * 20)


async def test_a_case_goes_through_the_loop_and_into_the_summary(run: Run) -> None:
    found = re.search(r"[0-9a-f]{24}", await run("list", "--kind", "gap"))
    assert found is not None
    case = found[0]
    due = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert "核实" in await run("assign", case, "--note", "请核实", "--due", due)
    assert "甲[医]院" in await run("list", "--stage", "verify")
    assert "共 0 条" in await run("list", "--overdue")
    with pytest.raises(Misconfigured, match="--note"):
        await run("appeal", case, who="a")
    assert "核实" in await run("appeal", case, "--note", "停电", who="a")
    assert "处理" in await run("answer", case, "--refuse", "--note", "没有报备")
    assert "复核" in await run("handled", case, "--note", "已补传", who="a")
    with pytest.raises(Misconfigured, match="阶段"):
        await run("confirm", case, who="a")
    with pytest.raises(Misconfigured, match="--note"):
        await run("review", case, "--send-back")
    assert "办结" in await run("review", case, "--pass")
    said = await run("summary", "--group", "org_kind")
    assert "合计 total" in said
    assert "漏传" in said
