"""``sanjian up --demo``: a small simulated province, with faults, streaming in. Simulated people only.

A start on the same data directory goes on with the feed of the last one: what was sent is recognised as repeated, the
rest comes in. When that feed is complete, a new province begins.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import structlog

from api.accounts.accounts import Accounts
from api.accounts.principal import Assignment
from api.accounts.rights import ROLES
from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore, MapEntry
from clickhouse.orgs import Org, OrgStore
from sanjian import datadir
from sanjian.first import SYSTEM, demo_users
from sanjian.settings import Settings
from simulators.province import Province
from simulators.scenarios import last_day, make_feed, scenario
from standard.model import MapKind, Standard

log = structlog.get_logger(__name__)

SCENARIO = "demo"
FIRST_SEED = 7
#: Rows a second of the last day: the page is alive for eight minutes. The days before come as fast as they can.
RATE = 15
STOP_SECONDS = 3.0
STATE, CLIENTS, MANIFEST = "demo.json", "demo-clients.json", "demo-manifest.json"


class Demo:
    """The simulated province of a data directory. Institutions, maps and accounts are made once."""

    def __init__(self, settings: Settings, standard: Standard) -> None:
        self._directory = settings.data_dir
        self._seed, self._end = self._feed()
        feed = make_feed(scenario(SCENARIO), self._end, self._seed, standard=standard)
        self._province: Province = feed.province
        self._process: subprocess.Popen[bytes] | None = None

    def _feed(self) -> tuple[int, date]:
        """Seed and last day of the feed to send: the unfinished one, or a new one."""
        state = datadir.read(self._directory, STATE)
        finished = bool(datadir.read(self._directory, MANIFEST).get("about", {}).get("complete"))
        if state and not finished:
            return int(state["seed"]), date.fromisoformat(state["end"])
        seed, end = int(state.get("seed", FIRST_SEED - 1)) + 1, last_day(datetime.now(UTC))
        datadir.remove(self._directory, MANIFEST)
        datadir.write(self._directory, STATE, {"seed": seed, "end": end.isoformat()})
        return seed, end

    def register(self, clickhouse: ClickHouse, accounts: Accounts) -> None:
        """Register institutions and code maps that are not there yet, a client for each institution, and a user for
        each role; tell the users' passwords."""
        store, maps = OrgStore(clickhouse), CodeMapStore(clickhouse)
        known = {org.org for org in store.all()}
        new = [org for org in self._province.orgs if org.org not in known]
        store.save(Org(**asdict(org)) for org in new)
        clients = datadir.read(self._directory, CLIENTS)
        working = {client.id for client in accounts.clients.all()}
        for org, own in zip(self._province.orgs, self._province.maps, strict=True):
            if org.org not in known:
                for kind in get_args(MapKind):
                    entries = [MapEntry(**entry) for entry in own.entries() if entry["map"] == kind]
                    maps.save(org.org, kind, entries, "demo")
            if clients.get(org.org, {}).get("client_id") not in working:
                label = f"演示 demo {org.name} {org.org}"
                client, secret = accounts.clients.renew(SYSTEM, label, Assignment("hospital", org.org))
                clients[org.org] = {"client_id": client.id, "client_secret": secret}
        datadir.write(self._directory, CLIENTS, clients)
        log.info("demo_registered", institutions=len(new), clients=str(self._directory / CLIENTS))
        print("演示账号 demo accounts (只用于演示 for demonstration only):", flush=True)
        first = self._province.orgs[0]
        for name, password, role in demo_users(accounts, self._directory, first.org, f"{first.city[:2]}0000"):
            print(f"  {name}  {password}  {ROLES[role][0]} {ROLES[role][1]}", flush=True)

    def start(self, kafka: str) -> None:
        """Start to send, in a process of its own."""
        with (self._directory / "demo.log").open("ab") as log_file:
            self._process = subprocess.Popen(
                self.command(kafka), stdout=log_file, stderr=log_file, stdin=subprocess.DEVNULL
            )

    def command(self, kafka: str) -> list[str]:
        """What sends the feed."""
        return [
            sys.executable, "-m", "sanjian", "simulate", "--scenario", SCENARIO, "--seed", str(self._seed),
            "--end", self._end.isoformat(), "--rate", str(RATE), "--history-rate", "0", "--to", kafka,
            "--manifest", str(self.manifest), "--quiet",
        ]  # fmt: skip

    @property
    def manifest(self) -> Path:
        """What the numbers will be when everything has been sent."""
        return self._directory / MANIFEST

    def stop(self) -> None:
        """Stop to send."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
