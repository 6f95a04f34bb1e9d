"""Which rows of front pages count now: those of the submission that their month was switched to, or of the stream.

``docs/decisions/0018-a-submission-is-a-version-of-its-month.md`` says why. Conditions stand in a WHERE without an alias
of the table; they are true for every row of the other tables.
"""

from __future__ import annotations

from clickhouse.query import load_query
from clickhouse.tables import FILE_BATCH, SUBMISSION, by_submission
from standard.model import Table


def current(table: Table) -> str:
    """Rows of the standard table itself."""
    if not by_submission(table):
        return "1"
    return _condition(f"`{table.org.lower()}`", "`_biz_date`", f"`{SUBMISSION}`")


def current_batch(table: Table) -> str:
    """Rows of a table of the pipeline (org, biz_date, batch) that are about rows of ``table``."""
    if not by_submission(table):
        return "1"
    return _condition("toString(org)", "biz_date", submission_of("batch"))


def submission_of(batch: str) -> str:
    """SQL of the submission that a batch is of; empty for one of the stream."""
    return f"extract({batch}, '{FILE_BATCH}')"


def file_row(batch: str, row: str) -> str:
    """SQL of the row of the sender's own file, as a spreadsheet counts them; 0 for rows of the stream."""
    return f"if({submission_of(batch)} = '', 0, toUInt32OrZero(splitByChar('/', {batch})[2]) + {row} - 1)"


def _condition(org: str, day: str, submission: str) -> str:
    now = f"({load_query('submissions_current')})"
    month = f"toDate32(toStartOfMonth({day}))"
    return (
        f"({submission} = '' AND ({org}, {month}) NOT IN (SELECT org, month FROM {now}) "
        f"OR {submission} != '' AND ({org}, {submission}) IN (SELECT org, submission FROM {now}))"
    )
