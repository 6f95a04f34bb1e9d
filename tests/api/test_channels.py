"""Channels over the API: keys stay secret, a test message says what is wrong, what was given up can be sent again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from clickhouse.channels import ChannelStore
from clickhouse.orgs import Org, OrgStore
from streams.cases.cases import Cases
from streams.outbox.dispatch import Dispatch
from streams.outbox.sender import Sender
from streams.outbox.store import OutboxStore
from tests.api.conftest import ORG_A, Running, Stack, running
from tests.streams.cases.build import gap
from tests.streams.outbox.receivers import DINGTALK_SECRET, DINGTALK_TOKEN, WECOM_KEY, receiving

pytestmark = pytest.mark.stack
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Running]:
    """The API with one registered institution."""
    OrgStore(stack.clickhouse).save([Org(ORG_A, "甲医院")])
    async with running(stack.app()) as found:
        yield found


async def put(api: Running, stack: Stack, name: str, who: str = "admin", **body: Any) -> httpx.Response:
    return await api.client.put(f"/api/v1/channels/{name}", json=body, headers=stack.headers(who))


async def listed(api: Running, stack: Stack) -> dict[str, dict[str, Any]]:
    answer = await api.client.get("/api/v1/channels", headers=stack.headers("operator"))
    return {channel["name"]: channel for channel in answer.json()["channels"]}


def details(stack: Stack) -> str:
    rows = stack.clickhouse.rows("SELECT actor, action, target, detail FROM audit_log ORDER BY at, id")
    return orjson.dumps(rows).decode()


async def test_a_channel_is_set_changed_and_deleted(api: Running, stack: Stack) -> None:
    made = await put(api, stack, "值班群", kind="wecom", target="https://qyapi.example/send?key=K", kinds=["gap"])
    assert made.status_code == 200, made.text
    assert made.json()["secret"] is None
    await put(api, stack, "值班群", kind="wecom", least_severity="critical", orgs=[ORG_A], digest=True)
    assert await listed(api, stack) == {
        "值班群": {
            "name": "值班群", "kind": "wecom", "target": "https://qyapi.example/send?…", "has_secret": False,
            "orgs": [ORG_A], "kinds": [], "least_severity": "critical", "digest": True, "active": True,
            "changed_by": "admin:admin",
        }
    }  # fmt: skip
    assert ChannelStore(stack.clickhouse).all()[0].target == "https://qyapi.example/send?key=K", "left out: kept"
    gone = await api.client.delete("/api/v1/channels/值班群", headers=stack.headers("admin"))
    assert gone.status_code == 200
    assert await listed(api, stack) == {}
    again = await api.client.delete("/api/v1/channels/值班群", headers=stack.headers("admin"))
    assert (again.status_code, again.json()["error"]["code"]) == (404, "unknown_channel")


async def test_a_webhook_without_a_secret_gets_one_that_is_shown_once(api: Running, stack: Stack) -> None:
    made = (await put(api, stack, "hook", kind="webhook", target="http://receiver.example/x?token=T")).json()
    assert len(made["secret"]) >= 32
    assert ChannelStore(stack.clickhouse).all()[0].secret == made["secret"]
    changed = (await put(api, stack, "hook", kind="webhook", active=False)).json()
    assert (changed["secret"], changed["channel"]["has_secret"], changed["channel"]["active"]) == (None, True, False)
    assert ChannelStore(stack.clickhouse).all()[0].secret == made["secret"]
    seen = orjson.dumps(await listed(api, stack)).decode() + details(stack)
    assert made["secret"] not in seen
    assert "token=T" not in seen


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "webhook"}, "channel_target"),
        ({"kind": "webhook", "target": "ftp://x/"}, "channel_target"),
        ({"kind": "webhook", "target": "http://user:pass@host/"}, "channel_target"),
        ({"kind": "webhook", "target": "http://host:99999/"}, "channel_target"),
        ({"kind": "webhook", "target": "http://ho st/"}, "channel_target"),
        ({"kind": "wecom", "target": "https:///x"}, "channel_target"),
        ({"kind": "email", "target": "nobody"}, "channel_target"),
        ({"kind": "email", "target": "a@example.org,\r\nBcc: b@example.org"}, "channel_target"),
        ({"kind": "email", "target": ",".join(f"a{n}@example.org" for n in range(51))}, "channel_target"),
        ({"kind": "webhook", "target": "http://x/", "orgs": ["9" * 22]}, "unknown_org"),
        ({"kind": "pigeon", "target": "http://x/"}, "invalid"),
        ({"kind": "webhook", "target": "http://x/", "kinds": ["noise"]}, "invalid"),
    ],
)
async def test_a_channel_that_cannot_be_is_refused(api: Running, stack: Stack, body: dict[str, Any], code: str) -> None:
    answer = await put(api, stack, "c", **body)
    assert answer.json()["error"]["code"] == code
    assert await listed(api, stack) == {}
    assert details(stack) == "[]"


async def test_an_address_of_one_kind_is_not_taken_for_another(api: Running, stack: Stack) -> None:
    await put(api, stack, "c", kind="wecom", target="https://qyapi.example/send?key=K")
    answer = await put(api, stack, "c", kind="webhook")
    assert answer.json()["error"]["code"] == "channel_target"


async def test_a_test_message_says_whether_the_channel_works(api: Running, stack: Stack) -> None:
    async def tried(name: str) -> tuple[bool, str]:
        answer = await api.client.post(f"/api/v1/channels/{name}/test", headers=stack.headers("admin"))
        assert answer.status_code == 200, answer.text
        return answer.json()["delivered"], answer.json()["reason"]

    with receiving() as receiver:
        await put(api, stack, "wecom", kind="wecom", target=receiver.wecom)
        await put(api, stack, "ding", kind="dingtalk", target=receiver.dingtalk, secret=DINGTALK_SECRET)
        await put(api, stack, "ding-unsigned", kind="dingtalk", target=receiver.dingtalk)
        secret = (await put(api, stack, "hook", kind="webhook", target=receiver.url)).json()["secret"]
        await put(api, stack, "mail", kind="email", target="a@example.org, b@example.org")
        assert await tried("wecom") == (True, "")
        assert await tried("ding") == (True, "")
        assert await tried("ding-unsigned") == (False, "robot_310000")
        assert await tried("hook") == (True, "")
        assert await tried("mail") == (False, "no_smtp")
    _, headers, body = receiver.asked[-1]
    parts = dict(part.split("=") for part in headers["x-sanjian-signature"].split(","))
    assert parts["v1"] == hmac.new(secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    seen = details(stack)
    for key in (WECOM_KEY, DINGTALK_TOKEN, DINGTALK_SECRET, secret):
        assert key not in seen


async def test_what_was_given_up_is_listed_and_sent_again(api: Running, stack: Stack) -> None:
    with receiving() as receiver:
        await put(api, stack, "hook", kind="webhook", target=receiver.url)
        Cases(stack.clickhouse, lambda notices, now: None).apply([gap(org=ORG_A)], (), datetime.now(UTC))
        clock = [datetime.now(UTC)]
        dispatch = Dispatch(None, lambda: clock[0])
        sender = Sender(OutboxStore(stack.clickhouse), ChannelStore(stack.clickhouse), dispatch, lambda: clock[0])
        receiver.mode = "500"
        for _ in range(20):
            await sender.step()
            clock[0] += timedelta(hours=6)
        answer = await api.client.get(
            "/api/v1/outbox", params={"channel": "hook", "state": "dead"}, headers=stack.headers("operator")
        )
        [dead] = answer.json()["deliveries"]
        assert (dead["state"], dead["reason"], dead["reason_zh"], dead["org"], dead["kind"]) == (
            "dead", "http_500", "对方拒绝（500）", ORG_A, "gap",
        )  # fmt: skip
        url = f"/api/v1/outbox/{dead['id']}/retry"
        assert (await api.client.post(url, headers=stack.headers("admin"))).json()["state"] == "pending"
        twice = await api.client.post(url, headers=stack.headers("admin"))
        assert (twice.status_code, twice.json()["error"]["code"]) == (409, "not_dead")
        unknown = await api.client.post("/api/v1/outbox/x/retry", headers=stack.headers("admin"))
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_delivery")
        receiver.mode = "take"
        clock[0] += timedelta(hours=1)
        await sender.step()
        await dispatch.close()
        assert [message["id"] for message in receiver.taken] == [dead["notice"]]


ADMIN = [("PUT", "/api/v1/channels/c"), ("DELETE", "/api/v1/channels/c"), ("POST", "/api/v1/channels/c/test"),
         ("POST", "/api/v1/outbox/x/retry")]  # fmt: skip
OPERATOR = [("GET", "/api/v1/channels"), ("GET", "/api/v1/outbox")]


@pytest.mark.parametrize(("method", "url"), ADMIN + OPERATOR)
async def test_a_hospital_may_do_none_of_this_and_an_operator_may_only_look(
    api: Running, stack: Stack, method: str, url: str
) -> None:
    more: dict[str, Any] = {"json": {"kind": "webhook", "target": "http://x/"}} if method == "PUT" else {}
    assert (await api.client.request(method, url, headers=stack.headers("a"), **more)).status_code == 403
    operator = await api.client.request(method, url, headers=stack.headers("operator"), **more)
    assert operator.status_code == (403 if (method, url) in ADMIN else 200)
    assert (await api.client.request(method, url, **more)).status_code == 401
    assert details(stack) == "[]"
