"""Logs: JSON lines with an allow-list of fields. Never a text, a name, an address or a token."""

from __future__ import annotations

import logging
import sys

import structlog

ALLOWED = (
    "channel", "consultation", "wave", "outcome", "problem", "n", "ms", "attempt", "port", "kind",
    "head",
)  # fmt: skip
QUIET = (
    "uvicorn", "alembic", "httpx", "httpcore", "aiosqlite", "sqlalchemy.engine", "asyncio",
    "aiohttp", "aiogram", "telegram", "apscheduler", "aiosmtplib",
)  # fmt: skip


def set_up(level: int = logging.INFO) -> None:
    """One handler on stderr; libraries that would log addresses or texts stay quiet."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(allow=ALLOWED),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _only_the_type_of_errors,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _only_the_type_of_errors(
    _logger: object, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A traceback can quote an answer: only the error's type is kept."""
    problem = event.pop("exc_info", None)
    if problem:
        kind = problem[0] if isinstance(problem, tuple) else sys.exc_info()[0]
        event["problem"] = getattr(kind, "__name__", "error")
    return event
