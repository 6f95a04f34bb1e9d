"""``sanjian grafana pull``: brings back what people have changed in the browser, as a diff against the repository.

The repository's boards are made by code, so the diff is what somebody puts into that code; nothing is overwritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grafana.alerting import GROUP, RULES, rule_json
from grafana.catalogue import BOARDS
from grafana.difference import board_core, difference, shaped
from grafana.files import pretty
from grafana.model import FOLDER_UID
from grafana.remote import Remote
from grafana.render import board_json


@dataclass(frozen=True, slots=True)
class Pulled:
    """Something that is another one in Grafana. ``text``: from the repository to Grafana; ``there``: what Grafana has,
    None: nothing."""

    name: str
    text: str
    there: Any


def pull(remote: Remote) -> list[Pulled]:
    """What differs: boards of ours, boards that somebody put beside them, rules. Raises Misconfigured, NotNow."""
    found = [_board(remote, board_json(board)) for board in BOARDS]
    found += _others(remote)
    known = remote.get(f"/v1/provisioning/folder/{FOLDER_UID}/rule-groups/{GROUP}")
    wanted = [rule_json(rule) for rule in RULES]
    rules = None if known is None else known["rules"]
    there = None if rules is None else shaped(rules, wanted)
    found.append(Pulled("alert-rules", _back(wanted, there, "alert-rules"), rules))
    return [one for one in found if one.text]


def keep(pulled: list[Pulled], folder: Path) -> list[Path]:
    """Write each as a diff and, as Grafana has it, as JSON; the paths."""
    paths = []
    for one in pulled:
        path = folder / f"{one.name.replace('/', '-')}.diff"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one.text + "\n", encoding="utf-8")
        paths.append(path)
        if one.there is not None:
            path = path.with_suffix(".json")
            path.write_bytes(pretty(one.there))
            paths.append(path)
    return paths


def _board(remote: Remote, ours: dict[str, Any]) -> Pulled:
    found = remote.get(f"/dashboards/uid/{ours['uid']}")
    there = board_core(found["dashboard"]) if found else None
    name = f"boards/{ours['uid']}"
    return Pulled(name, _back(ours, there, name), there)


def _others(remote: Remote) -> list[Pulled]:
    """Boards in our folder that the repository does not know."""
    known = {board.uid for board in BOARDS}
    listed = remote.get(f"/search?type=dash-db&folderUIDs={FOLDER_UID}&limit=1000") or []
    found = []
    for uid in sorted(str(one["uid"]) for one in listed):
        if uid not in known and (board := remote.get(f"/dashboards/uid/{uid}")):
            there = board_core(board["dashboard"])
            found.append(Pulled(f"boards/{uid}", _back(None, there, f"boards/{uid}"), there))
    return found


def _back(ours: Any, there: Any, name: str) -> str:
    return difference(ours, there, name).replace("--- grafana/", "--- repository/").replace(
        "+++ repository/", "+++ grafana/"
    )  # fmt: skip
