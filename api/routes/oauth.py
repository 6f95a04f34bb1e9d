"""/api/v1/oauth: machines get an access token for client id and secret (RFC 6749 §4.4) and end it (RFC 7009).

The answers have the RFCs' shape, ``{"error": "invalid_client", "error_description": …}``, which libraries know.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from api.accounts.audit import By
from api.depends import PUBLIC, Address, Parts, refusals
from api.errors import ApiError
from api.models_accounts import OAuthRefusal, TokenAnswer
from api.wire import OrjsonResponse

router = APIRouter(tags=["接入凭证 clients"], dependencies=[PUBLIC])

#: Nobody has more to say to these two endpoints.
LARGEST_BODY = 8 * 1024
#: RFC 6749 §5.1; Cache-Control: no-store is on every answer of the API.
_NO_STORE = {"Pragma": "no-cache"}
_FORM = "application/x-www-form-urlencoded"


#: Refusals have the RFC's shape, except when a server is away.
_REFUSALS = refusals() | {code: {"model": OAuthRefusal} for code in (400, 401, 403, 429)}


def _openapi(*fields: str) -> dict[str, Any]:
    properties = {name: {"type": "string"} for name in fields}
    schema = {"type": "object", "properties": properties, "required": [fields[0]]}
    return {"requestBody": {"content": {_FORM: {"schema": schema}}}}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a machine says. ``basic``: id and secret came in the header."""

    form: dict[str, str]
    client_id: str
    secret: str
    basic: bool


class Refused(Exception):
    """A refusal by the RFC's code."""

    def __init__(self, code: str, description: str, status: int = 400, retry: str = "") -> None:
        super().__init__(code)
        self.code, self.description, self.status, self.retry = code, description, status, retry

    def response(self) -> Response:
        """The answer as JSON; a wrong client is told how to show who it is."""
        headers = dict(_NO_STORE)
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="sanjian"'
        if self.retry:
            headers["Retry-After"] = self.retry
        said = {"error": self.code, "error_description": self.description}
        return OrjsonResponse(said, self.status, headers)


@router.post(
    "/api/v1/oauth/token", summary="获取访问令牌 Get an access token", response_model=TokenAnswer,
    openapi_extra=_openapi("grant_type", "client_id", "client_secret"), responses=_REFUSALS,
)  # fmt: skip
async def token(request: Request, parts: Parts, address: Address) -> Response:
    """grant_type=client_credentials；凭证放在表单或 Basic 头里。
    grant_type=client_credentials; id and secret in the form or in a Basic header."""
    try:
        asked = await _asked(request)
        if asked.form.get("grant_type") != "client_credentials":
            raise Refused("unsupported_grant_type", "grant_type is client_credentials")
        found = await to_thread.run_sync(parts.accounts.tokens.issue, asked.client_id, asked.secret, address)
        if found is None:
            raise Refused("invalid_client", "client_id or client_secret is wrong", 401)
    except Refused as refused:
        return refused.response()
    except ApiError as error:
        return _refused(error).response()
    answer = TokenAnswer(access_token=found.token, expires_in=found.seconds)
    return OrjsonResponse(answer.model_dump(), headers=_NO_STORE)


@router.post(
    "/api/v1/oauth/revoke", summary="撤销访问令牌 End an access token", response_class=OrjsonResponse,
    openapi_extra=_openapi("token", "client_id", "client_secret"), responses=_REFUSALS,
)  # fmt: skip
async def revoke(request: Request, parts: Parts, address: Address) -> Response:
    """只能撤销自己的令牌；不存在的令牌也返回 200。Only one's own; 200 also for one that there is not."""
    try:
        asked = await _asked(request)
        if not asked.form.get("token"):
            raise Refused("invalid_request", "token is missing")
        client = await to_thread.run_sync(parts.accounts.tokens.known, asked.client_id, asked.secret, address)
        if client is None:
            raise Refused("invalid_client", "client_id or client_secret is wrong", 401)
    except Refused as refused:
        return refused.response()
    except ApiError as error:
        return _refused(error).response()
    by = By(f"{client.role}:{client.label}", address, client.id)
    await to_thread.run_sync(parts.accounts.tokens.revoke, by, asked.form["token"], client.id)
    return OrjsonResponse({}, headers=_NO_STORE)


def _refused(error: ApiError) -> Refused:
    if error.code == "locked":
        return Refused("temporarily_unavailable", error.message_en, 429, error.headers["Retry-After"])
    return Refused("unauthorized_client", error.message_en, 403)


async def _asked(request: Request) -> Asked:
    if request.query_params:
        raise Refused("invalid_request", "parameters belong into the body, not into the URL")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Refused("invalid_request", f"the content type is {_FORM}")
    body = await request.body()
    if len(body) > LARGEST_BODY:
        raise Refused("invalid_request", "the body is too large")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=20)
    except ValueError:
        raise Refused("invalid_request", "the body is not a form") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise Refused("invalid_request", "a parameter is there twice")
    header = request.headers.get("authorization")
    if header is None:
        return Asked(form, form.get("client_id", ""), form.get("client_secret", ""), basic=False)
    if "client_secret" in form:
        raise Refused("invalid_request", "id and secret come in the header or in the form, not in both")
    client_id, secret = _basic(header)
    if form.get("client_id", client_id) != client_id:
        raise Refused("invalid_request", "two client ids")
    return Asked(form, client_id, secret, basic=True)


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        if not colon:
            raise ValueError
    except (ValueError, binascii.Error):
        raise Refused("invalid_client", "the Authorization header is not Basic id:secret", 401) from None
    return unquote_plus(client_id), unquote_plus(secret)
