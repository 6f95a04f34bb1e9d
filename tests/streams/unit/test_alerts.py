"""What an institution is told: one alert a message, the worst first, nothing personal, the same one again."""

from __future__ import annotations

from typing import Any

import orjson

from streams.alerts import EXAMPLES, alert_id, alerts_frame
from tests.streams.unit.build import (
    NOW,
    ORG,
    PATIENTS,
    PLACE,
    Sent,
    Worked,
    batch,
    charge,
    event,
    patient,
    records,
    work,
    work_records,
)


def payloads(worked: Worked) -> list[dict[str, Any]]:
    return [orjson.loads(alert.payload) for alert in worked.alerts]


def test_right_rows_and_warnings_alone_raise_no_alert() -> None:
    assert work(batch(charge()), batch(charge(MXXMDW=None)), None, batch(biz_date="2026-11-20")).alerts == []


def test_a_message_with_rejected_rows_raises_one_alert_however_many_there_are() -> None:
    worked = work(
        batch(*[charge(SFMXID=f"S{n}", TFBZ="9", FYFSSJ=f"2026-11-{19 + n % 2} 08:00:00") for n in range(20)]),
        batch(charge()),
        event(charge(XGBZ="7")),
    )
    assert [(alert.offset, alert.kind) for alert in worked.alerts] == [(0, "rejection"), (2, "rejection")]
    first = payloads(worked)[0]
    assert first["counts"] == {"received": 20, "accepted": 0, "rejected": 20, "flagged": 0, "unreadable": 0}


def test_rejected_and_unreadable_rows_of_one_message_raise_one_alert_each() -> None:
    rejection, unreadable = payloads(work(batch(charge(TFBZ="9"), b"null", b"[", charge(SFMXID="S4"))))
    assert (rejection["kind"], unreadable["kind"]) == ("rejection", "unreadable")
    assert rejection["counts"] == unreadable["counts"]
    assert rejection["counts"] == {"received": 4, "accepted": 1, "rejected": 1, "flagged": 0, "unreadable": 2}
    assert rejection["unreadable"] is None
    assert (unreadable["unreadable"]["reason"], unreadable["unreadable"]["rows"]) == ("not_json", [2, 3])
    assert unreadable["unreadable"]["detail_zh"]
    assert unreadable["rules"] == unreadable["examples"] == []
    assert rejection["id"] != unreadable["id"]


def test_an_alert_says_whose_what_when_and_where() -> None:
    value = batch(charge(TFBZ="9"), batch="B7")
    [told] = payloads(work_records([Sent(value, partition=2, offset=41)]))
    assert (told["org"], told["table"], told["batch"], told["severity"]) == (ORG, "TB_MZ_SFMXB", "B7", "error")
    assert told["raised_at"] == "2026-11-21T08:00:00.000+08:00"
    assert told["place"] == {"topic": "his.changes", "topic_id": "topic-1", "partition": 2, "offset": 41}


def test_rules_are_counted_errors_first_then_the_most_frequent() -> None:
    rows = [
        charge(SFMXID="S1", TFBZ="9", MXXMDW=None), charge(SFMXID="S2", XGBZ="9", MXXMDW=None),
        charge(SFMXID="S3", XGBZ="9", MXXMDW=None), charge(SFMXID="S4", MXXMDW=None),
    ]  # fmt: skip
    [told] = payloads(work(batch(*rows)))
    assert [(rule["rule_id"], rule["severity"], rule["rows"]) for rule in told["rules"]] == [
        ("SF06", "error", 2), ("SF09", "error", 1), ("SF29", "warning", 4),
    ]  # fmt: skip
    assert all(rule[text] for rule in told["rules"] for text in ("zh", "en", "fix_zh", "fix_en"))


