"""From a body to rows: NDJSON or one JSON array becomes one line a row, no number's text changed. Pure, no I/O."""

from __future__ import annotations

import msgspec

from api.errors import ApiError

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_BOM = b"\xef\xbb\xbf"
CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}


def split_rows(body: bytes, charset: str = "utf-8") -> list[bytes]:
    """The rows of a body, each one JSON object in UTF-8 without line breaks, as they were written.

    Blank lines and CRLF are nothing. An array is told by its first character, whatever the content type says.
    Raises ApiError content_type (unknown charset), bad_encoding, bad_rows (with the line, or the element of the array).
    """
    text = _utf8(body.removeprefix(_BOM), charset)
    if text.lstrip()[:1] == b"[":
        return _array(text)
    rows = []
    for number, line in enumerate(text.split(b"\n"), 1):
        row = line.strip()
        if row:
            _check(row, number)
            # a carriage return inside a checked object is only white space between its parts
            rows.append(row.replace(b"\r", b" "))
    return rows


def _utf8(body: bytes, charset: str) -> bytes:
    name = CHARSETS.get(charset.lower())
    if name is None:
        raise ApiError("content_type")
    try:
        text = body.decode(name)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise ApiError("bad_encoding", line=line, charset=name.upper()) from None
    return body if name == "utf-8" else text.encode()


def _array(text: bytes) -> list[bytes]:
    try:
        elements = [bytes(raw) for raw in _ARRAY.decode(text)]
    except (msgspec.DecodeError, RecursionError) as error:
        raise ApiError("bad_rows", line=text.count(b"\n", 0, _byte(error)) + 1, detail=_detail(error)) from None
    for number, element in enumerate(elements, 1):
        _check(element, number)
    return [element.strip().replace(b"\r", b" ").replace(b"\n", b" ") for element in elements]


def _check(row: bytes, number: int) -> None:
    try:
        _OBJECT.decode(row)
    except (msgspec.DecodeError, RecursionError) as error:  # ValidationError is a DecodeError
        raise ApiError("bad_rows", line=number, detail=_detail(error)) from None


def _detail(error: Exception) -> str:
    """What msgspec says names positions and types, never values."""
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _byte(error: Exception) -> int:
    """The position in a message such as ``JSON is malformed: invalid character (byte 57)``; 0 when it names none."""
    _, _, tail = str(error).rpartition("(byte ")
    digits = tail.rstrip(")")
    return int(digits) if digits.isdigit() else 0
