"""Work that waits for the engine: bounded, in the order in which it came."""

import asyncio

from ..basics.clock import Clock
from ..edges.logs import told
from .work import Desk, Work, log

BATCH_MAX = 512
"""Requests in one transaction: large enough that the disk's sync is shared, small enough that the first waits 30 ms at most."""
QUEUE_MAX = 20_000
"""Requests that wait; beyond it a request is answered 96 at once, so that overload is bounded and never silent."""


class WorkQueue:
    """Takes work from lines, networks and acts; the engine takes it out batch by batch."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._waiting: list[Work] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def submit(self, work: Work) -> None:
        """Queue one unit of work; beyond the bound it is answered 96 at once."""
        if len(self._waiting) >= QUEUE_MAX:
            log.warning("overload", queue=len(self._waiting), bound=QUEUE_MAX)
            self.fail(work)
            return
        self._waiting.append(work)
        if len(self._waiting) == 1:
            self._idle.clear()
            self._wake.set()

    async def take(self) -> list[Work]:
        """Wait until there is work, and take a batch of it."""
        await self._wake.wait()
        batch = self._waiting[:BATCH_MAX]
        del self._waiting[:BATCH_MAX]
        if not self._waiting:
            self._wake.clear()
        return batch

    def done(self) -> bool:
        """A batch was answered; the answer is whether nothing more waits."""
        if self._waiting:
            return False
        self._idle.set()
        return True

    async def until_idle(self) -> None:
        """Wait until everything that was submitted is answered."""
        await self._idle.wait()

    def fail(self, work: Work) -> None:
        """Answer that the system could not. An answer that can't be sent is logged: it must not cost others theirs."""
        try:
            work.fail(self._desk, self._clock.now())
        except Exception as error:
            log.error("answer_failed", work=type(work).__name__, **told(error))
