"""Compose files as docker compose reads them: one over the other, ``extends``, variables with their defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]

#: ${NAME}, ${NAME:-default}; $$ is a dollar.
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")
#: Lists that a later file replaces; the others it adds to.
_REPLACED = frozenset({"command", "entrypoint", "test"})


@dataclass
class Project:
    """Files of ``root``, merged. ``variables``: the names that they ask for, with their defaults."""

    root: Path
    names: Sequence[str]
    content: Json = field(default_factory=dict)
    variables: dict[str, set[str]] = field(default_factory=dict)

    @property
    def services(self) -> Mapping[str, Json]:
        """By name."""
        found: Mapping[str, Json] = self.content.get("services", {})
        return found

    @property
    def label(self) -> str:
        """The files, for a sentence."""
        return " + ".join(self.names)


def load(root: Path, names: Sequence[str]) -> Project:
    """The files ``names`` of ``root`` as one, the later over the earlier."""
    project = Project(root, names)
    for name in names:
        content = _read(root, name)
        for service, told in content.get("services", {}).items():
            content["services"][service] = _extended(root, told)
        project.content = merged(project.content, content)
    project.content = {name: value for name, value in project.content.items() if not name.startswith("x-")}
    project.content = _filled(project.content, project.variables)
    return project


def merged(below: Any, over: Any, key: str = "") -> Any:
    """``over`` on top of ``below``, as the compose specification says."""
    if isinstance(below, dict) and isinstance(over, dict):
        return {name: merged(below[name], over[name], name) if name in below and name in over
                else over.get(name, below.get(name)) for name in {**below, **over}}  # fmt: skip
    if isinstance(below, list) and isinstance(over, list) and key not in _REPLACED:
        new = {target(one) for one in over}
        return [one for one in below if target(one) not in new] + over
    return over


def target(one: Any) -> str:
    """What makes an entry of a list unique: a volume by where it is mounted, the rest by what it says."""
    if isinstance(one, dict):
        return str(one.get("target") or one.get("source") or one)
    parts = str(one).rsplit(":", 2)
    mounted = [part for part in parts if part.startswith("/")]
    return mounted[-1] if mounted and len(parts) > 1 else str(one)


def _extended(root: Path, told: Json) -> Json:
    given = told.pop("extends", None)
    if given is None:
        return told
    below = _read(root, given["file"])["services"][given["service"]]
    # a service that it waits for is not taken over
    return dict(merged({name: value for name, value in below.items() if name != "depends_on"}, told))


def _read(root: Path, name: str) -> Json:
    return dict(yaml.load((root / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


def _filled(value: Any, variables: dict[str, set[str]]) -> Any:
    """Every variable's default in its place; notes which ones there are."""
    match value:
        case dict():
            return {name: _filled(one, variables) for name, one in value.items()}
        case list():
            return [_filled(one, variables) for one in value]
        case str():
            return _VARIABLE.sub(lambda found: _default(found, variables), value)
        case _:
            return value


def _default(found: re.Match[str], variables: dict[str, set[str]]) -> str:
    if found["name"] is None:
        return "$"
    default = found["default"] or ""
    variables.setdefault(found["name"], set()).add(default)
    return default
