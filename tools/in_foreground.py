"""Run a program in place of this one, as the terminal's foreground group: `in_foreground.py PROGRAM [ARGUMENT …]`.

`make` answers Ctrl-C by waiting for its recipe and then dying of the same signal, whatever the recipe's exit code is.
When the program is a foreground group of its own, Ctrl-C reaches it alone: it ends cleanly, and make sees how.
Without a terminal nothing changes: the program is this very process, so a SIGTERM that make passes on reaches it.
"""

import os
import signal
import sys


def take_the_terminal() -> None:
    """Become the foreground group of the controlling terminal, if standard input is one that is ours to take."""
    if not os.isatty(0) or os.tcgetpgrp(0) != os.getpgrp():
        return
    os.setpgid(0, 0)
    # The terminal stops a background group that takes it, unless that group ignores this signal.
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, before)


if __name__ == "__main__":
    take_the_terminal()
    os.execv(sys.argv[1], sys.argv[1:])
