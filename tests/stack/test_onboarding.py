"""A tester replays a simulated hospital into a test institution, through the gateway with its own credentials, until
the checklist is green, applies, and is approved."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import httpx
import orjson
import pytest

from sanjian.access import Access, Credentials
from standard.model import MapKind
from tests.stack.server import ROOT, SECONDS, Up

pytestmark = [pytest.mark.stack, pytest.mark.slow]
URL = "/api/v1/onboarding"
FORMAL = "123701024955700014A001"
#: Several processes start and work one after the other.
LONG = 4 * SECONDS


def test_a_simulated_hospital_moves_the_checklist_until_it_is_approved(up: Callable[[], Up], tmp_path: Path) -> None:
    server = up()
    wish = {"name": "历城区示范医院", "formal": FORMAL, "city": "370100", "county": "370112", "client": "HIS"}
    made = posted(server.http, URL, wish, 201)
    org = made["onboarding"]["org"]
    credentials = tmp_path / "client.json"
    credentials.write_bytes(orjson.dumps(made["credentials"]))
    own = Credentials.read(made["credentials"])
    assert own is not None
    url = str(server.http.base_url)
    with httpx.Client(base_url=url, timeout=SECONDS, auth=Access(url, own)) as tester:
        assert states(tester, org)["tables"] == "unmet"
        two_days = {"entries": [{"org": org, "table": "*", "name": "onboarding_days", "value": 2}]}
        assert server.http.put("/api/v1/thresholds", json=two_days).status_code == 200
        begins_earlier(server.http, org)
        simulate = ["simulate", "--scenario", "clean", "--org", org, "--days", "2", "--volume", "0.2", "--quiet"]
        command(*simulate, "--dry-run", "--maps-out", str(tmp_path / "maps"))
        for kind in get_args(MapKind):
            table = (tmp_path / "maps" / f"{org}-{kind}.csv").read_bytes()
            answer = tester.post(f"/api/v1/codemaps/{org}/{kind}/import", content=table)
            assert answer.status_code == 200, answer.text
        command(*simulate, "--to", url, "--credentials", str(credentials))
        wait_until(lambda: set(states(tester, org).values()) == {"met"})
        log = tester.get(f"{URL}/{org}/log").json()
        assert sum(one["received"] for one in log["messages"]) > 0
        assert len(log["tables"]) == 19 - empty(log)
        assert all(one["today"]["rate"] == 1 for one in log["tables"])
        assert posted(tester, f"{URL}/{org}/apply", {"note": "测试完成"})["state"] == "applied"
    assert posted(server.http, f"{URL}/{org}/approve", {})["state"] == "approved"
    known = {one["org"]: one for one in server.http.get("/api/v1/orgs").json()["orgs"]}
    assert (known[FORMAL]["test"], known[FORMAL]["name"], known[org]["test"]) == (False, "历城区示范医院", True)
    totals = server.http.get("/api/v1/orgs/totals").json()["orgs"]
    assert org not in {one["org"] for one in totals}  # a test institution is in no list of totals


def begins_earlier(admin: httpx.Client, org: str) -> None:
    """The institution owes the days that are simulated, at night too: then yesterday is neither there nor due."""
    known = next(one for one in admin.get("/api/v1/orgs").json()["orgs"] if one["org"] == org)
    answer = admin.post("/api/v1/orgs", json=known | {"starts_on": "2026-01-01"})
    answer.raise_for_status()


def empty(log: dict[str, Any]) -> int:
    """Tables of which there was nothing that day: they came as an honest "nothing"."""
    return len({one["table"] for one in log["messages"] if one["declared_empty"]})


def posted(client: httpx.Client, url: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = client.post(url, json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def states(client: httpx.Client, org: str) -> dict[str, str]:
    return {one["id"]: one["state"] for one in client.get(f"{URL}/{org}").json()["conditions"]}


def command(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "sanjian", *arguments], cwd=ROOT, env=os.environ, check=True, timeout=LONG,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not what():
        assert time.monotonic() < deadline
        time.sleep(1)
