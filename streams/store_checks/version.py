"""Versions of the rules of scope ``store``, by table: what was found with another version has to be looked at again.

A version is a short hash of what decides about rows: the checks with their conditions, what counts as revoked, and the
standard's lists where a check looks into them. Texts do not count. Pure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from standard.model import Check, Standard

#: Kinds that look into the standard's lists.
LISTS = frozenset({"dictionary_store", "sex_store", "age_store"})
#: Hex digits: enough to tell versions apart.
LENGTH = 12


def rule_versions(standard: Standard) -> Mapping[str, str]:
    """Table → version of its rules, of those that have any."""
    lists = _digest(_lists(standard))
    found = {}
    for name, table in standard.tables.items():
        rules = {rule.id: [_told(check) for check in rule.store] for rule in table.rules if rule.store}
        if rules:
            looks = any(check.kind in LISTS for rule in table.rules for check in rule.store)
            found[name] = _digest([rules, standard.settings["revoked_values"], lists if looks else ""])
    return found


def _told(check: Check) -> list[Any]:
    return [check.kind, check.columns, check.severity, check.params, check.when]


def _lists(standard: Standard) -> list[Any]:
    return [
        {name: list(codes.codes) for name, codes in standard.code_sets.items()},
        {kind: {code: entry.fields for code, entry in known.items()} for kind, known in standard.catalogues.items()},
        {name: list(codes) for name, codes in standard.dictionaries.items()},
        [astuple(one) for one in standard.restrictions],
    ]


def _digest(content: object) -> str:
    told = json.dumps(content, default=dict, sort_keys=True)  # mappings of the standard are read-only proxies
    return hashlib.sha256(told.encode()).hexdigest()[:LENGTH]
