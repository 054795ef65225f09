"""COMMIT beside the event loop: the pages are written and the disk is waited for while the loop reads the next requests.

Writing a transaction's pages and syncing them is a third of what a batch costs, and all of it happens inside one call of
SQLite that holds no lock of the interpreter. So that call alone runs in a thread; the statements before it stay in the loop,
where handing each of them over would cost more than it takes. The connection is never used from both sides at once: its store
keeps the turn until the commit is over.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from ..edges.sqlite import Connection


class CommitThread:
    """One thread that commits, for one connection."""

    def __init__(self, connection: Connection) -> None:
        self._cursor = connection.cursor()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")

    async def commit(self) -> None:
        """Commit the open transaction. Raises what the driver raises.

        However often the caller is cancelled, it first waits for the end of the commit: nothing may touch the connection before,
        or a late COMMIT would commit what the next unit has begun.
        """
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


class CommitInline:
    """Commits at once, on a connection whose commits wait for no disk: a thread would cost more than the commit."""

    def __init__(self, connection: Connection) -> None:
        self._cursor = connection.cursor()

    async def commit(self) -> None:
        """Commit the open transaction. Raises what the driver raises."""
        self._cursor.execute("COMMIT")

    def close(self) -> None:
        """Nothing is to be ended."""
