from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from sanjian.broker import EmbeddedBroker
from sanjian.errors import Invalid, Misconfigured
from sanjian.settings import Settings
from simulators.record import Recorded, read_recording, record
from simulators.replay import REPLAY, Tempo, in_order, replay
from simulators.scenarios import make_feed, scenario
from simulators.send import send
from simulators.targets import KafkaTarget
from streams.topics import ensure_topics

END = date(2026, 11, 20)


@pytest.fixture(scope="module")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    directory = tmp_path_factory.mktemp("broker")
    with EmbeddedBroker(directory / "broker.log") as broker:
        ensure_topics(Settings(data_dir=directory), [broker.bootstrap])
        yield [broker.bootstrap]


def by_partition(recording: list[Recorded]) -> dict[int, list[Recorded]]:
    found: dict[int, list[Recorded]] = defaultdict(list)
    for one in recording:
        found[one.partition].append(one)
    return found


@pytest.mark.stack
@pytest.mark.parametrize("name", ["feed.ndjson", "feed.ndjson.gz"])
def test_a_replay_is_the_recorded_feed_byte_by_byte(bootstrap: list[str], tmp_path: Path, name: str) -> None:
    feed = make_feed(scenario("faults"), END, 1, orgs=2, days=2, volume=0.2)
    before = record(bootstrap, "his.changes", tmp_path / "before.ndjson")
    with KafkaTarget(bootstrap) as target:
        sent = send(feed, target)
    count = record(bootstrap, "his.changes", tmp_path / name)
    assert count == before + sent.messages
    recording = list(read_recording(tmp_path / name))
    with KafkaTarget(bootstrap) as target:
        assert replay(recording, target, Tempo(0)) == count
    assert record(bootstrap, "his.changes", tmp_path / "twice.ndjson") == 2 * count
    twice = by_partition(list(read_recording(tmp_path / "twice.ndjson")))
    for partition, first in by_partition(recording).items():
        again = twice[partition]
        assert len(again) == 2 * len(first)
        assert again[: len(first)] == first
        for old, new in zip(first, again[len(first) :], strict=True):
            assert (new.key, new.value, new.timestamp) == (old.key, old.value, old.timestamp)
            assert new.headers == (REPLAY,)


@pytest.mark.stack
def test_a_recording_may_end_after_so_many_messages_or_begin_now(bootstrap: list[str], tmp_path: Path) -> None:
    with KafkaTarget(bootstrap) as target:
        for number in range(5):
            target.produce(None, b"%d" % number, timestamp_ms=1_795_000_000_000, partition=0)
        target.close()
    assert record(bootstrap, "his.changes", tmp_path / "few", most=2) == 2
    assert record(bootstrap, "his.changes", tmp_path / "none", from_end=True) == 0


@pytest.mark.stack
def test_a_topic_that_is_not_there_is_named(bootstrap: list[str], tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"no\.such"):
        record(bootstrap, "no.such", tmp_path / "none")


def at(timestamp: int, partition: int = 0, offset: int = 0) -> Recorded:
    return Recorded("his.changes", partition, offset, timestamp, b"k", (), b"v")


class Clock:
    def __init__(self) -> None:
        self.now = 50.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def test_distances_are_kept_divided_by_the_speed() -> None:
    clock = Clock()
    tempo = Tempo(10, lambda: clock.now, clock.sleep)
    for timestamp in (1000, 3000, 2000, 11000):
        tempo.wait(timestamp)
    assert clock.pauses == pytest.approx([0.2, 0.8])


def test_speed_nought_never_pauses() -> None:
    clock = Clock()
    tempo = Tempo(0, lambda: clock.now, clock.sleep)
    tempo.wait(0)
    tempo.wait(10_000_000)
    assert not clock.pauses


def test_partitions_are_played_together_and_keep_their_own_order() -> None:
    recording = [at(10, 0, 0), at(40, 0, 1), at(30, 0, 2), at(20, 1, 0), at(35, 1, 1)]
    assert [(one.partition, one.offset) for one in in_order(recording)] == [(0, 0), (1, 0), (1, 1), (0, 1), (0, 2)]


def test_a_line_that_is_no_recorded_message_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.ndjson").write_text("{}\n")
    with pytest.raises(Invalid, match="line 1"):
        list(read_recording(tmp_path / "r.ndjson"))
