"""The messages of a submission on disk, between check and broker: packed, in order, the same bytes however often they
are sent. Blocks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import NamedTuple

import cramjam
import orjson

#: The fastest level of zstd; front pages shrink to an eighth.
LEVEL = 1
_INDEX = "index.json"


@dataclass(frozen=True, slots=True)
class Part:
    """A message: the row of the file that it begins with, and how many rows and bytes it has."""

    first: int
    rows: int
    size: int


class RowKey(NamedTuple):
    """A row of the file: its key without the institution, its number, and a hash of its values."""

    key: str
    row: int
    hash: int


@dataclass(slots=True)
class Parts:
    """The parts in ``folder``. Made by one check, then only read."""

    folder: Path
    _made: list[Part] = field(default_factory=list)

    def begin(self) -> None:
        """Forget what an earlier check has left."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        self._made = []

    def add(self, part: Part, message: bytes, keys: Sequence[RowKey]) -> None:
        """The next part."""
        self._write(f"{part.first}.part", bytes(cramjam.zstd.compress(message, LEVEL)))
        self._write(f"{part.first}.keys", orjson.dumps([tuple(key) for key in keys]))
        self._made.append(part)

    def finish(self) -> int:
        """All parts are there; how many. Until then :meth:`all` knows of none."""
        self._write(f"{_INDEX}.new", orjson.dumps([astuple(part) for part in self._made]))
        (self.folder / f"{_INDEX}.new").replace(self.folder / _INDEX)
        return len(self._made)

    def all(self) -> list[Part] | None:
        """The parts in order; None when the check has not come to its end."""
        try:
            found = orjson.loads((self.folder / _INDEX).read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return None
        return [Part(*one) for one in found]

    def message(self, part: Part) -> bytes:
        """The bytes of a part."""
        return bytes(cramjam.zstd.decompress((self.folder / f"{part.first}.part").read_bytes()))

    def keys(self, parts: Iterable[Part]) -> list[RowKey]:
        """The rows of some parts."""
        return [
            RowKey(*one) for part in parts for one in orjson.loads((self.folder / f"{part.first}.keys").read_bytes())
        ]

    def _write(self, name: str, content: bytes) -> None:
        with os.fdopen(os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
