"""What an alert's page says: figures in words, readable details, ways to look further, the stages it went through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.console.pages.alerts import look
from api.console.pages.alerts.details import parts, ways
from api.console.pages.alerts.forms import snoozed_until
from api.console.pages.alerts.loop import reached
from api.console.pages.alerts.measure import figures
from api.wire import SHANGHAI
from streams.cases.case import ENDINGS, STAGES
from streams.watch.conditions import KINDS

ORG = "12345678X00000000000AA"


def case(kind: str, details: dict[str, Any] | None = None, **measure: float | None) -> dict[str, Any]:
    empty = {"numerator": None, "denominator": None, "threshold": None, "baseline": None}
    return {
        "kind": kind, "measure": empty | measure, "details": details or {}, "org": ORG, "table": "TB_HZXX",
        "biz_date": "2026-11-20",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "texts"),
    [
        (case("anomaly_rate", numerator=60, denominator=1000, threshold=0.05, baseline=0.012),
         ["6.0%", "60", "1,000", "5.0%", "1.2%"]),
        (case("gap", numerator=3, denominator=19, threshold=0), ["3", "19"]),
        (case("volume", numerator=50, denominator=200, threshold=0.5, baseline=200), ["50", "200", "25%", "50%"]),
        (case("volume", numerator=50, denominator=None, threshold=0.5), ["50"]),
        (case("mapping", numerator=7, denominator=0, threshold=0), ["7"]),
        (case("mapping", numerator=80, denominator=100, threshold=0.9), ["80.0%", "80", "100", "90.0%"]),
        (case("rejection", numerator=12, denominator=3, threshold=1), ["12", "3", "1"]),
        (case("schema_drift", numerator=2, denominator=5), ["2", "5"]),
        (case("pipeline", {"subject": "lag"}, numerator=31.4, threshold=10), ["31", "10"]),
        (case("pipeline", {"subject": "failing-volume"}, numerator=1, threshold=0), ["1"]),
        (case("unreadable"), []),
    ],
)  # fmt: skip
def test_every_kind_says_its_figures(shown: dict[str, Any], texts: list[str]) -> None:
    assert [figure.text for figure in figures(shown)] == texts


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_figures_names_and_ways(kind: str) -> None:
    found = figures(case(kind, numerator=1, denominator=2, threshold=0.5))
    assert found[0].tone == "bad"
    assert all(figure.zh and figure.en for figure in found)
    assert all(way.page.startswith("/") and way.href.startswith("/") for way in ways(case(kind)))


def test_details_become_lists_that_lead_to_the_standard() -> None:
    names = {"TB_HZXX": ("患者基本信息表", "patients")}
    gap = parts(
        case("gap", {"tables": ["TB_HZXX", "TB_X"], "expected": 2, "due_at": "2026-11-21T08:00:00+08:00"}), names
    )
    assert [(line.zh, line.href) for line in gap[0].lines] == [
        ("患者基本信息表 TB_HZXX", "/standard/tables/TB_HZXX"), ("TB_X", "/standard/tables/TB_X"),
    ]  # fmt: skip
    assert [(line.zh, line.figure) for line in gap[1].lines] == [("截止", "11-21 08:00")]
    rules = {"rules": [{"rule_id": "HZ01", "severity": "error", "findings": 1200}]}
    assert [(line.zh, line.figure, line.href) for line in parts(case("anomaly_rate", rules), names)[0].lines] == [
        ("HZ01", "1,200", "/standard/rules/HZ01")
    ]
    orphans = {"rules": [{"rule_id": "ZS15", "table": "TB_HZXX", "failed": 3.0, "checked": 9.0}]}
    assert [(line.zh, line.figure) for line in parts(case("association", orphans), names)[0].lines] == [
        ("ZS15 患者基本信息表", "3 / 9")
    ]
    codes = {"map": "drug", "unmapped": [{"code": "A1", "rows": 4, "first_day": "2026-11-19"}]}
    assert [(line.zh, line.figure) for line in parts(case("mapping", codes), names)[0].lines] == [
        ("A1（2026-11-19 起）", "4")
    ]
    assert parts(case("volume", {"low": True, "declared_empty": False, "spread": 1.5}), names) == []


def test_ways_keep_institution_table_and_day() -> None:
    findings = ways(case("anomaly_rate"))[0]
    assert findings.href == f"/findings?org={ORG}&table=TB_HZXX&from=2026-11-20&to=2026-11-20"
    assert [way.page for way in ways(case("pipeline") | {"org": ""})] == ["/admin/pipeline"]
    without_day = ways(case("rejection") | {"biz_date": None})[0]
    assert without_day.href == f"/rejected?org={ORG}&table=TB_HZXX"


def test_the_stepper_shows_where_it_went_and_forgets_what_it_was_sent_back_from() -> None:
    def steps(*stages: str) -> list[dict[str, Any]]:
        return [{"stage": stage, "version": number} for number, stage in enumerate(stages, 1)]

    def versions(*stages: str) -> dict[str, int]:
        return {stage: step["version"] for stage, step in reached(steps(*stages)).items()}

    assert versions("clue", "clue", "verify", "verify") == {"clue": 1, "verify": 3}
    assert versions("clue", "verify", "handle", "review", "handle") == {"clue": 1, "verify": 2, "handle": 5}
    assert versions("clue", "closed", "clue") == {"clue": 3}, "open again: a new clue"
    assert versions("clue", "closed") == {"clue": 1, "closed": 2}, "what was passed over was not reached"


def test_every_stage_and_ending_has_a_word() -> None:
    assert tuple(look.STAGES) == STAGES
    assert all(look.ending(name, "zh") != name for name in ENDINGS)
    assert look.action("no_such", "en") == "no_such"


def test_who_acted_is_named_as_far_as_the_reader_may_know() -> None:
    step = {"actor_role": "operator", "actor_name": "值班", "actor_of": "370100"}
    assert look.actor(step, "zh") == "运维人员 值班"
    assert look.actor(step | {"actor_name": ""}, "zh") == "运维人员 370100"
    assert look.actor({"actor_role": "sanjian", "actor_name": "", "actor_of": ""}, "en") == "Sanjian"


@pytest.mark.parametrize(
    ("spent", "zh", "en"),
    [
        (timedelta(seconds=-5), "0 分钟", "0 minutes"),
        (timedelta(minutes=1), "1 分钟", "1 minute"),
        (timedelta(hours=47), "47 小时", "47 hours"),
        (timedelta(days=3), "3 天", "3 days"),
    ],
)
def test_how_long_it_lasts_is_said_in_its_largest_unit(spent: timedelta, zh: str, en: str) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert (look.ago(now - spent, now, "zh"), look.ago(now - spent, now, "en")) == (zh, en)


def test_a_snooze_until_tomorrow_ends_at_eight_in_shanghai() -> None:
    late = datetime(2026, 11, 21, 23, 30, tzinfo=SHANGHAI)
    assert snoozed_until(0, late) == datetime(2026, 11, 22, 8, tzinfo=SHANGHAI)
    assert snoozed_until(4, late) == datetime(2026, 11, 22, 3, 30, tzinfo=SHANGHAI)
