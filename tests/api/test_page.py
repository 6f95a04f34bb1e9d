"""The pages, the description of the API, and what every answer and log line has in common."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi.routing import iter_route_contexts

from api.errors import ERRORS, ApiError
from api.examples import EXAMPLES
from tests.api.conftest import NDJSON, ORG_A, Running, Stack

STATIC = Path(__file__).parents[2] / "api" / "static"


def test_the_style_of_the_pages_names_no_other_site() -> None:
    text = (STATIC / "page.css").read_text()
    assert not re.search(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}|@import|url\(", text)


def test_every_error_has_a_text_in_both_languages_and_a_hint() -> None:
    for code, (status, zh, en, hint) in ERRORS.items():
        assert 400 <= status < 600
        assert all((zh, en, hint)), code
    assert ApiError("too_large", limit=5).message_en.startswith("More than 5 bytes")


@pytest.mark.stack
async def test_the_pages_are_served_and_load_nothing_from_elsewhere(api: Running) -> None:
    for url in ("/docs", "/static/page.css"):
        answer = await api.client.get(url)
        assert answer.status_code == 200
        assert not re.search(r"(?:src|href)=['\"](?:https?:)?//", answer.text)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    for path in (await api.client.get("/openapi.json")).json()["paths"]:
        assert path in (await api.client.get("/docs")).text


@pytest.mark.stack
async def test_every_endpoint_is_described_with_an_example_that_fits_its_model(api: Running) -> None:
    schema = (await api.client.get("/openapi.json")).json()
    described = {(method, path) for path, one in schema["paths"].items() for method in one}
    assert described == set(EXAMPLES)
    models = {
        (method.lower(), route.path): route.response_model
        for route in _routes(api)
        for method in route.methods
        if getattr(route, "response_model", None)
    }
    for (method, path), example in EXAMPLES.items():
        operation = schema["paths"][path][method]
        assert operation["summary"]
        if (method, path) in models:
            models[method, path].model_validate(example)
            assert example is not None
        good = next(answer for code, answer in operation["responses"].items() if code.startswith("2"))
        if example is not None:
            assert next(iter(good["content"].values()))["example"] == example
        assert ("security" in operation) == ("x-right" in operation)


async def _chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1000):
        yield b" " * 1000


def _routes(api: Running) -> list[Any]:
    found = (context.original_route for context in iter_route_contexts(api.app.routes))
    return [route for route in found if getattr(route, "methods", None)]


@pytest.mark.stack
@pytest.mark.parametrize(
    ("method", "url", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("PUT", "/api/v1/status", 405, "method"),
        ("GET", "/static/x", 404, "not_found"),
    ],
)
async def test_what_is_not_there_is_refused_in_the_one_shape(
    api: Running, method: str, url: str, status: int, code: str
) -> None:
    answer = await api.client.request(method, url)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.stack
async def test_a_body_that_no_endpoint_takes_is_refused_in_the_one_shape(api: Running, stack: Stack) -> None:
    headers = stack.headers("admin") | {"Content-Type": "application/json"}
    large = await api.client.post("/api/v1/orgs", content=b" " * 70_000, headers=headers)
    assert (large.status_code, large.json()["error"]["code"]) == (413, "too_large")
    chunked = await api.client.post("/api/v1/orgs", content=_chunks(70_000), headers=headers)
    assert (chunked.status_code, chunked.json()["error"]["code"]) == (413, "too_large")
    broken = await api.client.post("/api/v1/orgs", content=b'{"name": "\xff', headers=headers)
    assert (broken.status_code, broken.json()["error"]["code"]) == (422, "invalid")


@pytest.mark.stack
async def test_log_lines_hold_no_token_no_query_and_no_value(api: Running, stack: Stack) -> None:
    with structlog.testing.capture_logs() as lines:
        headers = stack.headers() | NDJSON | {"X-Sanjian-Batch": "b1"}
        await api.client.post("/api/v1/changes/TB_HZXX?name=secret", content='{"XM":"张三"'.encode(), headers=headers)
        await api.client.get(f"/api/v1/findings?token={stack.tokens['a']}", headers=stack.headers())
        await api.client.get("/api/v1/findings?batch=secret", headers=stack.headers())
        await api.client.get("/api/v1/receipts/secret", headers=stack.headers())
    text = repr(lines)
    assert len([line for line in lines if line["event"] == "request"]) == 4
    for secret in (*stack.tokens.values(), "张三", "secret", ORG_A):
        assert secret not in text


@pytest.mark.stack
async def test_a_request_keeps_its_safe_id_and_gets_one_otherwise(api: Running) -> None:
    assert (await api.client.get("/health/live", headers={"X-Request-ID": "a-1"})).headers["x-request-id"] == "a-1"
    unsafe = (await api.client.get("/health/live", headers={"X-Request-ID": "a b\t"})).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", unsafe)
