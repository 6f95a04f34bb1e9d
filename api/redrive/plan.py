"""Which rejected rows can be redriven, and of the others why not. Reads only; blocks; raises NotNow."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from api.redrive.envelope import Rejected
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from clickhouse.tables import FILE_BATCH
from standard.model import Table

#: Messages of one redrive: some minutes of work for the pipeline. What is left over is asked for again.
MOST_MESSAGES = 5_000
#: Messages whose rows are read, and published, together.
TOGETHER = 50
#: Why rows cannot be redriven: Chinese, English; what to do is always the same.
REASONS: Mapping[str, tuple[str, str]] = {
    "gone": ("内容已过保存期（180 天），请医院重新上传",
             "The content is not kept any more (180 days): to be sent again by the hospital"),
    "unknown_org": ("机构已不在名录中", "The institution is not registered any more"),
    "unknown_table": ("标准中已没有这张表", "The standard does not have the table any more"),
    "too_large": ("这批拒收行过大，请医院分批重新上传",
                  "The rows are too large for one message: to be sent again by the hospital in parts"),
    "submission": ("病案首页文件按月整体上报，请医院改正后重新上报整个文件",
                   "Front pages of a file count with their file: to be mended and submitted anew as a whole"),
    "repeats": ("这批数据中有重复的行，单独校验会误判，请医院改正后重新上传",
                "Rows came twice in this upload, which rejected rows alone do not show: to be mended and sent again"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rejected rows; empty texts and 1970-01-01 are no filter, both days are included."""

    org: str
    table: str
    rule_id: str
    biz_from: date
    biz_to: date

    def parameters(self) -> dict[str, Any]:
        """As the named queries call them."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Count:
    """So many rows of so many messages."""

    messages: int = 0
    rows: int = 0

    def add(self, rows: int, messages: int = 1) -> None:
        """More of them."""
        self.messages += messages
        self.rows += rows


@dataclass(slots=True)
class Plan:
    """What is to be redriven, what cannot be, by reason, and whether there is more than one redrive takes."""

    messages: list[Rejected] = field(default_factory=list)
    not_possible: dict[str, Count] = field(default_factory=dict)
    more: bool = False

    @property
    def rows(self) -> int:
        """All rows of the messages: each is redriven as a whole."""
        return sum(one.rows for one in self.messages)

    @property
    def matching(self) -> int:
        """Those of them that were asked for."""
        return sum(one.matching for one in self.messages)

    def leave_out(self, reason: str, rows: int, messages: int = 1) -> None:
        """Note what cannot be redriven."""
        self.not_possible.setdefault(reason, Count()).add(rows, messages)


def make_plan(reader: Reader, wanted: Wanted, orgs: Collection[str], tables: Mapping[str, Table]) -> Plan:
    """:param orgs: registered institutions. :param tables: of the standard."""
    asked = wanted.parameters() | {"repeats": sorted(_repeats(tables)), "limit": MOST_MESSAGES + 1}
    found = reader.rows(load_query("redrive_messages"), asked)
    plan = Plan(more=len(found) > MOST_MESSAGES)
    found = found[:MOST_MESSAGES]
    facts = _facts(reader, found)
    for row in found:
        place = (row["topic_id"], row["partition"], row["offset"])
        known, repeats = facts.get(place), row.pop("repeats")
        if known is None or known["rejected"] == 0:
            continue  # being landed just now, or being taken over by another redrive
        if known["rejected"] != row["rows"]:
            plan.leave_out("gone", known["rejected"])
        elif row["org"] not in orgs:
            plan.leave_out("unknown_org", row["rows"])
        elif row["table"] not in tables:
            plan.leave_out("unknown_table", row["rows"])
        elif re.match(FILE_BATCH, row["batch"]):
            plan.leave_out("submission", row["rows"])
        elif repeats:
            plan.leave_out("repeats", row["rows"])
        else:
            plan.messages.append(Rejected(**row, source_time=known["source_time"]))
    [gone] = reader.rows(load_query("redrive_gone"), wanted.parameters())
    if gone["rows"]:
        plan.leave_out("gone", gone["rows"], gone["messages"])
    return plan


def contents(reader: Reader, messages: Sequence[Rejected]) -> dict[tuple[str, int, int], list[str]]:
    """The rows of the messages as they were sent, in order, by place."""
    found: dict[tuple[str, int, int], list[str]] = {}
    wanted = _places([one.place for one in messages]) | {"orgs": sorted({one.org for one in messages})}
    for row in reader.rows(load_query("redrive_rows"), wanted):
        found.setdefault((row["topic_id"], row["partition"], row["offset"]), []).append(row["raw"])
    return found


def together(messages: Sequence[Rejected]) -> Iterator[Sequence[Rejected]]:
    """Parts of at most TOGETHER messages."""
    for start in range(0, len(messages), TOGETHER):
        yield messages[start : start + TOGETHER]


def _repeats(tables: Mapping[str, Table]) -> set[str]:
    """Rules about rows that come twice in a message. Sent without the first one, the second would be accepted, and take
    its place."""
    return {
        rule.id
        for table in tables.values()
        for rule in table.rules
        if any(check.kind == "unique" for check in rule.flight)
    }


def _facts(reader: Reader, found: list[dict[str, Any]]) -> dict[tuple[str, int, int], dict[str, Any]]:
    facts = {}
    for start in range(0, len(found), 1000):  # far below ClickHouse's limit for a statement (256 KiB)
        places = [(row["topic_id"], row["partition"], row["offset"]) for row in found[start : start + 1000]]
        for row in reader.rows(load_query("redrive_origins"), _places(places)):
            facts[row["topic_id"], row["partition"], row["offset"]] = row
    return facts


def _places(places: Sequence[tuple[str, int, int]]) -> dict[str, Any]:
    topic_ids, partitions, offsets = ([place[part] for place in places] for part in range(3))
    return {"topic_ids": topic_ids, "partitions": partitions, "offsets": offsets}
