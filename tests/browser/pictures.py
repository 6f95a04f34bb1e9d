"""``make pictures``: the pictures of docs/console.md, taken anew from a demonstration that is started for it.

A picture a page, as somebody sees it who works with it. ``--data``: the directory of a demonstration that runs already.
"""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import httpx
import orjson
import typer

from api.console.pages import EVERY
from api.console.routing import PAGES
from clickhouse.client import SHANGHAI
from sanjian import access, datadir
from sanjian.access import Access
from sanjian.demo import STATE
from sanjian.first import DEMO_ACCOUNTS
from tests.browser.addresses import Addresses
from tests.browser.front_pages import submit
from tests.browser.window import Window
from tests.stack.server import ROOT, SECONDS

assert EVERY  # all pages are registered

PICTURES = ROOT / "docs" / "pictures"
#: Who is shown at a page; where nothing is said, the administrator.
ROLES: Mapping[str, str] = {
    "/": "operator", "/alerts": "operator", "/alerts/summary": "regulator", "/alerts/{case_id}": "operator",
    "/orgs/{org}": "operator", "/reports/check": "regulator", "/reports/association": "regulator",
    "/reports/fees": "regulator", "/reports/sources": "regulator", "/reports/mapping": "regulator",
    "/reports/mapping/upload": "hospital", "/findings": "hospital", "/rejected": "hospital",
    "/records/{org}/{visit}": "hospital", "/standard": "hospital", "/standard/tables/{table}": "hospital",
    "/standard/rules": "hospital", "/standard/rules/{rule_id}": "hospital", "/standard/codes": "hospital",
    "/standard/codes/{name}": "hospital", "/standard/settings": "operator", "/front-pages/upload": "hospital",
    "/front-pages/submissions": "hospital", "/front-pages/submissions/{submission}": "hospital",
    "/front-pages/submissions/{submission}/{file_row}": "hospital", "/front-pages/compare": "hospital",
    "/front-pages/score": "regulator", "/front-pages/specialties": "regulator", "/front-pages/month": "regulator",
    "/front-pages/contacts": "regulator",
}  # fmt: skip
#: Also in English.
ENGLISH = ("/", "/alerts", "/reports/check")
#: The demonstration's month has come in when today's first rows are there; then alerts are judged for a while.
HISTORY_SECONDS, JUDGING_SECONDS = 3600, 90
_SMALLER = (Path(__file__).parent / "smaller.js").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demonstration."""

    data: Path

    @property
    def url(self) -> str:
        """Where it is."""
        url: str = datadir.read(self.data, datadir.RUNTIME)["url"]
        return url

    def http(self) -> httpx.Client:
        """The API as an administrator's machine."""
        return httpx.Client(base_url=self.url, auth=Access(*access.find(self.data)), timeout=SECONDS)


def name_of(path: str, lang: str = "zh") -> str:
    """The picture's name of a page: ``reports-check``, ``reports-check.en``."""
    name = path.strip("/").replace("/", "-").replace("{", "").replace("}", "") or "live"
    return name if lang == "zh" else f"{name}.{lang}"


