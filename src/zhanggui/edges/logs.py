"""Logs: one JSON object a line on standard error, or short coloured lines for a person at a console.

Whatever is logged is chosen field by field where it happens; this module adds a last net that drops values of fields whose
names say that they are secret. A log call never raises and never waits (`log_sink.py`); many lines of one kind are summed
(`log_sums.py`).
"""

import logging
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from ..basics.errors import Misuse, ZhangguiError
from .log_sink import DescriptorTarget, FileTarget, LogSink, Target
from .log_sums import LogSums

SECRET_FIELDS = frozenset({"pan", "pin", "password", "track2", "pin_block", "key", "secret", "otp", "frame", "raw"})
"""Names under which a secret could come in by mistake; their values never reach a log."""

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "exception": logging.ERROR,
    "critical": logging.CRITICAL,
}

REQUEST = "request"
"""The field by which lines of one request are found, in whichever log: a payment's (`basics/numbers.py`), or one of a page or program."""
_REQUEST_ID = re.compile(r"(?![0-9]+\Z)[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_REQUEST_ID_BYTES = 8
_INFO = logging.INFO
_noting: list[LogSink] = []
"""Where `note` puts its lines; nowhere while it is empty."""

_log = structlog.get_logger("zhanggui")


def note(event: str, values: Mapping[str, str]) -> None:
    """One line at level info, made in two microseconds: for what every payment leaves. It is not summed, so only what has proven itself
    may be noted; and nothing goes over it that is no number or word of ours. Never raises, never waits."""
    for sink in _noting:
        now_s = time.time()
        try:
            at = f"{_second(int(now_s))}.{int(now_s % 1 * 1_000_000):06d}Z"
            sink.put(msgspec.json.encode({**values, "event": event, "level": "info", "timestamp": at}).decode())
        except Exception:
            sink.count_lost()


@lru_cache(maxsize=2)
def _second(at_s: int) -> str:
    """The instant of a whole second, as logs have it."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def request_id(given: str) -> str:
    """What a request is called: as whoever sent it says, where that is well formed (8 to 64 letters, digits, `.`, `_`, `-`, and not
    digits alone, which could be a card's number), else drawn.

    >>> request_id("shop-7.till_2"), len(request_id("a line\\nof its own"))
    ('shop-7.till_2', 16)
    >>> len(request_id("4111111111111111")), request_id("4111111111111111") == "4111111111111111"
    (16, False)
    """
    return given if _REQUEST_ID.fullmatch(given) else os.urandom(_REQUEST_ID_BYTES).hex()


def called_now(name: str) -> None:
    """From here on, lines that this task logs bear this name of a request."""
    structlog.contextvars.bind_contextvars(**{REQUEST: name})


def name_of_now() -> str:
    """What the request is called that this task is about; empty where it is about none."""
    return str(structlog.contextvars.get_contextvars().get(REQUEST, ""))


def _drop_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name in SECRET_FIELDS.intersection(event):
        event[name] = "••••"
    return event


class _StreamTarget:
    """A stream without a descriptor, as tests put in the place of standard error."""

    def write(self, data: bytes) -> None:
        sys.stderr.write(data.decode("utf-8"))


class _LineLogger:
    """What structlog hands rendered lines to."""

    def __init__(self, sink: LogSink) -> None:
        self._sink = sink
        self.debug = self.info = self.warning = self.error = self.critical = self.msg = sink.put

    def failed(self) -> None:
        self._sink.count_lost()


def configure_logs(*, level: str = "info", json_lines: bool = True, file: Path | None = None) -> LogSink:
    """Set up logging for this process, once, at its start, to standard error or, appended, to a file.

    `level` is debug, info, warning or error. Misuse when the file can't be opened.
    """
    return configure_logs_to(_target(file), level=level, json_lines=json_lines)


def configure_logs_to(target: Target, *, level: str = "info", json_lines: bool = True) -> LogSink:
    """Set up logging into this target."""
    numeric = _LEVELS[level]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    finish: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _drop_secrets,
        # Without the frames' local names: they hold pressed keys, card data and keys.
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
        if json_lines
        else structlog.processors.format_exc_info,
        renderer,
    ]
    sums = LogSums()

    def due(everything: bool) -> list[str]:
        lines = []
        for summed in sums.due(everything):
            event: Any = {"event": "log_lines_summed", **summed, "level": "warning"}
            for processor in finish:
                event = processor(None, "warning", event)
            lines.append(str(event))
        return lines

    def sum_up(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        if not sums.stands_alone(event):
            raise structlog.DropEvent
        return event

    sink = LogSink(target, due)
    _noting[:] = [sink] if numeric <= _INFO and json_lines else []
    structlog.configure(
        processors=[sum_up, structlog.processors.add_log_level, *finish],
        wrapper_class=_never_raising(numeric),
        logger_factory=lambda *_: _LineLogger(sink),
        cache_logger_on_first_use=True,
    )
    return sink


def told(error: BaseException) -> dict[str, str]:
    """What a log may hold of an error. Ours never carry a secret; what a library says might, so only its type and place are given."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return {
        "error": type(error).__name__,
        "reason": str(error) if isinstance(error, ZhangguiError) else "",
        "place": place,
    }


def log_what_python_says() -> None:
    """Let this process's log take what Python and its libraries would write to standard error by themselves.

    They would wait there for a reader, and write without a bound.
    """
    root = logging.getLogger()
    root.handlers[:] = [_Standard()]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    logging.raiseExceptions = False
    sys.unraisablehook = lambda left: _log.error("unraisable", **told(left.exc_value) if left.exc_value else {})
    threading.excepthook = lambda left: _log.error("thread_died", **told(left.exc_value) if left.exc_value else {})


class _Standard(logging.Handler):
    """Takes the standard library's records; their texts may hold values, so the message's pattern is kept and not its arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        _log.log(
            max(record.levelno, logging.WARNING),
            "library",
            logger=record.name,
            said=str(record.msg).partition("\n")[0][:200],
            **(told(error) if error is not None else {}),
        )


def _target(file: Path | None) -> Target:
    if file is not None:
        try:
            return FileTarget(file)
        except OSError as error:
            raise Misuse(
                f"can't write the log {file}: {error.strerror or error}. Give a folder that you may write to, with --data DIR."
            ) from error
    try:
        return DescriptorTarget(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):
        return _StreamTarget()


def _never_raising(level: int) -> type[Any]:
    """A logger class whose methods never raise: a line that can't be made is counted as lost."""
    plain: type[Any] = structlog.make_filtering_bound_logger(level)

    def guarded(method: Callable[..., Any]) -> Callable[..., Any]:
        def log_or_count(self: Any, *args: Any, **values: Any) -> None:
            try:
                method(self, *args, **values)
            except Exception:
                failed = getattr(self._logger, "failed", None)
                if failed is not None:
                    failed()

        return log_or_count

    names = [name for name, number in _LEVELS.items() if number >= level]
    return type(plain.__name__, (plain,), {name: guarded(getattr(plain, name)) for name in (*names, "log")})
