"""Work that waits for the engine: bounded, proven lines first, otherwise in the order in which it came.

    proven      what a line that proved itself sends
    claimed     what carries a proof (field 64) on a line that has proved nothing yet: a terminal's first message, or a stranger's
    unproven    what anybody can send (0800, echo)

Each has its share of a batch, so a stranger's flood costs the strangers, whatever it looks like. How much one line may have here at
all is told in `edges/listener.py`.
"""

import asyncio

from ..basics.clock import Clock
from ..edges.logs import told
from .work import Desk, TerminalWork, Work, log

BATCH_MAX = 512
"""Requests in one transaction: large enough that the disk's sync is shared, small enough that the first waits 30 ms at most."""
QUEUE_MAX = 20_000
"""Requests that wait; beyond it a request is answered 96 at once, so that overload is bounded and never silent."""


UNPROVEN_MAX, CLAIMED_MAX = 100, 100
"""Requests of lines without a proof in one batch: some 25 ms each, which is what a request of a line with one may wait for them."""
MAC_FIELD = 64


class WorkQueue:
    """Takes work from lines, networks and acts; the engine takes it out batch by batch."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._waiting: list[Work] = []
        self._claimed: list[Work] = []
        self._unproven: list[Work] = []
        self._taken = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def submit(self, work: Work) -> None:
        """Queue one unit of work; beyond the bound it is answered 96 at once."""
        lane = self._waiting
        if isinstance(work, TerminalWork):
            if work.connection.standing != "proven":
                lane = self._claimed if MAC_FIELD in work.message.fields else self._unproven
            work.connection.work_began()
        if len(lane) >= QUEUE_MAX:
            log.warning("overload", queue=len(lane), bound=QUEUE_MAX)
            self.fail(work)
            _off_the_line(work)
            return
        lane.append(work)
        if len(lane) == 1:
            self._idle.clear()
            self._wake.set()

    async def take(self) -> list[Work]:
        """Wait until there is work, and take a batch of it."""
        await self._wake.wait()
        batch = self._waiting[:BATCH_MAX]
        del self._waiting[:BATCH_MAX]
        for lane, most in ((self._claimed, CLAIMED_MAX), (self._unproven, UNPROVEN_MAX)):
            batch += lane[:most]
            del lane[:most]
        if not self._is_more():
            self._wake.clear()
        self._taken = len(batch)
        return batch

    def done(self, batch: list[Work]) -> bool:
        """A batch was answered; the answer is whether nothing more waits."""
        self._taken = 0
        for work in batch:
            _off_the_line(work)
        if self._is_more():
            return False
        self._idle.set()
        return True

    @property
    def length(self) -> int:
        """Requests that wait."""
        return len(self._waiting) + len(self._claimed) + len(self._unproven)

    @property
    def in_hand(self) -> int:
        """Requests that wait or are being decided."""
        return self.length + self._taken

    def _is_more(self) -> bool:
        return bool(self._waiting or self._claimed or self._unproven)

    async def until_idle(self) -> None:
        """Wait until everything that was submitted is answered."""
        await self._idle.wait()

    def fail(self, work: Work) -> None:
        """Answer that the system could not. An answer that can't be sent is logged: it must not cost others theirs."""
        try:
            work.fail(self._desk, self._clock.now())
        except Exception as error:
            log.error("answer_failed", work=type(work).__name__, **told(error))


def _off_the_line(work: Work) -> None:
    if isinstance(work, TerminalWork):
        work.connection.work_ended()
