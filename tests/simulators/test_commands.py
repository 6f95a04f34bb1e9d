from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
import typer
from typer.testing import CliRunner

from clickhouse import client as clickhouse_client
from sanjian import datadir
from sanjian.errors import Misconfigured
from simulators import commands, volume
from simulators.manifest import Manifest
from simulators.scenarios import last_day
from simulators.targets import KafkaTarget

app = typer.Typer()
for command in (commands.simulate, commands.record, commands.replay):
    app.command()(command)
SMALL = ["--orgs", "2", "--days", "2", "--volume", "0.2", "--end", "2026-11-20", "--seed", "4"]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_dry_run_writes_manifest_institutions_and_maps(tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("m.json", "orgs.json", "maps.json")]
    output = run(
        "simulate", "--scenario", "faults", *SMALL, "--dry-run", "--manifest", files[0], "--orgs-out", files[1],
        "--maps-out", files[2],
    )  # fmt: skip
    manifest = Manifest.load(tmp_path / "m.json")
    assert manifest.about["complete"] is True
    assert manifest.about["seed"] == 4
    assert str(manifest.totals()["accepted"]) in output
    orgs = orjson.loads((tmp_path / "orgs.json").read_bytes())
    maps = orjson.loads((tmp_path / "maps.json").read_bytes())
    assert len(orgs) == 2
    assert {entry["org"] for entry in maps} == {org["org"] for org in orgs}
    assert {entry["map"] for entry in maps} == {"department", "drug", "item", "fee"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["simulate", "--scenario", "none"], "clean"),
        (["simulate", "--end", "yesterday", "--dry-run"], "2026-11-20"),
        (["simulate", "--shape", "xml", "--dry-run"], "debezium"),
        (["simulate", "--shape", "debezium", "--to", "http://a"], "batches only"),
        (["simulate", "--to", "http://a", "--credentials", "/nowhere"], "credentials"),
        (["simulate", "--to", "http://a"], "sanjian client add"),
        (["replay", "/nowhere"], "/nowhere"),
    ],
)
def test_what_is_set_up_wrong_is_one_sentence(arguments: list[str], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        run(*arguments)


def test_without_an_address_the_running_process_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match="sanjian up"):
        run("simulate", *SMALL, "--data", str(tmp_path))
    datadir.write(tmp_path, datadir.RUNTIME, {"kafka": "kafka://127.0.0.1:1"})
    seen: list[str] = []

    def target(address: str, topic: str, token: object) -> None:
        seen.append(address)
        raise Misconfigured("enough")

    monkeypatch.setattr(commands, "target_for", target)
    with pytest.raises(Misconfigured, match="enough"):
        run("simulate", *SMALL, "--data", str(tmp_path))
    assert seen == ["kafka://127.0.0.1:1"]


@pytest.mark.parametrize(("option", "stamped"), [((), True), (("--no-backdate",), False)])
def test_a_topic_gets_history_with_its_own_times_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, option: tuple[str, ...], stamped: bool
) -> None:
    made: list[KafkaTarget] = []

    class Stopped(Exception):
        """Enough."""

    def enter(self: KafkaTarget) -> KafkaTarget:
        made.append(self)
        raise Stopped

    monkeypatch.setattr(KafkaTarget, "__enter__", enter)
    with pytest.raises(Stopped):
        run("simulate", *SMALL, "--to", "kafka://nowhere:1", *option)
    assert (made[0].history_before is not None) == stamped
    if made[0].history_before is not None:
        assert made[0].history_before.hour == made[0].history_before.minute == 0


def test_only_the_ledger_goes_straight_into_clickhouse(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match="clickhouse://"):
        run("simulate", "--ledger-only", "--to", "kafka://nowhere:1")
    asked: list[tuple[str, volume.Year]] = []

    class Opened:
        """Notes where, and is nothing."""

        def __init__(self, dsn: str) -> None:
            self.dsn = dsn

        def __enter__(self) -> Opened:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    def write(client: Opened, standard: object, year: volume.Year, seen: object) -> dict[str, int]:
        asked.append((client.dsn, year))
        return {"ledger": 7}

    monkeypatch.setattr(clickhouse_client, "ClickHouse", Opened)
    monkeypatch.setattr(volume, "write", write)
    assert "ledger: 7" in run("simulate", "--ledger-only", "--end", "2026-11-20", "--to", "chdb:///x", "--volume", "2")
    ((dsn, year),) = asked
    assert (dsn, len(year.orgs), year.days, year.volume) == ("chdb:///x", volume.ORGS, volume.DAYS, 2.0)
    assert year.first == date(2025, 11, 21)


def test_the_last_day_is_one_whose_uploads_lie_in_the_past() -> None:
    assert last_day(datetime(2026, 11, 21, 4, tzinfo=UTC)) == date(2026, 11, 20)  # noon in Shanghai
    assert last_day(datetime(2026, 11, 20, 17, tzinfo=UTC)) == date(2026, 11, 19)  # one in the night of the 21st


def test_one_institution_sends_under_the_code_it_is_given(tmp_path: Path) -> None:
    code = "TEST0001837011211A1001"
    small = ["--days", "1", "--volume", "0.2", "--end", "2026-11-20"]
    run("simulate", "--scenario", "clean", "--org", code, *small, "--dry-run",
        "--orgs-out", str(tmp_path / "orgs.json"),
        "--maps-out", str(tmp_path / "maps"))  # fmt: skip
    assert [org["org"] for org in orjson.loads((tmp_path / "orgs.json").read_bytes())] == [code]
    names = {path.name for path in (tmp_path / "maps").iterdir()}
    assert names == {f"{code}-{kind}.csv" for kind in ("department", "drug", "item", "fee")}
    with pytest.raises(Misconfigured, match="--org"):
        run("simulate", "--org", code, "--orgs", "2", "--dry-run")
    with pytest.raises(Misconfigured, match="--org"):
        run("simulate", "--org", "short", "--dry-run")
