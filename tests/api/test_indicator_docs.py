"""The page about the indicators names every query, endpoint, state and figure that there is."""

from __future__ import annotations

from pathlib import Path

from api.indicators.names import STATES, VERDICTS
from api.routes import indicators
from clickhouse.declarations import QUANTITIES
from clickhouse.query import query_names

PAGE = (Path(__file__).parents[2] / "docs" / "indicators.md").read_text(encoding="utf-8")


def test_every_query_of_an_indicator_and_of_the_record_view_is_named() -> None:
    queries = [name for name in query_names() if name.startswith(("indicator_", "record_"))]
    assert len(queries) > 10
    assert [name for name in queries if f"`{name}`" not in PAGE] == []


def test_every_endpoint_is_named() -> None:
    paths = [route.path.removeprefix("/api/v1/indicators/") for route in indicators.router.routes]  # type: ignore[attr-defined]
    assert len(paths) == 14
    assert [path for path in paths if f"`{path}`" not in PAGE] == []


def test_every_state_verdict_and_quantity_is_named() -> None:
    kinds = {name.partition("_")[2] for name in QUANTITIES if name.endswith(("_drugs", "_consumables"))}
    names = [*STATES, *VERDICTS, *(name for name in QUANTITIES if name.partition("_")[2] not in kinds)]
    assert [name for name in names if f"`{name}`" not in PAGE] == []
    assert all(f"`…_{kind}`" in PAGE for kind in kinds)
