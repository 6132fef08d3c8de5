"""One line of JSON a log record (a readable line on a terminal), through structlog."""

import re
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

SHARED_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
# Django's own lines name the path of what it refuses, and a refused ticket may still be unused.
_TICKET_LINK = re.compile(r"(?<![\w.])/t/[\w-]+")
_RENDERER = (
    structlog.dev.ConsoleRenderer()
    if sys.stderr.isatty()
    else structlog.processors.JSONRenderer(ensure_ascii=False)
)


def render(logger: WrappedLogger, name: str, event: EventDict) -> str | bytes:
    """The record as one line, without the secrets of ticket links."""
    event["event"] = _TICKET_LINK.sub("/t/…", str(event.get("event", "")))
    if not sys.stderr.isatty():
        event = structlog.processors.format_exc_info(logger, name, event)
    return _RENDERER(logger, name, event)


structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *SHARED_PROCESSORS,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
