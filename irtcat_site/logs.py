"""One line of JSON a log record (a readable line on a terminal), through structlog."""

import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

SHARED_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_RENDERER = (
    structlog.dev.ConsoleRenderer()
    if sys.stderr.isatty()
    else structlog.processors.JSONRenderer(ensure_ascii=False)
)


def render(logger: WrappedLogger, name: str, event: EventDict) -> str | bytes:
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
