"""Handing a file in through the API: offsets, refusals, whose it is, cancelling; the stream worker is not here."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from websockets.asyncio.client import connect

from clickhouse.orgs import Org
from tests.api.conftest import ORG_A, ORG_B, Running, Serve, Stack, running
from tests.api.submissions.pages import pages, text

pytestmark = pytest.mark.stack
NOW = datetime(2026, 11, 5, 1, 0, tzinfo=UTC)
CONTENT = text(pages(30)).encode()
PATH = "/api/v1/submissions"


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Running]:
    """On a day of the window of October, with two institutions."""
    async with running(stack.app(now=lambda: NOW)) as found:
        found.parts.orgs.save([Org(ORG_A, "Hospital A", "990100"), Org(ORG_B, "Hospital B", "990100")])
        yield found


def body(content: bytes = CONTENT, **more: Any) -> dict[str, Any]:
    """A submission of October."""
    return {"month": "2026-10", "file": "202610.csv", "size": len(content), **more}


async def begun(api: Running, stack: Stack, **more: Any) -> str:
    """The address of a new submission of institution A."""
    answer = await api.client.post(PATH, json=body(**more), headers=stack.headers("a"))
    assert answer.status_code == 201, answer.text
    assert (answer.json()["offset"], answer.json()["submission"]["state"]) == (0, "uploading")
    return f"{PATH}/{answer.json()['submission']['id']}"


async def put(
    api: Running, stack: Stack, path: str, offset: int | str, content: bytes, who: str = "a", **more: str
) -> httpx.Response:
    headers = stack.headers(who, Upload_Offset=str(offset), **more)
    return await api.client.put(f"{path}/file", content=content, headers=headers)


async def state(api: Running, stack: Stack, path: str, *wanted: str) -> dict[str, Any]:
    """The answer when the submission has one of these states."""
    async with asyncio.timeout(60):
        while True:
            found: dict[str, Any] = (await api.client.get(path, headers=stack.headers("a"))).json()
            if found["submission"]["state"] in wanted:
                return found
            await asyncio.sleep(0.05)


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


async def test_pieces_go_where_the_last_one_ended(api: Running, stack: Stack) -> None:
    path = await begun(api, stack)
    assert (await put(api, stack, path, 0, CONTENT[:1000])).json()["offset"] == 1000
    again = await put(api, stack, path, 0, CONTENT[:1000])  # the answer was lost, the client tries again
    assert code(again) == (409, "upload_offset")
    assert (again.json()["error"]["offset"], again.headers["Upload-Offset"]) == (1000, "1000")
    head = await api.client.head(f"{path}/file", headers=stack.headers("a"))
    assert head.headers["Upload-Offset"] == "1000"
    assert code(await put(api, stack, path, "x", b"")) == (409, "upload_offset")
    early = await api.client.post(f"{path}/finish", headers=stack.headers("a"))
    assert code(early) == (409, "not_whole_yet")
    damaged = await put(api, stack, path, 1000, CONTENT[1000:], X_Sanjian_Sha256="0" * 64)
    assert code(damaged) == (422, "chunk_sum")
    digest = hashlib.sha256(CONTENT[1000:]).hexdigest()
    whole = await put(api, stack, path, 1000, CONTENT[1000:], X_Sanjian_Sha256=digest)
    assert whole.json()["offset"] == len(CONTENT)
    assert code(await put(api, stack, path, len(CONTENT), b"more")) == (409, "upload_too_long")


async def test_a_whole_file_is_checked_and_sent_and_can_be_cancelled_until_the_switch(
    api: Running, stack: Stack
) -> None:
    path = await begun(api, stack)
    await put(api, stack, path, 0, CONTENT)
    finished = await api.client.post(f"{path}/finish", headers=stack.headers("a"))
    assert finished.json()["submission"]["late"] is False
    assert (
        await api.client.post(f"{path}/finish", headers=stack.headers("a"))
    ).status_code == 200  # twice does no harm
    found = await state(api, stack, path, "validating")
    assert (found["progress"]["rows"], found["progress"]["sent_rows"], found["progress"]["validated"]) == (30, 30, 0)
    assert code(await put(api, stack, path, 0, b"x")) == (409, "upload_over")
    cancelled = await api.client.post(f"{path}/cancel", headers=stack.headers("a"))
    assert cancelled.json()["submission"]["reason"] == "cancelled"
    assert code(await api.client.post(f"{path}/cancel", headers=stack.headers("a"))) == (409, "submission_over")
    window = await api.client.get(f"{PATH}/window", params={"month": "2026-10"}, headers=stack.headers("a"))
    assert (window.json()["used"], window.json()["may_submit"]) == (0, True)  # a cancelled one does not count
    actions = {row["action"] for row in stack.clickhouse.rows("SELECT action FROM audit_log")}
    assert actions >= {"submission.begin", "submission.finish", "submission.cancel"}


async def test_a_file_that_is_no_table_of_front_pages_is_refused_in_words(api: Running, stack: Stack) -> None:
    wrong = CONTENT + b'"never closed'
    path = await begun(api, stack, content=wrong)
    await put(api, stack, path, 0, wrong)
    await api.client.post(f"{path}/finish", headers=stack.headers("a"))
    one = (await state(api, stack, path, "refused"))["submission"]
    assert (one["reason"], one["line"], one["number"]) == ("broken_quotes", 32, 0)
    assert "32" in one["reason_zh"]
    rows = stack.clickhouse.rows("SELECT count() AS n FROM submission_rows")
    assert rows[0]["n"] == 0  # nothing of it was sent


async def test_a_file_that_was_damaged_on_its_way_is_refused(api: Running, stack: Stack) -> None:
    path = await begun(api, stack, sha256="0" * 64)
    await put(api, stack, path, 0, CONTENT)
    assert code(await api.client.post(f"{path}/finish", headers=stack.headers("a"))) == (422, "wrong_sum")
    assert (await state(api, stack, path, "refused"))["submission"]["reason"] == "wrong_sum"


async def test_nobody_sees_or_touches_the_submission_of_another_institution(api: Running, stack: Stack) -> None:
    path = await begun(api, stack)
    calls = [
        api.client.get(path, headers=stack.headers("b")), api.client.get(f"{path}/file", headers=stack.headers("b")),
        put(api, stack, path, 0, CONTENT, "b"), api.client.post(f"{path}/finish", headers=stack.headers("b")),
        api.client.post(f"{path}/cancel", headers=stack.headers("b")),
    ]  # fmt: skip
    assert [code(await call) for call in calls] == [(404, "unknown_submission")] * 5
    listed = await api.client.get(PATH, headers=stack.headers("b"))
    assert listed.json() == {"submissions": [], "total": 0}
    for_a = await api.client.post(PATH, json=body(org=ORG_A), headers=stack.headers("b"))
    assert code(for_a) == (403, "other_org")
    assert code(await api.client.post(PATH, json=body(), headers=stack.headers("operator"))) == (403, "no_org")


async def test_a_month_is_open_in_its_window_or_when_an_operator_opens_it(api: Running, stack: Stack) -> None:
    async def begin(month: str) -> httpx.Response:
        return await api.client.post(PATH, json=body() | {"month": month}, headers=stack.headers("a"))

    assert code(await begin("2026-11")) == (409, "too_early")
    assert code(await begin("2026-08")) == (409, "window_over")
    opening = {"org": ORG_A, "month": "2026-08", "until": "2026-11-30T00:00:00+08:00", "note": "补报"}
    refused = await api.client.put(f"{PATH}/openings", json=opening, headers=stack.headers("a"))
    assert code(refused) == (403, "forbidden")
    opened = await api.client.put(f"{PATH}/openings", json=opening, headers=stack.headers("operator"))
    assert opened.json()["openings"][0]["open"]
    assert (await begin("2026-08")).status_code == 201
    assert code(await begin("2026-08")) == (409, "submission_under_way")
    other = await api.client.get(f"{PATH}/openings", headers=stack.headers("b"))
    assert other.json() == {"openings": []}
    taken = await api.client.delete(
        f"{PATH}/openings", params={"org": ORG_A, "month": "2026-08"}, headers=stack.headers("operator")
    )
    assert taken.json() == {"deleted": 1}


async def test_files_that_are_too_large_or_too_many_are_refused(api: Running, stack: Stack) -> None:
    huge = await api.client.post(PATH, json=body() | {"size": 201 * 1024 * 1024}, headers=stack.headers("a"))
    assert code(huge) == (413, "file_too_large")
    opening = {"month": "2026-08", "until": "2026-11-30T00:00:00+08:00", "org": "*"}
    for month in ("2026-04", "2026-05", "2026-06", "2026-07"):
        opened = await api.client.put(
            f"{PATH}/openings", json=opening | {"month": month}, headers=stack.headers("admin")
        )
        assert opened.status_code == 200, opened.text
        answer = await api.client.post(PATH, json=body() | {"month": month}, headers=stack.headers("a"))
        assert answer.status_code == 201
    assert code(await api.client.post(PATH, json=body(), headers=stack.headers("a"))) == (429, "uploads_full")


async def test_who_looks_on_is_told_every_change_until_the_end(stack: Stack, serve: Serve) -> None:
    app = stack.app(now=lambda: NOW)
    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        api = Running(app, client)
        api.parts.orgs.save([Org(ORG_A, "Hospital A", "990100")])
        path = await begun(api, stack)
        address = f"{url.replace('http', 'ws', 1)}{path}/live"
        async with connect(address, additional_headers=stack.headers("a")) as socket:
            first = orjson.loads(await socket.recv())
            assert (first["submission"]["state"], first["progress"]["bytes"]) == ("uploading", 0)
            await put(api, stack, path, 0, CONTENT[:500])
            async with asyncio.timeout(30):
                while orjson.loads(await socket.recv())["progress"]["bytes"] != 500:
                    pass
            await client.post(f"{path}/cancel", headers=stack.headers("a"))
            frames = [orjson.loads(frame) async for frame in socket]  # until the server closes
            assert frames[-1]["submission"]["state"] == "cancelled"
            assert socket.close_code == 1000
