"""``sanjian submit``: a file of front pages handed in through the running server, with progress, resumable."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from sanjian import access
from sanjian.admin import ANSWER_SECONDS, Credentials, Data, Url, console
from sanjian.errors import Misconfigured, NotNow

#: The server is asked how far it is so often.
ASK_SECONDS = 0.3
#: A connection that broke is tried again after these pauses, then given up: ``--resume`` goes on.
PAUSES = (0.5, 1, 2, 4, 8, 15, 30)
_STEP = 1024 * 1024

Told = Callable[[dict[str, Any]], None]


def submit_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV、XLSX 或 DBF · file of front pages")],
    month: Annotated[str, typer.Option(help="出院月份，如 2026-10 · month of discharge")],
    org: Annotated[str, typer.Option(help="机构代码（代报时）· institution, for operators")] = "",
    tcm: Annotated[bool, typer.Option("--tcm", help="中医首页 · of Chinese medicine")] = False,
    resume: Annotated[str, typer.Option(help="继续这次上报 · go on with this submission")] = "",
    url: Url = "",
    credentials: Credentials = None,
    data: Data = Path("data"),
) -> None:
    """上报病案首页文件 · submit a file of front pages; exit code 1 when it was not taken."""
    with _client(url, credentials, data) as http, console.status("") as status:
        asked = {"month": month, "org": org, "variant": "tcm" if tcm else "western"}
        done = submit(http, file, asked, lambda found: status.update(line(found)), resume)
    one = done["submission"]
    console.print(line(done))
    if one["reason"]:
        console.print(f"{one['reason_zh']} · {one['reason_en']}")
    raise typer.Exit(0 if one["state"] == "done" else 1)


def submit(http: httpx.Client, file: Path, asked: dict[str, Any], told: Told, resume: str = "") -> dict[str, Any]:
    """Hand a file in and wait until the submission has ended; its last answer. Raises Misconfigured for a refusal,
    NotNow when the server stays away.

    :param asked: month, org and variant. :param told: gets every answer. :param resume: id of one that was begun.
    """
    if resume:
        found = call(http, "GET", f"/api/v1/submissions/{resume}")
    else:
        body = {**asked, "file": file.name, "size": file.stat().st_size, "sha256": digest(file)}
        found = call(http, "POST", "/api/v1/submissions", json=body)
    path = f"/api/v1/submissions/{found['submission']['id']}"
    told(found)
    if found["submission"]["state"] == "uploading":
        upload(http, file, path, found, told)
        found = call(http, "POST", f"{path}/finish")
    while found["submission"]["ended_at"] is None:
        told(found)
        time.sleep(ASK_SECONDS)
        found = call(http, "GET", path)
    return found


def upload(http: httpx.Client, file: Path, path: str, begun: dict[str, Any], told: Told) -> None:
    """Send what the server lacks; a piece that broke off is gone on with where the server says."""
    offset, size = begun["offset"], begun["progress"]["size"]
    with file.open("rb") as source:
        while offset < size:
            source.seek(offset)
            piece = source.read(begun["piece_bytes"])
            sent = call(http, "PUT", f"{path}/file", content=piece, headers={"Upload-Offset": str(offset)})
            offset = sent["offset"]
            told({**begun, "progress": {**begun["progress"], "bytes": offset}})


def call(http: httpx.Client, method: str, path: str, **more: Any) -> dict[str, Any]:
    """One call, made again while the server is away; of a piece in the wrong place the answer says the right one."""
    for pause in (*PAUSES, None):
        try:
            answer = http.request(method, path, **more)
        except httpx.TransportError as error:
            reason = type(error).__name__
        else:
            if answer.status_code not in (429, 503):
                return _content(answer)
            reason = str(answer.status_code)
        if pause is not None:
            time.sleep(pause)
    raise NotNow(f"{http.base_url} does not answer ({reason}).")


def line(found: dict[str, Any]) -> str:
    """How far it is, in one line."""
    one, far = found["submission"], found["progress"]
    parts = [f"{one['id']} {one['state_zh']} {one['state_en']}"]
    if one["state"] == "uploading":
        parts.append(f"{far['bytes'] / 1e6:.1f}/{far['size'] / 1e6:.1f} MB")
    if far["rows"]:
        parts.append(f"{far['validated']}/{far['rows']} 行 rows, 入库 {far['accepted']}, 拒收 {far['rejected']}")
    if far["rows_per_second"]:
        parts.append(f"{far['rows_per_second']:.0f}/s")
    return " · ".join(parts)


def digest(file: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    found = hashlib.sha256()
    with file.open("rb") as source:
        while piece := source.read(_STEP):
            found.update(piece)
    return found.hexdigest()


def _content(answer: httpx.Response) -> dict[str, Any]:
    content: dict[str, Any] = answer.json()
    if not answer.is_error:
        return content
    wrong = content.get("error", {})
    if wrong.get("code") in ("upload_offset", "upload_busy") and "offset" in wrong:
        return {"offset": wrong["offset"]}
    raise Misconfigured(f"{wrong.get('message_zh', answer.status_code)} · {wrong.get('message_en', '')}")


@contextmanager
def _client(url: str, credentials: Path | None, data: Path) -> Iterator[httpx.Client]:
    url, found = access.find(data, url, credentials)
    with httpx.Client(base_url=url, auth=access.Access(url, found), timeout=ANSWER_SECONDS) as http:
        yield http
