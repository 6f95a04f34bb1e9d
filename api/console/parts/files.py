"""Files: an export that the browser fetches with its progress, and an upload that is looked at before it is taken."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from nicegui import events, ui

from api.console.desk import Desk
from api.console.parts.notes import act

#: Mapping tables and lists of a province are far smaller; the API has the same limit.
UPLOAD_BYTES = 8 * 1024 * 1024


def export(desk: Desk, path: str, query: Callable[[], Mapping[str, object]], label: str = "") -> None:
    """A button that offers Excel and CSV. ``query`` tells what is chosen at the moment of the click; the browser
    fetches the file itself and shows how far it is."""

    def fetch(form: str) -> None:
        asked = {name: value for name, value in query().items() if value not in (None, "")}
        address = f"/api/v1{path}?{urlencode({**asked, 'format': form, 'lang': desk.lang})}"
        ui.run_javascript(f"sanjian.download({json.dumps(address)})")

    with ui.button(label or desk.say("导出", "Export"), icon="download").props("outline dense no-caps"), ui.menu():
        ui.menu_item("Excel / WPS (.xlsx)", lambda: fetch("xlsx"))
        ui.menu_item("CSV (.csv)", lambda: fetch("csv"))


def upload(desk: Desk, label: str, take: Callable[[bytes, str], Awaitable[Any]]) -> ui.upload:
    """A place for one CSV or XLSX file; ``take`` gets its bytes and the content type that the imports expect."""

    async def taken(event: events.UploadEventArguments) -> None:
        content = await event.file.read()
        await take(content, _kind(event.file.name))
        field.reset()

    field = ui.upload(
        label=label + desk.say("，或拖到这里", ", or drop it here"),
        auto_upload=True, max_files=1, max_file_size=UPLOAD_BYTES, on_upload=act(desk, taken),
        on_rejected=lambda: ui.notify(
            desk.say("请选择一个 8 MB 以内的 CSV 或 XLSX 文件。", "One CSV or XLSX file of up to 8 MB."), type="warning"
        ),
    ).props('accept=".csv,.txt,.tsv,.xlsx" flat').classes("sj-upload")  # fmt: skip
    ui.run_javascript(f"sanjian.name({json.dumps(field.html_id)}, {json.dumps(label)})")
    return field


def _kind(name: str) -> str:
    if name.lower().endswith(".xlsx"):
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return "text/csv"
