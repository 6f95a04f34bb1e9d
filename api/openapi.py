"""The description of the API: /openapi.json with examples, and /docs, a plain page of our own (nothing is loaded from
the internet, and none of it needs a script)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.accounts.declared import Declared, declared
from api.examples import EXAMPLES
from api.models import ErrorAnswer
from api.sheets.download import TYPES

DESCRIPTION = (
    "医院数据质量实时监测。程序用接入凭证获取访问令牌（POST /api/v1/oauth/token），放在 Authorization: Bearer 头里，"
    "不放在网址里；人员登录用 POST /api/v1/session。"
    "所有错误都是 {error: {code, message_zh, message_en, hint}}。WebSocket 告警：/api/v1/alerts。\n\n"
    "Real-time monitor of hospital data quality. Machines get an access token for their credentials (POST "
    "/api/v1/oauth/token) and put it into the Authorization header, never into a URL; people log in with POST "
    "/api/v1/session. "
    "Every refusal is {error: {code, message_zh, message_en, hint}}. Alerts over a websocket: /api/v1/alerts."
)
_BINARY = {"type": "string", "format": "binary"}
_METHODS = ("get", "post", "put", "delete")
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "访问令牌 access token of a machine"},
    "session": {
        "type": "apiKey", "in": "cookie", "name": "sanjian",
        "description": "登录会话；修改数据时另带 X-CSRF-Token session of a person, with X-CSRF-Token for changes",
    },
}  # fmt: skip


def describe(app: FastAPI) -> None:
    """Let ``app.openapi()`` return the description with examples, made once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
            rights = {(method.lower(), one.path): one for one in declared(app) for method in one.methods}
            for path, operations in schema["paths"].items():
                for method, operation in operations.items():
                    _files(operation)
                    _complete(operation, EXAMPLES[method, path])
                    _secure(operation, rights[method, path])
                    _everywhere(operation)
            schemas = schema["components"]["schemas"]
            schemas.setdefault("ErrorAnswer", ErrorAnswer.model_json_schema())
            for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own shape, which we never answer with
                schemas.pop(name, None)
            schema["components"]["securitySchemes"] = _SCHEMES
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _secure(operation: dict[str, Any], route: Declared) -> None:
    """Which right the operation needs, and how to show who calls."""
    if not route.public:
        operation["security"] = [{"token": []}, {"session": []}]
        operation["x-right"] = sorted(route.rights)
        operation["responses"].setdefault("400", _refusal("令牌不能放在网址里 a token in the URL"))
        operation["responses"].setdefault("403", _refusal("不允许 not allowed"))
        operation["description"] = "\n\n".join(
            [operation.get("description", ""), *(f"权限 right: `{name}`" for name in sorted(route.rights))]
        )


def _files(operation: dict[str, Any]) -> None:
    """What ``format`` can ask for besides JSON, or instead of it."""
    for parameter in operation.get("parameters", []):
        if parameter["name"] == "format":
            forms = parameter["schema"]["enum"]
            files = {TYPES[form].partition(";")[0]: {"schema": _BINARY} for form in TYPES if form in forms}
            good = operation["responses"]["200"]
            good["content"] = (good["content"] if "json" in forms else {}) | files


def _everywhere(operation: dict[str, Any]) -> None:
    """What every operation may answer: wrong parameters, and a body beyond the limit, in the one shape."""
    answers = operation["responses"]
    if "422" in answers:
        answers["422"] = _refusal("参数有误 not valid") | {
            name: value for name, value in answers["422"].items() if name != "content"
        }
    if "requestBody" in operation:
        answers.setdefault("413", _refusal("内容过大 the body is too large"))


def _refusal(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ErrorAnswer"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _complete(operation: dict[str, Any], example: Any) -> None:
    if example is None:  # 204
        return
    good = next(response for code, response in operation["responses"].items() if code.startswith("2"))
    for content in operation["responses"].values():
        for answer in content.get("content", {}).values():
            if content is good or answer.get("schema") == good.get("content", {}).get("application/json", {}).get(
                "schema"
            ):
                answer["example"] = example
    if not good.get("content"):
        good["content"] = {"text/plain": {"example": example}}


def docs_page(schema: Mapping[str, Any]) -> str:
    """The list of endpoints as one HTML page, grouped as tagged."""
    groups: dict[str, list[str]] = {}
    for path, operations in schema["paths"].items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                groups.setdefault(operation.get("tags", ["其他 other"])[0], []).append(
                    _operation(method, path, operation)
                )
    sections = "".join(f"<section><h2>{escape(tag)}</h2>{''.join(parts)}</section>" for tag, parts in groups.items())
    intro = "".join(f"<p>{escape(text)}</p>" for text in DESCRIPTION.split("\n\n"))
    return (
        "<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'><title>三监 · 接口</title>"
        "<meta name='viewport' content='width=device-width'><link rel='icon' href='data:,'>"
        "<link rel='stylesheet' href='/static/page.css'></head><body class='docs'><main>"
        f"<p><a href='/'>← 三监 Sanjian</a> · <a href='/openapi.json'>openapi.json</a></p>"
        f"<h1>接口 API <small>{escape(str(schema['info']['version']))}</small></h1>"
        f"{intro}{sections}</main></body></html>"
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parameters = "".join(
        f"<tr><td><code>{escape(p['name'])}</code></td>"
        f"<td>{escape(p['in'])}{' · 必填 required' if p.get('required') else ''}</td>"
        f"<td>{escape(p.get('description', p.get('schema', {}).get('description', '')))}</td></tr>"
        for p in operation.get("parameters", [])
    )
    good = next(r for code, r in operation["responses"].items() if code.startswith("2"))
    example = next(iter(good["content"].values())).get("example") if good.get("content") else ""
    shown = example if isinstance(example, str) else orjson.dumps(example, option=orjson.OPT_INDENT_2).decode()
    codes = " · ".join(code for code in operation["responses"])
    table = f"<table>{parameters}</table>" if parameters else ""
    return (
        f"<details><summary><span class='method {method}'>{method.upper()}</span> <code>{escape(path)}</code> "
        f"{escape(operation.get('summary', ''))}</summary><p>{escape(operation.get('description', ''))}</p>{table}"
        f"<p class='muted'>{escape(codes)}</p><pre>{escape(shown)}</pre></details>"
    )
