"""ClickHouse definitions of the standard's tables, made from the standard: same names, lower case.

One ReplacingMergeTree a table on its primary key (institution first): the newest version of a row wins, a deleted one
hides it. No partitions, because a batch may carry dates of any number of months and must not fail for it. Keys are
given out in order of time nearly everywhere, so a small index of the business dates finds the rows of a day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from standard.model import Column, Table

LEAST_PRECISION = 18  # what fits 64 bits; 14 digits before the point hold any amount of money
SCALE = 4  # the standard's quantities and unit prices have up to 4 decimals

# Besides the standard's own columns, in every table.
META_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("_biz_date", "Date32", "业务日期"),
    ("_version", "UInt64", "source time in ms << 22 | offset & (2^22 - 1): the greater one wins"),
    ("_deleted", "UInt8", "1: the sender deleted the row"),
    ("_topic_id", "LowCardinality(String)", "id of the topic that it came through"),
    ("_partition", "UInt32", "partition of the topic"),
    ("_offset", "UInt64", "offset in the partition"),
    ("_row", "UInt32", "row within the message, from 1"),
    ("_batch", "String", "the sender's batch"),
    ("_warnings", "UInt16", "rules of level warning that it violates"),
    ("_map_version", "UInt32", "version of the institution's code maps that was used"),
    ("_arrived_at", "DateTime64(3, 'Asia/Shanghai')", "the message's time stamp in the broker"),
)

#: Of tables that are sent as whole files: the submission that a row is of, last in the key, so that submissions of a
#: month lie beside one another; empty for rows that came by the stream.
SUBMISSION = "_submission"
#: The batch of a file's message: submission and first row; the gateway takes no batch with a stroke.
FILE_BATCH = "^([0-9a-f]{32})/[0-9]+$"

DAY_INDEX = "by_biz_date"
_DAY_INDEX = f"{DAY_INDEX} `_biz_date` TYPE minmax GRANULARITY 1"


def table_name(table: Table) -> str:
    """Name of the standard table in ClickHouse."""
    return table.name.lower()


def decimal_size(column: Column) -> tuple[int, int]:
    """(precision, scale) of the Decimal that holds a number column without loss."""
    scale = max(SCALE, column.scale or 0)
    before_point = (column.precision or 0) - (column.scale or 0)
    return max(LEAST_PRECISION, before_point + scale), scale


def column_type(column: Column, *, key: bool = False) -> str:
    """ClickHouse type of a standard column. Key columns cannot be null (ClickHouse does not sort by null)."""
    match column.type:
        case "number":
            precision, scale = decimal_size(column)
            kind = f"Decimal({precision}, {scale})"
        case "timestamp":
            kind = "DateTime64(3, 'Asia/Shanghai')"
        case _:
            return "LowCardinality(String)" if column.code_set else "String"
    return kind if key else f"Nullable({kind})"


def table_columns(table: Table) -> list[tuple[str, str, str]]:
    """(name, type, comment) of every column of the standard table in ClickHouse, in order.

    A column that has code maps is followed by ``<column>_std``, its standard code (empty: unmapped).
    """
    columns = []
    for column in table.columns:
        name = column.name.lower()
        columns.append((name, column_type(column, key=column.name in table.key), column.name_zh))
        if column.maps:
            columns.append((f"{name}_std", "LowCardinality(String)", f"{column.name_zh}（标准代码）"))
    own = [(SUBMISSION, "LowCardinality(String)", "上报批次；空：实时上传")] if by_submission(table) else []
    return [*columns, *META_COLUMNS, *own]


def by_submission(table: Table) -> bool:
    """Whether the table is sent as files, each of which replaces the earlier one of its month."""
    return table.cadence == "monthly"


def sort_key(table: Table) -> str:
    """The columns that the table is sorted by: rows that agree in them are versions of one row."""
    names = [*(name.lower() for name in table.key), *((SUBMISSION,) if by_submission(table) else ())]
    return ", ".join(f"`{name}`" for name in names)


def create_statement(table: Table) -> str:
    """The CREATE TABLE IF NOT EXISTS of a standard table."""
    columns = ",\n    ".join((*(_definition(*column) for column in table_columns(table)), f"INDEX {_DAY_INDEX}"))
    return (
        f"CREATE TABLE IF NOT EXISTS `{table_name(table)}`\n(\n    {columns}\n)\n"
        f"ENGINE = ReplacingMergeTree(_version, _deleted)\nORDER BY ({sort_key(table)})\n"
        "SETTINGS non_replicated_deduplication_window = 1000\n"
        f"COMMENT {_quoted(table.name_zh)}"
    )


def missing_columns(table: Table, existing: Collection[str]) -> list[tuple[str, str]]:
    """(column name, ALTER statement) for every column of the standard that ``existing`` lacks."""
    return [
        (name, f"ALTER TABLE `{table_name(table)}` {_added(table, name, kind, comment)}")
        for name, kind, comment in table_columns(table)
        if name not in existing
    ]


def index_statements(table: Table) -> tuple[str, str]:
    """What gives a table that was made without it the index of its business dates, old rows too."""
    alter = f"ALTER TABLE `{table_name(table)}`"
    return f"{alter} ADD INDEX IF NOT EXISTS {_DAY_INDEX}", f"{alter} MATERIALIZE INDEX {DAY_INDEX}"


def names(tables: Iterable[Table]) -> list[str]:
    """ClickHouse names of the standard tables."""
    return [table_name(table) for table in tables]


def _added(table: Table, name: str, kind: str, comment: str) -> str:
    """A column of the key can only become one in the statement that adds it."""
    added = f"ADD COLUMN IF NOT EXISTS {_definition(name, kind, comment)}"
    return f"{added}, MODIFY ORDER BY ({sort_key(table)})" if name == SUBMISSION else added


def _definition(name: str, kind: str, comment: str) -> str:
    return f"`{name}` {kind} COMMENT {_quoted(comment)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
