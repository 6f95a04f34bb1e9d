"""How our own commands show who they are: with a client's id and secret they get access tokens, and new ones in time.

The credentials come from SANJIAN_CLIENT_ID and SANJIAN_CLIENT_SECRET, from a file (``--credentials``; what
``sanjian client add --out`` writes), or from the ``runtime.json`` of a running ``sanjian up``; never from the command
line, where every user of the machine could read them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from sanjian import datadir
from sanjian.errors import Misconfigured, NotNow

TOKEN_PATH = "/api/v1/oauth/token"
#: A token is replaced so long before it ends: long enough for a call under way.
EARLY_SECONDS = 60.0
#: The answer to a login is small and quick.
ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client's id and secret."""

    client_id: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret: a representation ends up in a log some day."""
        return f"Credentials({self.client_id})"

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Credentials | None:
        """From the fields client_id and client_secret; None when they are not there."""
        client_id, secret = content.get("client_id"), content.get("client_secret")
        return cls(str(client_id), str(secret)) if client_id and secret else None


class Access(httpx.Auth):
    """Puts a token into every request of an httpx client, synchronous or not; ``url`` is the server's address."""

    requires_response_body = True

    def __init__(self, url: str, credentials: Credentials, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url.rstrip("/") + TOKEN_PATH
        self._credentials = credentials
        self._clock = clock
        self._token = ""
        self._until = 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Get a token if there is none for long enough; one that was taken back is replaced once."""
        fresh = False
        if self._clock() >= self._until:
            self._keep((yield self._ask()))
            fresh = True
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == 401 and not fresh:
            self._keep((yield self._ask()))
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    async def headers(self) -> dict[str, str]:
        """The Authorization header for a websocket. Raises Misconfigured for wrong credentials, NotNow when away."""
        if self._clock() >= self._until:
            try:
                async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
                    answer = await client.send(self._ask())
            except httpx.TransportError as error:
                raise NotNow(f"the server does not answer ({type(error).__name__})") from error
            self._keep(answer)
        return {"Authorization": f"Bearer {self._token}"}

    def forget(self) -> None:
        """Get a new token the next time: this one was refused."""
        self._until = 0.0

    def _ask(self) -> httpx.Request:
        form = {
            "grant_type": "client_credentials", "client_id": self._credentials.client_id,
            "client_secret": self._credentials.secret,
        }  # fmt: skip
        return httpx.Request("POST", self._url, data=form)

    def _keep(self, answer: httpx.Response) -> None:
        if answer.status_code in (400, 401, 403, 404):
            said = orjson.loads(answer.content).get("error_description", "") if _is_json(answer) else ""
            raise Misconfigured(
                f"接入凭证无效或不允许从此地址使用 · the credentials are refused (HTTP {answer.status_code}: {said})"
            )
        if answer.is_error:
            raise NotNow(f"the server gives no token (HTTP {answer.status_code})")
        content = orjson.loads(answer.content)
        self._token = content["access_token"]
        self._until = self._clock() + max(1.0, float(content["expires_in"]) - EARLY_SECONDS)


def _is_json(answer: httpx.Response) -> bool:
    return str(answer.headers.get("content-type", "")).startswith("application/json")


def find(data: Path, url: str = "", file: Path | None = None) -> tuple[str, Credentials]:
    """Where the server is and how to show who we are; see the module. Raises Misconfigured when that is not known."""
    runtime = datadir.read(data, datadir.RUNTIME)
    given = read_file(file) if file else {}
    environment = {
        "client_id": os.environ.get("SANJIAN_CLIENT_ID"), "client_secret": os.environ.get("SANJIAN_CLIENT_SECRET"),
    }  # fmt: skip
    url = url or os.environ.get("SANJIAN_URL", "") or given.get("url", "") or runtime.get("url", "")
    found = Credentials.read(given) or Credentials.read(environment) or Credentials.read(runtime)
    if not url or found is None:
        raise Misconfigured(
            f"No server is running on {data}; start sanjian up, or set SANJIAN_URL, SANJIAN_CLIENT_ID and "
            "SANJIAN_CLIENT_SECRET (sanjian client add makes them)."
        )
    return url, found


def read_file(file: Path) -> dict[str, Any]:
    """A file of credentials. Raises Misconfigured."""
    try:
        content = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise Misconfigured(f"The file of credentials {file} cannot be read.") from error
    if not isinstance(content, dict):
        raise Misconfigured(f"The file of credentials {file} must hold client_id and client_secret.")
    return content
