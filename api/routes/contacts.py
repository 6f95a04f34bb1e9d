"""Contact sheets of the front page programme: whom to ask at an institution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import StreamingResponse

from api import kept
from api.accounts.principal import Principal
from api.depends import Actor, Parts, demand, org_scope, refusals, right
from api.errors import ApiError
from api.front_pages.contacts import COLUMNS, shown, wrong
from api.models_admin import OrgCode
from api.models_front_pages import ContactBody, ContactOut, ContactsAnswer
from api.services import Services
from api.sheets import Sheet, SheetColumn, download
from clickhouse.client import SHANGHAI
from clickhouse.orgs import Org

router = APIRouter(tags=["病案首页 front pages"])

_PATH = "/api/v1/front-pages/contacts"
Reading = Annotated[Principal, Depends(right("contacts.read"))]
Writing = Annotated[Principal, Depends(right("contacts.write"))]
Whole = Annotated[bool, Query(description="显示身份证号：须有个人信息权限，记入审计日志 ID numbers unmasked, logged")]
_SHEET = (
    SheetColumn("org", "机构代码", "institution", "text", 24), SheetColumn("org_name", "单位名称", "name", "text", 28),
    *(SheetColumn(name, zh, en, "text", 16) for name, (zh, en) in COLUMNS.items()),
    SheetColumn("filled", "是否填全", "filled in", "text", 10),
)  # fmt: skip


@router.get(_PATH, summary="首页联系人 Contact sheets", responses=refusals(403))
async def contacts(
    *, who: Reading, parts: Parts, request: Request, org: str = "", personal: Whole = False
) -> ContactsAnswer:
    """可查看的机构，未填写的也在内。Of the institutions that one may see, those without one too."""
    found = await _found(parts, who, request, org, personal=personal)
    return ContactsAnswer(contacts=found, filled=sum(one.filled for one in found))


@router.get(f"{_PATH}/export", summary="导出联系人 Export", responses=refusals(403))
async def export(
    *, who: Reading, parts: Parts, request: Request, org: str = "", personal: Whole = False,
    format: kept.FileFormat = "xlsx", lang: kept.HeaderLang = "zh",
) -> StreamingResponse:  # fmt: skip
    """姓名和电话用于工作联系，导出记入审计日志。Names and phones are for work; the export is logged."""
    found = await _found(parts, who, request, org, personal=personal)
    await parts.audit_log.write(who, request, "contacts.export", org, format=format, entries=len(found))
    sexes, yes = {"1": ("男", "male"), "2": ("女", "female")}, (("否", "no"), ("是", "yes"))
    place = 0 if lang == "zh" else 1
    rows = [
        (
            one.org, one.org_name, one.name, sexes.get(one.sex, ("", ""))[place],
            str(one.birth_year) if one.birth_year else "", one.title, one.phone, one.mobile, one.id_number,
            yes[one.filled][place],
        )
        for one in found
    ]  # fmt: skip
    title = "病案首页联系人" if lang == "zh" else "Contact sheets"
    stamp = f"{parts.now().astimezone(SHANGHAI):%Y%m%d}"
    return await download([Sheet(title, _SHEET, rows)], format, f"病案首页联系人_{stamp}", lang)


@router.get(f"{_PATH}/{{org}}", summary="一个机构的联系人 One contact sheet", responses=refusals(403, 404))
async def contact(
    *, org: Annotated[OrgCode, Path()], who: Reading, parts: Parts, request: Request, personal: Whole = False
) -> ContactOut:
    """可查看的一个机构。One institution that one may see."""
    found = await _found(parts, who, request, org_scope(who, org), personal=personal)
    if not found:
        raise ApiError("unknown_org")
    return found[0]


@router.put(f"{_PATH}/{{org}}", summary="填写联系人 Fill in", responses=refusals(403, 404, 422))
async def save(
    *, org: Annotated[OrgCode, Path()], body: ContactBody, who: Writing, parts: Parts, by: Actor
) -> ContactOut:
    """医院填写本机构，运维可代填；未给出的列不变。A hospital for itself, operators for any of theirs."""
    asked = org_scope(who, org)
    known = next((one for one in await to_thread.run_sync(parts.orgs.all) if one.org == asked), None)
    if known is None:
        raise ApiError("unknown_org")
    values: Mapping[str, str | int] = body.model_dump(exclude_none=True)
    given = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    today = parts.now().astimezone(SHANGHAI).date()
    if problems := wrong(given, today):
        fields = [{"field": f"body.{name}", "problem": "value", "message": why} for name, why in problems]
        raise ApiError("invalid", more={"fields": fields})
    sheet = await to_thread.run_sync(parts.accounts.contacts.save, by, asked, given)
    return shown(known, sheet, today, whole=False)


async def _found(
    parts: Services, who: Principal, request: Request, org: str, *, personal: bool
) -> list[ContactOut]:  # fmt: skip
    asked = org_scope(who, org)
    if personal:
        demand(who, "records.personal")
        await parts.audit_log.write(who, request, "contacts.personal", asked)
    sheets = await to_thread.run_sync(parts.accounts.contacts.all)
    today = parts.now().astimezone(SHANGHAI).date()
    return [
        shown(one, sheets.get(one.org), today, whole=personal)
        for one in await to_thread.run_sync(parts.orgs.all)
        if who.sees(one.org) and one.org == (asked or one.org) and _owes(one, asked)
    ]


def _owes(org: Org, asked: str) -> bool:
    """Those that send front pages; one that is asked for by its code in any case."""
    return bool(asked) or (org.inpatient and org.active)
