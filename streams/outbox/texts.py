"""A notice as text: markdown of the robots, plain text and HTML of e-mails. Pure; Chinese first.

Names of institutions and local codes come from outside: in markdown their special characters become full-width ones,
so that nobody can put a link or a mention into a group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Literal

from streams.cases.texts import ACTIONS, KINDS, SEVERITIES

Payload = Mapping[str, Any]

_HARMLESS = str.maketrans("<>[]*`@\n\r", "＜＞［］＊＇＠  ")
#: WeCom knows three colours.
_COLOURS = {"critical": "warning", "warning": "warning", "info": "comment"}
#: Alerts carry "error" where a case is critical.
_CASE_SEVERITY = {"error": "critical"}


def title(payload: Payload) -> str:
    """``【严重】漏传 · 新告警 · 历城区示范医院``: one line, without markup."""
    severity = SEVERITIES[_severity(payload)][0]
    action = _action(payload)[0]
    who = payload.get("org_name") or payload["org"]
    parts = [KINDS[payload["kind"]][0], *([action] if action else []), *([who] if who else [])]
    return f"【{severity}】{' · '.join(parts)}".translate(_HARMLESS)


def markdown(payload: Payload, robot: Literal["wecom", "dingtalk"]) -> str:
    """The message of a group robot; lines are paragraphs in DingTalk."""
    bold = f"**{title(payload)}**"
    if robot == "wecom":
        bold = f'<font color="{_colour(payload)}">{bold}</font>'
    lines = [bold, *(f"> {zh} {en}：{value.translate(_HARMLESS)}" for zh, en, value in _facts(payload))]
    lines += [text.translate(_HARMLESS) for text in _texts(payload)]
    lines += [f"- {text.translate(_HARMLESS)}" for text in _listed(payload)]
    if payload.get("link"):
        lines.append(f"[查看 open]({payload['link']})")
    return ("\n\n" if robot == "dingtalk" else "\n").join(lines)


def plain(payload: Payload) -> str:
    """The text part of an e-mail."""
    lines = [title(payload), "", *(f"{zh} {en}：{value}" for zh, en, value in _facts(payload)), ""]
    lines += [*_texts(payload), *(f"- {text}" for text in _listed(payload))]
    return "\n".join([*lines, *(["", payload["link"]] if payload.get("link") else [])]) + "\n"


def html(payload: Payload) -> str:
    """The HTML part of an e-mail; nothing is loaded from anywhere."""
    facts = "".join(
        f"<tr><td style='color:#666;padding-right:1em'>{zh} {en}</td><td>{escape(value)}</td></tr>"
        for zh, en, value in _facts(payload)
    )
    texts = "".join(f"<p>{escape(text)}</p>" for text in _texts(payload))
    listed = "".join(f"<li>{escape(text)}</li>" for text in _listed(payload))
    link = f"<p><a href='{escape(payload['link'], quote=True)}'>查看 open</a></p>" if payload.get("link") else ""
    return (
        "<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'></head>"
        f"<body style='font-family:sans-serif'><h3>{escape(title(payload))}</h3><table>{facts}</table>{texts}"
        f"{f'<ul>{listed}</ul>' if listed else ''}{link}</body></html>"
    )


def cut(text: str, most: int) -> str:
    """At most so many bytes of UTF-8; what was cut off is said."""
    if len(text.encode()) <= most:
        return text
    mark = "\n…"
    return text.encode()[: most - len(mark.encode())].decode(errors="ignore") + mark


def _severity(payload: Payload) -> str:
    return str(_CASE_SEVERITY.get(payload["severity"], payload["severity"]))


def _action(payload: Payload) -> tuple[str, str]:
    case = payload.get("case")
    return ACTIONS[case["action"]] if case else ("", "")


def _colour(payload: Payload) -> str:
    case = payload.get("case")
    return "info" if case and case["state"] == "resolved" else _COLOURS[_severity(payload)]


def _facts(payload: Payload) -> Iterator[tuple[str, str, str]]:
    """(Chinese label, English label, value)."""
    case: Mapping[str, Any] = payload.get("case") or {}
    if payload["org"]:
        yield "机构", "institution", f"{payload.get('org_name', '')} {payload['org']}".strip()
    if payload["table"]:
        yield "表", "table", payload["table"]
    if payload.get("biz_date"):
        yield "业务日期", "date", payload["biz_date"]
    measure = payload.get("measure") or {}
    if measure.get("denominator"):
        yield "数值", "measured", _measured(measure)
    if case:
        yield "发现时间", "since", case["opened_at"][:16].replace("T", " ")
    if case.get("due_at"):
        yield "期限", "due", case["due_at"][:16].replace("T", " ")
    if case.get("actor", "sanjian") != "sanjian":
        yield "操作人", "by", case["actor"]
    if case.get("note"):
        yield "备注", "note", case["note"]


def _measured(measure: Mapping[str, float | None]) -> str:
    numerator, denominator, threshold = measure["numerator"] or 0, measure["denominator"] or 1, measure["threshold"]
    limit = f"，阈值 threshold {threshold:g}" if threshold else ""
    return f"{numerator:g} / {denominator:g}{limit}"


def _texts(payload: Payload) -> list[str]:
    found = [payload["zh"], payload["en"]]
    if payload.get("fix_zh"):
        found += [f"处理：{payload['fix_zh']}", f"What to do: {payload['fix_en']}"]
    return [text for text in found if text]


def _listed(payload: Payload) -> list[str]:
    """The open cases of a digest."""
    details = payload.get("details") or {}
    if payload["kind"] != "digest":
        return []
    lines = [
        f"【{SEVERITIES[one['severity']][0]}】{KINDS[one['kind']][0]} {one['biz_date'] or ''} {one['zh']}"
        for one in details["cases"]
    ]
    return [*lines, f"还有 {details['more']} 项 · {details['more']} more"] if details["more"] else lines
