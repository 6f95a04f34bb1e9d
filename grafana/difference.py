"""What would change: two things of Grafana compared as text, line by line. Pure."""

from __future__ import annotations

import difflib
from typing import Any

import orjson

#: What Grafana gives a board of its own accord.
_OWN = ("id", "version", "iteration")
#: Grafana never gives a secret out again.
REDACTED = "[REDACTED]"


def board_core(board: dict[str, Any]) -> dict[str, Any]:
    """A board without what is the server's."""
    return {name: value for name, value in board.items() if name not in _OWN}


def shaped(there: Any, wanted: Any) -> Any:
    """What is there, cut to what we say about it: Grafana adds defaults, and it gives out no secrets (they count as
    equal)."""
    if isinstance(wanted, dict) and isinstance(there, dict):
        return {name: shaped(there.get(name), value) for name, value in wanted.items()}
    if isinstance(wanted, list) and isinstance(there, list) and len(wanted) == len(there):
        return [shaped(one, other) for one, other in zip(there, wanted, strict=True)]
    return wanted if there == REDACTED else there


def difference(there: Any, wanted: Any, name: str) -> str:
    """From what is there to what is wanted, as a unified diff; empty: nothing. SQL is shown line by line."""
    if there == wanted:
        return ""
    lines = difflib.unified_diff(_lines(there), _lines(wanted), f"grafana/{name}", f"repository/{name}", lineterm="")
    return "\n".join(lines)


def _lines(content: Any) -> list[str]:
    if content is None:
        return []
    text = orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
    return [part for line in text.splitlines() for part in line.split("\\n")]
