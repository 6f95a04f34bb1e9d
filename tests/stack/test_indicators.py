"""Every figure of the seven indicators after the real pipeline, rollup and store checks, against the manifest and
against sums over the simulator's own rows."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from api.accounts.accounts import Accounts
from api.app import create_app
from simulators.faults import ORPHAN_RULES, Profile
from simulators.scenarios import make_feed, scenario
from standard.load import load
from streams.rollup import Cell, Facts, Rollup
from streams.store_checks.run import StoreChecks
from streams.worker import running_worker
from tests.api.conftest import running
from tests.stack.conftest import Stack
from tests.stack.feeds import END, Sample, sample
from tests.stack.machines import token_of
from tests.stack.sums import Sent
from tests.stack.test_whole_path import stream

pytestmark = pytest.mark.stack

#: Later than any debounce: everything that is pending is due.
LATER = timedelta(hours=2)


def clean(orgs: int = 4, days: int = 3) -> Sample:
    """A feed without faults, over the end of a month, of institutions whose code maps are not complete."""
    chosen = replace(scenario("clean"), completeness=0.7, profile=Profile())
    feed = make_feed(chosen, date(2026, 11, 1), 5, orgs=orgs, days=days, volume=0.3)
    messages = list(feed)
    return Sample(feed.province, messages, feed.manifest, int(datetime.now(UTC).timestamp() * 1000))


async def landed(stack: Stack, feed: Sample) -> None:
    """The feed through the whole pipeline, summed up and checked."""
    feed.register(stack.clickhouse)
    async with running_worker(stack.settings, stack.clickhouse, load(), [stack.bootstrap], stack.topics):
        await stream(stack, feed)
    await asyncio.to_thread(summed_up, stack)


def summed_up(stack: Stack) -> None:
    now = datetime.now(UTC) + LATER
    Rollup(stack.clickhouse).refresh(now - LATER)
    facts = Facts(stack.clickhouse, load())
    while pending := facts.pending(now):
        facts.compute(pending, now)
    # the worker's own watch may have summed up a part already: every day is checked, not only what is new
    cells = stack.clickhouse.query(
        "SELECT DISTINCT org, table, biz_date FROM ledger_days WHERE biz_date > '1970-01-01'"
    )
    StoreChecks(stack.clickhouse, load(), lambda: now).run([Cell(*cell) for cell in cells.iter_rows()], now)


class Asking:
    """Asks the API as an operator, in all pages."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._token = token_of(stack.settings, "test")
        self.totals: dict[str, Any] = {}

    async def rows(self, path: str, **asked: Any) -> list[dict[str, Any]]:
        """All rows; ``totals`` are kept."""
        found: list[dict[str, Any]] = []
        headers = {"Authorization": f"Bearer {self._token}"}
        period = {"from": "2026-10-01", "to": "2026-12-31", "limit": 1000}
        accounts = Accounts.open(self._stack.settings)
        app = create_app(
            self._stack.settings, self._stack.clickhouse, accounts, bootstrap=[self._stack.bootstrap],
            topics=self._stack.topics,
        )  # fmt: skip
        async with AsyncExitStack() as opened:
            opened.callback(accounts.close)
            api = await opened.enter_async_context(running(app))
            while True:
                url = f"/api/v1/indicators/{path}"
                answer = await api.client.get(url, params=period | asked | {"offset": len(found)}, headers=headers)
                assert answer.status_code == 200, answer.text
                if "format" in asked:
                    book = load_workbook(io.BytesIO(answer.content))
                    lines = [[cell.value for cell in line] for line in book.worksheets[0].iter_rows()]
                    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
                said = answer.json()
                found += said["rows"]
                self.totals = said["totals"]
                if said["next_offset"] is None:
                    assert len(found) == said["total"]
                    return found


async def test_every_sum_of_a_clean_province_is_that_of_its_own_rows(stack: Stack) -> None:
    feed = clean()
    await landed(stack, feed)
    assert feed.manifest.totals()["rejected"] == 0
    sent = Sent(feed, load())
    ask = Asking(stack)

    fees = await ask.rows("fee_shares")
    got = {(row["month"], row["org"], row["care"], row["code"]): (row["rows"], Decimal(row["amount"])) for row in fees}
    assert got == sent.fees()
    assert {month for month, *_ in got} == {"2026-10", "2026-11"}
    amount = sum((amount for _, amount in sent.fees().values()), Decimal(0))
    assert Decimal(ask.totals["amount"]) == amount
    for row in fees:
        whole = sum(one for (m, o, *_), (_, one) in sent.fees().items() if (m, o) == (row["month"], row["org"]))
        assert row["total_share"] == pytest.approx(float(Decimal(row["amount"]) / whole))
    sheet = await ask.rows("fee_shares", format="xlsx")
    assert [line["金额（元）"] for line in sheet[:-1]] == [float(row["amount"]) for row in fees]
    assert sheet[-1]["金额（元）"] == pytest.approx(float(amount))

    sources = await ask.rows("multi_source")
    compared = {
        (row["month"], row["org"], row["quantity"]): {
            name: Decimal(row[name])
            for name in ("charges", "settlements", "payments", "front_pages", "records", "declared")
            if row[name] is not None
        }
        for row in sources
    }
    assert compared == sent.quantities()
    for row in sources:
        figures = compared[row["month"], row["org"], row["quantity"]].values()
        if len(figures) > 1:
            assert Decimal(row["difference"]) == max(figures) - min(figures)
    outpatient = [row for row in sources if row["quantity"] == "outpatient_amount"]
    assert {row["verdict"] for row in outpatient} == {"ok"}  # what is charged is settled and paid at once


