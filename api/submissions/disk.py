"""Files on their way in: a folder for each submission, private, gone when the submission has ended. Blocks.

What is in the file is what has arrived: its size is the offset at which a client goes on, however the connection, or
this process, ended. The folder has to be shared where several API processes serve the same address.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from api.errors import ApiError
from api.submissions.parts import Parts

_FILE, _PARTS = "file", "parts"
#: Read at once for the checksum.
_STEP = 1024 * 1024


class Disk:
    """The folders below ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def create(self, ident: str) -> None:
        """An empty file."""
        self._folder(ident).mkdir(mode=0o700, parents=True)
        os.close(os.open(self.file(ident), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def file(self, ident: str) -> Path:
        """Where the file is."""
        return self._folder(ident) / _FILE

    def parts(self, ident: str) -> Parts:
        """Where its messages are."""
        return Parts(self._folder(ident) / _PARTS)

    def here(self, ident: str) -> bool:
        """Whether this process has the file."""
        return self.file(ident).is_file()

    def size(self, ident: str) -> int:
        """Bytes that have arrived; 0 when the file is not here."""
        try:
            return self.file(ident).stat().st_size
        except FileNotFoundError:
            return 0

    def touched(self, ident: str) -> datetime | None:
        """When the last byte came; None when the file is not here."""
        try:
            return datetime.fromtimestamp(self.file(ident).stat().st_mtime, UTC)
        except (FileNotFoundError, ValueError):
            return None

    def append(self, ident: str, offset: int, content: bytes, limit: int) -> int:
        """Write what begins at ``offset``; the size afterwards. Raises ApiError where something else is expected."""
        with self._alone(ident) as handle:
            size = os.fstat(handle).st_size
            if offset != size:
                raise ApiError("upload_offset", more={"offset": size}, headers={"Upload-Offset": str(size)})
            if size + len(content) > limit:
                raise ApiError("upload_too_long", limit=limit, more={"offset": size})
            os.lseek(handle, size, os.SEEK_SET)
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
            return size + len(content)

    def whole(self, ident: str) -> str:
        """Have the file written down for good; its SHA-256 in hexadecimal."""
        digest = hashlib.sha256()
        with self._alone(ident) as handle:
            os.fsync(handle)
            os.lseek(handle, 0, os.SEEK_SET)
            while piece := os.read(handle, _STEP):
                digest.update(piece)
        return digest.hexdigest()

    def remove(self, ident: str) -> None:
        """Remove everything of a submission."""
        shutil.rmtree(self._folder(ident), ignore_errors=True)

    def idents(self) -> list[str]:
        """The submissions that have a folder here."""
        return [one.name for one in self._root.iterdir()] if self._root.is_dir() else []

    def _folder(self, ident: str) -> Path:
        if not (len(ident) == 32 and ident.isalnum()):
            raise ValueError("no id of a submission")  # it would be a path
        return self._root / ident

    @contextmanager
    def _alone(self, ident: str) -> Iterator[int]:
        """The open file, held against every other process. Raises ApiError when another one writes, or it is gone."""
        try:
            handle = os.open(self.file(ident), os.O_RDWR)
        except FileNotFoundError:
            raise ApiError("upload_over") from None
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ApiError("upload_busy") from None
            yield handle
        finally:
            os.close(handle)
