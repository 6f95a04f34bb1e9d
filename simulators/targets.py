"""Where a feed goes: Kafka or the HTTP gateway. Every message is acknowledged before the end, or NotNow is raised."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, Self

import httpx
from kafka import KafkaProducer
from kafka.errors import KafkaError

from sanjian.access import Access, Credentials
from sanjian.errors import Invalid, Misconfigured, NotNow
from simulators.messages import Message
from streams.kafka_clients import open_client

#: Unacknowledged messages at a time: enough to fill requests, few enough to notice a dead broker soon.
IN_FLIGHT = 500
#: A broker that does not acknowledge for so long is away.
ACK_SECONDS = 60.0
#: Tries of one HTTP call while the gateway is away or busy; the pauses double from the first one.
TRIES, FIRST_PAUSE_SECONDS = 8, 0.25
#: Kafka's limit for one request; the largest message that is taken has 8 MiB.
REQUEST_BYTES = 16 * 1024 * 1024
Headers = Sequence[tuple[str, bytes]]


class Target(Protocol):
    """Takes messages and, on ``close``, has waited until all of them are acknowledged."""

    def put(self, message: Message) -> None:
        """Hand over one message. Raises NotNow when the receiver is away, Invalid when it refuses."""

    def close(self) -> None:
        """Wait for the last acknowledgement."""


@dataclass(slots=True)
class KafkaTarget:
    """A topic: ``acks=all``, lz4, key = institution. ``produce`` also takes raw keys, headers and time stamps.

    :param history_before: what its sender sent before this moment carries that time as its own (CreateTime), so that a
        history that is sent today has arrived day by day; None stamps everything now.
    """

    bootstrap: list[str]
    topic: str = "his.changes"
    linger_ms: int = 5
    history_before: datetime | None = None
    _producer: Any = None
    _pending: deque[Any] = field(default_factory=deque)

    def __enter__(self) -> Self:
        self._producer = open_client(
            KafkaProducer, self.bootstrap, "sanjian-simulate", acks="all", compression_type="lz4",
            linger_ms=self.linger_ms, max_request_size=REQUEST_BYTES,
        )  # fmt: skip
        return self

    def __exit__(self, *error: object) -> None:
        self._producer.close(timeout=ACK_SECONDS if error[0] is None else 0)

    def put(self, message: Message) -> None:
        """Send a message under its institution's key, stamped now or as history."""
        history = self.history_before is not None and message.sent_at < self.history_before
        self.produce(
            message.key, message.value, timestamp_ms=int(message.sent_at.timestamp() * 1000) if history else None
        )

    def produce(
        self, key: bytes | None, value: bytes | None, headers: Headers = (), timestamp_ms: int | None = None,
        partition: int | None = None,
    ) -> None:  # fmt: skip
        """Send raw bytes. ``timestamp_ms`` is the record's time (CreateTime); None stamps now."""
        try:
            future = self._producer.send(
                self.topic, value=value, key=key, headers=list(headers), timestamp_ms=timestamp_ms, partition=partition
            )
        except KafkaError as error:
            raise NotNow(f"Kafka does not take records: {error}") from error
        self._pending.append(future)
        while len(self._pending) > IN_FLIGHT:
            self._acknowledged(self._pending.popleft())

    def partitions(self) -> int:
        """Partitions of the topic."""
        return len(self._producer.partitions_for(self.topic) or ())

    def close(self) -> None:
        """Wait for every acknowledgement."""
        self._producer.flush(timeout=ACK_SECONDS)
        while self._pending:
            self._acknowledged(self._pending.popleft())

    def _acknowledged(self, future: Any) -> None:
        try:
            future.get(timeout=ACK_SECONDS)
        except KafkaError as error:
            raise NotNow(f"Kafka did not acknowledge: {error}") from error


@dataclass(slots=True)
class GatewayTarget:
    """The HTTP gateway; batches only. ``credentials`` are one client's, or those of each institution."""

    url: str
    credentials: Credentials | Mapping[str, Credentials]
    transport: httpx.BaseTransport | None = None
    receipts: list[str] = field(default_factory=list)
    _client: httpx.Client | None = None
    _access: dict[str, Access] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._client = httpx.Client(base_url=self.url, timeout=30.0, transport=self.transport)
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()

    def put(self, message: Message) -> None:
        """Post the rows of a change batch; a repeated call is harmless, the gateway knows batches by their id."""
        assert self._client is not None
        head = {
            "Content-Type": "application/x-ndjson",
            "X-Sanjian-Batch": message.batch,
            "X-Sanjian-Sent-At": message.sent_at.isoformat(timespec="seconds"),
        }  # fmt: skip
        if not message.rows:
            head["X-Sanjian-Biz-Date"] = message.biz_date
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, TRIES + 1):
            answer = self._post(message, head)
            if answer is not None and answer.status_code < 400:
                self.receipts.append(str(answer.json().get("receipt_id", "")))
                return
            if answer is not None and answer.status_code not in (408, 425, 429) and answer.status_code < 500:
                raise Invalid("gateway", f"{answer.status_code} for batch {message.batch}: {answer.text[:300]}")
            if attempt < TRIES:
                time.sleep(pause)
                pause *= 2
        raise NotNow(f"{self.url} does not take batches")

    def close(self) -> None:
        """Nothing is open: every call was answered."""

    def _post(self, message: Message, head: dict[str, str]) -> httpx.Response | None:
        assert self._client is not None
        try:
            url, auth = f"/api/v1/changes/{message.table}", self._auth(message.org)
            return self._client.post(url, content=message.body, headers=head, auth=auth)
        except (httpx.TransportError, NotNow):
            return None

    def _auth(self, org: str) -> Access:
        if org not in self._access:
            found = self.credentials if isinstance(self.credentials, Credentials) else self.credentials.get(org)
            if found is None:
                raise Misconfigured(f"There are no credentials for institution {org}.")
            self._access[org] = Access(self.url, found)
        return self._access[org]


@dataclass(slots=True)
class MemoryTarget:
    """Keeps what it is given, or only counts with ``keep=False``; for tests and dry runs."""

    keep: bool = True
    taken: list[Message] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def put(self, message: Message) -> None:
        """Keep it."""
        if self.keep:
            self.taken.append(message)

    def close(self) -> None:
        """Nothing to wait for."""


def target_for(
    address: str, topic: str, credentials: Credentials | Mapping[str, Credentials] | None
) -> KafkaTarget | GatewayTarget:
    """The target of an address. Raises Misconfigured for anything but kafka://, http:// and https://."""
    if address.startswith("kafka://"):
        return KafkaTarget([part.removeprefix("kafka://") for part in address.split(",") if part], topic)
    if address.startswith(("http://", "https://")):
        if credentials is None:
            raise Misconfigured("Sending to the gateway needs --credentials (sanjian client add --out makes the file).")
        return GatewayTarget(address.rstrip("/"), credentials)
    raise Misconfigured(f"--to must begin with kafka:// or http://, not {address!r}.")
