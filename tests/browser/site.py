"""A running Sanjian with a small province in it, and people of every role: what the journeys walk through.

``site.people["operator"]`` is a name to log in with, PASSWORD its password. ``site.http`` calls the API as an
administrator's machine; ``site.machine(org)`` as a hospital's.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
from kafka import KafkaProducer

from api.accounts.accounts import Accounts
from api.accounts.audit import By
from api.accounts.identify import principal_of
from api.accounts.principal import Assignment, Principal
from api.accounts.visible import Directory
from clickhouse.orgs import Org, OrgStore
from sanjian import datadir
from sanjian.access import Access, Credentials
from sanjian.settings import Settings
from simulators.scenarios import last_day, make_feed, scenario
from tests.stack.feeds import Sample
from tests.stack.server import SECONDS, Up

PASSWORD = "Sunflowers-at-noon-7"
#: Sums, gaps and alerts are judged soon after something happened.
QUICK = {"SANJIAN_ROLLUP_SECONDS": "1", "SANJIAN_WATCH_SECONDS": "2"}
BY = By("system:tests")


class Site:
    """``with Site.running(directory) as site``."""

    def __init__(self, up: Up, feed: Sample, accounts: Accounts) -> None:
        self.up = up
        self.feed = feed
        self.accounts = accounts
        self.url = str(up.http.base_url).rstrip("/")
        self.http: httpx.Client = up.http
        self.orgs = [org.org for org in feed.province.orgs]
        self.month = f"{last_day(datetime.now(UTC)):%Y-%m}"  # at the beginning of a month it is the one before
        region = f"{feed.province.orgs[0].city[:2]}0000"
        self.people = {
            "admin": self.person("anna", Assignment("admin")),
            "regulator": self.person("rui", Assignment("regulator", scope=region, manages=True)),
            "operator": self.person("otto", Assignment("operator", scope=region)),
            "hospital": self.person("hua", Assignment("hospital", org=self.orgs[0], manages=True)),
            "other_hospital": self.person("heng", Assignment("hospital", org=self.orgs[1])),
            "tester": self.person("tian", Assignment("tester")),
        }

    @classmethod
    @contextlib.contextmanager
    def running(cls, directory: Path, orgs: int = 3, **more: str) -> Iterator[Site]:
        """Start it with ``more`` settings, let the province's last days come in, and end it."""
        settings = {**QUICK, **more}
        before = {name: os.environ.get(name) for name in settings}
        os.environ.update(settings)
        try:
            up = Up(directory)
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
        accounts = Accounts.open(Settings(data_dir=directory))
        try:
            feed = province(orgs)
            up.register(feed)
            send(feed, up.kafka)
            up.wait_for(int(feed.manifest.totals()["received"]))
            yield cls(up, feed, accounts)
        finally:
            accounts.close()
            broker = datadir.read(directory, datadir.BROKER).get("pid")
            up.end(signal.SIGTERM)
            if broker and Path(f"/proc/{broker}").exists():
                os.kill(broker, signal.SIGKILL)

    def person(self, name: str, assignment: Assignment) -> str:
        """Somebody who has changed the first password already."""
        self.accounts.users.add(BY, name, assignment, f"{name} {assignment.role}")
        self.accounts.users.own_choice(BY, name, PASSWORD)
        return name

    def principal(self, name: str) -> Principal:
        """This person as the product sees whoever logs in: with rights and institutions."""
        return principal_of(self.accounts.users.find(name), Directory(_Listed(self.http)))

    def newcomer(self, name: str, assignment: Assignment) -> str:
        """Somebody who has not: the one-time password."""
        return self.accounts.users.add(BY, name, assignment, name)

    def machine(self, org: str) -> httpx.Client:
        """A hospital's machine."""
        client, secret = self.accounts.clients.add(BY, f"HIS {org}", Assignment("hospital", org))
        return httpx.Client(base_url=self.url, auth=Access(self.url, Credentials(client.id, secret)), timeout=SECONDS)


class _Listed(OrgStore):
    """The institutions of a running site; its tables belong to its own process."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def all(self) -> list[Org]:
        """Every institution."""
        return [Org(**one) for one in self._http.get("/api/v1/orgs").json()["orgs"]]


def province(orgs: int) -> Sample:
    """So many hospitals, as many last days, with faults."""
    feed = make_feed(scenario("faults"), last_day(datetime.now(UTC)), 11, orgs=orgs, days=orgs, volume=0.2)
    messages = list(feed)
    return Sample(feed.province, messages, feed.manifest, int(datetime.now(UTC).timestamp() * 1000))


def send(feed: Sample, kafka: str) -> None:
    """All of it, as a HIS would."""
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all", max_request_size=16 << 20)
    for message in feed.messages:
        producer.send("his.changes", key=message.key, value=message.value)
    producer.flush()
    producer.close()
