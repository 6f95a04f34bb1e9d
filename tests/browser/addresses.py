"""An address for every page of the console: with something that is there in place of the parts of its path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx


class Addresses:
    """``Addresses(http, org).of(page.path)``: the page about something of this institution, as ``http`` (who sees
    everything) finds it. ``joining``: the test institution whose onboarding is shown."""

    def __init__(self, http: httpx.Client, org: str, joining: str) -> None:
        self._http = http
        self._org = org
        self._joining = joining
        self._ask = cache(self._get)

    def of(self, path: str) -> tuple[str, str]:
        """The address, and the institution that it is about (empty: none in particular)."""
        if path == "/onboarding/{org}":
            return f"/onboarding/{self._joining}", self._joining
        values = {name: quote(make(), safe="") for name, make in self._parts.items() if f"{{{name}}}" in path}
        about = self._org if values.keys() & {"org", "case_id", "submission"} else ""
        return path.format(**values), about

    @property
    def _parts(self) -> Mapping[str, Callable[[], str]]:
        return {
            "org": lambda: self._org,
            "visit": lambda: next(one["visit"] for one in self._rows("findings") if one["visit"]),
            "case_id": lambda: str(self._rows("cases")[0]["id"]),
            "table": lambda: str(self._ask("standard/tables")["tables"][0]["table"]),
            "rule_id": lambda: str(self._ask("standard/rules")["rules"][0]["rule_id"]),
            "submission": lambda: str(self._ask(f"submissions?org={self._org}")["submissions"][0]["id"]),
            "file_row": lambda: "2",
            "name": lambda: str(self._ask("standard/code-sets")["code_sets"][0]["name"]),
        }

    def _rows(self, what: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._ask(f"{what}?org={self._org}&limit=200")[what]
        return rows

    def _get(self, path: str) -> dict[str, Any]:
        answer = self._http.get(f"/api/v1/{path}")
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said
