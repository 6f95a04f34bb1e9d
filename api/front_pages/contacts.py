"""The programme's contact sheet: what is to be filled in, whether it is right, and how others may see it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from api.accounts.tables import ContactSheet
from api.models_front_pages import ContactOut
from clickhouse.orgs import Org
from standard.checksums import CHECKSUMS
from standard.model import Personal
from streams.masking import mask

#: Column → Chinese, English, in the order of the sheet.
COLUMNS: Mapping[str, tuple[str, str]] = {
    "name": ("联系人姓名", "contact's name"), "sex": ("性别", "sex"), "birth_year": ("出生年份", "year of birth"),
    "title": ("职称/职务", "title"), "phone": ("办公电话", "phone"), "mobile": ("手机", "mobile phone"),
    "id_number": ("身份证号", "ID number"),
}  # fmt: skip
#: Those that only the right to personal data, or the institution itself, shows whole.
PERSONAL: Mapping[str, Personal] = {"id_number": "id_number"}
_MOBILE = re.compile(r"1[3-9]\d{9}")
_PHONE = re.compile(r"[0-9()（）+\- ]{6,40}")
#: Whoever answers for front pages is of working age.
YOUNGEST, OLDEST = 16, 90


def wrong(values: Mapping[str, str | int], today: date) -> list[tuple[str, str]]:
    """(column, what is wrong in both languages) of values that are filled in; none when they are right."""
    found = []
    mobile, phone = str(values.get("mobile", "")), str(values.get("phone", ""))
    number, year = str(values.get("id_number", "")), int(values.get("birth_year", 0))
    if mobile and not _MOBILE.fullmatch(mobile):
        found.append(("mobile", "手机号为11位数字 / a mobile number has 11 digits"))
    if phone and not _PHONE.fullmatch(phone):
        found.append(("phone", "电话只含数字、括号和横线 / digits, brackets and dashes only"))
    if number and not CHECKSUMS["id_card"](number):
        found.append(("id_number", "身份证号校验位不对 / the check digit of the ID number is wrong"))
    if year and not YOUNGEST <= today.year - year <= OLDEST:
        found.append(("birth_year", "出生年份不对 / the year of birth cannot be right"))
    return found


def missing(sheet: ContactSheet | None) -> list[str]:
    """The columns that are not filled in yet."""
    return [name for name in COLUMNS if sheet is None or not getattr(sheet, name)]


def shown(org: Org, sheet: ContactSheet | None, today: date, *, whole: bool) -> ContactOut:
    """The sheet as somebody may see it; ``whole``: personal columns as they were filled in."""
    lacking = missing(sheet)
    number = sheet.id_number if sheet else ""
    year = sheet.birth_year if sheet else 0
    return ContactOut(
        org=org.org, org_name=org.name, level=org.level, type=org.type, name=sheet.name if sheet else "",
        sex=sheet.sex if sheet else "", birth_year=year, age=today.year - year if year else None,
        title=sheet.title if sheet else "", phone=sheet.phone if sheet else "", mobile=sheet.mobile if sheet else "",
        id_number=number if whole else mask(number, PERSONAL["id_number"]), personal=whole, missing=lacking,
        filled=not lacking, changed_at=sheet.changed_at if sheet else None,
        changed_by=sheet.changed_by if sheet else "",
    )  # fmt: skip
