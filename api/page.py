"""The list of endpoints at /docs, as a page and for machines. Plain files of our own, nothing from the internet."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from api.depends import PUBLIC
from api.openapi import docs_page
from api.wire import OrjsonResponse

STATIC = Path(__file__).parent / "static"
router = APIRouter(include_in_schema=False, dependencies=[PUBLIC])


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """The endpoints with parameters and examples."""
    return HTMLResponse(docs_page(request.app.openapi()))


@router.get("/openapi.json")
async def openapi(request: Request) -> OrjsonResponse:
    """The same for machines."""
    return OrjsonResponse(request.app.openapi())


def install(app: FastAPI) -> None:
    """Serve the pages and their files."""
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
