"""An alert as lines of rich markup, Chinese first; what came from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.markup import escape

from streams.cases.texts import ACTIONS, KINDS

Alert = Mapping[str, Any]

SHOWN_RULES, SHOWN_EXAMPLES = 5, 3
#: Severity of a notice about a case → colour.
COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


def block(alert: Alert) -> str:
    """The alert for people: what was rejected and why, or what a case is about."""
    return "\n".join(_case(alert) if alert.get("case") else _message(alert))


def _message(alert: Alert) -> Iterator[str]:
    """An alert of the pipeline: one message of the institution."""
    counts = alert["counts"]
    what = "无法读取 unreadable" if alert["kind"] == "unreadable" else "拒收 rejected"
    yield f"[bold red]{what}[/] {_place(alert)} 批次 batch {_text(alert['batch'])}"
    yield (
        f"  接收 received {counts['received']} · 入库 accepted {counts['accepted']} · "
        f"拒收 rejected {counts['rejected']} · 警告 flagged {counts['flagged']} · "
        f"无法读取 unreadable {counts['unreadable']}"
    )
    if alert.get("unreadable"):
        yield f"  {_text(alert['unreadable']['detail_zh'])} · {_text(alert['unreadable']['detail_en'])}"
    for rule in alert.get("rules", [])[:SHOWN_RULES]:
        colour = "red" if rule["severity"] == "error" else "yellow"
        yield f"  [{colour}]{_text(rule['rule_id'])}[/] × {rule['rows']}  {_text(rule['zh'])} · {_text(rule['en'])}"
        yield f"    → {_text(rule['fix_zh'])} · {_text(rule['fix_en'])}"
    for example in alert.get("examples", [])[:SHOWN_EXAMPLES]:
        yield (
            f"    [dim]第 row {example['row']} · {_text(example['row_key'])} · {_text(example['column_zh'])}"
            f"（{_text(example['column'])}）= {_text(example['value'])}[/]"
        )


def _case(alert: Alert) -> Iterator[str]:
    """A notice about a case: a gap, a rate, …; what happened to it, what it is, what to do."""
    colour = COLOURS.get(alert["severity"], "yellow")
    kind = _words(KINDS, alert["kind"])
    action = _words(ACTIONS, alert["case"]["action"])
    yield f"[bold {colour}]{kind}[/] {_place(alert)}  [{colour}]{action}[/]"
    yield f"  {_text(alert['zh'])} · {_text(alert['en'])}"
    if alert.get("fix_zh") or alert.get("fix_en"):
        yield f"    → {_text(alert['fix_zh'])} · {_text(alert['fix_en'])}"
    if alert.get("link"):
        yield f"    [dim]{_text(alert['link'])}[/]"


def _place(alert: Alert) -> str:
    named = f" {_text(alert['org_name'])}" if alert.get("org_name") else ""
    return f"{_text(alert['raised_at'])}  [bold]{_text(alert['org'])}[/]{named} {_text(alert['table'])}".rstrip()


def _words(known: Mapping[str, tuple[str, str]], name: str) -> str:
    return " ".join(known.get(name, (_text(name),)))


def _text(value: object) -> str:
    return escape(str(value))
