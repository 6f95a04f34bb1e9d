"""Text that is meant for a database: it reaches the engine as a bound value and finds what no other text finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from clickhouse.client import ClickHouse
from tests.api.accounts.everything import visit_of
from tests.api.conftest import ORG_A, ORG_B, Running, Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow]

#: Part of every attack, so that it is found again in a statement.
MARK = "zq9"
#: Each holds several classics: a quote of every kind that ends a text, what makes everything true, another statement,
#: comments, a parameter and a format of our own, a NUL, backslashes, full-width signs that some databases fold.
ATTACKS = [
    f"{MARK}' OR '1'='1' --",
    f"{MARK}\\') UNION ALL SELECT * FROM orgs; DROP TABLE findings /*",
    f'{MARK}" OR ""=" {{org:String}} {{0}} %(org)s $1 `x` #',
    f"{MARK}\0%00' OR 1=1\r\n--＇ ＯＲ １＝１ \u202e\U0001f600",
    f"{MARK}" + "'\\" * 3000,
]
#: What fits nothing, and is no attack.
NOTHING = MARK
#: So that a route comes as far as its filters.
ALWAYS = {"org": ORG_A, "visit": visit_of(ORG_A), "table": "TB_MZ_SFMXB", "map": "department", "rule_id": "SF03",
          "topic_id": "t1", "partition": "0", "offset": "900"}  # fmt: skip
PERIOD = {"month": "2026-11"}


class Asked:
    """The statements that the engines got meanwhile, and the values that were bound."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.values: list[Any] = []

    def clear(self) -> None:
        """Begin anew."""
        self.statements.clear()
        self.values.clear()

    @property
    def bound(self) -> bool:
        """Whether the attack came as far as the engine, as a value."""
        return any(MARK in str(value) for value in self.values)


@pytest.fixture
def asked(province: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    """Listens at both databases."""
    heard, query = Asked(), ClickHouse.query

    def listening(self: ClickHouse, sql: str, parameters: Any = None, settings: Any = None) -> Any:
        heard.statements.append(f"{sql} {settings}")
        heard.values.extend((parameters or {}).values())
        return query(self, sql, parameters, settings)

    def executed(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        heard.statements.append(statement)
        heard.values.append(parameters)

    monkeypatch.setattr(ClickHouse, "query", listening)
    event.listen(province.accounts.database.engine, "before_cursor_execute", executed)
    yield heard
    event.remove(province.accounts.database.engine, "before_cursor_execute", executed)


def places(description: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(path, in what, name) of every text that a GET takes."""
    for path, operations in description["paths"].items():
        for one in operations.get("get", {}).get("parameters", []):
            kinds = one["schema"].get("anyOf", [one["schema"]])
            if one["in"] in ("path", "query") and any(kind.get("type") == "string" for kind in kinds):
                yield path, one["in"], one["name"]


async def get(api: Running, headers: dict[str, str], path: str, where: str, name: str, text: str) -> httpx.Response:
    ids = ALWAYS | ({name: text} if where == "path" else {})
    url = re.sub(r"{(\w+)(:\w+)?}", lambda found: _quoted(ids.get(found[1], "x")), path)
    period = PERIOD if "/indicators/" in path and name not in ("month", "from", "to") else {}
    if path.endswith("/export") and name != "format":
        period = period | {"format": "csv"}
    return await api.client.get(url, params=period | ({name: text} if where == "query" else {}), headers=headers)


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def rows(said: Any) -> int:
    """How many things an answer lists, on every level."""
    if isinstance(said, dict):
        return sum(rows(one) for one in said.values())
    return sum(1 + rows(one) for one in said) if isinstance(said, list) else 0


def found(answer: httpx.Response) -> int:
    """How many things an answer shows."""
    if answer.headers.get("content-type", "").startswith("application/json"):
        return rows(answer.json())
    return answer.text.count("\n")


async def test_no_text_in_a_filter_or_path_is_ever_taken_for_sql(province: Stack, api: Running, asked: Asked) -> None:
    """Each text of each GET with each attack, as a hospital, or where it may not ask, as an administrator: a refusal,
    or no more than a text finds that fits nothing."""
    reached, wrong = set(), []
    for path, where, name in places(api.app.openapi()):
        who, usual = "a", await get(api, province.headers("a"), path, where, name, NOTHING)
        if usual.status_code == 403:
            who, usual = "admin", await get(api, province.headers("admin"), path, where, name, NOTHING)
        for attack in ATTACKS:
            asked.clear()
            answer = await get(api, province.headers(who), path, where, name, attack)
            said = f"{who} {path} {name}={attack[:60]!r}: {answer.status_code} {answer.text[:200]}"
            if answer.status_code >= 500:
                wrong.append(f"a bug: {said}")
            if any(MARK in statement for statement in asked.statements):
                wrong.append(f"in a statement: {said}")
            if who == "a" and (ORG_B in answer.text or "Hospital B" in answer.text):
                wrong.append(f"B is shown: {said}")
            if answer.is_success and not (usual.is_success and found(answer) <= found(usual)):
                wrong.append(f"more than {usual.status_code} {usual.text[:200]}: {said}")
            if answer.is_success and asked.bound:
                reached.add((path, name))
    assert wrong == []
    assert len(reached) > 30, sorted(reached)  # filters by free text, at an engine
