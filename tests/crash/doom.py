"""The end of a doomed program: at once, by SIGKILL, with nothing flushed, closed or said."""

import os
import signal
import sys
from typing import NoReturn


def die() -> NoReturn:
    """Be killed here and now."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a process that was killed goes on")


def doomed_arguments() -> str:
    """Take the kill point out of the command line, so that the rest is what the real program would get."""
    point = sys.argv.pop(1)
    sys.argv[0] = "zhanggui"
    return point
