"""The boards as Grafana reads them: valid, complete, the same in every run, and what lies in the repository."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from api.routes.grafana import report_of
from grafana import files, page
from grafana.alerting import CONTACT, RULES, WEBHOOK_PATH, rule_json
from grafana.catalogue import BOARDS
from grafana.macros import variables_of
from grafana.model import CLICKHOUSE, FOLDER_TITLE, FOLDER_UID, PROMETHEUS, Board, Metrics, Panel
from grafana.render import board_json
from sanjian import metrics

DOCS = Path(__file__).parents[2] / "docs" / "boards.md"
HAN = re.compile(r"[\u4e00-\u9fff]")
EVERY = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
#: Uids that people have in their bookmarks: they are never changed.
UIDS = (
    "sanjian-uploads", "sanjian-check-report", "sanjian-association", "sanjian-fees", "sanjian-mapping",
    "sanjian-multi-source", "sanjian-org", "sanjian-pipeline",
)  # fmt: skip


def panels_of(board: Board) -> list[dict[str, Any]]:
    """Panels of the JSON, rows and what is folded into them too."""
    top = board_json(board)["panels"]
    return [*top, *(panel for row in top for panel in row.get("panels", ()))]


def test_what_lies_in_the_repository_is_what_would_be_written() -> None:
    assert files.stale() == [], "run: sanjian grafana render"


def test_a_changed_a_missing_and_a_superfluous_file_are_stale_until_they_are_written(tmp_path: Path) -> None:
    files.write(tmp_path)
    assert files.stale(tmp_path) == []
    (tmp_path / "boards" / "sanjian-org.json").write_text("{}")
    (tmp_path / "boards" / "old.json").write_text("{}")
    (tmp_path / "provisioning" / "alerting" / "rules.yaml").unlink()
    wrong = ["boards/old.json", "boards/sanjian-org.json", "provisioning/alerting/rules.yaml"]
    assert files.stale(tmp_path) == wrong
    assert sorted(files.write(tmp_path)) == wrong
    assert files.stale(tmp_path) == []


def test_uids_are_those_that_people_have_in_their_bookmarks() -> None:
    assert tuple(board.uid for board in BOARDS) == UIDS
    assert all(len(uid) <= 40 for uid in UIDS)  # Grafana's limit


@EVERY
def test_ids_are_unique_and_nothing_overlaps(board: Board) -> None:
    panels = panels_of(board)
    assert [count for count in Counter(panel["id"] for panel in panels).values() if count > 1] == []
    taken: Counter[tuple[int, int]] = Counter()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] >= 0
        assert place["x"] + place["w"] <= 24
        assert place["w"] > 0 < place["h"]
        taken.update((place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"]))
    assert set(taken.values()) == {1}


@EVERY
def test_every_panel_says_what_it_is_in_chinese_with_unit_and_text_for_nothing(board: Board) -> None:
    assert HAN.search(board.title)
    assert HAN.search(board.description)
    for panel in board.panels:
        assert HAN.search(panel.title), panel.title
        assert HAN.search(panel.description)
        assert "单位" in panel.description, panel.title
        assert HAN.search(panel.empty)
        assert HAN.search(panel.red)
        if isinstance(panel, Panel):
            assert all(HAN.search(column.zh) or column.name == "name" or column.zh in ("p50", "p99", "worker")
                       for column in panel.columns), panel.title  # fmt: skip
            assert any(c.unit or c.words for c in panel.columns if c.kind == "number") or not any(
                c.kind == "number" for c in panel.columns
            ), panel.title
    for panel in panels_of(board):
        if panel["type"] != "row":
            assert panel["fieldConfig"]["defaults"]["noValue"]
            assert panel["description"]


@EVERY
def test_the_data_source_is_said_everywhere_by_its_uid(board: Board) -> None:
    content = board_json(board)
    for panel in panels_of(board):
        if panel["type"] != "row":
            assert panel["datasource"] in (CLICKHOUSE, PROMETHEUS)
            assert panel["targets"]
            assert all(one["datasource"] == panel["datasource"] for one in panel["targets"])
            assert len({one["refId"] for one in panel["targets"]}) == len(panel["targets"])
            for one in panel["targets"]:
                if panel["datasource"] == CLICKHOUSE:
                    series = panel["type"] in ("timeseries", "state-timeline", "status-history")
                    assert (one["editorType"], one["format"]) == ("sql", 0 if series else 1)
                    assert one["queryType"] == ("timeseries" if series else "table")
    for variable in content["templating"]["list"]:
        assert variable["type"] == "custom" or variable["datasource"] == CLICKHOUSE


@EVERY
def test_every_variable_is_used_and_every_one_used_is_defined(board: Board) -> None:
    content = board_json(board)
    defined = [one["name"] for one in content["templating"]["list"]]
    assert len(set(defined)) == len(defined)
    sqls = [one.get("rawSql", "") for panel in panels_of(board) for one in panel.get("targets", ())]
    used = set().union(*(variables_of(sql) for sql in sqls))
    chained = set().union(*(variables_of(one.get("query", "")) for one in content["templating"]["list"]))
    assert used == set(defined)
    if board.uid != "sanjian-org":
        assert chained <= used
    for sql in sqls:  # a value is always quoted by Grafana
        assert re.findall(r"\$\{\w+(?!:singlequote)[:}]", sql) == []


@EVERY
def test_boards_are_found_from_each_other_and_keep_what_is_chosen(board: Board) -> None:
    [link] = board_json(board)["links"]
    assert (link["type"], link["includeVars"], link["keepTime"]) == ("dashboards", True, True)
    assert set(link["tags"]) <= set(board_json(board)["tags"])
    assert board_json(board)["timezone"] == "Asia/Shanghai"


@EVERY
def test_all_stands_for_no_filter_and_several_may_be_chosen(board: Board) -> None:
    for one in board_json(board)["templating"]["list"]:
        if one["name"] in ("city", "type", "table") or (one["name"] == "org" and board.uid != "sanjian-org"):
            assert (one["multi"], one["includeAll"], one["allValue"]) == (True, True, "''")
        if one["name"] == "month":
            assert not one["multi"]
            assert not one["includeAll"]


def test_metrics_that_the_boards_ask_prometheus_for_are_ours() -> None:
    known = {family.name for family in metrics.REGISTRY.collect()}
    asked = {
        name
        for board in BOARDS
        for panel in board.panels
        if isinstance(panel, Metrics)
        for expression, _ in panel.targets
        for name in re.findall(r"sanjian_\w+", expression)
    }
    assert asked
    assert {re.sub(r"_(total|bucket)$", "", name) for name in asked} <= known


def test_rules_are_files_and_api_alike() -> None:
    text = (files.HERE / "provisioning/alerting/rules.yaml").read_text("utf-8")
    [group] = yaml.safe_load(text)["groups"]
    assert (group["folder"], group["interval"]) == (FOLDER_TITLE, "60s")
    assert len(RULES) == 5
    for rule, written in zip(RULES, group["rules"], strict=True):
        api = rule_json(rule)
        assert api["folderUID"] == FOLDER_UID
        assert written["uid"] == api["uid"] == rule.uid
        assert [part["refId"] for part in written["data"]] == ["A", "B", "C"]
        assert written["condition"] == "C"
        assert written["annotations"]["value"] == "{{ $$values.B.Value }}"  # a file doubles what is no variable of it
        assert api["annotations"]["value"] == "{{ $values.B.Value }}"
        assert rule.board in UIDS
        assert HAN.search(written["annotations"]["summary"])
        assert written["annotations"]["summary_en"].isascii()
    assert report_of  # the texts above are what the webhook reads


def test_a_file_names_secrets_and_holds_none() -> None:
    folder = files.HERE / "provisioning"
    found = {path.name: path.read_text("utf-8") for path in folder.rglob("*.yaml")}
    [source, _] = yaml.safe_load((folder / "datasources/sanjian.yaml").read_text("utf-8"))["datasources"]
    assert source["uid"] == CLICKHOUSE["uid"]
    assert source["secureJsonData"] == {"password": "$__file{/run/secrets/clickhouse_grafana_password}"}
    [point] = yaml.safe_load(found["contact_points.yaml"])["contactPoints"]
    [receiver] = point["receivers"]
    assert receiver["settings"]["url"].endswith(WEBHOOK_PATH)
    assert receiver["settings"]["password"].startswith("$__file{")
    [policy] = yaml.safe_load(found["policies.yaml"])["policies"]
    assert policy["receiver"] == CONTACT == policy["routes"][0]["receiver"]
    [provider] = yaml.safe_load((folder / "dashboards/sanjian.yaml").read_text("utf-8"))["providers"]
    assert (provider["folderUid"], provider["options"]["path"]) == (FOLDER_UID, files.MOUNTED)
    for text in found.values():
        assert set(re.findall(r"(?<!\$)\$(?!\$)\w+", text)) <= {"$__env", "$__file"}


def test_the_page_names_every_board_panel_query_and_rule() -> None:
    text = DOCS.read_text("utf-8")
    for board in BOARDS:
        assert f"## {board.title}" in text
        for panel in board.panels:
            assert f"| {panel.title} |" in text, panel.title
            assert panel.red in text, panel.title
            if isinstance(panel, Panel):
                assert f"`{panel.query}`" in text
    for rule in RULES:
        assert f"`{rule.uid}`" in text
        assert rule.fix_zh in text


def test_the_page_is_what_would_be_written() -> None:
    assert DOCS.read_text("utf-8") == page.render(), "run: python -m grafana.page"


def test_json_is_read_back_as_it_was_written() -> None:
    for board in BOARDS:
        path = files.HERE / "boards" / f"{board.uid}.json"
        assert orjson.loads(path.read_bytes()) == board_json(board)
