"""The API does what its description says, whatever is sent: no server error, no status and no type that is not written
there, and nothing at all for who does not say who he is."""

from __future__ import annotations

from typing import Any

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, strategies
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import Failure, FailureGroup

from tests.api.accounts.everything import channel_of, delivery_of, quiet_of, visit_of
from tests.api.conftest import ORG_A, Running, Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow]

#: Calls of each operation; of 130 operations this is a minute's work.
EACH = 4
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: What stands in paths: some of the calls go to something that is there.
THERE = {
    "org": ORG_A, "visit": visit_of(ORG_A), "table": "TB_MZ_SFMXB", "map": "department", "version": 1,
    "delivery_id": delivery_of(ORG_A), "id": quiet_of(ORG_A), "topic_id": "t1", "partition": 0, "offset": 900,
    "rule_id": "SF03", "name": channel_of(ORG_A), "ident": ORG_A,
}  # fmt: skip


def cases(description: dict[str, Any], each: int) -> list[Any]:
    """So many calls of every operation, the same ones every time. They are drawn before anything runs: Hypothesis does
    not like others to use chance meanwhile."""
    drawn: list[Any] = []
    for found in schemathesis.openapi.from_dict(description).get_all_operations():

        @hypothesis.settings(
            max_examples=each, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @hypothesis.given(case=_any_case(found.ok()))
        def draw(case: Any) -> None:
            drawn.append(case)

        draw()
    return drawn


def _any_case(operation: Any) -> strategies.SearchStrategy[Any]:
    """What fits the description, what fits and asks for something that is there, and what does not fit."""
    known = {one.name: THERE[one.name] for one in operation.path_parameters if one.name in THERE}
    kinds = [operation.as_strategy(GenerationMode.POSITIVE)]
    if known:
        kinds.append(operation.as_strategy(GenerationMode.POSITIVE, path_parameters=known))
    if any((operation.path_parameters, operation.query, operation.headers, operation.body)):
        kinds.append(operation.as_strategy(GenerationMode.NEGATIVE))
    return strategies.one_of(kinds)


async def send(api: Running, case: Any, headers: dict[str, str]) -> httpx.Response:
    call = requests.Request(**case.as_transport_kwargs(base_url="http://sanjian", headers=headers)).prepare()
    assert call.method
    assert call.url
    return await api.client.request(call.method, call.url, headers=dict(call.headers), content=call.body)


def differs(case: Any, answer: httpx.Response) -> str:
    """What is not as described; empty for nothing."""
    try:
        case.validate_response(answer, checks=CHECKS)
    except (FailureGroup, Failure) as failure:
        found = ", ".join(one.title for one in getattr(failure, "exceptions", [failure]))
        asked = f"{answer.request.method} {answer.request.url} {answer.request.content!r}"
        return f"{found}: {asked}: {answer.status_code} {answer.headers.get('content-type')} {answer.text[:300]}"
    return ""


async def test_whatever_is_sent_by_whomever_the_answer_is_one_that_is_described(province: Stack, api: Running) -> None:
    """As an administrator, as a hospital, and as nobody: who is nobody gets 401 wherever somebody has to be known."""
    description = api.app.openapi()
    calls = cases(description, EACH)
    assert {case.operation.label for case in calls} == {
        f"{method.upper()} {path}" for path, methods in description["paths"].items() for method in methods
    }
    wrong: list[str] = []
    for who in ("nobody", "a", "admin"):  # the administrator last: it may take things away
        headers = province.headers(who) if who != "nobody" else {}
        for case in calls:
            answer = await send(api, case, headers)
            wrong.append(differs(case, answer))
            if who == "nobody" and "security" in case.operation.definition.raw:
                if answer.status_code != 401 or set(answer.json()) != {"error"}:
                    wrong.append(f"{case.operation.label} for nobody: {answer.status_code} {answer.text[:300]}")
                assert ORG_A not in answer.text
    assert [one for one in wrong if one] == []
