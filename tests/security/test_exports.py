"""What leaves as a file is data: nothing in it is run by what opens it, numbers stay numbers, a name stays a name."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator
from email.message import Message
from typing import Any
from urllib.parse import unquote

import httpx
import openpyxl
import pytest

from api.accounts.principal import Assignment
from api.sheets import Sheet, SheetColumn, csv_stream, download
from api.sheets.columns import RISKY
from clickhouse.orgs import Org
from tests.api.accounts.everything import everything, submission_of, visit_of
from tests.api.conftest import Running, Stack, running
from tests.security.conftest import CITY, app_of

pytestmark = [pytest.mark.stack, pytest.mark.slow]

#: What OWASP names for CSV injection, the full-width signs that Excel of East Asia takes for the same, and what hides
#: in the middle of a cell until something splits it at a semicolon or a tab.
BEGINNINGS = ["=", "+", "-", "@", "\t=", "\r=", "＝", "＋", "－", "＠", "a;=", "a\t=", 'a";"=', "a\r\n=", "a,=", ";="]
#: Those that are kept in every place (an institution each); the writer itself gets them all.
KEPT = ["=", "＠", "a;="]
#: What is asked for one institution at a time.
ONE_ORG = ("/api/v1/front-pages/comparison", "/api/v1/front-pages/comparison/rows")
FORMULA = "1+cmd|' /C calc'!A0"
#: Signs with which a figure may begin.
FIGURE = re.compile(r"[+-]?[\d,]*\.?\d+%?")
OF = {text: f"{place:x}".upper().rjust(22, "7") for place, text in enumerate(KEPT)}


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Running]:
    """An institution for each beginning, which stands in front of every text that is kept of it."""
    of_org = {org: text + FORMULA for text, org in OF.items()}
    orgs = [
        Org(org, text, CITY, "", contact=text, phone=text, inpatient=True, outpatient=True)
        for org, text in of_org.items()
    ]
    everything(stack.clickhouse, orgs, of_org.__getitem__)
    stack.machine("admin", Assignment("admin"), label="=" + FORMULA)  # who did it is in the audit log
    async with running(app_of(stack)) as found:
        yield found


def exports(description: dict[str, Any]) -> Iterator[str]:
    """Addresses of everything that can be had as a file, those about one institution or its submission for each."""
    ids = {"visit": visit_of(OF["="]), "map": "department", "id": "x"}
    for path, operations in description["paths"].items():
        given = operations.get("get", {}).get("parameters", [])
        if "format" not in {one["name"] for one in given}:
            continue
        needed = {one["name"] for one in given if one["required"]} & {"org", "submission"}
        needed |= {"org"} if path in ONE_ORG else set()
        for org in OF.values() if needed else [""]:
            of_org = ids | {"org": org, "submission": submission_of(org) if org else ""}
            query = "&".join(f"{name}={of_org[name]}" for name in needed if f"{{{name}}}" not in path)
            yield re.sub(r"{(\w+)}", lambda part, of_org=of_org: of_org[part[1]], path) + (f"?{query}" if query else "")


async def fetched(api: Running, stack: Stack, url: str, form: str) -> httpx.Response:
    monthly = ("/indicators/", "/summary/", "/front-pages/")
    period = {"month": "2026-11"} if any(part in url for part in monthly) else {}
    period |= {"since": "2020-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z"} if "audit-log" in url else {}
    period |= {"number": "2"} if "/comparison/" in url else {}  # against the first
    url = httpx.URL(url).copy_merge_params({**period, "format": form, "test": "true"})
    return await api.client.get(url, headers=stack.headers("admin"))


def csv_cells(text: str, ends: str) -> list[str]:
    """The cells as something sees them for which each of ``ends`` ends a cell; as everywhere a quote counts at the
    beginning of a cell only."""
    quoted, plain = r'"(?P<quoted>(?:[^"]|"")*)"', rf"(?P<plain>[^{ends}\r\n]*)"
    found = re.finditer(rf"(?:{quoted}|{plain})(?P<more>[^{ends}\r\n]*)(?:[{ends}]|\r\n|\r|\n|$)", text)
    return [(one["quoted"] or one["plain"] or "").replace('""', '"') for one in found]


def formulas(text: str) -> list[str]:
    """Cells that would be run: in Excel, where the comma ends a cell, and in LibreOffice, where these three do."""
    seen = [cell for ends in (",", ",;\t") for cell in csv_cells(text.removeprefix("\ufeff"), ends)]
    return [cell for cell in seen if cell.startswith(RISKY) and not FIGURE.fullmatch(cell)]


def xlsx_cells(content: bytes) -> list[tuple[Any, str]]:
    """Values and types of all cells, formulas as they stand there."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    found = [(cell.value, cell.data_type) for page in book.worksheets for row in page.iter_rows() for cell in row]
    book.close()
    return found


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_no_text_in_a_csv_is_a_formula_however_it_is_split(beginning: str) -> None:
    text = beginning + FORMULA
    columns = [SheetColumn(name, name, name, "text") for name in "abc"]
    made = b"".join(csv_stream(Sheet("x", columns, [("x", text, "y"), (text, "x", text)]), "en")).decode()
    assert formulas(made) == []
    kept = [row[1].removeprefix("'") for row in csv.reader(io.StringIO(made, newline=""))]
    assert kept == ["b", text, "x"]  # nothing is lost


async def test_no_text_of_any_file_is_a_formula_and_numbers_are_numbers(api: Running, stack: Stack) -> None:
    seen: set[str] = set()
    kinds: set[type] = set()
    walked = list(exports(api.app.openapi()))
    for url in walked:
        answer = await fetched(api, stack, url, "csv")
        assert answer.status_code == 200, (url, answer.text)
        assert formulas(answer.text) == [], url
        seen.update(text for text in KEPT if text + FORMULA in answer.text)
        for value, kind in xlsx_cells((await fetched(api, stack, url, "xlsx")).content):
            assert kind != "f", (url, value)
            kinds.add(type(value))
    assert len(walked) > 25
    assert seen == set(KEPT)  # they were there
    assert {str, int, float} <= kinds


def test_a_figure_below_zero_is_no_formula_and_a_text_that_looks_like_one_is_guarded() -> None:
    columns = [SheetColumn(kind, kind, kind, kind) for kind in ("text", "int", "money", "percent", "number")]
    made = b"".join(csv_stream(Sheet("x", columns, [("-5", -5, -5, -0.05, -5.5)]), "en")).decode()
    assert made.splitlines()[1] == "'-5,-5,-5.00,-5.00%,-5.5"


@pytest.mark.parametrize("org", ["x\r\nSet-Cookie: a=b", 'x"; filename="y.exe', "../../etc/passwd", "院\0\x7f"])
async def test_a_file_keeps_its_chinese_name_and_no_header_is_made_of_what_was_asked(org: str) -> None:
    """An administrator may ask for any institution, and its code is in the name of the file."""
    answer = await download([Sheet("x", [SheetColumn("a", "a", "a", "text")], [])], "csv", f"错误明细_{org}")
    said = answer.headers["content-disposition"]
    assert said.isascii()
    assert said.isprintable()
    assert "set-cookie" not in answer.headers
    header = Message()
    header["content-disposition"] = said
    assert header.get_content_disposition() == "attachment"
    assert len(re.findall('"', said)) == 2
    assert unquote(said.partition("filename*=UTF-8''")[2]) == f"错误明细_{org}.csv"
