"""``sanjian grafana push``: brings Grafana to what the repository says. The order of work:

1. the plugin is there · 2. data source · 3. folder · 4. boards · 5. alert rules · 6. contact point · 7. policy

Every step looks first and writes only what differs, so a push that failed halfway is simply repeated, and a second one
does nothing. A board that somebody has changed in the browser since our last push is not overwritten unless asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from grafana.alerting import CONTACT, EVERY_SECONDS, GROUP, RULES, contact_json, route_json, rule_json
from grafana.catalogue import BOARDS
from grafana.difference import board_core, difference, shaped
from grafana.files import clickhouse_json
from grafana.model import CLICKHOUSE, FOLDER_TITLE, FOLDER_UID
from grafana.remote import Conflict, Remote
from grafana.render import board_json
from sanjian.errors import Misconfigured
from sanjian.settings import Settings

#: What a version of a board says that we have pushed; another message: somebody has changed it.
MESSAGE = "sanjian grafana push"
_NATIVE_PORT, _NATIVE_TLS_PORT = 9000, 9440
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that differs. ``text``: how; ``why``: why it is left as it is, empty: it is written by ``apply``."""

    name: str
    text: str
    apply: Callable[[], object]
    why: str = ""


def changes(remote: Remote, settings: Settings, *, overwrite: bool = False) -> Iterator[Change]:
    """What differs, in the order of work; each is looked at when the one before it has been written or passed by.

    Raises Misconfigured, NotNow.
    """
    _plugin(remote)
    yield from _datasource(remote, settings)
    yield from _folder(remote)
    for board in BOARDS:
        yield from _board(remote, board_json(board), overwrite)
    yield from _rules(remote)
    if settings.grafana_client_id:
        yield from _contact(remote, settings)
        yield from _policy(remote)


def push(remote: Remote, settings: Settings, *, overwrite: bool = False) -> Iterator[Change]:
    """Write what differs and give it; what is not written says why. Raises Misconfigured, NotNow."""
    for change in changes(remote, settings, overwrite=overwrite):
        if not change.why:
            try:
                change.apply()
            except Conflict as error:
                raise Misconfigured(f"{change.name}: {_conflict(error)}") from error
        yield change


def _conflict(error: Conflict) -> str:
    known = {
        "version-mismatch": "推送时有人修改了它，请先 pull · somebody has just changed it: pull first",
        "name-exists": "同名对象已存在 · there is another one of this name: rename or delete it",
    }
    return known.get(error.status, f"Grafana 拒绝 · Grafana refuses: {error}")


def _plugin(remote: Remote) -> None:
    kind = CLICKHOUSE["type"]
    if remote.get(f"/plugins/{kind}/settings") is None:
        raise Misconfigured(
            f"Grafana 没有插件 {kind} · Grafana lacks the plugin {kind}: "
            f"grafana cli plugins install {kind}, then restart it"
        )


def _datasource(remote: Remote, settings: Settings) -> Iterator[Change]:
    path = f"/datasources/uid/{CLICKHOUSE['uid']}"
    there = remote.get(path)
    if not settings.grafana_clickhouse:
        if there is None:
            raise Misconfigured(
                "请设置 SANJIAN_GRAFANA_CLICKHOUSE · set SANJIAN_GRAFANA_CLICKHOUSE: Grafana has no data source yet"
            )
        return  # somebody has set it up
    address = urlsplit(settings.grafana_clickhouse)
    secure = address.scheme == "clickhouses"
    wanted = clickhouse_json(
        host=address.hostname or "", port=address.port or (_NATIVE_TLS_PORT if secure else _NATIVE_PORT),
        database=address.path.strip("/") or "sanjian", user=address.username or "default", secure=secure,
    )  # fmt: skip
    if text := difference(None if there is None else shaped(there, wanted), wanted, "datasource"):
        full = wanted | {"secureJsonData": {"password": address.password or ""}}
        why = "由文件提供，请改文件 · it comes from a file: change the file" if there and there.get("readOnly") else ""
        if there is None:
            yield Change("datasource", text, lambda: remote.post("/datasources", full))
        else:
            yield Change("datasource", text, lambda: remote.put(path, full), why)


