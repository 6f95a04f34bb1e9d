"""The used part of Grafana's HTTP API, as documented, with its status codes and bodies; in memory.

Boards keep versions, saving an older one than there is answers 412 (version-mismatch), two boards of a name 412, two
folders or data sources of a name 409, what is not there 404, a wrong token 401, a token without rights 403. ``broken``
fails calls on purpose.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

TOKEN, VIEWER = "glsa_right", "glsa_viewer"
USER, PASSWORD = "admin", "s3cret"
PLUGIN = "grafana-clickhouse-datasource"
Json = dict[str, Any]
Answer = tuple[int, Any]


@dataclass
class State:
    """What this Grafana holds. ``writes``: every call that changed something."""

    plugins: set[str] = field(default_factory=lambda: {PLUGIN})
    datasources: dict[str, Json] = field(default_factory=dict)
    folders: dict[str, Json] = field(default_factory=dict)
    boards: dict[str, list[Json]] = field(default_factory=dict)
    groups: dict[tuple[str, str], Json] = field(default_factory=dict)
    contacts: dict[str, Json] = field(default_factory=dict)
    policy: Json = field(
        default_factory=lambda: {"receiver": "grafana-default-email", "routes": [{"receiver": "other"}]}
    )
    provisioned: set[str] = field(default_factory=set)
    writes: list[str] = field(default_factory=list)
    broken: dict[str, int] = field(default_factory=dict)
    url: str = ""

    def edit(self, uid: str, change: Callable[[Json], None]) -> None:
        """Somebody changes a board in the browser."""
        newest = self.boards[uid][-1]
        board = orjson.loads(orjson.dumps(newest["board"]))
        change(board)
        self.boards[uid].append({**newest, "board": board, "message": ""})

    def answer(self, method: str, target: str, body: Any) -> Answer:
        """What a call gives."""
        address = urlsplit(target)
        path, query = address.path.removeprefix("/grafana").removeprefix("/api"), parse_qs(address.query)
        for wanted, pattern, found in _ROUTES:
            if wanted == method and (match := re.fullmatch(pattern, path)):
                for part, status in self.broken.items():
                    if part in path and method != "GET":
                        return status, {"message": "Internal server error"}
                status, said = found(self, *match.groups(), body=body, query=query)
                if method != "GET" and status < 300:
                    self.writes.append(f"{method} {path}")
                return status, said
        return 404, {"message": "Not found"}


def _plugin(state: State, name: str, **_: Any) -> Answer:
    if name not in state.plugins:
        return 404, {"message": "Plugin not found, no installed plugin with that id"}
    return 200, {"id": name, "enabled": True}


def _datasource(state: State, uid: str, **_: Any) -> Answer:
    found = state.datasources.get(uid)
    return (200, found) if found else (404, {"message": "Data source not found"})


def _kept(body: Json, ident: int) -> Json:
    """Secrets are never given out again."""
    fields = dict.fromkeys(body.get("secureJsonData", {}), True)
    shown = {name: value for name, value in body.items() if name != "secureJsonData"}
    return {"id": ident, "orgId": 1, "readOnly": False, "version": 1, **shown, "secureJsonFields": fields}


def _new_datasource(state: State, *, body: Json, **_: Any) -> Answer:
    if any(one["name"] == body["name"] for one in state.datasources.values()):
        return 409, {"message": "data source with the same name already exists", "traceID": ""}
    state.datasources[body["uid"]] = _kept(body, len(state.datasources) + 1)
    return 200, {"id": 1, "message": "Datasource added", "name": body["name"]}


def _put_datasource(state: State, uid: str, *, body: Json, **_: Any) -> Answer:
    if uid not in state.datasources:
        return 404, {"message": "Data source not found"}
    state.datasources[uid] = _kept(body, 1)
    return 200, {"message": "Datasource updated"}


def _folder(state: State, uid: str, **_: Any) -> Answer:
    found = state.folders.get(uid)
    return (200, found) if found else (404, {"message": "folder not found", "status": "not-found"})


def _new_folder(state: State, *, body: Json, **_: Any) -> Answer:
    if any(one["title"] == body["title"] for one in state.folders.values()):
        return 409, {"message": "a folder with the same name already exists in the current location"}
    state.folders[body["uid"]] = {**body, "id": 1, "version": 1}
    return 200, state.folders[body["uid"]]


def _put_folder(state: State, uid: str, *, body: Json, **_: Any) -> Answer:
    there = state.folders[uid]
    if body.get("version") != there["version"]:
        return 412, {"message": "the folder has been changed by someone else", "status": "version-mismatch"}
    state.folders[uid] = {**there, "title": body["title"], "version": there["version"] + 1}
    return 200, state.folders[uid]


def _board(state: State, uid: str, **_: Any) -> Answer:
    if uid not in state.boards:
        return 404, {"message": "Dashboard not found"}
    versions = state.boards[uid]
    newest = versions[-1]
    meta = {"folderUid": newest["folder"], "provisioned": uid in state.provisioned, "version": len(versions)}
    return 200, {"dashboard": {**newest["board"], "id": 7, "version": len(versions)}, "meta": meta}


def _versions(state: State, uid: str, **_: Any) -> Answer:
    newest = state.boards[uid][-1]
    return 200, {"continueToken": "", "versions": [{"version": len(state.boards[uid]), "message": newest["message"]}]}


def _save_board(state: State, *, body: Json, **_: Any) -> Answer:
    board = dict(body["dashboard"])
    uid, version = board["uid"], board.pop("version")
    board.pop("id")
    if uid in state.provisioned:
        return 400, {"message": "Cannot save provisioned dashboard"}
    if body["folderUid"] not in state.folders:
        return 400, {"message": "folder not found"}
    there = state.boards.get(uid, [])
    if not body["overwrite"] and version != len(there):
        return 412, {"message": "The dashboard has been changed by someone else", "status": "version-mismatch"}
    same = [one for one, kept in state.boards.items() if one != uid and kept[-1]["board"]["title"] == board["title"]]
    if same:
        return 412, {"message": "A dashboard with the same name in the folder already exists", "status": "name-exists"}
    state.boards[uid] = [*there, {"board": board, "folder": body["folderUid"], "message": body["message"]}]
    return 200, {"id": 7, "uid": uid, "status": "success", "version": len(state.boards[uid])}


def _search(state: State, *, query: dict[str, list[str]], **_: Any) -> Answer:
    [folder] = query["folderUIDs"]
    return 200, [{"uid": uid, "type": "dash-db"} for uid, kept in state.boards.items() if kept[-1]["folder"] == folder]


def _group(state: State, folder: str, name: str, **_: Any) -> Answer:
    found = state.groups.get((folder, name))
    return (200, found) if found else (404, {"message": "rule group does not exist"})


def _put_group(state: State, folder: str, name: str, *, body: Json, **_: Any) -> Answer:
    if folder not in state.folders:
        return 404, {"message": "folder does not exist"}
    if "rules" in state.provisioned:
        return 409, {"message": "cannot change provenance from 'file' to ''"}
    # Grafana adds what it needs
    rules = [{**rule, "id": at, "orgID": 1, "updated": "2026-11-21T00:00:00Z", "record": None}
             for at, rule in enumerate(body["rules"])]  # fmt: skip
    state.groups[folder, name] = {**body, "rules": rules}
    return 200, state.groups[folder, name]


def _contacts(state: State, *, query: dict[str, list[str]], **_: Any) -> Answer:
    found = [one for one in state.contacts.values() if one["name"] in query["name"]]
    return 200, [{**one, "settings": {**one["settings"], "password": "[REDACTED]"}} for one in found]


def _new_contact(state: State, *, body: Json, **_: Any) -> Answer:
    state.contacts[body["uid"]] = body
    return 202, body


def _put_contact(state: State, uid: str, *, body: Json, **_: Any) -> Answer:
    state.contacts[uid] = body
    return 202, {"message": "contactpoint updated"}


def _policy(state: State, **_: Any) -> Answer:
    return 200, state.policy


def _put_policy(state: State, *, body: Json, **_: Any) -> Answer:
    if any(route["receiver"] not in {*state.contacts, "other"} for route in body["routes"]):
        return 400, {"message": "receiver does not exist"}
    state.policy = body
    return 202, {"message": "policies updated"}


_ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("GET", r"/plugins/([\w-]+)/settings", _plugin),
    ("GET", r"/datasources/uid/([\w-]+)", _datasource),
    ("POST", r"/datasources", _new_datasource),
    ("PUT", r"/datasources/uid/([\w-]+)", _put_datasource),
    ("GET", r"/folders/([\w-]+)", _folder),
    ("POST", r"/folders", _new_folder),
    ("PUT", r"/folders/([\w-]+)", _put_folder),
    ("GET", r"/dashboards/uid/([\w-]+)", _board),
    ("GET", r"/dashboards/uid/([\w-]+)/versions", _versions),
    ("POST", r"/dashboards/db", _save_board),
    ("GET", r"/search", _search),
    ("GET", r"/v1/provisioning/folder/([\w-]+)/rule-groups/([\w-]+)", _group),
    ("PUT", r"/v1/provisioning/folder/([\w-]+)/rule-groups/([\w-]+)", _put_group),
    ("GET", r"/v1/provisioning/contact-points", _contacts),
    ("POST", r"/v1/provisioning/contact-points", _new_contact),
    ("PUT", r"/v1/provisioning/contact-points/([\w-]+)", _put_contact),
    ("GET", r"/v1/provisioning/policies", _policy),
    ("PUT", r"/v1/provisioning/policies", _put_policy),
]


@contextmanager
def serving() -> Iterator[State]:
    """A Grafana on a free port of this machine."""
    state = State()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body leave together

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = orjson.loads(self.rfile.read(length) or b"null")
            status, said = self._allowed() or state.answer(self.command, self.path, body)
            content = orjson.dumps(said)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = handle_any  # noqa: N815

        def _allowed(self) -> Answer | None:
            given = self.headers.get("Authorization", "")
            basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            if given in (f"Bearer {TOKEN}", basic):
                return None
            if given == f"Bearer {VIEWER}":
                return None if self.command == "GET" else (403, {"message": "You'll need additional permissions"})
            return 401, {"message": "Invalid API key", "messageId": "api-key.invalid", "statusCode": 401}

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield state
        server.shutdown()
        thread.join()
