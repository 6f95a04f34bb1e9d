"""Importing and exporting what people keep: a file in, what it would do or did out; what is kept, as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

from anyio import to_thread
from fastapi import Query, Request
from starlette.responses import StreamingResponse

from api.accounts.principal import Principal
from api.body import read_body
from api.errors import ApiError
from api.imports.known import Known
from api.imports.plan import Kind, Plan, plan
from api.imports.problems import Problem
from api.imports.table import Record, read_table
from api.models_kept import ImportAnswer
from api.services import Services
from api.sheets import Format, Lang, download
from api.sheets.refused import UnreadableSheet
from clickhouse.schedule import EVERY

Entry = TypeVar("Entry")

DryRun = Annotated[bool, Query(description="只检查，不写入 · only check, write nothing")]
FileFormat = Annotated[Format, Query(description="csv 或 or xlsx")]
HeaderLang = Annotated[Lang, Query(description="表头语言 · language of the header")]
OneOrg = Annotated[str, Query(max_length=22, description="机构代码，空为全部 · institution, empty: all")]

#: The body of an import in OpenAPI: the file itself, so that it is read only when it is known who sends it.
IMPORT_BODY = {
    "requestBody": {
        "description": "文件内容本身：CSV（UTF-8、GB18030）或 .xlsx · the file itself: CSV or .xlsx",
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
}
#: One file at a time is taken apart: a workbook costs a processor for seconds.
_READING = asyncio.Lock()


async def known_now(parts: Services, who: Principal) -> Known:
    """What an import of this caller is held against."""
    orgs = await to_thread.run_sync(parts.orgs.all)
    return Known({org.org: org.name for org in orgs}, parts.standard, who.orgs)


async def planned(
    request: Request, parts: Services, kind: Kind[Entry], kept: Callable[[], Mapping[Any, Entry]],
    wanted: Callable[[Mapping[str, object]], bool] | None = None,
) -> Plan[Entry]:  # fmt: skip
    """What the file in the request would do to what is ``kept`` (blocks; by key). Lines that are not ``wanted`` are
    left out. Raises ApiError bad_sheet and what reading a body raises."""
    content = await read_body(
        request.stream(), declared=request.headers.get("content-length"),
        encoding=request.headers.get("content-encoding", "").strip().lower(), limit=parts.settings.max_message_bytes,
    )  # fmt: skip

    def work() -> Plan[Entry]:
        table = read_table(content, kind.fields)
        if wanted:
            table.records = [record for record in table.records if _wants(wanted, record)]
        return plan(table, kind, kept())

    async with _READING:
        try:
            return await to_thread.run_sync(work)
        except UnreadableSheet as error:
            raise ApiError("bad_sheet", zh=error.zh, en=error.en, more={"reason": error.code}) from error


def in_sight(who: Principal, org: str) -> bool:
    """Whether an entry about ``org`` may be shown; what holds for every institution may be."""
    return org == EVERY or who.sees(org)


def _wants(wanted: Callable[[Mapping[str, object]], bool], record: Record) -> bool:
    return wanted(record.values)


async def carried_out(
    made: Plan[Entry], dry_run: bool, write: Callable[[list[Entry]], None], log: Callable[[], Any]
) -> ImportAnswer:
    """Writes what was planned, unless it is a dry run. Raises as :func:`checked`. ``log`` makes the entry of the audit
    log, before anything is written."""
    answer = checked(made, dry_run)
    if answer.written:
        await log()
        await to_thread.run_sync(write, made.entries)
    return answer


def checked(made: Plan[Any], dry_run: bool) -> ImportAnswer:
    """The answer to a plan that is carried out next, unless it is a dry run. Raises ApiError rows_wrong when it is none
    and there is a problem: then nothing may be written."""
    answer = ImportAnswer(
        dry_run=dry_run, written=not dry_run, ok=not made.problems_count, lines=made.lines, added=made.added,
        changed=made.changed, unchanged=made.unchanged, problems_count=made.problems_count,
        ignored_columns=made.ignored,
        problems=[asdict(one) for one in made.problems], changes=[asdict(one) for one in made.changes],
    )  # fmt: skip
    if made.problems_count and not dry_run:
        more = {"import": {**answer.model_dump(mode="json"), "written": False}}
        raise ApiError("rows_wrong", count=made.problems_count, more=more)
    return answer


def refuse_wrong(kind: Kind[Entry], entries: Iterable[Entry]) -> None:
    """Raises ApiError rows_wrong when an entry is not right; ``line`` is its place in the list, from 1."""
    problems: list[Problem] = [
        one for number, entry in enumerate(entries, 1) for one in kind.problems(entry, number)
    ]  # fmt: skip
    if problems:
        more = {"problems": [asdict(one) for one in problems]}
        raise ApiError("rows_wrong", count=len(problems), more=more)


async def exported(
    kind: Kind[Entry], entries: Iterable[Entry], format: Format, lang: Lang, stamp: str,
    **more: Callable[[Entry], object],
) -> StreamingResponse:  # fmt: skip
    """The entries as a file that can be imported again; named after what it holds and ``stamp``."""
    return await download([kind.sheet(entries, **more)], format, f"{kind.title}-{stamp}", lang)
