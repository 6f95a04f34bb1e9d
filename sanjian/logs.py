"""Logging: structlog for ours and the libraries', JSON in production, coloured in a terminal. Never record values: of
an exception its place and type, because its text may quote a patient's row."""

from __future__ import annotations

import logging
import sys
import traceback

import structlog

from sanjian.settings import Settings

#: These tell about every fetch, seek and reconnect, and SQLAlchemy about every row that it reads, password hashes too;
#: only their warnings concern the people who run Sanjian.
CHATTY = ("aiokafka", "kafka", "faust", "mode", "asyncio", "uvicorn.access", "clickhouse_connect", "httpx", "abc",
          "streams.transport", "alembic", "sqlalchemy")  # fmt: skip


def configure(settings: Settings) -> None:
    """Set up logging for this process; call once at its start."""
    terminal = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _without_texts,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # a duty of the leader may take longer than the timer's interval; that it overlaps is meant
    logging.getLogger("mode.timers").setLevel(logging.ERROR)


def trace(error: BaseException) -> list[str]:
    """Where it happened, without the texts and local values that a full trace shows: they may be a patient's."""
    frames = [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(error.__traceback__)]
    cause = error.__cause__ or error.__context__
    return [*frames, type(error).__name__, *(["because of", *trace(cause)] if cause else [])]


def _without_texts(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given if isinstance(given, BaseException) else sys.exception()
    if given and error is not None:
        event["trace"] = trace(error)
    return event
