"""Where log lines go: a bounded queue and one thread that writes, so that a program never waits for its log and never dies of it.

    program ─▶ put (never waits, never raises) ─▶ queue ─▶ thread ─▶ file or standard error
                     └─ full: counted                         └─ can't be written: counted

A full disk, a closed pipe or a pipe that nobody reads costs log lines and nothing else. How many were lost is told in a line of
its own as soon as something can be written again.
"""

import atexit
import contextlib
import json
import os
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

LINES_WAITING_MAX = 10_000
"""Lines that the writer has not taken yet, some three megabytes; more than that are dropped and counted."""
LINES_AT_ONCE = 500
"""Lines in one write."""
FILE_BYTES_MAX = 16 * 1024 * 1024
"""A log file that reaches this is put aside and a new one is begun."""
FILES_KEPT = 3
"""Files put aside: with the one being written the log takes 64 MB at most."""
TELL_AGAIN_S = 1.0
"""How often a writer that lost lines tries to say so while nothing new is logged."""
END_WITHIN_S = 1.0
"""How long a program that ends waits for its last log lines."""


class Target(Protocol):
    """What takes bytes of a log."""

    def write(self, data: bytes) -> None:
        """Write all of it. Raises OSError."""
        ...


class DescriptorTarget:
    """An open file descriptor, such as standard error."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._descriptor, left) :]


class FileTarget:
    """A file that is appended to and put aside when it is full: `zhanggui.log`, `zhanggui.log.1` (the youngest), `.2`, `.3`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = _open(path)
        self._size = os.fstat(self._descriptor).st_size

    def write(self, data: bytes) -> None:
        if self._size and self._size + len(data) > FILE_BYTES_MAX:
            self._put_aside()
        left = memoryview(data)
        while left:
            written = os.write(self._descriptor, left)
            self._size += written
            left = left[written:]

    def _put_aside(self) -> None:
        for number in range(FILES_KEPT, 0, -1):
            older = self._path if number == 1 else self._numbered(number - 1)
            with contextlib.suppress(FileNotFoundError):
                os.replace(older, self._numbered(number))
        fresh = _open(self._path)
        os.close(self._descriptor)
        self._descriptor, self._size = fresh, 0

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


class LogSink:
    """Takes lines from any thread. `due` is asked at each turn of the writer for lines that became due; with True for all."""

    def __init__(self, target: Target, due: Callable[[bool], list[str]] | None = None) -> None:
        self._target = target
        self._due = due
        self._queue: queue.SimpleQueue[str | threading.Event] = queue.SimpleQueue()
        self.lost = 0
        """Lines lost since the last line that said so."""
        self._counting = threading.Lock()
        self._mid_line = False
        self._thread = threading.Thread(target=self._write_on, name="log", daemon=True)
        self._thread.start()
        atexit.register(self.flush)

    def put(self, line: str) -> None:
        """Queue one line; dropped and counted when too many wait. Never waits, never raises."""
        if self._queue.qsize() >= LINES_WAITING_MAX:
            self._count(1)
        else:
            self._queue.put(line)

    def flush(self, within_s: float = END_WITHIN_S) -> bool:
        """Wait until what is queued now was written or lost; False when that takes longer."""
        done = threading.Event()
        self._queue.put(done)
        return done.wait(within_s)

    def count_lost(self) -> None:
        """A line that could not even be made."""
        self._count(1)

    def _count(self, lines: int) -> None:
        with self._counting:
            self.lost += lines

    def _write_on(self) -> None:
        while True:
            lines, marks = self._take()
            self._write([*lines, *self._due_now(bool(marks))])
            for mark in marks:
                mark.set()

    def _due_now(self, everything: bool) -> list[str]:
        """What became due; what can't be said costs its line and never this thread."""
        try:
            return self._due(everything) if self._due is not None else []
        except Exception:
            self._count(1)
            return []

    def _take(self) -> tuple[list[str], list[threading.Event]]:
        """Wait for something, at most until it is time to tell again; take what else is there, up to a mark."""
        lines: list[str] = []
        marks: list[threading.Event] = []
        with contextlib.suppress(queue.Empty):
            taken = self._queue.get(timeout=TELL_AGAIN_S)
            while isinstance(taken, str):
                lines.append(taken)
                if len(lines) == LINES_AT_ONCE:
                    return lines, marks
                taken = self._queue.get_nowait()
            marks.append(taken)
        return lines, marks

    def _write(self, lines: list[str]) -> None:
        lost = self.lost
        if not lines and not lost:
            return
        told = [_lost_line(lost)] if lost else []
        # What broke off in the middle of a line is ended first, so that the next line stands whole.
        text = ("\n" if self._mid_line else "") + "\n".join([*told, *lines]) + "\n"
        try:
            self._target.write(text.encode("utf-8", "backslashreplace"))
        except Exception:
            self._mid_line = True
            self._count(len(lines))
            time.sleep(0.01)
        else:
            self._mid_line = False
            self._count(-lost)


def _lost_line(lines: int) -> str:
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"lines": lines, "event": "log_lines_lost", "level": "warning", "timestamp": now})
