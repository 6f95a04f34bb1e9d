"""What was wrong with which rows, for people who have to mend them: filters of the lists, and the error detail as a
sheet that is written while it is read. Values of personal columns were masked before they were stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from api.accounts.principal import Principal
from api.depends import Parts, org_scope, right
from api.errors import ApiError
from api.indicators import columns as of
from api.indicators.figures import CHUNK
from api.indicators.names import SEVERITIES, tables
from api.services import Services
from api.sheets import Lang, Sheet, SheetColumn
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

#: Date32's zero means "no filter" in the named queries.
ANY_DAY = date(1970, 1, 1)
_COLUMNS = (
    of.ORG, of.NAME, of.TABLE, of.TABLE_ZH, of.DAY, SheetColumn("batch", "批次", "batch", "text", 26),
    SheetColumn("row", "行号", "row", "int", 8), of.ROW_KEY, of.VISIT, of.COLUMN, of.COLUMN_ZH, of.VALUE, of.RULE,
    SheetColumn("severity", "级别", "severity", "text", 8), SheetColumn("rule", "规则", "rule text", "text", 48),
    SheetColumn("fix", "改正办法", "what to do", "text", 48), SheetColumn("outcome", "结果", "outcome", "text", 8),
    SheetColumn("arrived_at", "到达时间", "arrived at", "time", 20),
)  # fmt: skip
_OUTCOMES = {"accepted": ("入库", "accepted"), "rejected": ("拒收", "rejected")}


@dataclass(frozen=True, slots=True)
class RowFilters:
    """Which rows; empty texts and ANY_DAY are no filter. ``biz_from`` and ``biz_to`` are both included."""

    org: str
    table: str
    rule_id: str
    batch: str
    row_key: str
    biz_from: date
    biz_to: date

    def parameters(self) -> dict[str, Any]:
        """As the named queries call them."""
        return {name: getattr(self, name) for name in self.__slots__}

    def audited(self) -> dict[str, str]:
        """As the audit log keeps them: a row key may say who it is about."""
        given = {name: str(value) for name, value in self.parameters().items() if value not in ("", ANY_DAY)}
        return given | ({"row_key": "…"} if self.row_key else {})


def _filters(
    *,
    who: Annotated[Principal, Depends(right("findings.read"))],
    parts: Parts,
    org: Annotated[str, Query(description="机构代码（监管端）institution, for operators", max_length=22)] = "",
    table: Annotated[str, Query(description="标准表 table", examples=["TB_MZ_SFMXB"], max_length=64)] = "",
    date_from: Annotated[date, Query(alias="from", description="业务日期起 first business date")] = ANY_DAY,
    date_to: Annotated[date, Query(alias="to", description="业务日期止（含）last business date")] = ANY_DAY,
    rule_id: Annotated[str, Query(description="规则 rule", examples=["SF-W-YLJGDM"], max_length=100)] = "",
    batch: Annotated[str, Query(description="批次号 batch", max_length=200)] = "",
    row_key: Annotated[
        str, Query(description="主键（不含机构代码，各部分以 | 相连）row key without the institution", max_length=400)
    ] = "",
) -> RowFilters:
    return RowFilters(org_scope(who, org), known_table(parts, table), rule_id, batch, row_key, date_from, date_to)


Rows = Annotated[RowFilters, Depends(_filters)]


def known_table(parts: Services, table: str) -> str:
    """The table's name in the standard, empty for none. Raises ApiError unknown_table."""
    known = parts.standard.table(table) if table else None
    if table and known is None:
        raise ApiError("unknown_table")
    return known.name if known else ""


def error_detail(
    parts: Services, seen: Reader, asked: RowFilters, severity: str, outcome: Literal["", "accepted", "rejected"],
    lang: Lang,
) -> tuple[int, Sheet]:  # fmt: skip
    """How many findings there are, and the sheet with all of them. Blocks; the rows are read while it is written."""
    wanted = asked.parameters() | {"severity": severity, "outcome": outcome}
    cells = seen.rows(load_query("findings_cells"), wanted)
    names = {org.org: org.name for org in parts.orgs.all()}
    named = tables(parts.standard)

    def rows() -> Iterator[Sequence[object]]:
        for span in spans(cells):
            for row in seen.rows(load_query("findings_span"), wanted | span):
                yield _line(parts, row, names, named, lang)

    title = {"": ("错误明细", "Findings")}.get(outcome, ("拒收明细", "Rejected rows"))[lang == "en"]
    return sum(cell["findings"] for cell in cells), Sheet(title, _COLUMNS, rows())


def spans(cells: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Days of one institution and table that together have at most CHUNK findings, as the parameters of one question; a
    day with more is asked for in parts. So a long list is read once, not from its beginning for every part. Pure."""
    begin = 0
    while begin < len(cells):
        first, end, findings = cells[begin], begin + 1, cells[begin]["findings"]
        while end < len(cells) and _place(cells[end]) == _place(first) and findings + cells[end]["findings"] <= CHUNK:
            findings += cells[end]["findings"]
            end += 1
        last = cells[end - 1]
        for offset in range(0, findings, CHUNK):
            yield {"org": first["org"], "table": first["table"], "biz_from": first["biz_date"],
                   "biz_to": last["biz_date"], "limit": CHUNK, "offset": offset}  # fmt: skip
        begin = end


def _place(cell: Mapping[str, Any]) -> tuple[str, str]:
    return cell["org"], cell["table"]


def _line(
    parts: Services, row: Mapping[str, Any], names: Mapping[str, str], named: Mapping[str, tuple[str, str]], lang: Lang
) -> list[object]:
    english = lang == "en"
    texts = parts.wording.of(row["table"], row["rule_id"], row["column"])
    known = dict(row) | {
        "name": names.get(row["org"], ""), "table_zh": named.get(row["table"], (row["table"],) * 2)[english],
        "column_zh": texts["column_zh"], "severity": SEVERITIES[row["severity"]][english],
        "rule": texts["rule_en"] if english else texts["rule_zh"],
        "fix": texts["fix_en"] if english else texts["fix_zh"],
        "outcome": _OUTCOMES[row["outcome"]][english],
    }  # fmt: skip
    return [known[column.name] for column in _COLUMNS]
