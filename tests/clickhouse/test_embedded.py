"""The embedded engine: its directory is its own, rows on their way in are private, kill -9 loses nothing."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from clickhouse import embedded
from clickhouse.client import ClickHouse
from sanjian.errors import Misconfigured
from tests.clickhouse.conftest import engine_path

pytestmark = pytest.mark.stack


def run(mode: str, path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.clickhouse.other_process", mode, str(path)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("acknowledged", [1, 7, 30])
def test_after_kill_9_every_acknowledged_insert_is_there_once(tmp_path: Path, acknowledged: int) -> None:
    with run("insert", tmp_path) as writer:
        assert writer.stdout is not None
        lines = [int(writer.stdout.readline()) for _ in range(acknowledged)]
        writer.kill()
        lines += [int(line) for line in writer.stdout.read().split()]
    planted = tmp_path / "inserts" / "of-a-killed-process"
    planted.write_text("patient rows")

    with run("read", tmp_path) as reader:
        out, err = reader.communicate()
    assert reader.returncode == 0, err
    found = json.loads(out)
    assert found["left"] == []
    batches = dict(found["batches"])
    assert set(lines) <= set(batches)
    assert len(batches) <= len(lines) + 1  # the one that was under way may be there, too
    assert set(batches.values()) == {10}


def test_a_second_process_gets_one_clear_sentence(engine: ClickHouse) -> None:
    path = engine_path(engine)
    with run("read", path) as second:
        _, err = second.communicate()
    assert second.returncode == 2
    assert err.strip() == (
        f"{path} is used by another process (number {os.getpid()}): stop it, or use another SANJIAN_DATA_DIR."
    )


def test_one_process_may_open_the_directory_more_than_once_but_no_other(engine: ClickHouse, tmp_path: Path) -> None:
    with ClickHouse(f"chdb://{engine_path(engine)}", memory_mb=1024) as again:
        assert again.ping()
    assert engine.ping()
    with pytest.raises(Misconfigured, match="already has another ClickHouse directory open"):
        ClickHouse(f"chdb://{tmp_path}")


def test_rows_on_their_way_in_are_private_and_do_not_stay(
    clickhouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = engine_path(clickhouse) / "inserts"
    seen: list[tuple[int, int]] = []
    write = pl.DataFrame.write_ipc_stream

    def watched(frame: pl.DataFrame, file: object, **options: object) -> object:
        [inside] = private.iterdir()
        seen.append((stat.S_IMODE(private.stat().st_mode), stat.S_IMODE(inside.stat().st_mode)))
        return write(frame, file, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(pl.DataFrame, "write_ipc_stream", watched)
    clickhouse.insert("orgs", pl.DataFrame({"org": ["a"]}))
    assert seen == [(0o700, 0o600)]
    with pytest.raises(Exception, match="NO_SUCH_COLUMN"):
        clickhouse.insert("orgs", pl.DataFrame({"org": ["a"], "other": ["b"]}))
    assert list(private.iterdir()) == []


def test_only_what_other_processes_left_is_removed(tmp_path: Path) -> None:
    embedded.make_directory(tmp_path, tmp_path / "inserts")
    mine = tmp_path / "inserts" / f"{embedded._RUN}.1"
    mine.touch()
    (tmp_path / "inserts" / "theirs").touch()
    assert embedded.empty_directory(tmp_path / "inserts") == 1
    assert list((tmp_path / "inserts").iterdir()) == [mine]


def test_a_directory_that_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        Misconfigured, match=r"^Cannot write to .*/file/data \(Not a directory\): point SANJIAN_DATA_DIR"
    ):
        ClickHouse(f"chdb://{tmp_path}/file/data")


def test_the_memory_limit_reaches_the_engine(engine: ClickHouse) -> None:
    sql = "SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'"
    assert engine.rows(sql) == [{"value": str(2048 * 1024 * 1024)}]


def test_the_database_keeps_renames_and_drops_atomic(engine: ClickHouse) -> None:
    assert engine.rows("SELECT engine FROM system.databases WHERE name = 'sanjian'") == [{"engine": "Atomic"}]
