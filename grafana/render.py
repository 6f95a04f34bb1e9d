"""Boards as Grafana's JSON. Pure, and the same in every run: what is committed is what this gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grafana.model import CLICKHOUSE, PROMETHEUS, Board, Column, Metrics, Panel, Section, Variable

#: Of Grafana 11 and 12; older ones are migrated by Grafana itself.
SCHEMA_VERSION = 39
#: Of the data source; from 4.0 on a target says its format and type.
PLUGIN_VERSION = "4.0.0"
#: Every board carries it, and links show what carries it.
TAG = "sanjian"
_WIDTH = 24
Json = dict[str, Any]


def board_json(board: Board) -> Json:
    """A board as Grafana keeps it; without id and version, which are the server's."""
    return {
        "uid": board.uid, "title": board.title, "description": board.description, "tags": [TAG], "editable": True,
        "timezone": "Asia/Shanghai", "weekStart": "monday", "schemaVersion": SCHEMA_VERSION, "refresh": board.refresh,
        "graphTooltip": 1, "fiscalYearStartMonth": 0, "liveNow": False, "style": "dark",
        "time": {"from": board.start, "to": "now"},
        "timepicker": {"hidden": not board.ranged, "refresh_intervals": ["30s", "1m", "5m", "30m"]},
        "annotations": {"list": []},
        "links": [
            {
                "title": "三监看板", "type": "dashboards", "tags": [TAG], "asDropdown": True, "icon": "external link",
                "includeVars": True, "keepTime": True, "targetBlank": False, "url": "",
                "tooltip": "换看板时保留所选条件",
            }
        ],
        "templating": {"list": [_variable(one) for one in board.variables]},
        "panels": _placed(board.sections),
    }  # fmt: skip


def _placed(sections: Sequence[Section]) -> list[Json]:
    """Sections below each other; their panels from left to right, in lines as high as the highest of them."""
    found: list[Json] = []
    y = 0
    for section in sections:
        row: Json = {
            "id": section.ident, "type": "row", "title": section.title, "collapsed": section.folded, "panels": [],
            "gridPos": {"x": 0, "y": y, "w": _WIDTH, "h": 1},
        }  # fmt: skip
        panels, y = _lines(section.panels, y + 1)
        found.append(row)
        if section.folded:
            row["panels"] = panels
        else:
            found += panels
    return found


def _lines(panels: Sequence[Panel | Metrics], y: int) -> tuple[list[Json], int]:
    found: list[Json] = []
    x = high = 0
    for panel in panels:
        if x + panel.width > _WIDTH:
            x, y, high = 0, y + high, 0
        place = {"x": x, "y": y, "w": panel.width, "h": panel.height}
        found.append((_panel(panel) if isinstance(panel, Panel) else _metrics(panel)) | {"gridPos": place})
        x, high = x + panel.width, max(high, panel.height)
    return found, y + high


def _panel(panel: Panel) -> Json:
    return {
        "id": panel.ident, "type": panel.look, "title": panel.title, "description": panel.description,
        "datasource": CLICKHOUSE, "transparent": False,
        "targets": [target(panel.sql, series=panel.series)],
        "fieldConfig": {
            "defaults": _defaults(panel), "overrides": _overrides(panel),
        },
        "options": {**_OPTIONS.get(panel.look, {}), **panel.options},
    } | ({"timeFrom": panel.last} if panel.last else {})  # fmt: skip


def target(sql: str, *, series: bool, ref: str = "A") -> Json:
    """A query as the official data source keeps it."""
    return {
        "refId": ref, "datasource": CLICKHOUSE, "editorType": "sql", "rawSql": sql, "pluginVersion": PLUGIN_VERSION,
        "format": 0 if series else 1, "queryType": "timeseries" if series else "table",
        "meta": {"timezone": "Asia/Shanghai"},
    }  # fmt: skip


def _metrics(panel: Metrics) -> Json:
    return {
        "id": panel.ident, "type": "timeseries", "title": panel.title, "description": panel.description,
        "datasource": PROMETHEUS, "transparent": False,
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": PROMETHEUS, "expr": expression, "legendFormat": legend,
             "editorMode": "code", "range": True, "instant": False}
            for place, (expression, legend) in enumerate(panel.targets)
        ],
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "noValue": panel.empty, "min": 0, "color": {"mode": "palette-classic"}},
            "overrides": [],
        },
        "options": _OPTIONS["timeseries"],
    }  # fmt: skip


def _defaults(panel: Panel) -> Json:
    found: Json = {"noValue": panel.empty, "custom": {**_CUSTOM.get(panel.look, {}), **panel.custom}}
    numbers = [column for column in panel.columns if column.kind == "number"]
    if panel.series and any(column.kind == "text" for column in panel.columns):
        named = next(column.name for column in panel.columns if column.kind == "text")
        found["displayName"] = f"${{__field.labels.{named}}}"  # else Grafana writes: value {name="…"}
        found |= _of(numbers[0])
        found.setdefault("color", {"mode": "palette-classic"})
    elif len(numbers) == 1 and panel.look != "table":
        found |= _of(numbers[0])
    return found


