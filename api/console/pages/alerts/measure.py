"""The figures of an alert in plain words: what was counted, of how many, against what. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from api.console.parts.figures import count, percent


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its name; ``tone`` bad: it is what is wrong."""

    zh: str
    en: str
    text: str
    tone: Literal["bad", ""] = ""


#: Kind → names of numerator, denominator and their quotient, for kinds that are rates.
_RATES: Mapping[str, tuple[tuple[str, str], tuple[str, str], tuple[str, str]]] = {
    "anomaly_rate": (("有问题的行", "rows with findings"), ("接收的行", "rows received"), ("异常率", "anomaly rate")),
    "mapping": (("已对码的行", "mapped rows"), ("应对码的行", "rows to be mapped"), ("对码率", "mapping rate")),
    "association": (
        ("找不到上级的行", "rows without their parent"), ("检验的行", "rows checked"), ("不通过率", "failure rate"),
    ),
}  # fmt: skip
#: What our own pipeline counts, by subject: the figure, and its limit.
_PIPELINE: Mapping[str, tuple[str, str]] = {
    "lag": ("入库滞后（分钟）", "minutes behind"),
    "ledger": ("流水缺少的消息", "messages missing in the ledger"),
    "deadletters": ("一小时内的死信", "dead letters within an hour"),
    "away": ("中断（分钟）", "minutes away"),
}
_THRESHOLD, _USUAL = ("阈值", "threshold"), ("同星期中位数", "median of this weekday")


def figures(case: Mapping[str, Any]) -> list[Figure]:
    """The figures of a case as the API gives it."""
    measure, kind = case["measure"], case["kind"]
    top, whole = measure["numerator"], measure["denominator"]
    limit, usual = measure["threshold"], measure["baseline"]
    if top is None:
        return []
    if kind in _RATES and whole:
        return _rate(kind, top, whole, limit, usual)
    match kind:
        case "gap" | "late":
            return [Figure("未上传的表", "tables not uploaded", count(top), "bad"),
                    Figure("应上传的表", "tables due", count(whole))]  # fmt: skip
        case "volume":
            return _volume(top, limit, usual)
        case "mapping":
            return [Figure("新出现的未对码代码", "new unmapped codes", count(top), "bad")]
        case "rejection":
            return [Figure("拒收后未更正的行", "rejected rows not corrected", count(top), "bad"),
                    Figure("涉及天数", "days concerned", count(whole)),
                    *_if(limit, _THRESHOLD, count(limit))]  # fmt: skip
        case "unreadable":
            return [Figure("无法读取且未重传", "unreadable and not sent again", count(top), "bad")]
        case "schema_drift":
            return [Figure("有多余列的批次", "batches with unknown columns", count(top), "bad"),
                    Figure("近期批次", "recent batches", count(whole))]  # fmt: skip
        case "grafana":  # a rule says neither what it counts nor in which unit
            return [Figure("数值", "figure", f"{top:.4g}", "bad"), *_if(limit, _THRESHOLD, f"{limit or 0:.4g}")]
        case _:
            zh, en = _PIPELINE.get(str(case["details"].get("subject")), ("数值", "figure"))
            return [Figure(zh, en, count(top), "bad"), *_if(limit, _THRESHOLD, count(limit))]


def _rate(kind: str, top: float, whole: float, limit: float | None, usual: float | None) -> list[Figure]:
    counted, of, rate = _RATES[kind]
    return [
        Figure(*rate, percent(top / whole, 1), "bad"), Figure(*counted, count(top)), Figure(*of, count(whole)),
        *_if(limit, _THRESHOLD, percent(limit, 1)), *_if(usual, _USUAL, percent(usual, 1)),
    ]  # fmt: skip


def _volume(rows: float, limit: float | None, usual: float | None) -> list[Figure]:
    found = [Figure("当日行数", "rows of the day", count(rows), "bad"), *_if(usual, _USUAL, count(usual))]
    if usual:
        found.append(Figure("相当于平时", "of the usual", percent(rows / usual, 0)))
        found += _if(limit, _THRESHOLD, percent(limit, 0))
    return found


def _if(value: float | None, names: tuple[str, str], text: str) -> list[Figure]:
    return [Figure(*names, text)] if value else []
