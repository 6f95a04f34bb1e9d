"""One front page of a submission as it was submitted, with what was found in it. Blocks."""

from __future__ import annotations

from typing import Any

import orjson

from api.errors import ApiError
from api.front_pages.score import TABLE
from api.models_indicators import RecordAnswer
from api.records.read import Row, Visit, stored_row
from api.records.view import front_page
from api.submissions.submission import Submission
from api.texts import Wording
from clickhouse.narrowed import Reader
from clickhouse.query import load_query
from standard.model import Standard


def read_page(seen: Reader, standard: Standard, one: Submission, file_row: int) -> Visit:
    """The row of the file. Raises ApiError unknown_row."""
    table, asked = standard.tables[TABLE], {"org": one.org, "submission": one.id, "file_row": file_row}
    read = Visit()
    accepted = seen.rows(load_query("front_page_stored"), asked)
    if accepted:
        read.rows[TABLE] = [stored_row(table, accepted[0])]
    else:
        read.rows[TABLE] = [_rejected(row) for row in seen.rows(load_query("front_page_refused"), asked)[:1]]
    if not read.rows[TABLE]:
        raise ApiError("unknown_row")
    found = read.rows[TABLE][0]
    wanted = asked | {"rule_id": "", "column": "", "severity": "", "record": ""}
    for finding in seen.rows(load_query("front_page_found"), wanted):
        if finding["scope"] == "flight":
            read.flight[TABLE, found.place].append(finding)
        else:
            read.store[TABLE, found.key].append(finding)
    return read


def _rejected(row: dict[str, Any]) -> Row:
    place = (row["topic_id"], row["partition"], row["offset"], row["row"])
    values = {name: value for name, value in orjson.loads(row["raw"]).items() if value is not None}
    return Row(row["row_key"], place, row["biz_date"], row["batch"], row["arrived_at"], True, values)


def whole_page(
    standard: Standard, wording: Wording, one: Submission, read: Visit, *, personal: bool
) -> RecordAnswer:  # fmt: skip
    """As the record view has it: one section with one row."""
    section = front_page(standard, wording, read, personal=personal)
    record = read.rows[TABLE][0].key.split("|")[0]
    findings = sum(len(row.findings) for row in section.rows)
    return RecordAnswer(org=one.org, visit=record, personal=personal, findings=findings, sections=[section])
