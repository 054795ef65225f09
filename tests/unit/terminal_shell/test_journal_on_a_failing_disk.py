"""The journal on a disk that fails and in a process that is killed, at each statement: whole records or none."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.worlds.shell_journal import SEALED, memory_after, open_journal, remember_approval, remember_sale
from tests.worlds.shell_makes import BATCH, StillClock, line, reversal, trace

from zhanggui.basics.errors import Fault
from zhanggui.edges.sqlite import DatabaseError, open_durable
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.journal import SqliteJournal
from zhanggui.terminal.journal_port import Remembered

STORY: tuple[tuple[Remembered, bytes], ...] = (
    (fx.RememberTrace(trace_no=trace(11), batch_no=BATCH), b""),
    (remember_sale(12), SEALED),
    (fx.RememberDoubt(reversal=reversal(12, attempts=1)), b""),
    (remember_approval(12), b""),
    (fx.RememberPrinted(batch_no=BATCH, trace_no=trace(12)), b""),
    (remember_sale(13), SEALED),
    (fx.RememberDecline(line=line(13, "declined", "05")), b""),
    (remember_sale(14), SEALED),
    (fx.RememberReversed(batch_no=BATCH, trace_no=trace(14), response_code="00"), b""),
)


class BreakingDatabase:
    """A connection whose N-th statement from now on fails; 0 means never."""

    def __init__(self, path: Path, breaking: Callable[[], None]) -> None:
        self._real = open_durable(path)
        self._breaking = breaking
        self.fails_at = 0

    def execute(self, *arguments: Any) -> Any:
        if self.fails_at and not str(arguments[0]).startswith("ROLLBACK"):
            self.fails_at -= 1
            if self.fails_at == 0:
                self._breaking()
        return self._real.execute(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def disk_error() -> None:
    raise DatabaseError("disk I/O error")


@pytest.mark.parametrize("step", range(len(STORY)))
def test_a_disk_error_at_any_statement_leaves_the_journal_as_before(tmp_path: Path, step: int) -> None:
    opened: list[BreakingDatabase] = []

    def open_breaking(path: Path) -> Any:
        opened.append(BreakingDatabase(path, disk_error))
        return opened[-1]

    journal = SqliteJournal(tmp_path / "journal.db", StillClock(), open_breaking)
    for effect, sealed in STORY[:step]:
        journal.remember(effect, sealed)
    before = journal.memory()
    effect, sealed = STORY[step]

    failures = 0
    while True:
        opened[0].fails_at = failures + 1
        try:
            journal.remember(effect, sealed)
        except Fault:
            failures += 1
            opened[0].fails_at = 0
            assert journal.memory() == before
            assert memory_after(tmp_path) == before
        else:
            break

    assert failures >= 3, "BEGIN, at least one change, COMMIT"
    opened[0].fails_at = 0
    assert journal.memory() != before
    assert memory_after(tmp_path) == journal.memory()


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.unit.terminal_shell.test_journal_on_a_failing_disk import kill_at_each_statement
kill_at_each_statement(Path(sys.argv[1]))
"""


def kill_at_each_statement(folder: Path) -> None:
    """Runs in a process of its own: a child for each statement of each step of the story, killed right before it."""
    for step in range(len(STORY)):
        statement = 0
        while True:
            statement += 1
            child = os.fork()
            if child == 0:
                place = folder / f"{step}-{statement}"
                database: list[BreakingDatabase] = []

                def open_deadly(path: Path, opened: list[BreakingDatabase] = database) -> Any:
                    opened.append(BreakingDatabase(path, lambda: os.kill(os.getpid(), signal.SIGKILL)))
                    return opened[0]

                journal = SqliteJournal(place / "journal.db", StillClock(), open_deadly)
                for effect, sealed in STORY[:step]:
                    journal.remember(effect, sealed)
                database[0].fails_at = statement
                journal.remember(*STORY[step])
                os._exit(0)
            _, status = os.waitpid(child, 0)
            if os.WIFEXITED(status):
                assert os.WEXITSTATUS(status) == 0
                break


def test_a_kill_before_any_statement_leaves_whole_records(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=True, env={**os.environ, "PYTHONPATH": "src:."})

    expected = []
    reference = open_journal(tmp_path / "reference")
    expected.append(reference.memory())
    for effect, sealed in STORY:
        reference.remember(effect, sealed)
        expected.append(reference.memory())
    places = sorted(place for place in tmp_path.iterdir() if place.name[0].isdigit())
    assert len(places) >= 4 * len(STORY)
    for place in places:
        step, statement = map(int, place.name.split("-"))
        finished = not (tmp_path / f"{step}-{statement + 1}").exists()
        assert memory_after(place) == expected[step + finished], place.name