def _overrides(panel: Panel) -> list[Json]:
    """Of a column each; a picture in which rows or series have names must not give all of them the column's name."""
    texts = any(column.kind == "text" for column in panel.columns)
    if panel.look in ("bargauge", "piechart") or (panel.series and texts):
        return []
    return [_override(column) for column in panel.columns]


def _override(column: Column) -> Json:
    properties: list[Json] = [{"id": "displayName", "value": column.zh}] if column.zh else []
    properties += [{"id": name, "value": value} for name, value in _of(column).items()]
    if column.width:
        properties.append({"id": "custom.width", "value": column.width})
    if column.cell:
        kind: Json = {"type": "color-background", "mode": "basic"}
        if column.cell == "bar":
            kind = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
        properties.append({"id": "custom.cellOptions", "value": kind})
    if column.link:
        title, url = column.link
        properties.append({"id": "links", "value": [{"title": title, "url": url, "targetBlank": False}]})
    return {"matcher": {"id": "byName", "options": column.name}, "properties": properties}


def _of(column: Column) -> Json:
    found: Json = {}
    if column.unit:
        found["unit"] = column.unit
    if column.decimals is not None:
        found["decimals"] = column.decimals
    if column.words:
        found["mappings"] = list(column.words)
    if column.highest is not None:
        found |= {"min": 0, "max": column.highest}
    if column.steps:
        steps = [{"value": value, "color": colour} for value, colour in column.steps]
        found |= {"thresholds": {"mode": "absolute", "steps": steps}, "color": {"mode": "thresholds"}}
    elif column.colour:
        found["color"] = {"mode": "fixed", "fixedColor": column.colour}
    return found


def _variable(one: Variable) -> Json:
    found: Json = {
        "name": one.name, "label": one.zh, "hide": 0, "skipUrlSync": False, "multi": one.several,
        "includeAll": one.every is not None, "current": {},
    }  # fmt: skip
    if one.every is not None:
        found |= {"allValue": one.every, "current": {"selected": True, "text": ["全部"], "value": ["$__all"]}}
        if not one.several:
            found["current"] = {"selected": True, "text": "全部", "value": "$__all"}
    if one.choices:
        options = [{"selected": False, "text": text, "value": value} for value, text in one.choices.items()]
        query = ", ".join(f"{text} : {value}" for value, text in one.choices.items())
        return found | {"type": "custom", "options": options, "query": query}
    return found | {
        "type": "query", "datasource": CLICKHOUSE, "query": one.sql, "definition": one.sql, "refresh": 1, "sort": 0,
        "regex": "", "options": [],
    }  # fmt: skip


_LEGEND = {"displayMode": "list", "placement": "bottom", "showLegend": True}
_LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: dict[str, Json] = {
    "stat": {"reduceOptions": _LAST, "colorMode": "value", "graphMode": "none", "justifyMode": "auto",
             "orientation": "auto", "textMode": "value_and_name", "wideLayout": True},
    "table": {"showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "fields": ""}},
    "timeseries": {"legend": _LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}},
    "bargauge": {"reduceOptions": {"calcs": [], "fields": "", "values": True}, "orientation": "horizontal",
                 "displayMode": "basic", "showUnfilled": True, "valueMode": "color", "namePlacement": "auto"},
    "piechart": {"reduceOptions": {"calcs": [], "fields": "", "values": True}, "pieType": "donut",
                 "legend": _LEGEND | {"placement": "right", "values": ["value", "percent"]},
                 "tooltip": {"mode": "single", "sort": "none"}},
    "barchart": {"orientation": "horizontal", "legend": _LEGEND, "tooltip": {"mode": "multi", "sort": "none"},
                 "showValue": "auto", "stacking": "none", "xTickLabelRotation": 0},
    "state-timeline": {"mergeValues": False, "showValue": "never", "alignValue": "center", "rowHeight": 0.85,
                       "perPage": 25, "legend": _LEGEND, "tooltip": {"mode": "single", "sort": "none"}},
    "status-history": {"showValue": "never", "rowHeight": 0.9, "colWidth": 0.9, "perPage": 25, "legend": _LEGEND,
                       "tooltip": {"mode": "single", "sort": "none"}},
}  # fmt: skip
_CUSTOM: dict[str, Json] = {
    "table": {"align": "auto", "filterable": True, "inspect": False},
    "timeseries": {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 10, "showPoints": "auto", "spanNulls": False},
    "state-timeline": {"lineWidth": 0, "fillOpacity": 80},
    "status-history": {"lineWidth": 1, "fillOpacity": 80},
    "barchart": {"lineWidth": 1, "fillOpacity": 80},
}
