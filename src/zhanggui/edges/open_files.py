"""How many files this process may open; every line is one. Systems start programs with few (often 1,024) and allow many more."""

from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit, setrlimit

FILES_ASSUMED_MAX = 1_048_576
"""Where the system names no limit."""


def open_files_up() -> int:
    """Let this process, and those that it starts, open as many files as the system allows it; the answer is how many."""
    soft, hard = getrlimit(RLIMIT_NOFILE)
    if soft != hard:
        try:
            setrlimit(RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            # Some systems allow less than they say; then it stays as it was, and lines are bounded by that.
            return open_files()
    return open_files()


def open_files() -> int:
    """How many files this process may have open now."""
    soft, _ = getrlimit(RLIMIT_NOFILE)
    return FILES_ASSUMED_MAX if soft == RLIM_INFINITY else soft
