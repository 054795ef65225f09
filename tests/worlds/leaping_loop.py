"""An event loop whose time leaps: where nothing is ready, it is later at once. A day of waiting costs what happens in it.

The clock of the loop is the time of the whole world: `asyncio.sleep`, time-outs and clocks that look at it agree. Whatever waits for
something outside of the loop (a socket, a thread) is not waited for; a world that runs in it has neither.
"""

import asyncio
import selectors

from zhanggui.basics.numbers import UnixMs


class LeapingSelector(selectors.DefaultSelector):
    """Waits for nothing, and says how long it would have."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("nothing will ever happen again, and somebody waits for it")
        self.passed_s += max(timeout, 0.0)
        return super().select(0)


class LeapingLoop(asyncio.SelectorEventLoop):
    """The loop; take it as `asyncio.Runner(loop_factory=LeapingLoop)`."""

    def __init__(self) -> None:
        self._leaps = LeapingSelector()
        super().__init__(self._leaps)

    def time(self) -> float:
        return self._leaps.passed_s


class LoopClock:
    """A clock that shows the time of the running loop, from an instant on."""

    def __init__(self, begins: UnixMs) -> None:
        self._begins = begins
        self._loop = asyncio.get_running_loop()

    def now(self) -> UnixMs:
        return UnixMs(self._begins + round(self._loop.time() * 1000))

    def elapsed_s(self) -> float:
        return self._loop.time()
