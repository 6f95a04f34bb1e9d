"""``sanjian schedule import`` and its sisters, against a running server."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clickhouse.client import ClickHouse
from clickhouse.orgs import Org, OrgStore
from sanjian import cli
from standard.load import load
from tests.api.conftest import ORG_A, Serve, Stack
from tests.api.workbooks import table, workbook

pytestmark = pytest.mark.stack


@pytest.fixture(autouse=True)
def _mounted() -> None:
    if not any(group.name == "codemaps" for group in cli.app.registered_groups):
        cli._mount()


async def run(environment: dict[str, str], *words: str) -> Result:
    """The command in a thread, as the server shares the loop."""
    return await asyncio.to_thread(CliRunner().invoke, cli.app, list(words), env=environment)


async def test_a_table_is_checked_imported_and_exported(
    stack: Stack, serve: Serve, clickhouse: ClickHouse, tmp_path: Path
) -> None:
    OrgStore(clickhouse).save([Org(ORG_A, "第一医院")])
    right, wrong = tmp_path / "计划.xlsx", tmp_path / "wrong.csv"
    right.write_bytes(workbook([("机构代码", "标准表", "T+天数"), (ORG_A, "TB_HZXX", 2)], title="上传计划"))
    wrong.write_bytes(table("机构代码,标准表,T+天数", f"{ORG_A},TB_HZXX,很多", encoding="gb18030"))
    async with serve(stack.app()) as url:
        admin, hospital = stack.environment(url, "admin"), stack.environment(url, "a")
        refused = await run(admin, "schedule", "import", str(wrong))
        assert refused.exit_code == 1
        assert "不是数字" in refused.output
        assert "没有写入" in refused.output
        checked = await run(admin, "schedule", "import", str(right), "--dry-run")
        assert checked.exit_code == 0
        assert "没有写入" in checked.output
        assert clickhouse.rows("SELECT * FROM schedule") == []
        done = await run(admin, "schedule", "import", str(right))
        assert done.exit_code == 0
        assert re.search(r"新增\s+added\s+1", done.output)
        assert clickhouse.rows("SELECT org, due_days FROM schedule") == [{"org": ORG_A, "due_days": 2}]
        out = await run(admin, "schedule", "export", "--out", str(tmp_path), "--format", "csv")
        assert out.exit_code == 0
        file = re.search(r"\S*上传计划-\d{8}\.csv", out.output)  # where it says that the file is
        assert file
        again = await run(admin, "schedule", "import", file[0])
        assert re.search(r"不变\s+unchanged\s+1", again.output)
        none = await run(hospital, "schedule", "import", str(right))
        assert none.exit_code == 1
        assert "无权" in str(none.exception)


async def test_a_map_is_imported_listed_and_undone(
    stack: Stack, serve: Serve, clickhouse: ClickHouse, tmp_path: Path
) -> None:
    OrgStore(clickhouse).save([Org(ORG_A, "第一医院")])
    code = next(iter(load().catalogues["department"]))
    file = tmp_path / "map.csv"
    file.write_bytes(table("院内编码,标准编码", f"0231,{code}"))
    async with serve(stack.app()) as url:
        own = stack.environment(url, "a")
        for words in (["import", ORG_A, "department", str(file)], ["undo", ORG_A, "department", "1"]):
            assert (await run(own, "codemaps", *words)).exit_code == 0
        listed = await run(own, "codemaps", "history", ORG_A, "department")
        assert listed.output.count("hospital a") == 2
        exported = await run(own, "codemaps", "export", ORG_A, "department", "--out", str(tmp_path / "out.xlsx"))
        assert exported.exit_code == 0
    assert clickhouse.rows("SELECT standard_code FROM code_maps FINAL") == [{"standard_code": ""}]
    assert (tmp_path / "out.xlsx").read_bytes().startswith(b"PK")
