"""POST /api/v1/grafana/alerts: the webhook of Grafana's alert rules; what they find becomes cases like all others."""

from __future__ import annotations

import math
from datetime import UTC
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, Field

from api.accounts.principal import Principal
from api.depends import Parts, refusals, right
from api.errors import ApiError
from api.models import Answer
from streams.cases.outside import Report, details_of
from streams.watch.conditions import SEVERITIES, Condition, Severity, condition_key

router = APIRouter(tags=["告警处理 cases"])

Reporting = Annotated[Principal, Depends(right("cases.report"))]
#: A group of alerts of our five rules holds a few; Grafana's own limit can be set (maxAlerts).
MOST = 500
#: What people read in a notice; longer texts are cut.
LONGEST = 300
_Texts = dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=4000)]]


class GrafanaAlert(BaseModel):
    """One alert of Grafana's webhook; what else it holds (links, images) is left out."""

    status: Literal["firing", "resolved"]
    labels: _Texts = {}
    annotations: _Texts = {}
    starts_at: AwareDatetime = Field(alias="startsAt")
    ends_at: AwareDatetime | None = Field(None, alias="endsAt")
    fingerprint: str = Field(min_length=1, max_length=64, pattern=r"^[\w-]+$")
    values: dict[str, float | None] | None = None


class GrafanaBody(BaseModel):
    """What Grafana's webhook sends, as documented."""

    status: str = ""
    receiver: str = ""
    alerts: list[GrafanaAlert] = Field(max_length=MOST)


class GrafanaAnswer(Answer):
    """How many alerts came, how many of them were news, and the cases that they changed."""

    received: int
    taken: int
    cases: list[str]


@router.post("/api/v1/grafana/alerts", summary="看板告警 Alerts of Grafana", responses=refusals(403, 422))
async def grafana_alerts(body: GrafanaBody, who: Reporting, request: Request, parts: Parts) -> GrafanaAnswer:
    """Grafana 联络点（webhook）发到这里，用接入凭证（Basic）；同一告警重复发送只算一次，恢复时自动关闭。
    Grafana's contact point posts here with a client's id and secret (Basic); the same alert again is no news, and a
    case ends when Grafana says that it is resolved. Only for machines that see every institution."""
    if who.kind != "client" or not who.sees_all:
        raise ApiError("forbidden")
    reports = [report_of(alert) for alert in body.alerts]
    await parts.audit_log.write(who, request, "case.report", "grafana", alerts=len(reports))
    taken = await to_thread.run_sync(parts.casework.cases.hear, reports, parts.now())
    return GrafanaAnswer(received=len(reports), taken=len(taken), cases=[case.id for case in taken])


def report_of(alert: GrafanaAlert) -> Report:
    """An alert as a report. Pure. Without texts of ours (a rule that somebody made by hand) it says its name."""
    texts, rule = alert.annotations, alert.labels.get("rulename") or alert.labels.get("alertname", "")
    zh = _cut(texts.get("summary") or f"看板告警：{rule}")
    value, threshold = _number(texts.get("value")), _number(texts.get("threshold"))
    if math.isnan(value) and alert.values:
        value = next((one for one in alert.values.values() if one is not None), math.nan)
    since = alert.starts_at.astimezone(UTC)
    condition = Condition(
        kind="grafana", key=condition_key("grafana", "", "", None, alert.fingerprint), org="", table="", biz_date=None,
        severity=_severity(alert.labels.get("severity", "")), numerator=value, denominator=math.nan,
        threshold=threshold, zh=zh, en=_cut(texts.get("summary_en") or zh), fix_zh=_cut(texts.get("description", "")),
        fix_en=_cut(texts.get("description_en") or texts.get("description", "")),
        details=details_of(since, {
            "rule": _cut(rule), "fingerprint": alert.fingerprint, "board": _cut(texts.get("board", "")),
        }),
    )  # fmt: skip
    return Report(condition, since, alert.status == "resolved")


def _severity(label: str) -> Severity:
    return next((one for one in SEVERITIES if one == label), "warning")


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
