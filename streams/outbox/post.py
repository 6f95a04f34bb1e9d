"""One HTTP POST to a receiver that may be anything: slow, broken, endless. It takes ten seconds at most."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from datetime import timedelta

import httpx

from streams.outbox.failures import NotDelivered

#: A receiver that needs longer should take the message first and work on it afterwards.
SECONDS = 10.0
CONNECT_SECONDS = 5.0
#: What is read of an answer; robots answer with less than 1 KiB.
ANSWER_BYTES = 64 * 1024
#: A receiver may ask for a pause, but not for weeks.
LONGEST_ASKED = timedelta(hours=1)


def http_client() -> httpx.AsyncClient:
    """A client for :func:`post`. Proxies and further certificates come from the environment (HTTPS_PROXY,
    SSL_CERT_FILE)."""
    return httpx.AsyncClient(
        follow_redirects=False, timeout=httpx.Timeout(SECONDS, connect=CONNECT_SECONDS),
        headers={"User-Agent": "sanjian", "Accept-Encoding": "identity"},
    )  # fmt: skip


async def post(
    client: httpx.AsyncClient, url: str, body: bytes, headers: Mapping[str, str], *, read: bool = False
) -> bytes:
    """Send; returns when the receiver has answered with 2xx. Raises NotDelivered.

    :param read: whether the answer is wanted: its first 64 KiB are returned.
    """
    try:
        async with (
            asyncio.timeout(SECONDS),  # the client's own time-outs begin anew with every byte
            client.stream("POST", url, content=body, headers=dict(headers)) as answer,
        ):
            _check(answer)
            return await _start_of(answer) if read else b""
    except (httpx.TimeoutException, TimeoutError):
        raise NotDelivered("timeout") from None
    except httpx.ConnectError as error:
        tls = any(isinstance(cause, ssl.SSLError) for cause in _causes(error))
        raise NotDelivered("tls" if tls else "no_connection") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise NotDelivered("bad_address") from None
    except httpx.TransportError:
        raise NotDelivered("broken") from None


def _check(answer: httpx.Response) -> None:
    if answer.is_redirect:
        raise NotDelivered("redirect")
    if not answer.is_success:
        asked = answer.headers.get("retry-after", "")
        pause = min(timedelta(seconds=int(asked)), LONGEST_ASKED) if asked.isdigit() and len(asked) < 8 else None
        raise NotDelivered("http", str(answer.status_code), pause)


async def _start_of(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in answer.aiter_raw():
        content += chunk
        if len(content) >= ANSWER_BYTES:
            break
    return bytes(content[:ANSWER_BYTES])


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
