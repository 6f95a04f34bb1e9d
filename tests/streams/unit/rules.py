"""Single checks of the rule vocabulary on a table made for them: which rows violate them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from standard.model import EMPTY, Check, Column, Rule, Severity, Table
from standard.settings import freeze
from streams.decode import MESSAGE, ROW
from streams.maps import CodeMaps, with_mapped
from streams.rules.checks import ARRIVED, CAME_BEFORE, ORG
from streams.rules.compiled import CompiledTable, Found, compile_rule, evaluate
from streams.typed import with_typed
from tests.streams.unit.build import ORG as SENDER
from tests.streams.unit.build import standard

#: When the rows arrive, Shanghai wall clock.
ARRIVAL = datetime.fromisoformat("2026-11-21 08:00:00")

COLUMNS = (
    Column("YLJGDM", "医疗机构代码", "institution", "text", width=22, key=True, mandatory=True),
    Column("ID", "编号", "number of the row", "text", width=10, key=True, mandatory=True),
    Column("A", "甲", "first text", "text", width=5),
    Column("B", "乙", "second text", "text", width=5),
    Column("C", "丙", "a text where - is filled", "text", width=5, dash_filled=True),
    Column("N", "数", "first number", "number", precision=10, scale=4),
    Column("M", "量", "second number", "number", precision=8, scale=3),
    Column("P", "价", "third number", "number", precision=10, scale=4),
    Column("T", "时间", "first time", "timestamp"),
    Column("U", "时间", "second time", "timestamp"),
    Column("D", "日期", "a birth date", "date8", width=8),
    Column("FEE", "归类", "fee class", "text", maps=("fee",)),
    Column("DRUG", "药品", "drug code", "text", maps=("drug", "item")),
    Column("FORM", "剂型", "dosage form of the drug", "text"),
    Column("SPEC", "规格", "specification of the drug", "text"),
    Column("NAME", "名称", "name of the drug", "text"),
    Column("LOCAL", "院内编码", "hospital's code of the drug", "text"),
)


def table_of(*rules: Rule) -> Table:
    """The table with these rules."""
    return Table(
        name="TB_T", name_zh="试", name_en="a table for tests", domain="outpatient", columns=COLUMNS,
        key=("YLJGDM", "ID"), biz_date="T", patient_key="ID", visit_key="", parents=(), rules=tuple(rules),
    )  # fmt: skip


def check(
    kind: str, *columns: str, when: Mapping[str, Any] = EMPTY, severity: Severity = "error", **params: Any
) -> Check:
    """A check as the loader makes it."""
    return Check(kind, columns, "flight", severity, freeze(params), freeze(dict(when)))


def rule_of(*checks: Check, ident: str = "T01") -> Rule:
    """A rule with these checks."""
    return Rule(ident, "TB_T", checks[0].columns, checks[0].severity, "应当", "must hold", "改", "mend it", checks)


def frame_of(
    rows: Sequence[Mapping[str, Any]], table: Table, org: str = SENDER, maps: CodeMaps | None = None
) -> pl.DataFrame:
    """Rows as step 2 sees them; ``_message`` in a row puts it into another message than the first."""
    texts = {name: pl.Series([row.get(name) for row in rows], dtype=pl.String) for name in table.by_name}
    frame = pl.DataFrame(texts).with_columns(
        pl.Series(MESSAGE, [row.get(MESSAGE, 0) for row in rows], dtype=pl.Int32),
        pl.Series(ROW, range(1, len(rows) + 1), dtype=pl.Int32),
        pl.Series(ORG, [row.get(ORG, org) for row in rows], dtype=pl.String),
        pl.lit(ARRIVAL).cast(pl.Datetime("ms")).alias(ARRIVED),
        pl.Series(CAME_BEFORE, [row.get(CAME_BEFORE, False) for row in rows], dtype=pl.Boolean),
    )
    return with_mapped(with_typed(frame, table), table, maps or CodeMaps(standard()))


def found(rule: Rule, rows: Sequence[Mapping[str, Any]], table: Table | None = None) -> tuple[CompiledTable, Found]:
    """Evaluate one rule on rows."""
    table = table or table_of(rule)
    compiled = compile_rule(rule, table, standard())
    return compiled, evaluate(frame_of(rows, table), compiled.checks)


def violated(one: Check, *rows: Mapping[str, Any]) -> list[bool]:
    """For each row whether it violates the check."""
    _, result = found(rule_of(one), rows)
    places = set(result.findings["place"].to_list())
    return [place in places for place in range(len(rows))]


def fails(one: Check, **row: Any) -> bool:
    """Whether one row violates the check."""
    return violated(one, row)[0]
