"""A file of front pages of one institution with faults, and what has to come of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from simulators.front_faults import with_faults
from simulators.front_files import write_csv
from simulators.front_pages import FrontPages, front_pages
from simulators.manifest import Manifest
from simulators.province import Province
from standard.load import load
from tests.stack.server import Up

#: The month of the file; long over, so that it has to be opened.
END = date(2026, 8, 31)
MONTH = "2026-08"


@dataclass(frozen=True, slots=True)
class FrontFile:
    """The file, whose it is, and the expected result of all of its rows."""

    path: Path
    pages: FrontPages
    manifest: Manifest

    @property
    def asked(self) -> dict[str, Any]:
        """As it is submitted."""
        return {"month": MONTH, "org": self.pages.org.org, "variant": self.pages.variant or "western"}

    def open(self, server: Up) -> None:
        """The institution is registered, and its month opened."""
        org = asdict(self.pages.org)
        org |= {name: bool(org[name]) for name in ("outpatient", "inpatient", "test", "active")}
        assert server.http.post("/api/v1/orgs", json=org).status_code == 201
        opening = {"org": org["org"], "month": MONTH, "until": "2099-01-01T00:00:00+08:00", "more": 5}
        assert server.http.put("/api/v1/submissions/openings", json=opening).status_code == 200


def front_file(folder: Path, rows: int, faults: float, seed: int = 3) -> FrontFile:
    """``rows`` front pages of one month; record numbers are made different where a month of a hospital has fewer."""
    province = Province(1, 31, END, seed=5)
    one = max(front_pages(province), key=lambda found: len(found.rows))
    many = [{**row, "P3": f"{row['P3']}X{turn}"} for turn in range(rows // len(one.rows) + 1) for row in one.rows]
    manifest = Manifest()
    pages = with_faults(replace(one, rows=many[:rows]), faults, seed, manifest)
    path = folder / "pages.csv"
    write_csv(path, load().tables["TB_BASY"].of_variant(pages.variant), pages.rows, encoding="gb18030")
    return FrontFile(path, pages, manifest)
