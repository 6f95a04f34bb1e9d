"""Repeats: a check or a condition that is written once for a group of columns and stands for one each.

``{for: procedure, kind: mandatory, columns: [$date], when: {$code: {filled: true}}}`` is ten checks where the table's
group ``procedure`` has ten columns in each role. Pure; works on what YAML gave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from standard.settings import StandardError
from standard.vocabulary import MANY

#: group → role → columns; all roles of a group have equally many.
Groups = Mapping[str, Mapping[str, tuple[str, ...]]]
FOR = "for"
ROLE = "$"


def repeated(check: Mapping[str, Any], groups: Groups, where: str) -> Iterator[dict[str, Any]]:
    """The checks that a written one stands for. Raises StandardError for a group or a role that is not there."""
    for one in _each(check, groups, where):
        if "when" in one:
            one["when"] = _conditions(one["when"], groups, where)
        yield one


def _each(entry: Mapping[str, Any], groups: Groups, where: str) -> Iterator[dict[str, Any]]:
    if FOR not in entry:
        yield dict(entry)
        return
    group = groups.get(entry[FOR])
    if group is None:
        raise StandardError(f"{where}: there is no group {entry[FOR]!r}")
    content = {key: value for key, value in entry.items() if key != FOR}
    for place in range(len(next(iter(group.values())))):
        yield _filled(content, group, place, where)


def _conditions(conditions: Mapping[str, Any], groups: Groups, where: str) -> dict[str, Any]:
    return {
        key: [_conditions(one, groups, where) for part in value for one in _each(part, groups, where)]
        if key in MANY
        else value
        for key, value in conditions.items()
    }


def _filled(value: Any, group: Mapping[str, tuple[str, ...]], place: int, where: str) -> Any:
    """The value with every ``$role`` replaced; conditions with a ``for`` of their own are left as they are."""
    if isinstance(value, str) and value.startswith(ROLE):
        role = value.removeprefix(ROLE)
        if role not in group:
            raise StandardError(f"{where}: the group has no role {role!r}")
        return group[role][place]
    if isinstance(value, Mapping):
        if FOR in value:
            return value
        return {_filled(key, group, place, where): _filled(part, group, place, where) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, group, place, where) for part in value]
    return value
