"""E-mail: one message with text and HTML to all recipients of a channel, through the mail server of SANJIAN_SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from clickhouse.client import SHANGHAI
from sanjian.errors import Misconfigured
from streams.outbox.failures import NotDelivered
from streams.outbox.texts import html, plain, title

#: For each answer of the mail server; a message takes about eight of them.
SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """``smtps``: TLS from the start; otherwise STARTTLS. ``tls`` False: never encrypted, for a server in the house."""

    host: str
    port: int
    smtps: bool
    user: str
    password: str
    tls: bool
    sender: str


def mail_server(address: str, sender: str) -> MailServer | None:
    """From SANJIAN_SMTP and SANJIAN_SMTP_FROM; None: no e-mail is sent. Raises Misconfigured."""
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in sender:
        raise Misconfigured(
            "SANJIAN_SMTP must look like smtp://user:password@host:587 or smtps://…, with SANJIAN_SMTP_FROM an address."
        )
    smtps = parts.scheme == "smtps"
    return MailServer(
        parts.hostname, parts.port or (465 if smtps else 587), smtps, unquote(parts.username or ""),
        unquote(parts.password or ""), parse_qs(parts.query).get("tls") != ["off"], sender,
    )  # fmt: skip


def mail(payload: Mapping[str, Any], recipients: str, sender: str) -> EmailMessage:
    """The message. Its Message-ID is made from the notice: a second copy is the same message to the receiver."""
    message = EmailMessage()
    message["Subject"] = f"[三监] {title(payload)}"
    message["From"] = sender
    message["To"] = recipients
    message["Date"] = format_datetime(datetime.fromisoformat(payload["raised_at"]).astimezone(SHANGHAI))
    message["Message-ID"] = f"<{payload['id']}@{sender.rpartition('@')[2].strip('> ')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(plain(payload))
    message.add_alternative(html(payload), subtype="html")
    return message


def send(server: MailServer, message: EmailMessage, context: Callable[[], ssl.SSLContext]) -> str:
    """Hand the message over; empty, or ``some_refused`` when not every recipient was taken. Blocks. Raises
    NotDelivered."""
    try:
        with _connected(server, context) as smtp:
            refused = smtp.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise NotDelivered("smtp_login") from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({code for code, _ in error.recipients.values()})
        raise NotDelivered("smtp", str(codes[0] if codes else "")) from None
    except smtplib.SMTPResponseException as error:
        raise NotDelivered("smtp", str(error.smtp_code)) from None
    except smtplib.SMTPException as error:  # smtplib says "disconnected" of a time-out, too
        raise NotDelivered("timeout" if isinstance(error.__context__, TimeoutError) else "broken") from None
    except ssl.SSLError:
        raise NotDelivered("tls") from None
    except TimeoutError:
        raise NotDelivered("timeout") from None
    except OSError:
        raise NotDelivered("no_connection") from None
    return "some_refused" if refused else ""


def _connected(server: MailServer, context: Callable[[], ssl.SSLContext]) -> smtplib.SMTP:
    if server.smtps:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context())
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.tls and not server.smtps:
            if smtp.has_extn("starttls"):
                smtp.starttls(context=context())
            elif server.user:  # the password would travel in the clear
                raise NotDelivered("smtp_no_tls")
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp
