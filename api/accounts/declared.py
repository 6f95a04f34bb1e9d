"""Which right each route declares: for the description of the API, and for the test that walks all routes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

#: Plain files of our own; a mount has no dependencies.
PUBLIC_MOUNTS = frozenset({"/static"})


@dataclass(frozen=True, slots=True)
class Declared:
    """A route and what it declares. ``methods`` is empty for a websocket or a mount."""

    path: str
    methods: frozenset[str]
    rights: frozenset[str]
    public: bool


def declared(app: FastAPI) -> Iterator[Declared]:
    """Every route of the application, those of included routers too."""
    for context in iter_route_contexts(app.routes):
        route: Any = context
        methods = frozenset(getattr(route, "methods", None) or ())
        if isinstance(context.original_route, Mount):
            yield Declared(str(route.path), methods, frozenset(), route.path in PUBLIC_MOUNTS)
            continue
        calls = set(_calls(_dependant(route)))
        rights = frozenset(str(call.right) for call in calls if hasattr(call, "right"))
        yield Declared(str(route.path), methods, rights, any(getattr(call, "is_public", False) for call in calls))


def _dependant(route: Any) -> Any:
    for one in (route, getattr(route, "starlette_route", None), getattr(route, "original_route", None)):
        found = getattr(one, "dependant", None)
        if found is not None:
            return found
    return None


def _calls(dependant: Any) -> Iterator[Any]:
    for one in dependant.dependencies if dependant is not None else ():
        yield one.call
        yield from _calls(one)
