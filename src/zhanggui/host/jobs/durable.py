"""Durable jobs: each has a row with its state, its progress and how far it is, and each step of it is one commit with that row.

    due ─▶ a step reads the next page ─▶ one commit: the page's changes, and the row one step further ─▶ … ─▶ done

A host that ends in the middle leaves the row; whoever looks next, the same host or another on the same database, goes on there.
Two hosts that take the same step are told apart by the row itself: the second finds it further on and does nothing. A job that
fails costs itself alone: it is counted and logged, the others go on, and it is due again later: after half a minute, and after twice
as long each time that it fails again, up to an hour. Its first good step forgets that.

Whoever is asked from outside may be silent, and then each job that asks would wait its time-out. So such jobs have looks of their
own, behind which nothing else waits; after one silence the look is over for all of them, and silence is nobody's failure: such a job is
due again after five minutes, however long the silence lasts.

What a job does is its kind's (`job_kinds.py`); row, comparison, owner and commit are here.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from ...acquirer.rows.records import Job, key_of
from ...acquirer.rows.state import Insert, Needs, State, Update
from ...basics.clock import Clock
from ...basics.errors import Fault
from ...basics.numbers import UnixMs
from ...basics.spans import HOUR_MS, MINUTE_MS
from ...edges.watched import guarded_each
from ...store.port import Store
from ..commit import Door, Sheet
from ..work import log

LOOKED_EVERY_S = 30.0
"""How often somebody looks whether a job is due: half of a minute late is not late for work of a day."""
JOBS_AT_ONCE = 100
STEPS_AT_ONCE = 1_000
"""Steps of one job before the others get a turn."""
TRIES_MAX = 3
AFTER_SILENCE_MS = 5 * MINUTE_MS
"""When a job that asked somebody outside, and heard nothing, is due again: in several looks the others come before it."""
FIRST_WAIT_MS, WAIT_MOST_MS = MINUTE_MS // 2, HOUR_MS
"""How long a job waits that failed once, and at most: what a person mends is tried within the hour, and what nobody mends fills no log."""

P = TypeVar("P")


def no_more_needs(page: Any, state: State, more: Needs) -> None:
    """The rows of the first load are enough."""


def anybody(job: Job) -> bool:
    """Every host may do it."""
    return True


def wait_ms(failed_count: int) -> int:
    """How long a job waits that has failed so often, one time after the other.

    >>> [wait_ms(count) // 1000 for count in (1, 2, 3, 7, 8, 1_000)]
    [30, 60, 120, 1920, 3600, 3600]
    """
    doublings = min(failed_count - 1, WAIT_MOST_MS.bit_length())
    return min(FIRST_WAIT_MS << doublings, WAIT_MOST_MS)


class Asked(msgspec.Struct, frozen=True):
    """Somebody outside whom jobs ask, and what their page raises when no answer comes."""

    name: str
    silence: type[Fault]
    every_s: float = LOOKED_EVERY_S
    """How often is looked whether a job that asks this one is due."""


class JobKind(msgspec.Struct, Generic[P], frozen=True, kw_only=True):
    """One kind of job: a row of `job_kinds.py`. P is what one step is about."""

    begin: Callable[[Store, UnixMs], AsyncGenerator[Sequence[Job], None]]
    """The jobs that are to be there by now, page by page; those that are there stay as they are."""
    page: Callable[[Store, Job], Awaitable[P]]
    """What the next step is about; empty at the end of a walk."""
    needs: Callable[[Job, P], Needs]
    """The rows of that step, beside the job's own."""
    more_needs: Callable[[P, State, Needs], None] = no_more_needs
    """Rows that follow from those."""
    decide: Callable[[Sheet, Job, P], Job]
    """Put down the step's changes; the answer is the job after it, which its runner keeps.
    Another state than `running` ends this look at it."""
    asks: Asked | None = None
    """Whom its page asks, where that is not this host's own store."""
    is_ours: Callable[[Job], bool] = anybody
    """Whether this host may do it, where several share a database and one of them has what it takes."""


class DurableJobs:
    """Runs what is due of the kinds of jobs that this host knows; `owner` is the host's own name in the rows."""

    def __init__(
        self, kinds: Mapping[str, JobKind[Any]], store: Store, door: Door, clock: Clock, owner: str = ""
    ) -> None:
        self._kinds = kinds
        self._store = store
        self._door = door
        self._clock = clock
        self._owner = owner
        self._unknown: set[str] = set()
        """Kinds that were told in the log: a job of one stays due, and is looked at again and again."""

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Those outside whom jobs ask: each has looks of its own."""
        return tuple(dict.fromkeys(kind.asks for kind in self._kinds.values() if kind.asks is not None))

    async def look(self) -> None:
        """Begin what is to begin, and do what is due of what was begun and asks nobody outside."""
        await guarded_each("jobs begun", self._kinds.values(), self._begin)
        async for due in self._due(None):
            await guarded_each("job", due, self._run_or_put_off)

    async def look_at(self, asked: Asked) -> None:
        """Do what is due and asks this one, until it is silent once."""
        is_silent = False

        async def run(job: Job) -> None:
            nonlocal is_silent
            if is_silent:
                return
            try:
                await self._run(job)
            except Exception as error:
                is_silent = isinstance(error, asked.silence)
                await self._put_off(job, failed=not is_silent)
                raise

        async with aclosing(self._due(asked)) as pages:
            async for due in pages:
                await guarded_each("job", due, run)
                if is_silent:
                    return

    async def _due(self, asked: Asked | None) -> AsyncGenerator[Sequence[Job], None]:
        now, last = self._clock.now(), None
        # Past those that fail or wait for another host: a page of them must not keep the rest from its turn.
        while due := await self._store.jobs_due(now, last, JOBS_AT_ONCE):
            last = due[-1]
            yield [job for job in due if self._asked_by(job) == asked and self._is_ours(job)]

    def _asked_by(self, job: Job) -> Asked | None:
        kind = self._kinds.get(job.kind)
        return kind.asks if kind is not None else None

    def _is_ours(self, job: Job) -> bool:
        kind = self._kinds.get(job.kind)
        return kind is None or kind.is_ours(job)

    async def _run_or_put_off(self, job: Job) -> None:
        try:
            await self._run(job)
        except Exception:
            await self._put_off(job, failed=True)
            raise

    async def _put_off(self, job: Job, *, failed: bool) -> None:
        """Due again later. A silence is not counted: nothing is wrong with the job."""
        key = key_of(job)

        def put_off(sheet: Sheet) -> None:
            current = sheet.state.get(Job, *key)
            # Another host may have been luckier meanwhile.
            if current is not None and current.state != "done" and current.due_ms <= sheet.now:
                failures = (current.failed_count or 0) + failed
                due_ms = UnixMs(sheet.now + (wait_ms(failures) if failed else AFTER_SILENCE_MS))
                sheet.take(
                    (Update(replace(current, due_ms=due_ms, failed_count=failures or None, changed_ms=sheet.now)),)
                )

        await self._door.commit(Needs({Job: [key]}), put_off, tries_max=TRIES_MAX)

    async def _begin(self, kind: JobKind[Any]) -> None:
        async with aclosing(kind.begin(self._store, self._clock.now())) as pages:
            async for wanted in pages:
                if wanted:
                    await self._insert_missing(wanted)

    async def _insert_missing(self, wanted: Sequence[Job]) -> None:
        def begin(sheet: Sheet) -> None:
            for job in wanted:
                if sheet.state.get(Job, *key_of(job)) is None:
                    sheet.take((Insert(job),))

        await self._door.commit(Needs({Job: map(key_of, wanted)}), begin, tries_max=TRIES_MAX)

    async def _run(self, job: Job) -> None:
        kind = self._kinds.get(job.kind)
        if kind is None:
            # A newer host on the same database began it, and does it.
            if job.kind not in self._unknown:
                self._unknown.add(job.kind)
                log.warning("job_kind_unknown", kind=job.kind, merchant_no=job.merchant_no, subject=job.subject)
            return
        for _ in range(STEPS_AT_ONCE):
            if not await self._step(kind, job):
                break
        log.info("job_stepped", kind=job.kind, merchant_no=job.merchant_no, subject=job.subject)

    async def _step(self, kind: JobKind[P], job: Job) -> bool:
        """One step; False when there is nothing more to do now: it is done, waits, or another host was first."""
        key = key_of(job)
        async with self._store.unit() as unit:
            known = (await unit.load(Needs({Job: [key]}))).get(Job, *key)
        if known is None or known.state == "done":
            return False
        page = await kind.page(self._store, known)

        def decide(sheet: Sheet) -> bool:
            current = sheet.state.get(Job, *key)
            if current is None or current != known or sheet.now < current.due_ms:
                return False
            stepped = kind.decide(sheet, current, page)
            sheet.take((Update(replace(stepped, owner=self._owner, failed_count=None)),))
            return stepped.state in (current.state, "running")

        needs = kind.needs(known, page)
        needs.add(Job, key)
        return await self._door.commit(needs, decide, partial(kind.more_needs, page), tries_max=TRIES_MAX)
