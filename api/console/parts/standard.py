"""The names of the standard's tables, as pages show them."""

from __future__ import annotations

from collections.abc import Mapping

from api.console.desk import Desk

#: Table → Chinese and English name.
Names = Mapping[str, tuple[str, str]]


async def table_names(desk: Desk) -> dict[str, tuple[str, str]]:
    """All tables; none for who may not read the standard."""
    if not desk.may("standard.read"):
        return {}
    found = (await desk.get("/standard/tables"))["tables"]
    return {one["table"]: (one["name_zh"], one["name_en"]) for one in found}


def name_only(desk: Desk, tables: Names, table: str) -> str:
    """The name without the table's code, for a place where the code stands beside it."""
    return desk.say(*tables[table]) if table in tables else table


async def chosen_tables(desk: Desk) -> dict[str, str]:
    """The tables as the options of a filter; "" for all of them."""
    tables = await table_names(desk)
    return {"": desk.say("全部", "all"), **{table: named(desk, tables, table) for table in tables}}


def named(desk: Desk, tables: Names, table: str) -> str:
    """``门诊收费明细表 TB_MZ_SFMXB``; a table that is not known is its own name."""
    if table not in tables:
        return table
    zh, en = tables[table]
    return desk.say(f"{zh} {table}", f"{table} ({en})")
