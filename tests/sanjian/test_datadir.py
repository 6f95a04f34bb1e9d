"""A lock file is held by one process at a time, and a lock that cannot be had is told in the words of whoever asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from sanjian import datadir
from sanjian.errors import Misconfigured


def test_a_lock_is_held_once_and_free_again_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lock"
    with datadir.lock_file(path, "no: {}", "taken"):
        with pytest.raises(Misconfigured, match="taken"), datadir.lock_file(path, "no: {}", "taken"):
            pass
        assert path.stat().st_mode & 0o777 == 0o600
    with datadir.lock_file(path, "no: {}", "taken"):
        pass


def test_a_lock_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "lock"
    with (
        pytest.raises(Misconfigured, match=r"^no: (Not a directory|File exists)$"),
        datadir.lock_file(path, "no: {}", "taken"),
    ):
        pass
