"""/api/v1/standard: the data standard to be browsed by everybody: tables, columns, rules, codes."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api import browse as shown
from api.accounts.principal import Principal
from api.depends import Parts, refusals, right
from api.errors import ApiError
from api.indicators import columns as of
from api.indicators.filters import Form, Lang
from api.models_standard import (
    CodesAnswer,
    CodeSetsAnswer,
    RuleAnswer,
    RuleDetail,
    RulesAnswer,
    StandardAnswer,
    StandardTablesAnswer,
    TableDetail,
)
from api.services import Services
from api.sheets import Sheet, SheetColumn, download
from standard.model import Scope, Severity

router = APIRouter(tags=["数据标准 standard"])

Reading = Annotated[Principal, Depends(right("standard.read"))]
Text = Annotated[str, Query(alias="q", description="包含的文字 text to look for", max_length=100)]
Limit = Annotated[int, Query(ge=1, le=2000)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]

_COLUMNS = (
    of.TABLE, of.TABLE_ZH, of.RULE, of.SEVERITY_ZH, SheetColumn("scope_zh", "判定", "evaluated", "text", 14),
    SheetColumn("columns", "列", "columns", "text", 22),
    SheetColumn("columns_zh", "列名", "columns (Chinese)", "text", 28),
    SheetColumn("zh", "规则", "rule (Chinese)", "text", 52), SheetColumn("en", "规则（英文）", "rule", "text", 52),
    SheetColumn("fix_zh", "改正办法", "what to do (Chinese)", "text", 52),
    SheetColumn("fix_en", "改正办法（英文）", "what to do", "text", 52),
    SheetColumn("source", "来源", "source", "text", 28),
    SheetColumn("confidence", "把握程度", "confidence", "text", 10),
)  # fmt: skip
_SCOPES: dict[Scope, str] = {"flight": "传输中", "store": "入库后"}


@router.get("/api/v1/standard", summary="数据标准 The standard", responses=refusals())
async def overview(_: Reading, parts: Parts) -> StandardAnswer:
    """版本、数量和平台设置。Version, counts and the settings of this platform."""
    return shown.overview(parts.standard)


@router.get("/api/v1/standard/tables", summary="标准表 Tables", responses=refusals())
async def tables(_: Reading, parts: Parts) -> StandardTablesAnswer:
    """按患者就诊的顺序。In the order of a patient's way."""
    found = [shown.table_answer(table) for table in parts.standard.tables.values()]
    return StandardTablesAnswer(version=parts.standard.version, tables=found)


@router.get("/api/v1/standard/tables/{table}", summary="一张表的列和规则 A table", responses=refusals(404))
async def table(table: str, _: Reading, parts: Parts) -> TableDetail:
    """列的类型、长度、必填、值域、对码、个人信息；引用；规则。Columns, references and rules."""
    known = parts.standard.table(table)
    if known is None:
        raise ApiError("unknown_table")
    return shown.table_detail(parts.standard, known)


@router.get("/api/v1/standard/rules", summary="规则 Rules", responses=refusals(404, 422), response_model=RulesAnswer)
async def rules(
    *, who: Reading, parts: Parts, request: Request,
    table: Annotated[str, Query(description="标准表 table", max_length=64)] = "",
    column: Annotated[str, Query(description="列 column", max_length=64)] = "",
    severity: Annotated[Literal["", "error", "warning"], Query(description="级别 severity")] = "",
    scope: Annotated[Literal["", "flight", "store"], Query(description="传输中或入库后 in flight or store")] = "",
    text: Text = "", limit: Limit = 100, offset: Offset = 0,
    lang: Annotated[Lang, Query(description="导出文件的语言 language of an export")] = "zh",
    form: Annotated[Form, Query(alias="format", description="json，或导出文件 or a file: csv, xlsx")] = "json",
) -> RulesAnswer | Response:  # fmt: skip
    """编号、内容、级别、改正办法、来源和把握程度；导出不分页。A file holds all rules that fit, not one page."""
    severities: dict[str, Severity] = {"error": "error", "warning": "warning"}
    scopes: dict[str, Scope] = {"flight": "flight", "store": "store"}
    wanted = shown.RuleFilter(_table(parts, table), column.upper(), severities.get(severity), scopes.get(scope), text)
    found = await to_thread.run_sync(shown.rules, parts.standard, wanted)
    if form == "json":
        page, where = shown.paged(found, limit, offset)
        return RulesAnswer(version=parts.standard.version, rules=list(page), **where)
    await parts.audit_log.write(who, request, "standard.export", wanted.table or "rules", format=form, rows=len(found))
    sheet = Sheet("规则" if lang == "zh" else "Rules", _COLUMNS, (_line(one, lang) for one in found))
    name = f"规则-{parts.standard.version}" if lang == "zh" else f"rules-{parts.standard.version}"
    return await download([sheet], "xlsx" if form == "xlsx" else "csv", name, lang)


@router.get("/api/v1/standard/rules/{rule_id}", summary="一条规则 A rule", responses=refusals(404))
async def rule(rule_id: str, _: Reading, parts: Parts) -> RuleDetail:
    """检查内容，以及通过和不通过的示例（虚构）。What is checked, with invented rows that pass and fail."""
    found = await to_thread.run_sync(shown.rule_detail, parts.standard, rule_id)
    if found is None:
        raise ApiError("unknown_rule")
    return found


@router.get("/api/v1/standard/code-sets", summary="值域、字典和对码目录 Lists of codes", responses=refusals())
async def code_sets(_: Reading, parts: Parts, text: Text = "") -> CodeSetsAnswer:
    """按名称、来源或用到的列查找。To be found by name, source or a column that uses it."""
    found = [one.answer for one in (await to_thread.run_sync(shown.code_lists, parts.standard)).values()]
    fitting = [one for one in found if shown.has(text, one.name, one.source, *one.used_by)]
    return CodeSetsAnswer(version=parts.standard.version, code_sets=fitting)


@router.get("/api/v1/standard/code-sets/{name}", summary="一个值域的代码 Codes of a list", responses=refusals(404, 422))
async def code_set(
    name: str, _: Reading, parts: Parts, text: Text = "", limit: Limit = 100, offset: Offset = 0
) -> CodesAnswer:
    """按代码或名称查找。To be found by code or name."""
    found = (await to_thread.run_sync(shown.code_lists, parts.standard)).get(name)
    if found is None:
        raise ApiError("unknown_code_set")
    codes = [one for one in found.codes() if shown.has(text, one.code, one.name_zh, one.name_en)]
    page, where = shown.paged(codes, limit, offset)
    return CodesAnswer(**found.answer.model_dump(), version=parts.standard.version, code_list=list(page), **where)


def _table(parts: Services, name: str) -> str:
    """The table's own name for a name or an alias. Raises ApiError unknown_table."""
    known = parts.standard.table(name) if name else None
    if name and known is None:
        raise ApiError("unknown_table")
    return known.name if known else ""


def _line(rule: RuleAnswer, lang: Lang) -> list[object]:
    told = {
        **rule.model_dump(), "scope_zh": "、".join(_SCOPES[one] for one in rule.scope) if lang == "zh"
        else ", ".join(rule.scope), "columns": "、".join(rule.columns), "columns_zh": "、".join(rule.columns_zh),
    }  # fmt: skip
    return [told[column.name] for column in _COLUMNS]
