"""An indicator as JSON or as a file; every file that leaves is in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from anyio import to_thread
from fastapi import Request
from starlette.responses import Response

from api.accounts.principal import Principal
from api.errors import ApiError
from api.indicators.figures import Figures, Listing
from api.indicators.filters import Filters
from api.models_indicators import IndicatorAnswer
from api.services import Services
from api.sheets import Sheet, download
from clickhouse.narrowed import Reader

#: Excel's limit is 1 048 576 lines; one is the header, and a round number is easier to say.
XLSX_ROWS = 1_000_000


async def shown(
    parts: Services,
    seen: Reader,
    who: Principal,
    request: Request,
    asked: Filters,
    work: Callable[..., Figures | Listing],
    *more: Any,
) -> IndicatorAnswer | Response:
    """What ``work(parts, seen, asked, *more)`` found, in the form that is asked for; it runs in a thread."""
    found = await to_thread.run_sync(work, parts, seen, asked, *more)
    if isinstance(found, Figures):
        found = found.sorted(asked.sort)
    if asked.format == "json":
        return await to_thread.run_sync(found.answer, asked)
    rows = found.frame.height if isinstance(found, Figures) else found.total
    return await exported(parts, who, request, asked, found.name, found.zh, [found.sheet(asked.lang)], rows)


async def exported(
    parts: Services, who: Principal, request: Request, asked: Filters, name: str, title: str, sheets: Sequence[Sheet],
    rows: int,
) -> Response:  # fmt: skip
    """The sheets as a file. Raises ApiError too_many_rows for more than Excel holds."""
    if asked.format == "xlsx" and rows > XLSX_ROWS:
        raise ApiError("too_many_rows", limit=XLSX_ROWS)
    await parts.audit_log.write(
        who, request, "indicator.export", name, format=asked.format, rows=rows, org=asked.org, table=asked.table,
        first=asked.first.isoformat(), last=asked.last.isoformat(),
    )  # fmt: skip
    filename = f"{title}_{asked.first.isoformat()}_{asked.last.isoformat()}"
    return await download(sheets, "xlsx" if asked.format == "xlsx" else "csv", filename, asked.lang)
