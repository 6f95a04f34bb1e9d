"""A sheet as the answer of an endpoint: a file with a Chinese name that streams."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from anyio import to_thread
from starlette.responses import StreamingResponse

from api.sheets.columns import Format, Lang, Sheet
from api.sheets.csv_out import csv_stream
from api.sheets.xlsx_out import xlsx_file

PIECE = 256 * 1024
TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def download(sheets: Sequence[Sheet], format: Format, filename: str, lang: Lang = "zh") -> StreamingResponse:
    """The answer with the file ``filename`` + its ending. CSV knows no sheets: it holds the first one.

    The rows are gone through in a thread. Failures before the first piece (all of them with xlsx) raise here and get
    a proper answer; later ones break the connection off, so that half a file is not taken for a whole one.
    """
    pieces = await to_thread.run_sync(_csv if format == "csv" else _xlsx, sheets, lang)
    name = f"{filename}.{format}"
    # nothing that could end the value or the header: a name may hold what somebody asked for
    plain = "".join(one for one in name if one.isascii() and one.isprintable() and one not in '"\\')
    plain = plain if plain[0].isalnum() else f"sanjian{plain}"  # what is left of a Chinese name
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"  # RFC 6266, RFC 5987
    return StreamingResponse(pieces, media_type=TYPES[format], headers={"Content-Disposition": disposition})


def _csv(sheets: Sequence[Sheet], lang: Lang) -> Iterator[bytes]:
    pieces = csv_stream(sheets[0], lang)
    first = next(pieces)
    return chain([first], pieces)


def _xlsx(sheets: Sequence[Sheet], lang: Lang) -> Iterator[bytes]:
    # Without a name it is gone with the process, whatever happens; it is closed when it has been sent.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with tempfile.TemporaryDirectory(prefix="sanjian-sheet-") as rows:
            xlsx_file(sheets, lang, file, Path(rows))
    except BaseException:
        file.close()
        raise
    return _pieces(file)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
