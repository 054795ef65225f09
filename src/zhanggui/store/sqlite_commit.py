"""COMMIT where it is cheapest: in the event loop while the disk is quick, in a thread beside it while it is slow.

Writing a transaction's pages and syncing them is a quarter of what a batch costs, all within one call of SQLite that does not
hold the interpreter's lock. A thread for that call lets the loop read the next requests meanwhile; but each way through the lock
costs the loop more than a disk takes that syncs in a tenth of a millisecond. So the store watches how long its commits wait:

    a round of COMMITS_A_ROUND    the first TRIED of them in the loop ─▶ the rest where the quickest of these says
                                                       a stall in the loop ─▶ the rest of the round in the thread

What counts is the waiting alone, without the work of writing pages. The statements before a COMMIT always stay in the loop, where
handing each of them over would cost more than it takes. The connection is never used from both sides at once: its store keeps
the turn until the commit is over.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, thread_time

from ..edges.sqlite import Connection

SLOW_S = 0.001
"""A disk that is never quicker than this is waited for in the thread: a way there and back costs the loop about as much."""
STALL_S = 0.25
"""One wait as long as this sends the rest of its round to the thread: a disk that hangs shall not hold the loop again and again."""
COMMITS_A_ROUND = 64
TRIED = 3
"""Of a round: enough that one neighbour's write does not decide, few enough that a slow disk holds the loop in one commit of twenty."""

Clock = Callable[[], float]


class Commits:
    """Commits one connection's transactions. `clock` tells the time, `worked` the processor's time of this thread, in seconds."""

    def __init__(self, connection: Connection, clock: Clock = perf_counter, worked: Clock = thread_time) -> None:
        self._cursor = connection.cursor()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._clock = clock
        self._worked = worked
        self._place = 0
        self._quickest_s = 0.0
        self._is_stalled = False

    @property
    def beside(self) -> bool:
        """Whether the next commit runs beside the loop."""
        return self._place >= TRIED and (self._is_stalled or self._quickest_s > SLOW_S)

    async def commit(self) -> None:
        """Commit the open transaction. Raises what the driver raises.

        However often the caller is cancelled, the commit comes to its end first: nothing may touch the connection before, or a
        late COMMIT would commit what the next unit has begun.
        """
        beside = self.beside
        self._place = (self._place + 1) % COMMITS_A_ROUND
        if beside:
            await self._commit_beside()
        else:
            self._commit_here()
            # A caller that commits again and again leaves the others their turn, as it does where it waits for the thread.
            await asyncio.sleep(0)

    def _commit_here(self) -> None:
        began, worked = self._clock(), self._worked()
        self._cursor.execute("COMMIT")
        waited_s = self._clock() - began - (self._worked() - worked)
        if self._place == 1:
            self._quickest_s, self._is_stalled = waited_s, False
        self._quickest_s = min(self._quickest_s, waited_s)
        self._is_stalled = self._is_stalled or waited_s >= STALL_S

    async def _commit_beside(self) -> None:
        running = asyncio.get_running_loop().run_in_executor(self._thread, self._cursor.execute, "COMMIT")
        cancelled: asyncio.CancelledError | None = None
        while not running.done():
            try:
                await asyncio.wait((running,))
            except asyncio.CancelledError as error:
                cancelled = error
        failed = running.exception()
        if cancelled is not None:
            raise cancelled
        if failed is not None:
            raise failed

    def close(self) -> None:
        """End the thread; no commit is running."""
        self._thread.shutdown()
