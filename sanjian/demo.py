"""``sanjian up --demo``: a small simulated province, with faults, streaming in. Simulated people only."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import get_args

import structlog

from api.tokens import new_token
from clickhouse.client import ClickHouse
from clickhouse.codemaps import CodeMapStore, MapEntry
from clickhouse.orgs import Org, OrgStore
from sanjian import datadir
from sanjian.settings import Settings
from simulators.province import Province
from standard.model import MapKind, Standard

log = structlog.get_logger(__name__)

SHANGHAI = timezone(timedelta(hours=8))
#: Small enough for a laptop, large enough that every table, level and fault is there.
ORGS, DAYS, SEED, VOLUME = 8, 30, 7, 0.5
#: Rows a second: the page is alive for a quarter of an hour, and the memory broker stays small.
RATE = 400
STOP_SECONDS = 3.0
TOKENS = "demo-tokens.json"


class Demo:
    """The simulated province of a data directory. Institutions, maps and tokens are made once."""

    def __init__(self, settings: Settings, standard: Standard) -> None:
        self._settings = settings
        end = (datetime.now(SHANGHAI) - timedelta(days=1)).date()
        self._end = end
        self._province = Province(ORGS, DAYS, end, SEED, VOLUME, standard=standard)
        self._process: subprocess.Popen[bytes] | None = None

    def register(self, clickhouse: ClickHouse) -> None:
        """Register institutions and code maps that are not there yet, and a token for each institution."""
        store, maps = OrgStore(clickhouse), CodeMapStore(clickhouse)
        known = {org.org for org in store.all()}
        new = [org for org in self._province.orgs if org.org not in known]
        store.save(Org(**asdict(org)) for org in new)
        tokens = datadir.read(self._settings.data_dir, TOKENS)
        for org, own in zip(self._province.orgs, self._province.maps, strict=True):
            if org.org not in known:
                for kind in get_args(MapKind):
                    entries = [MapEntry(**entry) for entry in own.entries() if entry["map"] == kind]
                    maps.save(org.org, kind, entries, "demo")
            if org.org not in tokens:
                tokens[org.org] = new_token(self._settings.tokens_path, org.org, "hospital", f"demo {org.name}")
        datadir.write(self._settings.data_dir, TOKENS, tokens)
        log.info("demo_registered", institutions=len(new), tokens=str(self._settings.data_dir / TOKENS))

    def start(self, kafka: str) -> None:
        """Start to send, in a process of its own."""
        log_file = (self._settings.data_dir / "demo.log").open("ab")
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "sanjian", "simulate", "--scenario", "demo", "--orgs", str(ORGS),
                "--days", str(DAYS), "--seed", str(SEED), "--volume", str(VOLUME), "--end", self._end.isoformat(),
                "--rate", str(RATE), "--to", kafka, "--manifest", str(self.manifest),
            ],
            stdout=log_file, stderr=log_file, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        log_file.close()

    @property
    def manifest(self) -> Path:
        """What the numbers will be when everything has been sent."""
        return self._settings.data_dir / "demo-manifest.json"

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
