"""What lies in ``boards/`` and ``provisioning/``: written by ``sanjian grafana render``, mounted by a container.

Grafana reads ``$__env{…}`` and ``$__file{…}`` in provisioning files, so addresses and secrets are the container's;
every other ``$`` there would be read as one, too, and is doubled.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import yaml

from grafana.alerting import contacts_file, policies_file, rules_file
from grafana.catalogue import BOARDS
from grafana.model import CLICKHOUSE, FOLDER_TITLE, FOLDER_UID, PROMETHEUS
from grafana.render import board_json

HERE = Path(__file__).parent
#: Where the container of Grafana sees ``boards/``.
MOUNTED = "/var/lib/grafana/boards"
_HEAD = "# Written by: sanjian grafana render. Changes belong into the package grafana.\n"
#: How often Grafana looks whether a file of a board has changed, in seconds.
_LOOK_SECONDS = 60


def files() -> Mapping[str, bytes]:
    """Every file, by its path below the package; the same in every run."""
    found = {f"boards/{board.uid}.json": pretty(board_json(board)) for board in BOARDS}
    provisioned = {
        "datasources/sanjian.yaml": datasources(),
        "dashboards/sanjian.yaml": providers(),
        "alerting/rules.yaml": _literal(rules_file()),
        "alerting/contact_points.yaml": contacts_file(),
        "alerting/policies.yaml": policies_file(),
    }
    return found | {f"provisioning/{name}": _yaml(content) for name, content in provisioned.items()}


def write(folder: Path = HERE) -> list[str]:
    """Write all files; paths of those that changed. Boards that there are no more go."""
    wanted, changed = files(), []
    for name, content in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
            changed.append(name)
    for path in sorted((folder / "boards").glob("*.json")):
        if f"boards/{path.name}" not in wanted:
            path.unlink()
            changed.append(f"boards/{path.name}")
    return changed


def stale(folder: Path = HERE) -> list[str]:
    """Paths of files that are not what would be written."""
    wanted = files()
    there = {str(path.relative_to(folder)) for path in (folder / "boards").glob("*.json")}
    wrong = [name for name, content in wanted.items() if not _same(folder / name, content)]
    return sorted({*wrong, *(there - wanted.keys())})


def pretty(content: Any) -> bytes:
    """JSON that people can compare line by line."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def datasources() -> dict[str, Any]:
    """The two data sources. The user of ClickHouse can only read; ``max_execution_time`` is all it may set."""
    clickhouse = {
        **clickhouse_json(
            host="$__env{CLICKHOUSE_HOST}", port="$__env{CLICKHOUSE_PORT}", database="$__env{CLICKHOUSE_DATABASE}",
            user="$__env{CLICKHOUSE_USER}", secure=False,
        ),
        "version": 1, "editable": False, "orgId": 1,
        "secureJsonData": {"password": "$__file{/run/secrets/clickhouse_grafana_password}"},
    }  # fmt: skip
    prometheus = {
        "name": "Sanjian Prometheus", **PROMETHEUS, "access": "proxy", "orgId": 1, "version": 1, "editable": False,
        "url": "$__env{PROMETHEUS_URL}", "isDefault": False, "jsonData": {"httpMethod": "POST"},
    }  # fmt: skip
    return {"apiVersion": 1, "prune": True, "datasources": [clickhouse, prometheus]}


def clickhouse_json(*, host: str, port: int | str, database: str, user: str, secure: bool) -> dict[str, Any]:
    """The data source of the boards, but for the password."""
    return {
        "name": "Sanjian ClickHouse", **CLICKHOUSE, "access": "proxy", "isDefault": True,
        "jsonData": {
            "host": host, "port": port, "protocol": "native", "secure": secure, "username": user,
            "defaultDatabase": database, "queryTimeout": "60", "dialTimeout": "10", "validateSql": False,
        },
    }  # fmt: skip


def providers() -> dict[str, Any]:
    """Where Grafana finds the boards."""
    provider = {
        "name": "sanjian", "orgId": 1, "folder": FOLDER_TITLE, "folderUid": FOLDER_UID, "type": "file",
        "disableDeletion": False, "allowUiUpdates": False, "updateIntervalSeconds": _LOOK_SECONDS,
        "options": {"path": MOUNTED, "foldersFromFilesStructure": False},
    }  # fmt: skip
    return {"apiVersion": 1, "providers": [provider]}


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


class _Readable(yaml.SafeDumper):
    """SQL as lines, not as one quoted text; nothing is an alias of something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Readable.add_representer(str, _text)


def _yaml(content: Any) -> bytes:
    text = yaml.dump(content, Dumper=_Readable, allow_unicode=True, sort_keys=False, width=1000)
    return (_HEAD + text).encode()


def _literal(content: Any) -> Any:
    """The same with each ``$`` doubled: Grafana makes one of the two again."""
    match content:
        case str():
            return content.replace("$", "$$")
        case list():
            return [_literal(part) for part in content]
        case dict():
            return {name: _literal(part) for name, part in content.items()}
        case _:
            return content
