"""What the watch says of messages: columns that nobody knows, messages that nobody can read, and floods of those."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from clickhouse.thresholds import Threshold, ThresholdStore
from tests.clickhouse.rows import put
from tests.streams.watch.build import CHARGES, HOSPITAL, PATIENTS, at, hospital
from tests.streams.watch.scene import Scene

NOW = at("2026-11-20 07:00")  # nothing is due yet
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: What does not fire any more is over when it has stayed away for so long.
CALM = timedelta(minutes=11)
DRIFT, UNREAD = f"schema_drift|{HOSPITAL}|{CHARGES}|", f"unreadable|{HOSPITAL}|{CHARGES}|"
FLOOD = "pipeline||||deadletters"


@pytest.fixture
def quiet(scene: Scene) -> Scene:
    """A hospital that owes nothing yet."""
    scene.orgs(hospital(starts_on=date(2026, 11, 20)))
    return scene


class Messages:
    """Messages that came: each at the next offset."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._next = 0

    def came(self, moment: datetime, *columns: str, **row: Any) -> None:
        """A batch with ten rows of charges, and unknown columns."""
        usual = {
            "org": HOSPITAL, "table": CHARGES, "batch": f"b{self._next}", "message_id": self._next + 1, "received": 10,
            "accepted": 10, "arrived_at": moment, "source_time": moment, "landed_at": moment,
        }  # fmt: skip
        put(self._scene.clickhouse, "ledger", usual | {"offset": self._next, "unknown_columns": [*columns]} | row)
        self._next += 1

    def unread(self, moment: datetime, reason: str = "not_json", message_id: int = 0, **row: Any) -> None:
        """A dead letter, with its line in the ledger."""
        place = {"offset": self._next, "org": HOSPITAL, "table": CHARGES, "batch": f"b{self._next}"} | row
        letter = {"reason": reason, "arrived_at": moment, "landed_at": moment}
        put(self._scene.clickhouse, "dead_letters", place | letter)
        counts = {"received": 1, "accepted": 0, "unreadable": 1, "kind": "unreadable", **letter}
        self.came(moment, **place | counts | ({"message_id": message_id} if message_id else {}))


@pytest.fixture
def messages(quiet: Scene) -> Messages:
    """What came."""
    return Messages(quiet)


def test_columns_outside_the_standard_are_told_with_their_names_and_how_often(quiet: Scene, messages: Messages) -> None:
    messages.came(NOW - HOUR)
    messages.came(NOW - 2 * MINUTE, "NEWCOL", "OTHER")
    drift = quiet.watch().run(NOW)[DRIFT]
    assert (drift.kind, drift.severity, drift.numerator, drift.denominator) == ("schema_drift", "info", 1, 2)
    assert "TB_MZ_SFMXB 出现标准之外的列：NEWCOL, OTHER（近期 2 个批次中的 1 个）" in drift.zh
    assert "columns that the standard does not know: NEWCOL, OTHER (1 of 2 recent batches)" in drift.en
    assert drift.fix_zh.startswith("多出的列不入库")
    assert drift.details["columns"] == ["NEWCOL", "OTHER"]


def test_many_unknown_columns_are_listed_in_the_details(quiet: Scene, messages: Messages) -> None:
    messages.came(NOW - MINUTE, *(f"C{number}" for number in range(7)))
    drift = quiet.watch().run(NOW)[DRIFT]
    assert "C0, C1, C2, C3, C4 …" in drift.zh
    assert len(drift.details["columns"]) == 7


def test_drift_ends_with_the_first_upload_without_such_columns(quiet: Scene, messages: Messages) -> None:
    runs = quiet.watch()
    messages.came(NOW - MINUTE, "NEWCOL")
    runs.run(NOW)
    assert DRIFT in runs.open_cases(NOW)
    messages.came(NOW + MINUTE)
    assert runs.run(NOW + 2 * MINUTE) == {}
    runs.run(NOW + 2 * MINUTE + CALM)
    assert runs.open_cases(NOW + 2 * MINUTE + CALM) == set()


def test_drift_of_one_table_says_nothing_of_another(quiet: Scene, messages: Messages) -> None:
    messages.came(NOW - 2 * MINUTE, "NEWCOL")
    messages.came(NOW - MINUTE, table=PATIENTS)
    assert list(quiet.watch().run(NOW)) == [DRIFT]


@pytest.mark.parametrize(
    "row", [{"received": 0}, {"kind": "repeat"}, {"org": ""}], ids=["without rows", "repeats", "of nobody"]
)
def test_messages_that_brought_nothing_do_not_count_as_drift(
    quiet: Scene, messages: Messages, row: dict[str, Any]
) -> None:
    messages.came(NOW - MINUTE, "NEWCOL", **row)
    assert quiet.watch().run(NOW) == {}


def test_drift_that_nobody_sent_again_for_a_week_is_over(quiet: Scene, messages: Messages) -> None:
    messages.came(NOW - 7 * DAY, "NEWCOL")
    runs = quiet.watch()
    assert DRIFT in runs.run(NOW)
    assert DRIFT not in runs.run(NOW + timedelta(milliseconds=1))


