"""Sums of log lines: whoever causes many lines of one kind in one second gets the first few, and one line with the number of the rest.

So what a stranger can write into a log is bounded, whatever he sends: by the peer and by the kind of event.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

FIRST_LINES = 5
"""Lines of one event about one peer (or terminal) in one second that stand in the log one by one."""
EVENT_LINES = 100
"""Lines of one event in one second, whoever they are about."""
WINDOW_S = 1.0

Event = Mapping[str, object]


@dataclass(slots=True)
class _Window:
    """One event in one second."""

    until_s: float
    lines: int = 0
    by_source: dict[str, int] = field(default_factory=dict)
    left_out: int = 0
    sources_left_out: set[str] = field(default_factory=set)


class LogSums:
    """Decides which lines stand alone. `now_s` is a clock that never goes back."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._windows: dict[str, _Window] = {}
        self._due: list[dict[str, object]] = []
        self._lock = threading.Lock()

    def stands_alone(self, event: Event) -> bool:
        """Whether this line is to be written; otherwise it is counted."""
        name, source = str(event.get("event", "")), _source(event)
        with self._lock:
            now_s = self._now_s()
            window = self._windows.get(name)
            if window is None or now_s >= window.until_s:
                self._close(name)
                window = self._windows[name] = _Window(now_s + WINDOW_S)
            # Beyond the bound of the event no new source is noted either: sources are a stranger's to multiply.
            if window.lines < EVENT_LINES:
                count = window.by_source[source] = window.by_source.get(source, 0) + 1
                if count <= FIRST_LINES:
                    window.lines += 1
                    return True
            window.left_out += 1
            if len(window.sources_left_out) < EVENT_LINES:
                window.sources_left_out.add(source)
            return False

    def due(self, everything: bool = False) -> list[dict[str, object]]:
        """The sums of seconds that are over, or of all: `of` which event, how many `lines`, about whom."""
        with self._lock:
            now_s = self._now_s()
            for name in [name for name, window in self._windows.items() if everything or now_s >= window.until_s]:
                self._close(name)
            due, self._due = self._due, []
            return due

    def _close(self, name: str) -> None:
        window = self._windows.pop(name, None)
        if window is None or not window.left_out:
            return
        summed: dict[str, object] = {"of": name, "lines": window.left_out}
        if len(window.sources_left_out) == 1:
            summed["about"] = next(iter(window.sources_left_out))
        else:
            summed["sources"] = len(window.sources_left_out)
        self._due.append(summed)


def _source(event: Event) -> str:
    for name in ("peer", "terminal_no", "terminal"):
        if event.get(name):
            return str(event[name])
    return ""
