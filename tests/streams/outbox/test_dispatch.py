"""Channels against receivers that check what they get, and receivers that misbehave."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clickhouse.channels import Channel
from streams.outbox import post
from streams.outbox.dispatch import Dispatch
from streams.outbox.failures import NotDelivered, words
from tests.streams.cases.build import NOON
from tests.streams.outbox.notices import daily, opened, payload, resolved, webhook
from tests.streams.outbox.receivers import DINGTALK_SECRET, Mode, Receiver, receiving

TLS = Path(__file__).parent / "tls"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes what is right."""
    with receiving() as found:
        yield found


@pytest.fixture
async def dispatch() -> AsyncIterator[Dispatch]:
    """A dispatch at noon, without a mail server."""
    made = Dispatch(None, lambda: NOON)
    yield made
    await made.close()


async def refusal(dispatch: Dispatch, channel: Channel) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        await dispatch.send(channel, opened().payload.decode())
    return caught.value


async def test_a_webhook_gets_the_notice_as_it_was_published_signed_over_time_and_body(
    receiver: Receiver, dispatch: Dispatch
) -> None:
    notice = opened()
    assert await dispatch.send(webhook(receiver.url + "/hook"), notice.payload.decode()) == ""
    [(path, headers, body)] = receiver.asked
    assert (path, body, headers["content-type"]) == ("/hook", notice.payload, "application/json")
    assert headers["x-sanjian-id"] == notice.id
    # as docs/alerts.md tells receivers to check it
    parts = dict(part.split("=", 1) for part in headers["x-sanjian-signature"].split(","))
    expected = hmac.new(b"a-secret-of-the-receiver", f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(parts["v1"], expected)
    assert int(parts["t"]) == NOON.timestamp()


async def test_wecom_takes_what_it_documents(receiver: Receiver, dispatch: Dispatch) -> None:
    channel = Channel("group", "wecom", receiver.wecom)
    for notice in (opened(), resolved(), daily()):
        await dispatch.send(channel, notice.payload.decode())
    new, ended, digest = (message["markdown"]["content"] for message in receiver.taken)
    assert '<font color="warning">**【警告】异常率 · 新告警 · 历城区示范医院**</font>' in new
    assert "> 数值 measured：60 / 1000，阈值 threshold 0.05" in new
    assert "异常率 6.0%，超过 5%" in new
    assert "Anomaly rate 6.0 %, more than 5 %" in new
    assert "处理：查看问题明细" in new
    assert "[查看 open](https://sanjian.example/alerts/" in new
    assert '<font color="info">**【严重】漏传 · 已恢复' in ended
    assert "- 【严重】漏传 2026-11-20 19 张表未上传" in digest


async def test_a_digest_of_very_many_cases_is_cut_to_what_wecom_takes(receiver: Receiver, dispatch: Dispatch) -> None:
    notice = daily(200)
    await dispatch.send(Channel("group", "wecom", receiver.wecom), notice.payload.decode())
    await dispatch.send(Channel("group", "dingtalk", receiver.dingtalk, DINGTALK_SECRET), notice.payload.decode())
    long = opened(zh="很长" * 4000)
    await dispatch.send(Channel("group", "wecom", receiver.wecom), long.payload.decode())
    assert len(receiver.taken) == 3
    assert receiver.taken[2]["markdown"]["content"].endswith("\n…")
    assert payload(notice)["details"]["more"] == 170


async def test_dingtalk_takes_a_signed_address_only(receiver: Receiver, dispatch: Dispatch) -> None:
    await dispatch.send(Channel("g", "dingtalk", receiver.dingtalk, DINGTALK_SECRET), opened().payload.decode())
    [message] = receiver.taken
    assert message["markdown"]["title"] == "【警告】异常率 · 新告警 · 历城区示范医院"
    assert "\n\n> 机构 institution：历城区示范医院" in message["markdown"]["text"]
    for secret in ("", "SECanother"):
        error = await refusal(dispatch, Channel("g", "dingtalk", receiver.dingtalk, secret))
        assert error.reason == "robot_310000"


async def test_a_robot_that_answers_200_and_refuses_has_not_taken_it(receiver: Receiver, dispatch: Dispatch) -> None:
    wrong = await refusal(dispatch, Channel("group", "wecom", receiver.wecom + "x"))
    assert (wrong.reason, wrong.pause) == ("robot_93000", None)
    receiver.mode = "too_fast"
    fast = await refusal(dispatch, Channel("group", "wecom", receiver.wecom))
    assert (fast.reason, fast.pause) == ("robot_45009", timedelta(minutes=1))
    receiver.mode = "not_json"
    assert (await refusal(dispatch, Channel("group", "wecom", receiver.wecom))).reason == "bad_answer"


@pytest.mark.parametrize(
    ("mode", "reason"),
    [("500", "http_500"), ("302", "redirect"), ("hang", "timeout"), ("broken", "broken"), ("429", "http_429")],
)
@pytest.mark.parametrize("kind", ["webhook", "wecom", "dingtalk"])
async def test_a_receiver_that_misbehaves_is_a_failure_with_a_name(
    receiver: Receiver, dispatch: Dispatch, kind: str, mode: Mode, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "SECONDS", 0.3)
    receiver.mode = mode
    error = await refusal(dispatch, Channel("c", kind, receiver.url + "/hook", "secret"))  # type: ignore[arg-type]
    assert error.reason == reason
    assert len(receiver.asked) == 1, "a redirect is not followed"
    assert error.pause == (timedelta(seconds=120) if mode == "429" else None)
    assert receiver.url not in str(error)


async def test_an_endless_answer_is_not_read_to_its_end(
    receiver: Receiver, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.mode = "huge"
    assert await dispatch.send(webhook(receiver.url), opened().payload.decode()) == "", "2xx is taken"
    assert (await refusal(dispatch, Channel("group", "wecom", receiver.wecom))).reason == "bad_answer"
    monkeypatch.setattr(post, "SECONDS", 0.5)
    receiver.mode = "drip"
    assert (await refusal(dispatch, Channel("group", "wecom", receiver.wecom))).reason == "timeout"


async def test_nobody_there(dispatch: Dispatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert (await refusal(dispatch, webhook(url))).reason == "no_connection"
    assert (await refusal(dispatch, webhook("ftp://127.0.0.1"))).reason == "bad_address"


@pytest.mark.parametrize(("name", "reason"), [("right", ""), ("wrong", "tls")])
async def test_a_certificate_has_to_be_of_the_address(
    dispatch: Dispatch, name: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{name}.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / f"{name}.pem"))  # both are trusted; one is of another address
    with receiving(context) as receiver:
        if reason:
            assert (await refusal(dispatch, webhook(receiver.url))).reason == reason
            assert receiver.asked == []
        else:
            await dispatch.send(webhook(receiver.url), opened().payload.decode())
            assert len(receiver.asked) == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused(dispatch: Dispatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "right.pem")
    with receiving(context) as receiver:
        assert (await refusal(dispatch, webhook(receiver.url))).reason == "tls"


async def test_names_from_outside_cannot_put_a_link_or_a_mention_into_a_group(
    receiver: Receiver, dispatch: Dispatch
) -> None:
    nasty = opened(zh="科室 [点我](http://evil) <@all> **x**\n# 标题 `y`")
    await dispatch.send(Channel("group", "wecom", receiver.wecom), nasty.payload.decode())
    await dispatch.send(Channel("g", "dingtalk", receiver.dingtalk, DINGTALK_SECRET), nasty.payload.decode())
    for message in receiver.taken:
        text = message["markdown"].get("content") or message["markdown"]["text"]
        assert "[点我]" not in text
        assert "<@all>" not in text
        assert "\n# 标题" not in text
        assert "科室 ［点我］(http://evil) ＜＠all＞" in text


async def test_e_mail_without_a_mail_server_says_what_to_set(dispatch: Dispatch) -> None:
    error = await refusal(dispatch, Channel("m", "email", "a@example.org"))
    assert error.reason == "no_smtp"
    assert "SANJIAN_SMTP" in words(error.reason)[0]


def test_every_reason_has_words_and_the_receivers_code_stays() -> None:
    assert words("http_500") == ("对方拒绝（500）", "The receiver refuses (500)")
    assert words("timeout") == ("对方没有及时回答", "The receiver does not answer in time")
    assert words("unheard_of") == ("unheard_of", "unheard_of")


async def test_connections_are_kept_and_closed(receiver: Receiver) -> None:
    dispatch = Dispatch(None, lambda: NOON)
    await dispatch.close()
    await dispatch.send(webhook(receiver.url), opened().payload.decode())
    await dispatch.close()
    await dispatch.send(webhook(receiver.url), opened().payload.decode())
    await dispatch.close()
    assert len(receiver.taken) == 2
    assert json.loads(receiver.asked[0][2]) == receiver.taken[0]


async def test_the_example_for_receivers_in_the_documentation_takes_ours_and_nothing_else(
    receiver: Receiver,
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text(encoding="utf-8")
    example: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], example)  # noqa: S102  # our own page
    dispatch = Dispatch(None, lambda: datetime.now(UTC))
    await dispatch.send(webhook(receiver.url), opened().payload.decode())
    await dispatch.close()
    [(_, headers, body)] = receiver.asked
    header = headers["x-sanjian-signature"]
    genuine = example["genuine"]
    assert genuine(body, header, "a-secret-of-the-receiver")
    assert not genuine(body + b" ", header, "a-secret-of-the-receiver")
    assert not genuine(body, header, "another")
    old = Dispatch(None, lambda: NOON - timedelta(days=400))
    await old.send(webhook(receiver.url), opened().payload.decode())
    await old.close()
    assert not genuine(receiver.asked[1][2], receiver.asked[1][1]["x-sanjian-signature"], "a-secret-of-the-receiver")
