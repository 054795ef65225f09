"""`zhanggui` over wall clocks that a test can put forward: minutes pass for bank, host and terminals at once, and nobody waits.

The seconds by which they stand ahead are read from a file at every look at the clock, so a change counts from the next look on.
Clocks that measure (`elapsed_s`) go on by as much: to the programs time has passed. A wall clock that jumps is another story.
"""

import os
from pathlib import Path
from unittest import mock

from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import UnixMs
from zhanggui.cli import programs
from zhanggui.cli.main import main

AHEAD_FILE = "TEST_CLOCK_AHEAD_FILE"
"""Environment variable: the file with the seconds."""


class MovedClock(SystemClock):
    """The machine's clock and what the file adds to it."""

    def __init__(self) -> None:
        self._file = Path(os.environ[AHEAD_FILE])

    def now(self) -> UnixMs:
        return UnixMs(super().now() + 1000 * self._ahead_s())

    def elapsed_s(self) -> float:
        return super().elapsed_s() + self._ahead_s()

    def _ahead_s(self) -> int:
        return int(self._file.read_text(encoding="ascii"))


if __name__ == "__main__":
    with mock.patch.object(programs, "SystemClock", MovedClock):
        main()
