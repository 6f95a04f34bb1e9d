"""E-mail against a real mail server of the test: what arrives, how it is encrypted, and what is refused."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from clickhouse.channels import Channel
from sanjian.errors import Misconfigured
from streams.outbox import mail
from streams.outbox.dispatch import Dispatch
from streams.outbox.failures import NotDelivered
from streams.outbox.mail import MailServer, mail_server
from tests.streams.cases.build import NOON
from tests.streams.outbox.notices import daily, opened, payload

SENDER = "三监 <sanjian@example.org>"
TLS = Path(__file__).parent / "tls"


@dataclass
class Box:
    """What arrived, and what is refused: everything (``say``), or recipients."""

    messages: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    say: str = ""
    unknown: frozenset[str] = frozenset()

    async def handle_RCPT(  # noqa: N802  # the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.say:
            return self.say
        content = envelope.content
        assert isinstance(content, bytes)
        self.messages.append((envelope.rcpt_tos, message_from_bytes(content, policy=policy.default)))
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


@contextmanager
def serving(box: Box, **options: Any) -> Iterator[int]:
    """A mail server on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def context(name: str) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(TLS / f"{name}.pem")
    return found


def trusting(name: str) -> Callable[[], ssl.SSLContext]:
    return lambda: ssl.create_default_context(cafile=TLS / f"{name}.pem")


async def send(address: str, recipients: str = "a@example.org", trust: str = "right") -> str:
    dispatch = Dispatch(mail_server(address, SENDER), lambda: NOON, trusting(trust))
    return await dispatch.send(Channel("m", "email", recipients), opened().payload.decode())


async def refused(address: str, **more: Any) -> str:
    with pytest.raises(NotDelivered) as caught:
        await send(address, **more)
    return caught.value.reason


async def test_a_message_has_text_and_html_and_an_id_of_its_notice() -> None:
    box = Box()
    with serving(box) as port:
        assert await send(f"smtp://127.0.0.1:{port}", "a@example.org,b@example.org") == ""
    [(recipients, message)] = box.messages
    assert recipients == ["a@example.org", "b@example.org"]
    assert message["Subject"] == "[三监] 【警告】异常率 · 新告警 · 历城区示范医院"
    assert message["From"] == SENDER
    assert message["Message-ID"] == f"<{opened().id}@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    for part in (text.get_content(), html.get_content()):
        assert "异常率 6.0%，超过 5%" in part
        assert "Look at the findings" in part
        assert "https://sanjian.example/alerts/" in part


async def test_what_came_from_outside_is_text_in_html_and_no_header() -> None:
    box = Box()
    notice = payload(opened(zh="<script>alert(1)</script>"))
    notice["org_name"] = "医院\r\nBcc: x@example.org"
    made = mail.mail(notice, "a@example.org", SENDER)
    html = made.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()
    assert made["Bcc"] is None
    assert "\n" not in made["Subject"]
    assert box.messages == []


def test_a_digest_lists_its_cases() -> None:
    text = mail.mail(payload(daily(3)), "a@example.org", SENDER).get_body(("plain",))
    assert text is not None
    assert text.get_content().count("- 【严重】漏传 2026-11-20 19 张表未上传") == 3


async def test_starttls_is_used_and_the_server_has_to_be_who_it_says() -> None:
    box = Box()
    with serving(box, tls_context=context("right")) as port:
        await send(f"smtp://127.0.0.1:{port}")
        assert await refused(f"smtp://127.0.0.1:{port}", trust="wrong") == "tls"
    with serving(box, tls_context=context("wrong")) as port:
        assert await refused(f"smtp://127.0.0.1:{port}", trust="wrong") == "tls", "trusted, but of another name"
        await send(f"smtp://127.0.0.1:{port}?tls=off")
    assert box.encrypted == [True, False]


async def test_tls_from_the_start() -> None:
    box = Box()
    with serving(box, ssl_context=context("wrong")) as port:
        assert await refused(f"smtps://127.0.0.1:{port}", trust="wrong") == "tls"
    assert box.messages == []


async def test_a_password_does_not_travel_in_the_clear() -> None:
    seen: list[Any] = []

    def login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss", handled=False)

    box = Box()
    with serving(box, authenticator=login, auth_require_tls=False) as port:
        assert await refused(f"smtp://me:p%40ss@127.0.0.1:{port}") == "smtp_no_tls"
        assert seen == []
    with serving(box, authenticator=login, tls_context=context("right")) as port:
        assert await send(f"smtp://me:p%40ss@127.0.0.1:{port}") == ""
        assert await refused(f"smtp://me:wrong@127.0.0.1:{port}") == "smtp_login"
    assert seen[0] == (b"me", b"p@ss")


async def test_refusals_of_the_server_carry_its_code() -> None:
    box = Box(unknown=frozenset({"no@example.org"}))
    with serving(box) as port:
        address = f"smtp://127.0.0.1:{port}"
        assert await refused(address, recipients="no@example.org") == "smtp_550"
        assert await send(address, "a@example.org,no@example.org") == "some_refused"
        assert len(box.messages) == 1
        box.say = "451 come back later"
        assert await refused(address) == "smtp_451"


async def test_a_server_that_is_away_or_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "SECONDS", 0.3)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert await refused(f"smtp://127.0.0.1:{port}") == "no_connection"
        taken.listen(1)  # connects, and never says a word
        assert await refused(f"smtp://127.0.0.1:{port}") == "timeout"
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        assert await refused(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}") == "broken"


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("smtp://host", MailServer("host", 587, False, "", "", True, SENDER)),
        ("smtps://u%40x:p%2F@host", MailServer("host", 465, True, "u@x", "p/", True, SENDER)),
        ("smtp://host:25?tls=off", MailServer("host", 25, False, "", "", False, SENDER)),
    ],
)
def test_the_address_of_a_mail_server(address: str, server: MailServer) -> None:
    assert mail_server(address, SENDER) == server


def test_an_address_that_cannot_be_is_one_sentence() -> None:
    assert mail_server("", "") is None
    for address, sender in (("http://host", SENDER), ("smtp://", SENDER), ("smtp://host", "")):
        with pytest.raises(Misconfigured, match="SANJIAN_SMTP"):
            mail_server(address, sender)