@contextmanager
def started(data: Path) -> Iterator[Demo]:
    """A demonstration of our own, with its month in it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sanjian", "up", "--demo", "--data", str(data), "--port", "0"],
        cwd=ROOT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + HISTORY_SECONDS
        while not datadir.read(data, datadir.RUNTIME):
            _still(deadline)
        demo = Demo(data)
        with demo.http() as http:
            while not http.get("/api/v1/status").json()["today"]["received"]:
                _still(deadline)
        time.sleep(JUDGING_SECONDS)
        yield demo
    finally:
        broker = datadir.read(data, datadir.BROKER).get("pid")  # outlives the process (decision 4)
        process.terminate()
        process.wait(SECONDS)
        if broker and Path(f"/proc/{broker}").exists():
            os.kill(broker, signal.SIGKILL)


def _browser() -> tuple[str, str]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        raise SystemExit("install chromium and its driver first (Debian: apt-get install chromium chromium-driver)")
    return chromium, driver


def _still(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise SystemExit("the demonstration does not come up")
    time.sleep(1)


def joining(http: httpx.Client, url: str) -> str:
    """A test institution that has begun to send."""
    known = http.get("/api/v1/onboarding").json()["onboardings"]
    if known:
        return str(known[0]["org"])
    body = {"name": "示例市新桥医院（测试）", "city": "990100", "county": "990103", "client": "新桥医院 HIS"}
    made = http.post("/api/v1/onboarding", json=body).raise_for_status().json()
    org = str(made["onboarding"]["org"])
    with tempfile.TemporaryDirectory() as directory:
        credentials = Path(directory) / "client.json"
        credentials.write_bytes(orjson.dumps(made["credentials"]))
        subprocess.run(
            [sys.executable, "-m", "sanjian", "simulate", "--scenario", "faults", "--org", org, "--days", "2",
             "--volume", "0.2", "--quiet", "--to", url, "--credentials", str(credentials)],
            cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return org


def submitted(demo: Demo, http: httpx.Client) -> None:
    """The demonstration's hospitals have submitted last month's front pages, the first one again with fewer faults."""
    if http.get("/api/v1/submissions").json()["total"]:
        return
    last = datetime.now(SHANGHAI).date().replace(day=1) - timedelta(days=1)
    seed = str(datadir.read(demo.data, STATE)["seed"])
    known = {one["org"] for one in http.get("/api/v1/orgs").json()["orgs"]}
    for faults in ("0.15", "0.03"):
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run(
                [sys.executable, "-m", "sanjian", "front-pages", directory, "--orgs", str(len(known)), "--seed", seed,
                 "--end", last.isoformat(), "--days", str(last.day), "--faults", faults],
                cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            for path in sorted(Path(directory).glob("*.csv"))[: None if faults == "0.15" else 1]:
                if (org := path.name[:22]) in known:
                    submit(http, path, org, last.replace(day=1))


def take(demo: Demo) -> None:
    """All pictures, role by role."""
    accounts = orjson.loads((demo.data / DEMO_ACCOUNTS).read_bytes())
    with demo.http() as http:
        submitted(demo, http)
        org = str(http.get("/api/v1/orgs").json()["orgs"][0]["org"])
        addresses = Addresses(http, org, joining(http, demo.url))
        for role in dict.fromkeys([*ROLES.values(), "admin"]):
            with tempfile.TemporaryDirectory() as files:
                window = Window(demo, *_browser(), Path(files), PICTURES)
                try:
                    window.login(f"demo-{role}", accounts[f"demo-{role}"]["password"])
                    for page in PAGES.values():
                        if ROLES.get(page.path, "admin") == role:
                            _page(window, page.path, addresses.of(page.path)[0])
                finally:
                    window.close()


def _page(window: Window, path: str, address: str) -> None:
    for lang in ("zh", "en") if path in ENGLISH else ("zh",):
        window.driver.add_cookie({"name": "sanjian_lang", "value": lang, "path": "/"})
        window.go(address)
        window.settled()
        time.sleep(2)  # charts are drawn with a movement, live figures come with the next look
        kept = PICTURES / f"{name_of(path, lang)}.png"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(_small(window))
        print(kept.relative_to(ROOT), kept.stat().st_size, flush=True)
    window.driver.add_cookie({"name": "sanjian_lang", "value": "zh", "path": "/"})


def _small(window: Window) -> bytes:
    """The window as a PNG of 256 colours."""
    whole = window.driver.get_screenshot_as_base64()
    window.driver.set_script_timeout(SECONDS)
    width, height, palette, packed = window.driver.execute_async_script(_SMALLER, whole)
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)), (b"PLTE", bytes(palette)),
             (b"IDAT", bytes(packed)), (b"IEND", b""))  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


def main(data: Annotated[Path | None, typer.Option(help="of a demonstration that runs already")] = None) -> None:
    """Take them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the demonstration ends with us
    if data is not None:
        take(Demo(data))
        return
    with tempfile.TemporaryDirectory() as directory, started(Path(directory) / "demo") as demo:
        take(demo)


if __name__ == "__main__":
    typer.run(main)
