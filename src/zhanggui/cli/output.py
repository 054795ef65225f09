"""What commands write can be written: whatever characters the console has, whoever reads, and however full the device.

`open_output` stands once, at the start of every command; `close_output` once, at its end. Between them a command prints as if
nothing could go wrong.
"""

import codecs
import contextlib
import io
import os
import select
import sys

from ..basics.errors import Fault
from ..basics.visible import harmless_lines
from ..views.listing import json_of

COMPLAIN_WITHIN_S = 0.5
"""How long a message waits for a standard error that nobody reads; then it is left out."""
SUBSTITUTES = {
    "¥": ("￥", "CNY "),
    "▸": ("→", ">"),
    "→": ("->",),
    "✓": ("√", "v"),
    "✗": ("×", "x"),
    "·": ("-",),
    "…": ("...",),
    "—": ("-",),
    "–": ("-",),
    "‘": ("'",),
    "’": ("'",),
    "“": ('"',),
    "”": ('"',),
    "×": ("x",),
}
"""What stands for a character that a console lacks: the first of these that it has. What has none is written as in JSON."""

_SUBSTITUTING, _EXACT = "zhanggui.substituting", "zhanggui.exact"


class OutputLost(Fault):
    """Standard output took no more: its reader has gone, or its device is full."""


def open_output(*, exact: bool) -> None:
    """Prepare both standard streams. `exact` is for JSON: what the console lacks is escaped as JSON does, which means the same."""
    codecs.register_error(_SUBSTITUTING, lambda error: _replaced(error, SUBSTITUTES))
    codecs.register_error(_EXACT, lambda error: _replaced(error, {}))
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # Started with the stream closed: there is nobody to tell anything to.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # for as long as the process lives
        elif isinstance(stream, io.TextIOWrapper):
            # A stream whose descriptor was changed behind its back can't be changed any more; it stays as it was.
            with contextlib.suppress(OSError, ValueError):
                stream.reconfigure(errors=_EXACT if exact else _SUBSTITUTING)


def print_text(text: str = "", *, end: str = "\n") -> None:
    """Print text that may hold what others wrote: it steers no console."""
    sys.stdout.write(harmless_lines(text) + end)


def print_json(rows: object) -> None:
    """Print rows as one JSON value."""
    sys.stdout.write(json_of(rows))


def close_output() -> None:
    """Bring out what was printed. OutputLost when that can't be done."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        raise lost(error) from None


def lost(error: Exception) -> OutputLost:
    """What is to be said of an error in writing; nothing more is tried on standard output."""
    silence()
    if isinstance(error, BrokenPipeError):
        return OutputLost("the output was not read to its end")
    reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    return OutputLost(f"a file or the output could not be read or written: {reason}")


def silence() -> None:
    """Let standard output end in nothing, so that what is left in its buffer raises no second error when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def print_error(text: str) -> None:
    """Print a line on standard error; left out where that is closed, full, or not read in time."""
    with contextlib.suppress(OSError, ValueError):
        try:
            ready = select.select([], [sys.stderr.fileno()], [], COMPLAIN_WITHIN_S)[1]
        except io.UnsupportedOperation:
            ready = [sys.stderr]
        if ready:
            print(harmless_lines(text), file=sys.stderr, flush=True)


def _replaced(error: UnicodeError, substitutes: dict[str, tuple[str, ...]]) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_instead(character, error.encoding, substitutes) for character in missing), error.end


def _instead(character: str, encoding: str, substitutes: dict[str, tuple[str, ...]]) -> str:
    for substitute in substitutes.get(character, ()):
        with contextlib.suppress(UnicodeEncodeError):
            substitute.encode(encoding)
            return substitute
    pairs = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{pairs[place : place + 4]}" for place in range(0, len(pairs), 4))
