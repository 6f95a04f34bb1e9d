"""Clients of kafka-python: nothing of them is left, whatever became of them."""

from __future__ import annotations

import gc
import os
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import coroutine
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaConfigurationError

from sanjian.broker import free_port
from sanjian.errors import NotNow
from streams.kafka_clients import ClosedSocket, open_client


def held() -> set[str]:
    """Threads of clients, sockets and selectors of this process."""
    threads = {thread.name for thread in threading.enumerate() if thread.name.startswith("kafka")}
    files = {os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()}
    return threads | {one for one in files if one.startswith(("socket:", "anon_inode:[eventpoll]"))}


@pytest.mark.parametrize("kind", [KafkaConsumer, KafkaProducer, KafkaAdminClient])
def test_a_client_that_finds_no_broker_leaves_no_thread_and_no_socket(kind: Callable[..., Any]) -> None:
    gc.collect()
    before = held()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ResourceWarning)
        with pytest.raises(NotNow, match="does not answer: KafkaTimeoutError"):
            open_client(kind, [f"127.0.0.1:{free_port()}"], "test", seconds=0.3)
        gc.collect()
    assert held() <= before
    assert [one for one in said if one.category is ResourceWarning] == []


def test_a_mistake_in_the_options_comes_through_as_it_is() -> None:
    with pytest.raises(KafkaConfigurationError):
        open_client(KafkaConsumer, ["127.0.0.1:9"], "test", seconds=0.1, no_such_option=1)


def test_a_socket_that_is_being_connected_is_closed_when_the_attempt_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Waiting:
        """A loop that never gets to it."""

        @coroutine
        def wait_write(self, made: socket.socket, timeout_at: float | None = None) -> Iterator[None]:
            yield

    made: list[socket.socket] = []

    def noted(self: Any, *kind: Any) -> socket.socket:
        made.append(socket.socket(*kind))
        return made[-1]

    monkeypatch.setattr(ClosedSocket, "socket", noted)
    monkeypatch.setattr(ClosedSocket, "connect_ex", lambda self, made, address: 115)  # EINPROGRESS
    place = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 9))
    connecting = ClosedSocket("direct://").connect(Waiting(), place)
    connecting.send(None)
    assert made[0].fileno() >= 0
    connecting.close()
    assert made[0].fileno() == -1