async def test_every_mapping_rate_counts_the_rows_and_codes_that_have_to_be_mapped(stack: Stack) -> None:
    feed = clean(orgs=3, days=1)
    await landed(stack, feed)
    sent = Sent(feed, load())
    ask = Asking(stack)
    every, mapped = sent.mapping()
    rates: dict[tuple[str, str], tuple[int, ...]] = {}
    for path in ("drug_mapping", "department_mapping", "item_mapping"):
        for row in await ask.rows(path):
            assert row["landed_mapped"] == row["mapped_rows"]  # nothing was mapped since
            rates[row["org"], row["map"]] = tuple(
                row[name] for name in ("rows", "mapped_rows", "codes", "mapped_codes")
            )
    expected: dict[tuple[str, str], list[int]] = {}
    for (org, kind, code), rows in every.items():
        one = expected.setdefault((org, kind), [0, 0, 0, 0])
        known = mapped[org, kind, code]
        for place, count in enumerate((rows, known, 1, bool(known))):
            one[place] += count
    assert rates == {key: tuple(counts) for key, counts in expected.items()}
    missing = Counter({key: count for key, count in every.items() if not mapped[key]})
    unmapped = await ask.rows("mapping/unmapped")
    assert Counter({(row["org"], row["map"], row["code"]): row["rows"] for row in unmapped}) == missing
    assert missing


async def test_every_count_of_a_faulty_province_is_that_of_the_manifest(stack: Stack) -> None:
    feed = sample(orgs=4, days=4)
    await landed(stack, feed)
    truth = feed.manifest
    ask = Asking(stack)

    arrived = datetime.fromtimestamp(feed.stamp / 1000, UTC).astimezone().strftime("%Y-%m")
    expected: dict[tuple[str, str, str], Counter[str]] = {}
    for cell in +truth.received:
        org, table, day = cell
        month = arrived if day == "1970-01-01" else day[:7]
        expected.setdefault((month, org, table), Counter()).update(truth.outcome(cell))
    names = ("received", "accepted", "rejected", "flagged", "unreadable")
    report = await ask.rows("check_report")
    got = {(row["month"], row["org"], row["table"]): Counter({n: row[n] for n in names}) for row in report}
    assert got == expected
    assert {name: ask.totals[name] for name in names} == {name: truth.totals()[name] for name in names}
    assert (
        ask.totals["anomaly_rate"]
        == (truth.totals()["rejected"] + truth.totals()["flagged"]) / truth.totals()["received"]
    )
    sheet = await ask.rows("check_report", format="xlsx")
    assert [line["接收"] for line in sheet] == [*(row["received"] for row in report), truth.totals()["received"]]

    rules: Counter[tuple[str, str, str]] = Counter()
    for (_, table, _, rule, severity), count in truth.findings.items():
        rules[table, rule, severity] += count
    found = await ask.rows("check_report/rules")
    flight = {(r["table"], r["rule_id"], r["severity"]): r["findings"] for r in found if r["scope"] == "flight"}
    assert flight == dict(+rules)
    details = await ask.rows("check_report/findings")
    counted = Counter((row["org"], row["table"], row["biz_date"], row["rule_id"], row["severity"]) for row in details)
    assert counted == +truth.findings

    orphans = +truth.store
    assert {table for _, table, _, _ in orphans} >= {"TB_ZY_CRYMXB", "TB_MZ_SFMXB"}
    by_month: Counter[tuple[str, str, str, str]] = Counter()
    for (org, table, day, rule), count in orphans.items():
        by_month[day[:7], org, table, rule] += count
    association = await ask.rows("association")
    patients = set(ORPHAN_RULES.values())
    failed = {
        (row["month"], row["org"], row["table"], row["rule_id"]): row["failed"]
        for row in association
        if row["rule_id"] in patients and row["failed"]
    }
    assert failed == dict(by_month)
    assert all(row["failed"] <= row["checked"] for row in association)
    rows = await ask.rows("association/rows")
    listed = Counter(
        (row["org"], row["table"], row["biz_date"], row["rule_id"]) for row in rows if row["rule_id"] in patients
    )
    assert listed == orphans

    arrivals = await ask.rows("calendar", by="arrival", **{"from": arrived + "-01", "to": f"{END:%Y}-12-31"})
    assert sum(day["received"] for row in arrivals for day in row["days"]) == truth.totals()["received"]
