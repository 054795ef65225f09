"""Logs: one JSON object a line on standard error, or short coloured lines for a person at a console.

Whatever is logged is chosen field by field where it happens; this module adds a last net that drops values of fields whose
names say that they are secret.
"""

import logging
import sys
from pathlib import Path

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

SECRET_FIELDS = frozenset({"pan", "pin", "password", "track2", "pin_block", "key", "secret", "otp", "frame", "raw"})
"""Names under which a secret could come in by mistake; their values never reach a log."""


def _drop_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name in SECRET_FIELDS.intersection(event):
        event[name] = "••••"
    return event


def configure_logs(*, level: str = "info", json_lines: bool = True, file: Path | None = None) -> None:
    """Set up logging for this process, once, at its start, to standard error or, appended, to a file.

    `level` is debug, info, warning or error.
    """
    stream = sys.stderr if file is None else file.open("a", encoding="utf-8", buffering=1)
    numeric = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}[level]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _drop_secrets,
            # Without the frames' local names: they hold pressed keys, card data and keys.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
            if json_lines
            else structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
