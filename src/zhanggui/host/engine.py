"""The engine: all requests that are waiting form a batch, and the batch is the transaction.

    collect (this tick) ─▶ load what the batch needs ─▶ decide each, in order ─▶ one durable commit ─▶ answer, perform effects

Nothing is answered before it is durable. A later request of a batch sees the changes of an earlier one. When a batch can't
be written (another host won a row, a rule broke an invariant), its requests are tried one by one, so that one bad request
never costs the others their answer; one that fails alone is answered 96. What is committed is never decided again: an
answer that can't be sent is logged, and the terminal's reversal settles it.
"""

import asyncio
import traceback
from collections.abc import Sequence

from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import WHOLE_HOST, Counter, Heard, Operator, SignIn, Stranger, Terminal
from ..acquirer.rows.state import Change, Needs, State
from ..basics.clock import Clock
from ..basics.errors import ZhangguiError
from ..basics.numbers import UnixMs
from ..store.port import Store, Unit
from .work import Desk, EffectDesk, Proof, Work, log

BATCH_MAX = 512
"""Requests in one transaction: large enough that the disk's sync is shared, small enough that the first waits 30 ms at most."""
QUEUE_MAX = 20_000
"""Requests that wait; beyond it a request is answered 96 at once, so that overload is bounded and never silent."""
RRNS_PER_WORK = 2
"""Reference numbers that one unit of work takes at most: one when it is decided, one when it is answered."""


class Engine:
    """Takes work, decides it in batches, answers."""

    def __init__(self, store: Store, desk: Desk, clock: Clock) -> None:
        self.effects: EffectDesk | None = None
        self.proof: Proof | None = None
        """Chains provable records; a host sets it before its engine starts."""
        self._store = store
        self._desk = desk
        self._clock = clock
        self._queue: list[Work] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="engine")

    async def stop(self) -> None:
        """Finish what is queued, then stop."""
        await self._idle.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def submit(self, work: Work) -> None:
        """Queue one unit of work; beyond the bound it is answered 96 at once."""
        if len(self._queue) >= QUEUE_MAX:
            log.warning("overload", queue=len(self._queue), bound=QUEUE_MAX)
            self._fail(work)
            return
        self._queue.append(work)
        if len(self._queue) == 1:
            self._idle.clear()
            self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch = self._queue[:BATCH_MAX]
            del self._queue[:BATCH_MAX]
            if not self._queue:
                self._wake.clear()
            if not await self._process(batch):
                await self._process_one_by_one(batch)
            if not self._queue:
                self._idle.set()
            else:
                # Let the listener read and the answers go out between two full batches.
                await asyncio.sleep(0)

    async def _process_one_by_one(self, batch: Sequence[Work]) -> None:
        """Also for a batch of one: when another host won a row, the second try decides by what that host wrote."""
        for work in batch:
            if not await self._process((work,)):
                self._fail(work)

    async def _process(self, batch: Sequence[Work]) -> bool:
        """Decide and commit a batch, then answer it; False when nothing could be written."""
        now = self._clock.now()
        try:
            decisions = await self._decide_and_commit(batch, now)
        except Exception as error:
            self._desk.rrn.forget()
            log.error("batch_failed", size=len(batch), **_told(error))
            return False
        for work, decision in zip(batch, decisions, strict=True):
            try:
                self._finish(work, decision, now)
            except Exception as error:
                log.error("answer_failed", work=type(work).__name__, **_told(error))
        return True

    async def _decide_and_commit(self, batch: Sequence[Work], now: UnixMs) -> list[Decision]:
        needs = Needs()
        for work in batch:
            work.add_needs(needs)
        numbers = RRNS_PER_WORK * len(batch)
        if self._desk.rrn.runs_out(numbers):
            needs.add(Counter, (WHOLE_HOST, "rrn"))
        changes: list[Change] = []
        decisions: list[Decision] = []
        async with self._store.unit() as unit:
            state = await unit.load(needs)
            await self._load_records(unit, state, batch, needs)
            self._take(state, changes, self._desk.rrn.reserve(state, now, numbers))
            for work in batch:
                decision = work.decide(self._desk, state, now)
                self._take(state, changes, decision.changes)
                decisions.append(decision)
            if changes:
                await self._prove(unit, state, changes, now)
                await unit.save(changes)
        if self.proof is not None:
            self.proof.committed(changes)
        return decisions

    async def _prove(self, unit: Unit, state: State, changes: list[Change], now: UnixMs) -> None:
        """Append the links of provable records. The heads of the chains are loaded last, so hosts lock them in one order."""
        needs = self.proof.needs(changes) if self.proof is not None else None
        if self.proof is not None and needs is not None:
            state.join(await unit.load(needs))
            changes.extend(self.proof.links(state, changes, now))

    def _finish(self, work: Work, decision: Decision, now: UnixMs) -> None:
        work.finish(self._desk, decision, now)
        for effect in decision.effects:
            assert self.effects is not None
            self.effects.perform(effect, work)

    def _fail(self, work: Work) -> None:
        try:
            work.fail(self._desk, self._clock.now())
        except Exception as error:
            log.error("answer_failed", work=type(work).__name__, **_told(error))

    @staticmethod
    def _take(state: State, changes: list[Change], new: tuple[Change, ...]) -> None:
        if new:
            state.apply(new)
            changes.extend(new)

    async def _load_records(self, unit: Unit, state: State, batch: Sequence[Work], needs: Needs) -> None:
        """Bring sign-in records and terminals of live and beginning sessions, where some work may end or begin one."""
        if not any(work.wants_records for work in batch) and not state.beginning_sessions:
            return
        terminals = state.terminals_of_sessions()
        wanted = Needs(
            {
                SignIn: state.records_of_sessions(),
                Terminal: terminals,
                Heard: terminals if self._store.is_shared else (),
                Stranger: [key for key in needs.of(Operator) if state.get(Operator, *key) is None],
            }
        )
        for merchant_no, _terminal_no in state.beginning_sessions:
            wanted.add(Counter, (merchant_no, "session"))
            wanted.add(Counter, (merchant_no, "sign_in"))
        more = wanted.beyond(needs)
        if more:
            state.join(await unit.load(more))


def _told(error: Exception) -> dict[str, str]:
    """Our own errors never carry a secret; what a library says might, so only its type and place are logged."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return {
        "error": type(error).__name__,
        "reason": str(error) if isinstance(error, ZhangguiError) else "",
        "place": place,
    }