def _folder(remote: Remote) -> Iterator[Change]:
    there = remote.get(f"/folders/{FOLDER_UID}")
    wanted = {"uid": FOLDER_UID, "title": FOLDER_TITLE}
    if text := difference(None if there is None else shaped(there, wanted), wanted, "folder"):
        if there is None:
            yield Change("folder", text, lambda: remote.post("/folders", wanted))
        else:
            renamed = {"title": FOLDER_TITLE, "version": there["version"]}
            yield Change("folder", text, lambda: remote.put(f"/folders/{FOLDER_UID}", renamed))


def _board(remote: Remote, wanted: Json, overwrite: bool) -> Iterator[Change]:
    uid = str(wanted["uid"])
    found = remote.get(f"/dashboards/uid/{uid}")
    there = found["dashboard"] if found else None
    name = f"boards/{uid}"
    text = difference(board_core(there) if there else None, wanted, name)
    if not text and found and found["meta"].get("folderUid") != FOLDER_UID:
        text = f"--- folder {found['meta'].get('folderUid')}\n+++ folder {FOLDER_UID}"
    if not text:
        return
    known = {"id": there["id"], "version": there["version"]} if there else {"id": None, "version": 0}
    body = {"dashboard": wanted | known, "folderUid": FOLDER_UID, "message": MESSAGE, "overwrite": False}
    yield Change(name, text, lambda: remote.post("/dashboards/db", body), _why_not(remote, uid, found, overwrite))


def _why_not(remote: Remote, uid: str, found: Mapping[str, Any] | None, overwrite: bool) -> str:
    if found is None:
        return ""
    if found["meta"].get("provisioned"):
        return "由文件提供，请改文件 · it comes from a file: change the file"
    if not overwrite and not _ours(remote, uid):
        return "有人在浏览器中改过：先 pull，或用 --overwrite · changed in the browser: pull first, or --overwrite"
    return ""


def _ours(remote: Remote, uid: str) -> bool:
    """Whether the newest version of a board is one that we have pushed."""
    said = remote.get(f"/dashboards/uid/{uid}/versions?limit=1")
    versions = said.get("versions", []) if isinstance(said, dict) else said or []
    return bool(versions) and versions[0].get("message") == MESSAGE


def _rules(remote: Remote) -> Iterator[Change]:
    path = f"/v1/provisioning/folder/{FOLDER_UID}/rule-groups/{GROUP}"
    wanted = {
        "title": GROUP, "folderUid": FOLDER_UID, "interval": EVERY_SECONDS,
        "rules": [rule_json(rule) for rule in RULES],
    }  # fmt: skip
    there = remote.get(path)
    if text := difference(None if there is None else shaped(there, wanted), wanted, "alert-rules"):
        yield Change("alert-rules", text, lambda: remote.put(path, wanted))


def _contact(remote: Remote, settings: Settings) -> Iterator[Change]:
    url = settings.grafana_webhook or settings.public_url
    if not url:
        raise Misconfigured("请设置 SANJIAN_GRAFANA_WEBHOOK · set SANJIAN_GRAFANA_WEBHOOK: where Grafana reaches us")
    wanted = contact_json(url, settings.grafana_client_id, settings.grafana_client_secret)
    known = remote.get(f"/v1/provisioning/contact-points?name={CONTACT}") or []
    there = next((one for one in known if one["uid"] == CONTACT), None)
    shown = wanted | {"settings": wanted["settings"] | {"password": "******"}}
    if difference(None if there is None else shaped(there, wanted), wanted, ""):
        text = difference(None if there is None else shaped(there, shown), shown, "contact-point")
        if there is None:
            yield Change("contact-point", text, lambda: remote.post("/v1/provisioning/contact-points", wanted))
        else:
            path = f"/v1/provisioning/contact-points/{CONTACT}"
            yield Change("contact-point", text, lambda: remote.put(path, wanted))


def _policy(remote: Remote) -> Iterator[Change]:
    """Our route among those that are there; the rest of the tree is other people's."""
    tree = remote.get("/v1/provisioning/policies") or {}
    routes = list(tree.get("routes") or [])
    ours = route_json()
    at = next((place for place, one in enumerate(routes) if one.get("receiver") == CONTACT), None)
    there = None if at is None else shaped(routes[at], ours)
    if text := difference(there, ours, "policy"):
        wanted = [ours, *(route for place, route in enumerate(routes) if place != at)]
        yield Change("policy", text, lambda: remote.put("/v1/provisioning/policies", tree | {"routes": wanted}))
