"""People at a browser: they log in and call with cookie and CSRF token."""

from __future__ import annotations

from typing import Any

import httpx
from fastapi import FastAPI

from api.accounts.principal import Assignment
from tests.api.accounts.conftest import PASSWORD
from tests.api.conftest import TESTS, Stack

ORIGIN = "http://sanjian"


class Browser:
    """One person's browser."""

    def __init__(self, app: FastAPI, address: str = "10.0.0.9") -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50000))
        self.client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        self.csrf = ""

    async def login(self, name: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
        """Log in, and keep the CSRF token."""
        body = {"name": name, "password": password}
        answer = await self.client.post("/api/v1/session", json=body, headers={"Origin": ORIGIN} | headers)
        if answer.is_success:
            self.csrf = answer.json()["csrf_token"]
        return answer

    async def call(self, method: str, url: str, body: Any = None) -> httpx.Response:
        """Call as a page of ours would."""
        headers = {"Origin": ORIGIN, "X-CSRF-Token": self.csrf} if method != "GET" else {}
        return await self.client.request(method, url, json=body, headers=headers)

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()


def person(stack: Stack, name: str, assignment: Assignment, password: str = PASSWORD) -> None:
    """Make somebody whose password need not be changed."""
    stack.accounts.users.add(TESTS, name, assignment)
    stack.accounts.users.own_choice(TESTS, name, password)
