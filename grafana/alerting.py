"""Alert rules of Grafana: few, about the whole province and our own pipeline; everything about one institution is
watched by Sanjian itself. They end in Sanjian's webhook, so that they are cases like all others.

Each rule asks a named query for one number (A), takes it (B) and compares it (C).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from grafana.bindings import ALERT
from grafana.model import CLICKHOUSE, FOLDER_TITLE, FOLDER_UID
from grafana.render import target
from grafana.sql import panel_sql

Json = dict[str, Any]
GROUP, CONTACT = "sanjian", "sanjian-webhook"
WEBHOOK_PATH = "/api/v1/grafana/alerts"
#: How often the rules are asked, in seconds: the watch runs about as often.
EVERY_SECONDS = 60
#: A range of time has to be said; the queries say themselves what they look at.
_RANGE_SECONDS = 600
_EXPRESSION = {"type": "__expr__", "uid": "__expr__"}
#: Rows that Grafana leaves to its own choice otherwise.
_POINTS = 43200


@dataclass(frozen=True, slots=True)
class Rule:
    """``above``: from which value on (not included); ``lasts``: for so long before it fires, so that a short peak
    wakes nobody. ``no_data``: what it means when there is no number. ``board``: where to look."""

    uid: str
    title: str
    query: str
    above: float
    lasts: str
    severity: Literal["warning", "critical"]
    zh: str
    en: str
    fix_zh: str
    fix_en: str
    board: str
    no_data: Literal["OK", "Alerting", "NoData"] = "OK"


RULES: Sequence[Rule] = (
    Rule(
        "sanjian-anomaly-rate",
        "全省异常率过高",
        "alert_anomaly",
        0.05,
        "15m",
        "warning",
        "近 7 天全省异常率超过 5%",
        "The anomaly rate of all institutions over seven days is above 5 %",
        "看「数据检查报告」，联系异常率最高的机构，查看违反最多的规则。",
        "Look at the check report; call the institutions with the highest rates; see the rules that are violated most.",
        "sanjian-check-report",
    ),
    Rule(
        "sanjian-missing",
        "有机构漏传",
        "alert_missing",
        0,
        "10m",
        "warning",
        "有机构漏传，宽限期在近一天内结束",
        "Institutions have not uploaded what was due; their grace ended today",
        "看「数据上传实时监控」的漏传明细，电话联系。",
        "See the list of gaps on the upload board and call them.",
        "sanjian-uploads",
    ),
    Rule(
        "sanjian-ingest-lag",
        "入库滞后",
        "alert_lag",
        10,
        "5m",
        "critical",
        "数据到达 10 分钟后仍未入库，或监测没有运行",
        "What arrived ten minutes ago has not landed, or the watch does not run",
        "检查 worker 是否运行、ClickHouse 是否正常，必要时增加 worker。",
        "Check that workers run and ClickHouse answers; add workers if need be.",
        "sanjian-pipeline",
        "Alerting",
    ),
    Rule(
        "sanjian-ledger-gap",
        "流水缺口",
        "alert_ledger",
        0,
        "10m",
        "critical",
        "流水缺少消息",
        "The ledger lacks messages",
        "运行 sanjian audit --repair。",
        "Run sanjian audit --repair.",
        "sanjian-pipeline",
    ),
    Rule(
        "sanjian-dead-letters",
        "死信增多",
        "alert_letters",
        20,
        "5m",
        "warning",
        "一小时内死信超过 20 条",
        "More than 20 dead letters within an hour",
        "看「管道健康」的未处理死信，联系发送方。",
        "See the open dead letters on the pipeline board; call who sends them.",
        "sanjian-pipeline",
    ),
)


def rule_json(rule: Rule) -> Json:
    """A rule as the HTTP API takes it."""
    return {
        "uid": rule.uid,
        "title": rule.title,
        "ruleGroup": GROUP,
        "folderUID": FOLDER_UID,
        "condition": "C",
        "data": _data(rule),
        "noDataState": rule.no_data,
        "execErrState": "Error",
        "for": rule.lasts,
        "labels": _labels(rule),
        "annotations": _annotations(rule),
        "isPaused": False,
    }


def rules_file() -> Json:
    """All rules as a file that Grafana reads when it starts."""
    rules = [
        {
            "uid": rule.uid,
            "title": rule.title,
            "condition": "C",
            "data": _data(rule),
            "noDataState": rule.no_data,
            "execErrState": "Error",
            "for": rule.lasts,
            "labels": _labels(rule),
            "annotations": _annotations(rule),
            "isPaused": False,
        }
        for rule in RULES
    ]
    group = {"orgId": 1, "name": GROUP, "folder": FOLDER_TITLE, "interval": f"{EVERY_SECONDS}s", "rules": rules}
    return {"apiVersion": 1, "groups": [group]}


def contact_json(url: str, client_id: str, secret: str) -> Json:
    """Where alerts go, as the HTTP API takes it. Grafana shows id and secret as a Basic header."""
    return {
        "uid": CONTACT,
        "name": CONTACT,
        "type": "webhook",
        "disableResolveMessage": False,
        "settings": {
            "url": f"{url}{WEBHOOK_PATH}",
            "httpMethod": "POST",
            "username": client_id,
            "password": secret,
            "maxAlerts": "0",
        },
    }


def contacts_file() -> Json:
    """The contact point as a file; addresses and secrets are those of the container."""
    contact = contact_json(
        "$__env{SANJIAN_URL}", "$__env{SANJIAN_WEBHOOK_CLIENT}", "$__file{/run/secrets/grafana_webhook_secret}"
    )
    return {
        "apiVersion": 1,
        "contactPoints": [
            {
                "orgId": 1,
                "name": contact["name"],
                "receivers": [{name: contact[name] for name in ("uid", "type", "disableResolveMessage", "settings")}],
            }
        ],
    }


def route_json() -> Json:
    """Our alerts go to our contact point, each on its own, so that each is told again and ends by itself."""
    return {
        "receiver": CONTACT,
        "object_matchers": [["sanjian", "=", "grafana"]],
        "group_by": ["..."],
        "group_wait": "10s",
        "group_interval": "1m",
        "repeat_interval": "4h",
    }


def policies_file() -> Json:
    """The policy as a file. A file holds the whole tree: what else alerts belongs into a route beside ours."""
    tree = {"orgId": 1, "receiver": CONTACT, "group_by": ["alertname"], "routes": [route_json()]}
    return {"apiVersion": 1, "policies": [tree]}


def _data(rule: Rule) -> list[Json]:
    query = target(panel_sql(rule.query, ALERT), series=False) | {"intervalMs": 60_000, "maxDataPoints": _POINTS}
    return [
        {
            "refId": "A",
            "datasourceUid": CLICKHOUSE["uid"],
            "queryType": "table",
            "relativeTimeRange": {"from": _RANGE_SECONDS, "to": 0},
            "model": query,
        },
        _expression("B", {"type": "reduce", "expression": "A", "reducer": "last", "settings": {"mode": "dropNN"}}),
        _expression(
            "C",
            {
                "type": "threshold",
                "expression": "B",
                "conditions": [
                    {
                        "type": "query",
                        "evaluator": {"type": "gt", "params": [rule.above]},
                        "operator": {"type": "and"},
                        "query": {"params": ["C"]},
                        "reducer": {"type": "last", "params": []},
                    }
                ],
            },
        ),
    ]


def _expression(ref: str, model: Mapping[str, Any]) -> Json:
    return {
        "refId": ref,
        "datasourceUid": "__expr__",
        "queryType": "",
        "relativeTimeRange": {"from": 0, "to": 0},
        "model": {"refId": ref, "datasource": _EXPRESSION, "intervalMs": 1000, "maxDataPoints": _POINTS, **model},
    }


def _labels(rule: Rule) -> Json:
    return {"severity": rule.severity, "sanjian": "grafana"}


def _annotations(rule: Rule) -> Json:
    return {
        "summary": rule.zh,
        "summary_en": rule.en,
        "description": rule.fix_zh,
        "description_en": rule.fix_en,
        "board": rule.board,
        "value": "{{ $values.B.Value }}",
        "threshold": f"{rule.above:g}",
    }
