"""Charts (ECharts, which NiceGUI brings along), in one style and with words for those who cannot see them."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.words import SERIES

_FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"


def chart(options: dict[str, Any], label: str, height: int = 260) -> ui.echart:
    """A chart of ``height`` pixels. ``label`` says in a sentence what it shows; figures stand in a table beside it."""
    base: dict[str, Any] = {
        "color": list(SERIES), "animation": False, "textStyle": {"fontFamily": _FONT},
        "grid": {"left": 8, "right": 16, "top": 32, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis", "confine": True}, "aria": {"enabled": True, "label": {"description": label}},
    }  # fmt: skip
    return ui.echart(base | options).classes("sj-chart").style(f"height:{height}px").props(
        f'role="img" aria-label="{label}"'
    )  # fmt: skip
