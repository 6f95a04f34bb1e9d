"""Everything that a route may depend on: the services, who calls, and what that caller may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from api.errors import ApiError
from api.models import ErrorAnswer
from api.services import Services
from api.tokens import Principal, Role, TokenFile


def services(connection: HTTPConnection) -> Services:
    """The services of the app that serves this connection."""
    found: Services = connection.app.state.services
    return found


def bearer(tokens: TokenFile, header: str | None) -> Principal:
    """Who has the token of an Authorization header. Raises ApiError no_token or bad_token."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError("no_token")
    principal = tokens.find(token.strip())
    if principal is None:
        raise ApiError("bad_token")
    return principal


#: Only describes the header in OpenAPI; :func:`bearer` reads it.
_SCHEME = HTTPBearer(auto_error=False, description="访问令牌 access token")


def principal(
    request: Request,
    parts: Annotated[Services, Depends(services)],
    _: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)],
) -> Principal:
    """Who calls. Raises ApiError for no or a wrong token, and for one in the URL: it would end up in logs."""
    if "token" in request.query_params:
        raise ApiError("token_in_url")
    return bearer(parts.tokens, request.headers.get("authorization"))


def _only(*roles: Role) -> Callable[[Principal], Principal]:
    def check(who: Annotated[Principal, Depends(principal)]) -> Principal:
        if who.role not in roles:
            raise ApiError("no_org" if roles == ("hospital",) else "forbidden")
        return who

    return check


def org_scope(who: Principal, asked: str) -> str:
    """The institution to filter by, empty for all. Raises ApiError other_org."""
    if who.sees_all:
        return asked
    if asked not in ("", who.org):
        raise ApiError("other_org")
    return who.org


def refusals(*codes: int) -> dict[int | str, dict[str, object]]:
    """The refusals of a route for its OpenAPI page."""
    return {code: {"model": ErrorAnswer} for code in (401, *codes, 503)}


Parts = Annotated[Services, Depends(services)]
Anybody = Annotated[Principal, Depends(principal)]
Hospital = Annotated[Principal, Depends(_only("hospital"))]
Operator = Annotated[Principal, Depends(_only("operator", "admin"))]
Admin = Annotated[Principal, Depends(_only("admin"))]
