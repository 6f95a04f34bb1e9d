"""The check of a whole file, and the messages that it is cut into."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from api.submissions.check import PART_ROWS, Stopped, Wanted, check
from api.submissions.files.refused import Unusable
from api.submissions.parts import Parts
from tests.api.submissions.pages import MONTH, ORG, SENT_AT, SUBMISSION, checked, page, pages, saved, table, text


def test_a_file_is_cut_into_messages_that_name_their_first_row(tmp_path: Path) -> None:
    found, parts = checked(saved(tmp_path, text(pages(PART_ROWS + 3))))
    assert (found.rows, found.parts, found.format, found.encoding) == (PART_ROWS + 3, 2, "csv", "utf-8")
    first, second = parts.all() or []
    assert (first.first, first.rows, second.first, second.rows) == (2, PART_ROWS, PART_ROWS + 2, 3)
    header = orjson.loads(parts.message(second).split(b"\n")[0])
    assert header["batch"] == f"{SUBMISSION}/{PART_ROWS + 2}"
    assert (header["org"], header["table"], header["count"]) == (ORG, "TB_BASY", 3)
    assert header["sent_at"] == "2026-11-05T09:00:00.000+08:00"


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    path = saved(tmp_path, text(pages(20)))
    _, parts = checked(path)
    once = [parts.message(part) for part in parts.all() or []]
    _, again = checked(path)
    assert [again.message(part) for part in again.all() or []] == once


def test_rows_of_a_message_follow_one_another_in_the_file(tmp_path: Path) -> None:
    header, first, second, third = text(pages(3)).splitlines()
    _, parts = checked(saved(tmp_path, "\r\n".join([header, first, "", "", second, third])))
    assert [(part.first, part.rows) for part in parts.all() or []] == [(2, 1), (5, 2)]
    assert [key.row for key in parts.keys(parts.all() or [])] == [2, 5, 6]


def test_a_key_that_came_in_an_earlier_message_is_told(tmp_path: Path) -> None:
    rows = [*pages(PART_ROWS), page(PART_ROWS + 1), page(7), page(PART_ROWS + 1)]
    _, parts = checked(saved(tmp_path, text(rows)))
    first, second = [orjson.loads(parts.message(part).split(b"\n")[0]) for part in parts.all() or []]
    assert "repeats" not in first
    assert second["repeats"] == [2]  # the third repeats a row of its own message, which the rules see themselves


def test_messages_stay_below_the_limit(tmp_path: Path) -> None:
    rows = [page(number, P325="长" * 400) for number in range(1, 60)]
    found, parts = checked(saved(tmp_path, text(rows)), limit=16 * 1024)
    assert found.parts > 3
    assert max(len(parts.message(part)) for part in parts.all() or []) <= 16 * 1024
    with pytest.raises(Unusable, match="long_row"):
        checked(saved(tmp_path, text([page(1, P325="长" * 3000)])), limit=12 * 1024)


def test_rows_differ_by_their_hash_when_a_value_differs(tmp_path: Path) -> None:
    _, parts = checked(saved(tmp_path, text([page(1), page(2), page(1, P4="李四")])))
    one, two, other = parts.keys(parts.all() or [])
    assert (one.key, other.key) == ("BA000001|1", "BA000001|1")
    assert len({one.hash, two.hash, other.hash}) == 3


def test_a_check_that_is_stopped_leaves_nothing_to_send(tmp_path: Path) -> None:
    path, parts = saved(tmp_path, text(pages(300))), Parts(tmp_path / "parts")
    wanted = Wanted(SUBMISSION, ORG, MONTH, "western", SENT_AT)
    seen: list[int] = []
    with pytest.raises(Stopped):
        check(path, wanted, table(), parts, 10**7, seen.append, lambda: True)
    assert seen == [200]
    assert parts.all() is None


def test_files_are_private(tmp_path: Path) -> None:
    _, parts = checked(saved(tmp_path, text(pages(3))))
    assert parts.folder.stat().st_mode & 0o077 == 0
    assert not [file for file in parts.folder.iterdir() if file.stat().st_mode & 0o077]
