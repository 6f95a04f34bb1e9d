"""Where unmapped codes are errors (a setting of the standard): a code gets its standard code, and the rows that were
rejected for it are validated again from the page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from kafka import KafkaProducer

from simulators.messages import header, lines
from tests.browser.site import Site
from tests.browser.window import Window
from tests.stack.server import SECONDS

SINCE = "from=2026-01-01"
TABLE, KEY, CODE = "TB_MZ_SFMXB", "REDRIVEN1", "NEW-1"


@pytest.fixture(scope="module")
def strict(browser: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A platform of its own with this setting."""
    del browser
    directory: Path = tmp_path_factory.mktemp("strict")
    own = directory / "standard.yaml"
    own.write_text("unmapped_severity: error\n")
    with Site.running(directory / "data", orgs=2, SANJIAN_STANDARD_SETTINGS=str(own)) as running:
        yield running


def sent_with_a_new_department(site: Site, org: str) -> tuple[str, str]:
    """Send a row that is right but for a department that nobody has mapped: its key, and the rule that rejected it."""
    rejected = site.http.get("/api/v1/rejected", params={"org": org, "limit": 500}).json()["rejected"]
    wrong = {row["row_key"] for row in rejected}
    row = next(row for row in sent(site, org) if row["SFMXID"] not in wrong)
    head = header(org, TABLE, "new-department", datetime.now(UTC), 1)
    body = lines([{**row, "SFMXID": KEY, "KDKSBM": CODE}])
    producer = KafkaProducer(bootstrap_servers=site.up.kafka, acks="all")
    producer.send("his.changes", key=org.encode(), value=head + b"\n" + body)
    producer.flush()
    producer.close()
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = site.http.get("/api/v1/rejected", params={"org": org, "row_key": KEY}).json()["rejected"]
        if found:
            [rule] = found[0]["rules"]
            return KEY, rule["rule_id"]
        time.sleep(0.2)
    raise AssertionError("the row is not rejected")


def sent(site: Site, org: str) -> Iterator[dict[str, str]]:
    """Charges of an institution as they were sent, of messages that can be read."""
    for message in site.feed.messages:
        if (message.org, message.table) == (org, TABLE):
            with suppress(orjson.JSONDecodeError):
                yield from map(orjson.loads, message.body.splitlines())


def test_after_a_map_has_changed_the_hospital_has_its_rejected_rows_validated_again(
    open_window: Callable[..., Window], strict: Site
) -> None:
    org, window = strict.orgs[0], open_window(strict)
    key, rule = sent_with_a_new_department(strict, org)
    window.login(strict.people["hospital"], then=f"/rejected?{SINCE}&rule_id={rule}")
    window.see(key)
    own = next(one for one in strict.feed.province.maps[0].entries() if one["map"] == "department")
    table = f"院内编码,院内名称,标准编码\n{CODE},新设科室,{own['standard_code']}\n"
    answer = strict.http.post(f"/api/v1/codemaps/{org}/department/import", content=table.encode())
    assert answer.json()["added"] == 1, answer.text

    window.click("重新校验")
    window.see("将重新校验", "不重复计数")
    window.click("重新校验", ".sj-dialog-foot button.bg-primary")
    window.see("已完成", "现在入库")
    window.shot("redrive-accepted")
    window.click("", ".sj-dialog-head button")
    window.gone(key)
    left = strict.http.get("/api/v1/rejected", params={"org": org, "row_key": key}).json()
    assert left["total"] == 0