def test_what_could_not_be_read_is_told_with_the_reasons(quiet: Scene, messages: Messages) -> None:
    messages.unread(NOW - 2 * HOUR)
    messages.unread(NOW - HOUR)
    messages.unread(NOW - MINUTE, "empty")
    found = quiet.watch().run(NOW)[UNREAD]
    assert (found.kind, found.severity, found.numerator) == ("unreadable", "warning", 3)
    assert "近 7 天有 3 条无法读取且未重传" in found.zh
    assert "消息为空，请检查接口程序" in found.zh
    assert "3 messages or rows of the last 7 days could not be read" in found.en
    assert found.fix_zh == "请按死信中的原因改正后，以相同批次号重新上传。"
    assert found.details["reasons"] == ["not_json", "empty"]
    assert found.details["last_at"] == (NOW - MINUTE).isoformat()


def test_a_letter_without_sender_or_table_is_our_own(quiet: Scene, messages: Messages) -> None:
    messages.unread(NOW - MINUTE, "bad_header", org="", table="", batch="")
    found = quiet.watch().run(NOW)
    assert list(found) == ["unreadable|||"]
    assert found["unreadable|||"].zh.startswith("未知表")


def test_a_letter_is_settled_when_its_batch_was_sent_again(quiet: Scene, messages: Messages) -> None:
    runs = quiet.watch()
    messages.unread(NOW - MINUTE, batch="again")
    runs.run(NOW)
    assert UNREAD in runs.open_cases(NOW)
    messages.came(NOW + MINUTE, batch="again")
    assert runs.run(NOW + 2 * MINUTE) == {}
    runs.run(NOW + 2 * MINUTE + CALM)
    assert runs.open_cases(NOW + 2 * MINUTE + CALM) == set()


def test_a_letter_is_settled_when_its_bytes_were_redriven_and_read(quiet: Scene, messages: Messages) -> None:
    messages.unread(NOW - HOUR, message_id=77)
    messages.unread(NOW - MINUTE, message_id=77)  # redriven in vain: both stand
    assert quiet.watch().run(NOW)[UNREAD].numerator == 2
    messages.came(NOW, message_id=77)
    assert quiet.watch().run(NOW + MINUTE) == {}


def test_another_batch_or_one_that_was_read_before_settles_nothing(quiet: Scene, messages: Messages) -> None:
    messages.came(NOW - HOUR, batch="b")
    messages.unread(NOW - MINUTE, batch="b")
    messages.came(NOW, batch="other")
    assert UNREAD in quiet.watch().run(NOW + MINUTE)


def test_a_letter_is_over_after_seven_days(quiet: Scene, messages: Messages) -> None:
    messages.unread(NOW - 7 * DAY)
    runs = quiet.watch()
    assert UNREAD in runs.run(NOW)
    assert UNREAD not in runs.run(NOW + timedelta(milliseconds=1))


def flood(scene: Scene, letters: int, moment: datetime) -> None:
    """So many dead letters at one moment, each settled already, so that only their number tells."""
    rows = [
        {"topic_id": "T", "partition": 1, "offset": number, "row": 0, "org": HOSPITAL, "table": CHARGES, "batch": "f",
         "reason": "not_json", "bytes": b"{", "size": 1, "arrived_at": moment, "landed_at": moment}
        for number in range(letters)
    ]  # fmt: skip
    scene.clickhouse.insert("dead_letters", pl.DataFrame(rows))


def test_a_flood_of_dead_letters_is_a_matter_of_our_own_from_the_limit_on(quiet: Scene, messages: Messages) -> None:
    messages.came(NOW, batch="f")
    flood(quiet, 99, NOW - MINUTE)
    assert quiet.watch().run(NOW) == {}
    flood(quiet, 100, NOW - MINUTE)
    found = quiet.watch().run(NOW)
    assert list(found) == [FLOOD]
    own = found[FLOOD]
    assert (own.kind, own.severity, own.org, own.numerator, own.threshold) == ("pipeline", "warning", "", 100, 100)
    assert (own.zh, own.en) == ("一小时内有 100 条死信", "100 dead letters within an hour")
    assert (own.fix_zh, own.fix_en) == (
        "请查看死信列表，联系发送方。", "Look at the dead letters and call who sends them.",
    )  # fmt: skip


def test_the_limit_of_dead_letters_can_be_set(quiet: Scene, messages: Messages) -> None:
    messages.came(NOW, batch="f")
    ThresholdStore(quiet.clickhouse).save([Threshold("*", "*", "deadletters_per_hour", 5)], "test")
    flood(quiet, 4, NOW - MINUTE)
    assert quiet.watch().run(NOW) == {}
    flood(quiet, 5, NOW - MINUTE)
    assert list(quiet.watch().run(NOW)) == [FLOOD]


def test_a_flood_is_over_when_the_hour_is(quiet: Scene, messages: Messages) -> None:
    messages.came(NOW, batch="f")
    flood(quiet, 150, NOW - MINUTE)
    runs = quiet.watch()
    runs.run(NOW)
    assert FLOOD in runs.open_cases(NOW)
    assert FLOOD in runs.run(NOW + HOUR - MINUTE)
    over = NOW + HOUR - MINUTE + timedelta(milliseconds=1)
    assert FLOOD not in runs.run(over)
    assert FLOOD in runs.open_cases(over)
    runs.run(over + CALM)
    assert FLOOD not in runs.open_cases(over + CALM)
