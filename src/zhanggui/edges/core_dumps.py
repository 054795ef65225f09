"""Nothing of a program's memory on the disk: keys, card numbers and payment codes stand there while it runs."""

import sys
from resource import RLIMIT_CORE, getrlimit, setrlimit

_PR_SET_DUMPABLE = 4
"""prctl(2), Linux."""


def no_core_dumps() -> bool:
    """Have the system write no core dump of this process; the answer is whether that is so.

    On Linux the process also counts as not dumpable: a system that pipes dumps into a program (`core_pattern`) ignores the limit for
    size, and nobody else of the same user reads its memory. What it starts may be dumped unless it says this too.
    """
    try:
        setrlimit(RLIMIT_CORE, (0, getrlimit(RLIMIT_CORE)[1]))
    except (OSError, ValueError):
        return False
    return not sys.platform.startswith("linux") or _not_dumpable()


def _not_dumpable() -> bool:
    import ctypes

    try:
        return int(ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)) == 0
    except (OSError, AttributeError):
        return False
