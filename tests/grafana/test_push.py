"""Push and pull against the used part of Grafana's API: idempotent, careful with changes of people, clear in errors."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grafana import pull as pulling
from grafana import push as pushing
from grafana.alerting import CONTACT, RULES
from grafana.catalogue import BOARDS
from grafana.model import CLICKHOUSE, FOLDER_UID
from grafana.remote import Remote
from sanjian.boards import app
from sanjian.errors import Misconfigured, NotNow
from sanjian.settings import Settings
from tests.grafana.server import PASSWORD, PLUGIN, TOKEN, USER, VIEWER, State, serving

WEBHOOK = {"grafana_webhook": "http://sanjian:8000", "grafana_client_id": "c1", "grafana_client_secret": "s3kret-9"}
SOURCE = "clickhouse://reader:pa55word@ch:9000/sanjian"
EVERYTHING = ["datasource", "folder", *(f"boards/{board.uid}" for board in BOARDS), "alert-rules", "contact-point",
              "policy"]  # fmt: skip
UID = BOARDS[0].uid


@pytest.fixture
def state() -> Iterator[State]:
    """An empty Grafana with the plugin."""
    with serving() as found:
        yield found


def settings(state: State, **more: Any) -> Settings:
    given = {"grafana_url": state.url, "grafana_token": TOKEN, "grafana_clickhouse": SOURCE, **WEBHOOK} | more
    return Settings(**given)


def push(state: State, *, overwrite: bool = False, **more: Any) -> list[str]:
    """Names of what was written."""
    wanted = settings(state, **more)
    done = pushing.push(Remote.of(wanted), wanted, overwrite=overwrite)
    return [change.name for change in done if not change.why]


def left(state: State, **more: Any) -> dict[str, str]:
    """What a push would leave as it is, and why."""
    wanted = settings(state, **more)
    return {change.name: change.why for change in pushing.changes(Remote.of(wanted), wanted) if change.why}


def test_a_push_brings_everything_and_a_second_one_nothing(state: State) -> None:
    assert push(state) == EVERYTHING
    assert {kept[-1]["folder"] for kept in state.boards.values()} == {FOLDER_UID}
    assert len(state.groups[FOLDER_UID, "sanjian"]["rules"]) == len(RULES)
    assert state.datasources[CLICKHOUSE["uid"]]["jsonData"]["host"] == "ch"
    assert state.contacts[CONTACT]["settings"]["url"] == "http://sanjian:8000/api/v1/grafana/alerts"
    assert [route["receiver"] for route in state.policy["routes"]] == [CONTACT, "other"]  # others' routes stay
    assert state.policy["receiver"] == "grafana-default-email"
    written = list(state.writes)
    assert push(state) == []
    assert state.writes == written


def test_user_and_password_and_a_path_before_it_do_too(state: State) -> None:
    more = {
        "grafana_token": "",
        "grafana_user": USER,
        "grafana_password": PASSWORD,
        "grafana_url": state.url + "/grafana",
    }
    assert push(state, **more) == EVERYTHING


def test_a_push_that_failed_halfway_is_simply_repeated(state: State) -> None:
    state.broken = {"rule-groups": 500}
    with pytest.raises(NotNow, match="500"):
        push(state)
    done = len(state.writes)
    assert done == EVERYTHING.index("alert-rules")
    state.broken = {}
    assert push(state) == EVERYTHING[done:]
    assert push(state) == []


def test_what_is_ours_and_old_is_replaced(state: State) -> None:
    push(state)
    state.boards[UID][-1]["board"]["title"] = "old title"  # as if an older release had pushed it
    state.groups[FOLDER_UID, "sanjian"]["rules"][0]["for"] = "99m"
    state.groups[FOLDER_UID, "sanjian"]["rules"].append({"uid": "old"})
    assert push(state) == [f"boards/{UID}", "alert-rules"]
    assert len(state.groups[FOLDER_UID, "sanjian"]["rules"]) == len(RULES)


def test_what_somebody_changed_in_the_browser_is_left_until_asked_for(state: State) -> None:
    push(state)
    state.edit(UID, lambda board: board.update(title="改过的标题"))
    assert push(state) == []
    assert "pull" in left(state)[f"boards/{UID}"]
    assert state.boards[UID][-1]["board"]["title"] == "改过的标题"
    assert push(state, overwrite=True) == [f"boards/{UID}"]
    assert state.boards[UID][-1]["board"]["title"] == BOARDS[0].title


def test_somebody_who_saves_in_the_same_moment_is_not_overwritten(state: State) -> None:
    wanted = settings(state)
    push(state)
    state.boards[UID][-1]["board"]["title"] = "old title"
    for change in pushing.changes(Remote.of(wanted), wanted):
        if change.name == f"boards/{UID}":
            state.edit(UID, lambda board: board.update(description="just now"))
            with pytest.raises(Exception, match="changed by someone else"):
                change.apply()
    assert state.boards[UID][-1]["board"]["description"] == "just now"


def test_a_conflict_says_what_to_do(state: State) -> None:
    push(state)
    title = BOARDS[0].title
    state.boards["foreign"] = [{"board": {"uid": "foreign", "title": title}, "folder": FOLDER_UID, "message": ""}]
    del state.boards[UID]
    with pytest.raises(Misconfigured, match="rename or delete"):
        push(state)


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({"grafana_token": "wrong"}, Misconfigured, "SANJIAN_GRAFANA_TOKEN"),
        ({"grafana_token": VIEWER}, Misconfigured, "role Admin"),
        ({"grafana_token": "", "grafana_user": USER, "grafana_password": "no"}, Misconfigured, "password"),
        ({"grafana_token": ""}, Misconfigured, "SANJIAN_GRAFANA_USER"),
        ({"grafana_url": ""}, Misconfigured, "SANJIAN_GRAFANA_URL"),
        ({"grafana_clickhouse": ""}, Misconfigured, "SANJIAN_GRAFANA_CLICKHOUSE"),
        ({"grafana_webhook": ""}, Misconfigured, "SANJIAN_GRAFANA_WEBHOOK"),
    ],
)
def test_what_is_set_up_wrong_is_one_sentence(state: State, more: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        push(state, **more)


def test_a_server_that_is_away_is_not_now(state: State) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NotNow, match="ConnectionError"):
            push(state, grafana_url=f"http://127.0.0.1:{taken.getsockname()[1]}")


def test_a_missing_plugin_is_said_before_anything_is_written(state: State) -> None:
    state.plugins.clear()
    with pytest.raises(Misconfigured, match=f"plugins install {PLUGIN}"):
        push(state)
    assert state.writes == []


def test_what_files_provide_is_left_to_the_files(state: State) -> None:
    push(state)
    state.datasources[CLICKHOUSE["uid"]] |= {"readOnly": True, "name": "from a file"}
    state.boards[UID][-1]["board"]["title"] = "from a file"
    state.provisioned = {UID}
    assert set(left(state)) == {"datasource", f"boards/{UID}"}
    assert push(state) == []
    state.provisioned.add("rules")
    state.groups[FOLDER_UID, "sanjian"]["interval"] = 10
    with pytest.raises(Misconfigured, match="provenance"):
        push(state)


def test_a_data_source_that_somebody_set_up_is_taken_as_it_is(state: State) -> None:
    state.datasources[CLICKHOUSE["uid"]] = {"name": "by hand", **CLICKHOUSE, "jsonData": {}}
    assert "datasource" not in push(state, grafana_clickhouse="")


def test_without_a_client_nothing_is_told_to_us(state: State) -> None:
    assert push(state, grafana_client_id="") == [name for name in EVERYTHING if name not in ("contact-point", "policy")]


def test_pull_shows_what_people_changed_line_by_line_and_changes_nothing(state: State, tmp_path: Path) -> None:
    push(state)
    remote = Remote.of(settings(state))
    assert pulling.pull(remote) == []
    writes = list(state.writes)

    def change(board: dict[str, Any]) -> None:
        panel = next(one for one in board["panels"] if one["type"] != "row")
        panel["targets"][0]["rawSql"] = panel["targets"][0]["rawSql"].replace("SELECT sum", "SELECT 1 + sum", 1)

    state.edit(UID, change)
    state.boards["mine"] = [{"board": {"uid": "mine", "title": "自建"}, "folder": FOLDER_UID, "message": ""}]
    state.groups[FOLDER_UID, "sanjian"]["rules"][0]["for"] = "99m"
    pulled = pulling.pull(remote)
    assert [one.name for one in pulled] == [f"boards/{UID}", "boards/mine", "alert-rules"]
    changed = [line for line in pulled[0].text.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")]
    assert len(changed) == 2
    assert changed[0].startswith("-SELECT sum")
    assert changed[1].startswith("+SELECT 1 + sum")
    assert '+      "for": "99m"' in pulled[2].text.replace("    ", "  ") or '"99m"' in pulled[2].text
    paths = pulling.keep(pulled, tmp_path)
    assert {path.suffix for path in paths} == {".diff", ".json"}
    assert state.writes == writes


def test_the_command_shows_pushes_and_pulls(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"GRAFANA_URL": state.url, "GRAFANA_TOKEN": TOKEN, "GRAFANA_CLICKHOUSE": SOURCE,
                        **{key.upper(): value for key, value in WEBHOOK.items()}}.items():  # fmt: skip
        monkeypatch.setenv(f"SANJIAN_{name}", value)
    run = CliRunner()
    shown = run.invoke(app, ["push", "--diff"])
    assert shown.exit_code == 1
    assert state.writes == []
    assert "+++ repository/boards/sanjian-uploads" in shown.output
    assert "s3kret-9" not in shown.output
    assert "pa55word" not in shown.output
    assert run.invoke(app, ["push"]).exit_code == 0
    assert "nothing to change" in run.invoke(app, ["push", "--diff"]).output
    assert run.invoke(app, ["pull"]).exit_code == 0
    state.edit(UID, lambda board: board.update(title="改过"))
    again = run.invoke(app, ["push"])
    assert (again.exit_code, "left as it is" in again.output) == (1, True)
    pulled = run.invoke(app, ["pull", "--out", str(tmp_path / "out")])
    assert (pulled.exit_code, "改过" in pulled.output) == (1, True)
    assert len(list((tmp_path / "out").iterdir())) == 2
    assert run.invoke(app, ["render", "--check"]).exit_code == 0
