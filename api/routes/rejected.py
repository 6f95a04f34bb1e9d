"""GET /api/v1/rejected: rows that were rejected, why, and how to mend them; and as a file."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.case_acts import org_names
from api.depends import Parts, Seen, refusals
from api.error_detail import Rows
from api.models_rejected import RejectedAnswer, RejectedPage, RejectedRule
from api.routes.findings import Form, Language, Reading, exported
from api.services import Services
from clickhouse.narrowed import Reader
from clickhouse.query import load_query

router = APIRouter(tags=["拒收 rejected"])

_PLACE = ("topic_id", "partition", "offset", "row")


@router.get("/api/v1/rejected", summary="拒收的行 Rejected rows, newest first", responses=refusals(403, 404, 422))
async def rejected(
    *,
    _: Reading,
    parts: Parts,
    seen: Seen,
    asked: Rows,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> RejectedPage:
    """哪一行、违反哪些规则、如何改正；不含内容，值已脱敏。规则变动后重新校验而入库的行不再列出。
    Which row, which rules, what to do; without its content, values masked. What a redrive has accepted is not here."""

    def page() -> RejectedPage:
        wanted = asked.parameters() | {"limit": limit, "offset": offset}
        total = int(seen.rows(load_query("rejected_count"), wanted)[0]["rows"])
        rows = seen.rows(load_query("rejected_page"), wanted)
        following = offset + len(rows)
        return RejectedPage(
            total=total, limit=limit, offset=offset, next_offset=following if following < total else None,
            rejected=_answers(parts, seen, rows),
        )  # fmt: skip

    return await to_thread.run_sync(page)


@router.get(
    "/api/v1/rejected/export", summary="导出拒收明细 Export rejected rows", response_class=Response,
    responses=refusals(403, 404, 422),
)  # fmt: skip
async def rejected_export(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Rows, form: Form = "csv",
    lang: Language = "zh",
) -> Response:  # fmt: skip
    """拒收行的每个错误一行，同错误明细。A line an error of a rejected row, like the error detail."""
    return await exported(parts, seen, who, request, asked, "error", "rejected", form, lang)


def _answers(parts: Services, seen: Reader, rows: list[dict[str, Any]]) -> list[RejectedAnswer]:
    names = org_names(parts)
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    if rows:
        for one in seen.rows(load_query("rejected_findings"), _places(rows)):
            found[tuple(one[name] for name in _PLACE)].append(one)
    return [_answer(parts, row, found[tuple(row[name] for name in _PLACE)], names) for row in rows]


def _places(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "orgs": sorted({row["org"] for row in rows}), "tables": sorted({row["table"] for row in rows}),
        "days": sorted({row["biz_date"] for row in rows}), "topic_ids": [row["topic_id"] for row in rows],
        "partitions": [row["partition"] for row in rows], "offsets": [row["offset"] for row in rows],
        "rows": [row["row"] for row in rows],
    }  # fmt: skip


def _answer(
    parts: Services, row: dict[str, Any], findings: list[dict[str, Any]], names: dict[str, str]
) -> RejectedAnswer:
    table = parts.standard.table(row["table"])
    rules = [
        RejectedRule(
            **{name: one[name] for name in ("rule_id", "column", "value", "severity")},
            **parts.wording.of(row["table"], one["rule_id"], one["column"]),
        )
        for one in findings
    ]
    return RejectedAnswer(
        **{name: value for name, value in row.items() if name not in ("biz_date", "rule_ids")},
        biz_date=row["biz_date"].isoformat(), org_name=names.get(row["org"], ""),
        table_zh=table.name_zh if table else row["table"], rules=rules,
    )  # fmt: skip
