"""Everything that a route may depend on: the services, who calls with which right, and what that caller may see.

Every route says what it needs: ``Annotated[Principal, Depends(right("alerts.read"))]``, or ``dependencies=[PUBLIC]``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from anyio import to_thread
from fastapi import Depends
from starlette.requests import HTTPConnection

from api.accounts.addresses import address_of
from api.accounts.audit import By
from api.accounts.identify import identify
from api.accounts.principal import Principal
from api.accounts.rights import RIGHTS
from api.errors import ApiError
from api.models import ErrorAnswer
from api.services import Services
from clickhouse.narrowed import Reader, reader

#: What somebody may do whose password was made by somebody else.
_BEFORE_CHANGE = frozenset({"me"})


def services(connection: HTTPConnection) -> Services:
    """The services of the app that serves this connection."""
    found: Services = connection.app.state.services
    return found


async def principal(connection: HTTPConnection, parts: Annotated[Services, Depends(services)]) -> Principal:
    """Who calls. Raises ApiError for nobody, a wrong or foreign request, and for a token in the URL."""
    return await to_thread.run_sync(identify, connection, parts.accounts, parts.directory, parts.settings)


def right(name: str) -> Callable[..., Awaitable[Principal]]:
    """A dependency that gives the caller if it has this right. Raises KeyError (a bug) for one that there is not."""
    if name not in RIGHTS:
        raise KeyError(name)

    async def check(who: Annotated[Principal, Depends(principal)]) -> Principal:
        demand(who, name)
        return who

    check.right = name  # type: ignore[attr-defined]  # see ``api.accounts.declared``
    return check


def demand(who: Principal, name: str) -> None:
    """Raises ApiError when the right of this name is not held; for what a route does only when asked to."""
    if who.must_change and name not in _BEFORE_CHANGE:
        raise ApiError("change_password")
    if not who.may(name):
        needed = RIGHTS[name]
        raise ApiError("no_personal" if who.role in needed.roles and needed.personal else "forbidden")


async def public() -> None:
    """Declares a route that anybody may call."""


public.is_public = True  # type: ignore[attr-defined]  # see ``api.accounts.declared``

PUBLIC = Depends(public)


def org_scope(who: Principal, asked: str) -> str:
    """The institution to filter by, empty for all that ``who`` may see (the reader leaves out the others). Raises
    ApiError other_org."""
    if asked and not who.sees(asked):
        raise ApiError("other_org")
    return asked or ("" if who.sees_all else who.org)


def orgs_scope(who: Principal, asked: str) -> frozenset[str] | None:
    """The institutions to filter by, None for all; ``asked``: one of them, empty for all that ``who`` may see. Raises
    ApiError other_org."""
    org = org_scope(who, asked)
    if org and not (org.isascii() and org.isalnum()):  # no code of an institution, and it would stand in a filter
        return frozenset()
    return frozenset({org}) if org else who.orgs


def _seen(who: Annotated[Principal, Depends(principal)], parts: Annotated[Services, Depends(services)]) -> Reader:
    return reader(parts.clickhouse, who.orgs)


def _by(
    connection: HTTPConnection, who: Annotated[Principal, Depends(principal)],
    parts: Annotated[Services, Depends(services)],
) -> By:  # fmt: skip
    return By.of(who, address_of(connection, parts.settings.proxies))


def _address(connection: HTTPConnection, parts: Annotated[Services, Depends(services)]) -> str:
    return address_of(connection, parts.settings.proxies)


def refusals(*codes: int) -> dict[int | str, dict[str, object]]:
    """The refusals of a route for its OpenAPI page."""
    return {code: {"model": ErrorAnswer} for code in (401, *codes, 503)}


Parts = Annotated[Services, Depends(services)]
#: ClickHouse with the rows of those institutions only that the caller may see: what every report reads with.
Seen = Annotated[Reader, Depends(_seen)]
#: The caller as the audit log names it.
Actor = Annotated[By, Depends(_by)]
#: The caller's address.
Address = Annotated[str, Depends(_address)]
