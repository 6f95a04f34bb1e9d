"""Clients of kafka-python of which nothing is left when they are closed, nor when they could not be opened.

kafka-python 3.0.12 leaves something behind: a client that finds no broker keeps its thread, its selector and its
wake-up sockets; a socket that is refused, or still being connected when the client closes, waits for the garbage
collector. During an outage of the broker, when clients are opened again and again, that adds up.

And it reads zstd only with a package of its own (zstandard); here the one serves that aiokafka uses, because what our
gateway sends is compressed so.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import cramjam
from kafka import codec
from kafka.errors import KafkaConfigurationError, KafkaError
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket

from sanjian.errors import NotNow

#: No broker within this: it is away.
OPEN_SECONDS = 20.0


class Zstd:
    """Of the package zstandard what kafka-python uses."""

    class ZstdCompressor:
        """Compresses."""

        def compress(self, payload: bytes) -> bytes:
            """A frame."""
            return bytes(cramjam.zstd.compress(payload))

    class ZstdDecompressor:
        """Decompresses."""

        def stream_reader(self, source: io.BytesIO, read_across_frames: bool = True) -> io.BytesIO:
            """All frames of ``source``."""
            return io.BytesIO(bytes(cramjam.zstd.decompress(source.read())))


if codec.zstd is None:
    codec.zstd = Zstd


class ClosedSocket(KafkaNetSocket):
    """Connects as kafka-python does without a proxy, and closes the socket of an attempt that fails or is cut off.

    kafka-python chooses it by the scheme of the "proxy".
    """

    SCHEMES = ("direct",)

    async def connect(self, net: Any, addrinfo: Any, socket_options: Any = (), timeout_at: float | None = None) -> Any:
        """A connected socket."""
        family, kind, protocol, _, address = addrinfo
        made = self.socket(family, kind, protocol)
        try:
            made.setblocking(False)
            for option in socket_options:
                made.setsockopt(*option)
            return await self.sock_connect(net, made, address, timeout_at=timeout_at)
        except BaseException:  # closing a client ends the coroutine with GeneratorExit
            made.close()
            raise


def open_client(
    kind: Callable[..., Any], bootstrap: Sequence[str], client_id: str, *, seconds: float = OPEN_SECONDS, **options: Any
) -> Any:
    """A KafkaConsumer, KafkaProducer or KafkaAdminClient; whoever has it closes it. Blocks.

    Raises NotNow when no broker answers within ``seconds``.
    """
    made: list[Any] = []

    def net_client(**config: Any) -> Any:
        made.append(KafkaNetClient(**config))
        return made[-1]

    try:
        return kind(
            bootstrap_servers=list(bootstrap), client_id=client_id, bootstrap_timeout_ms=int(seconds * 1000),
            kafka_client=net_client, proxy_url="direct://", **options,
        )  # fmt: skip
    except BaseException as error:
        for one in made:
            one.close()
        if isinstance(error, KafkaError) and not isinstance(error, KafkaConfigurationError):
            raise NotNow(f"Kafka at {','.join(bootstrap)} does not answer: {type(error).__name__}") from error
        raise