def test_examples_are_few_and_errors_come_first() -> None:
    rows = [charge(SFMXID=f"W{n}", MXXMDW=None) for n in range(6)] + [
        charge(SFMXID=f"E{n}", TFBZ="9") for n in range(3)
    ]
    [told] = payloads(work(batch(*rows)))
    assert len(told["examples"]) == EXAMPLES == 5
    assert [(example["row"], example["rule_id"]) for example in told["examples"]] == [
        (7, "SF09"), (8, "SF09"), (9, "SF09"), (1, "SF29"), (2, "SF29"),
    ]  # fmt: skip
    first = told["examples"][0]
    assert (first["row_key"], first["column"], first["column_zh"], first["value"]) == ("E0", "TFBZ", "退费标志", "9")
    assert (first["reason_zh"], first["reason_en"]) == ("不在值域内", "not in the code set")
    assert first["fix_zh"]


def test_an_alert_shows_nothing_personal() -> None:
    wrong = patient(
        ZJHM="990000199003070010", XM="王小明明明" * 20, SJHM="12345678", DZYJDZ="xiaoming#example.com", GZDWYB="12345",
        LXRXM="张三三" * 30, JZDZ="示例市示例路一号院" * 20, XB="2",
    )  # fmt: skip
    worked = work(batch(wrong, table=PATIENTS))
    text = b"".join(alert.payload for alert in worked.alerts).decode()
    assert "990000" in text or "990*" in text
    for secret in ("199003070010", "19900307001", "小明明", "345678", "xiaoming", "12345", "三三张", "示例路"):
        assert secret not in text
        assert secret not in "".join(worked.landing.findings["value"].to_list())


def test_the_same_message_gives_the_same_alert() -> None:
    values = [batch(charge(TFBZ="9")), b"hello"]
    first, again = work(*values), work(*values)
    assert [alert.id for alert in first.alerts] == [alert.id for alert in again.alerts]
    assert [alert.payload for alert in first.alerts] == [alert.payload for alert in again.alerts]
    alone = [work_records([record]).alerts[0].payload for record in records(*values)]
    assert alone == [alert.payload for alert in first.alerts]


def test_an_id_belongs_to_one_place_and_kind() -> None:
    places = [("t", 0, 0, "rejection"), ("t", 0, 0, "unreadable"), ("t", 0, 1, "rejection"), ("t", 1, 0, "rejection"),
              ("u", 0, 0, "rejection"), ("t", 11, 0, "rejection"), ("t", 1, 10, "rejection")]  # fmt: skip
    assert len({alert_id(*place) for place in places}) == len(places)


def test_a_repeat_raises_no_alert() -> None:
    value = batch(charge(TFBZ="9"))
    assert [alert.offset for alert in work(value, value, repeats=frozenset({1})).alerts] == [0]


def test_a_replay_is_marked_so_that_it_is_not_published() -> None:
    value = batch(charge(TFBZ="9"))
    alerts = work(Sent(value, headers=[("sanjian-replay", b"1")]), value).alerts
    assert [alert.replay for alert in alerts] == [True, False]


def test_an_unreadable_message_alerts_the_institution_of_its_key() -> None:
    [told] = payloads(work(batch(charge(), table="TB_X", count=1)))
    assert (told["kind"], told["org"], told["table"], told["batch"]) == ("unreadable", ORG, "", "B1")
    assert told["unreadable"]["reason"] == "unknown_table"
    assert told["unreadable"]["rows"] == []


def test_the_detail_of_an_unreadable_message_shows_no_values() -> None:
    secret = b'{"ZJHM":"990000199003070013"'
    texts = [alert.payload for alert in work(batch(secret), secret, event(secret + b"}")).alerts]
    assert texts
    assert not any(b"990000199003070013" in text for text in texts)


def test_alerts_become_rows_of_their_table() -> None:
    worked = work(batch(charge(TFBZ="9")), Sent(b"hello", headers=[("sanjian-replay", b"1")]))
    frame = alerts_frame(worked.alerts, PLACE, NOW)
    chosen = frame.select("kind", "org", "topic_id", "offset", "replay").rows()
    assert chosen == [("rejection", ORG, "topic-1", 0, 0), ("unreadable", ORG, "topic-1", 1, 1)]
    assert [str(day) for day in frame["biz_date"]] == ["2026-11-20", "1970-01-01"]
    assert frame["payload"].to_list() == [alert.payload.decode() for alert in worked.alerts]
