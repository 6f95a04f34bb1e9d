"""Front pages of a site's own province as files, and handing one in by the API."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from simulators.front_files import write_csv
from simulators.front_pages import TABLE, front_pages
from simulators.messages import Row
from simulators.province import Province
from standard.load import load
from tests.stack.server import SECONDS

#: Of an error that makes a row be rejected: an unknown sex.
WRONG = {"P5": "M"}


def front_pages_of(province: Province, org: str) -> tuple[date, list[Row]]:
    """The month of an institution with the most front pages (the newest one has begun just now), and its rows."""
    months = [pages for pages in front_pages(province) if pages.org.org == org]
    most = max(months, key=lambda pages: len(pages.rows))
    return most.month, most.rows


def written(path: Path, rows: Sequence[Row], wrong: int = 0) -> Path:
    """A CSV of western front pages; the first ``wrong`` rows have a mistake."""
    columns = [column for column in load().tables[TABLE].columns if not column.variant]
    write_csv(path, columns, [{**row, **WRONG} if place < wrong else row for place, row in enumerate(rows)])
    return path


def opened(http: httpx.Client, org: str, month: date) -> None:
    """The month may be submitted now, whatever day it is."""
    until = datetime.now(UTC) + timedelta(days=1)
    body = {"org": org, "month": f"{month:%Y-%m}", "until": until.isoformat(), "more": 5}
    http.put("/api/v1/submissions/openings", json=body).raise_for_status()


def submit(http: httpx.Client, path: Path, org: str, month: date) -> dict[str, Any]:
    """The submission when it has ended."""
    opened(http, org, month)
    content = path.read_bytes()
    body = {"org": org, "month": f"{month:%Y-%m}", "file": path.name, "size": len(content)}
    ident = http.post("/api/v1/submissions", json=body).raise_for_status().json()["submission"]["id"]
    address = f"/api/v1/submissions/{ident}"
    http.put(f"{address}/file", content=content, headers={"Upload-Offset": "0"}).raise_for_status()
    http.post(f"{address}/finish").raise_for_status()
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found: dict[str, Any] = http.get(address).raise_for_status().json()["submission"]
        if found["ended_at"]:
            return found
        time.sleep(0.2)
    raise AssertionError(f"the submission does not end: {found}")
