"""The engine: all requests that are waiting form a batch, and the batch is the transaction.

    collect (this tick) ─▶ load what the batch needs ─▶ decide each, in order ─▶ one durable commit ─▶ answer, perform effects

Nothing is answered before it is durable. A later request of a batch sees the changes of an earlier one. When a batch can't
be written (another host won a row, a rule broke an invariant), its requests are tried one by one, so that one bad request
never costs the others their answer; one that fails alone is answered 96. What is committed is never decided again: an
answer that can't be sent is logged, and the terminal's reversal settles it.
"""

import asyncio
from collections.abc import Sequence

from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import WHOLE_HOST, Counter
from ..acquirer.rows.state import Needs, State
from ..basics.numbers import UnixMs
from ..edges.logs import told
from ..edges.watched import LongTask, keep_running
from .commit import Door, Sheet
from .queue import WorkQueue
from .work import Desk, EffectDesk, Work, log

RRNS_PER_WORK = 2
"""Reference numbers that one unit of work takes at most: one when it is decided, one when it is answered."""


class Engine:
    """Takes work from the queue, decides it in batches, answers. `effects` performs what decisions ask for besides."""

    def __init__(self, queue: WorkQueue, door: Door, desk: Desk, effects: EffectDesk) -> None:
        self._queue = queue
        self._door = door
        self._desk = desk
        self._effects = effects
        self._task: LongTask | None = None
        self.batches = 0
        self.requests = 0
        """Batches that were taken out of the queue, and requests in them."""

    def start(self) -> None:
        """Begin to work."""
        self._task = keep_running("engine", self._turn)

    async def stop(self) -> None:
        """Finish what is queued, then stop."""
        if self._task is not None:
            if self._task.running:
                await self._queue.until_idle()
            await self._task.stop()
            self._task = None

    async def _turn(self) -> None:
        batch = await self._queue.take()
        self.batches += 1
        self.requests += len(batch)
        try:
            if not await self._process(batch):
                await self._process_one_by_one(batch)
        finally:
            all_done = self._queue.done(batch)
        if not all_done:
            # Let the listener read and the answers go out between two full batches.
            await asyncio.sleep(0)

    async def _process_one_by_one(self, batch: Sequence[Work]) -> None:
        """Also for a batch of one: when another host won a row, the second try decides by what that host wrote."""
        for work in batch:
            if not await self._process((work,)):
                self._queue.fail(work)

    async def _process(self, batch: Sequence[Work]) -> bool:
        """Decide and commit a batch, then answer it; False when nothing could be written."""
        try:
            now, decisions = await self._decide_and_commit(batch)
        except Exception as error:
            # The numbers that were reserved are not durable: the next batch reserves anew.
            self._desk.rrn.forget()
            log.error("batch_failed", size=len(batch), **told(error))
            return False
        for work, decision in zip(batch, decisions, strict=True):
            try:
                self._finish(work, decision, now)
            except Exception as error:
                log.error("answer_failed", work=type(work).__name__, **told(error))
        return True

    async def _decide_and_commit(self, batch: Sequence[Work]) -> tuple[UnixMs, list[Decision]]:
        desk, numbers = self._desk, RRNS_PER_WORK * len(batch)
        needs = Needs()
        for work in batch:
            work.add_needs(needs)
        if desk.rrn.runs_out(numbers):
            needs.add(Counter, (WHOLE_HOST, "rrn"))

        def more_needs(state: State, more: Needs) -> None:
            for work in batch:
                work.more_needs(desk, state, more)

        def decide(sheet: Sheet) -> tuple[UnixMs, list[Decision]]:
            state, now, decisions = sheet.state, sheet.now, []
            sheet.take(desk.rrn.reserve(state, now, numbers))
            for work in batch:
                decision = work.decide(desk, state, now)
                # Before the next one is decided: it may be about the same payment, terminal or operator.
                sheet.take(decision.changes)
                decisions.append(decision)
            return now, decisions

        return await self._door.commit(needs, decide, more_needs)

    def _finish(self, work: Work, decision: Decision, now: UnixMs) -> None:
        work.finish(self._desk, decision, now)
        for effect in decision.effects:
            self._effects.perform(effect, work)
