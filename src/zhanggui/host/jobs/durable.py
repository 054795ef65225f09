"""Durable jobs: each has a row with its state, its progress and how far it is, and each step of it is one commit with that row.

    due ─▶ a step reads the next page ─▶ one commit: the page's changes, and the row one step further ─▶ … ─▶ done

A host that ends in the middle leaves the row; whoever looks next, the same host or another on the same database, goes on there.
Two hosts that take the same step are told apart by the row itself: the second finds it further on and does nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from ...acquirer.rows.records import Job
from ...basics.clock import Clock
from ...store.port import Store
from ..commit import Door
from ..work import log
from .settle_job import begin_settle_jobs, settle_step

LOOKED_EVERY_S = 30.0
"""How often somebody looks whether a job is due: half of a minute late is not late for work of a day."""
JOBS_AT_ONCE = 100
STEPS_AT_ONCE = 1_000
"""Steps of one job before the others get a turn."""


class Step(Protocol):
    """One step of a job; False when there was nothing to do: it is done, waits, or another host was first."""

    async def __call__(self, store: Store, door: Door, job: Job, owner: str) -> bool: ...


STEPS: Mapping[str, Step] = MappingProxyType({"settle": settle_step})
"""The kinds of jobs."""


async def run_jobs(store: Store, door: Door, clock: Clock, owner: str) -> None:
    """Begin what is to begin, and do what is due of what was begun."""
    await begin_settle_jobs(store, door, clock)
    for job in await store.jobs_due(clock.now(), JOBS_AT_ONCE):
        step = STEPS[job.kind]
        for _ in range(STEPS_AT_ONCE):
            if not await step(store, door, job, owner):
                break
        log.info("job_stepped", kind=job.kind, merchant_no=job.merchant_no, subject=job.subject)
