"""Durable jobs: a kind says what a step does; row, comparison, owner and commit are the mechanism's, and each job fails alone."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs
from tests.worlds.memory_host import MERCHANT, MemoryHost

from zhanggui.acquirer.rows.records import Counter, Job, JobState
from zhanggui.acquirer.rows.state import Insert, Needs, Update
from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import UnixMs
from zhanggui.edges import watched
from zhanggui.host.commit import Sheet
from zhanggui.host.jobs import durable
from zhanggui.host.jobs.durable import AFTER_SILENCE_MS, WAIT_MOST_MS, Asked, DurableJobs, JobKind, wait_ms
from zhanggui.store.port import Store
from zhanggui.views.jobs import JOBS, JobRow, job_row
from zhanggui.views.listing import iso

COUNTED = (MERCHANT, "counted")


class Silent(Fault):
    """Nobody answered."""


ASKED = Asked("bank", Silent)


class Count:
    """A kind that counts pages: three to each job, then it is done. It breaks at what `breaks_at` says."""

    def __init__(self, house: MemoryHost, *subjects: str) -> None:
        self.house, self.subjects = house, subjects
        self.breaks_at: set[str] = set()
        self.breaks_with: type[Fault] = Fault
        self.begins: JobState = "running"
        self.pages: list[str] = []
        self.row = JobKind(begin=self.begin, page=self.page, needs=self.needs, decide=self.decide)
        self.asking = replace(self.row, asks=ASKED)
        """The same, of a kind that asks somebody outside."""

    def job(self, subject: str) -> Job:
        now = self.house.clock.now()
        return Job(
            merchant_no=MERCHANT,
            kind="count",
            subject=subject,
            state=self.begins,
            due_ms=now,
            started_ms=now,
            changed_ms=now,
        )

    async def begin(self, store: Store, now: UnixMs) -> AsyncGenerator[Sequence[Job], None]:
        yield []
        yield [self.job(subject) for subject in self.subjects]

    async def page(self, store: Store, job: Job) -> int:
        self.pages.append(job.subject)
        if job.subject in self.breaks_at:
            raise self.breaks_with("a page that cannot be read")
        return job.done_count + 1

    def needs(self, job: Job, page: int) -> Needs:
        return Needs({Counter: [COUNTED]})

    def decide(self, sheet: Sheet, job: Job, page: int) -> Job:
        known = sheet.state.get(Counter, *COUNTED)
        row = Counter(merchant_no=MERCHANT, name="counted", value=(known.value if known else 0) + 1)
        sheet.take((Insert(row) if known is None else Update(row),))
        return replace(job, done_count=page, state="done" if page == 3 else "running")


@pytest.fixture
def house() -> MemoryHost:
    return MemoryHost()


def runner(house: MemoryHost, kinds: dict[str, JobKind[Any]], owner: str = "host-a") -> DurableJobs:
    return DurableJobs(kinds, house.store, house.door, house.clock, owner)


def jobs(house: MemoryHost) -> dict[str, tuple[str, int, str]]:
    return {
        row.subject: (row.state, row.done_count, row.owner) for row in house.store.rows.values() if type(row) is Job
    }


def counted(house: MemoryHost) -> int:
    row = house.store.rows.get((Counter, *COUNTED))
    return row.value if isinstance(row, Counter) else 0


async def test_a_job_is_begun_once_and_walks_to_its_end_with_its_owner_in_the_row(house: MemoryHost) -> None:
    kind = Count(house, "a", "b")
    run = runner(house, {"count": kind.row})
    await run.look()
    assert jobs(house) == {"a": ("done", 3, "host-a"), "b": ("done", 3, "host-a")}
    assert counted(house) == 6
    await run.look()
    assert counted(house) == 6


async def test_a_job_that_fails_costs_itself_alone_and_goes_on_when_it_can(house: MemoryHost) -> None:
    kind = Count(house, "a", "b")
    kind.breaks_at = {"a"}
    before = watched.failures["job"]
    run = runner(house, {"count": kind.row})
    with capture_logs() as logs:
        await run.look()
    assert jobs(house) == {"a": ("running", 0, ""), "b": ("done", 3, "host-a")}
    assert watched.failures["job"] == before + 1
    failed = [line for line in logs if line["event"] == "item_failed"]
    assert [(line["task"], line["error"]) for line in failed] == [("job", "Fault")]
    kind.breaks_at = set()
    await run.look()
    assert jobs(house)["a"] == ("running", 0, ""), "not before its wait is over"
    house.clock.at_ms += wait_ms(1)
    await run.look()
    assert jobs(house)["a"] == ("done", 3, "host-a")


def job_row_of(house: MemoryHost, subject: str) -> JobRow:
    (found,) = [row for row in house.store.rows.values() if type(row) is Job and row.subject == subject]
    return job_row(found)


async def test_a_job_that_always_fails_waits_longer_each_time_up_to_an_hour_and_a_good_step_forgets_it(
    house: MemoryHost,
) -> None:
    kind = Count(house, "a")
    kind.breaks_at = {"a"}
    run = runner(house, {"count": kind.row})
    waits = []
    for failures in range(1, 12):
        asked = len(kind.pages)
        before = house.clock.now()
        await run.look()
        await run.look()
        assert len(kind.pages) == asked + 1, "a second look finds it not due"
        row = next(row for row in house.store.rows.values() if type(row) is Job)
        waits.append(row.due_ms - before)
        shown = job_row_of(house, "a")
        assert (row.failed_count, shown.failed_count, shown.due) == (failures, failures, iso(row.due_ms))
        assert {column.name: column.cell(shown, "zh") for column in JOBS.columns}["failed_count"] == str(failures)
        house.clock.at_ms += waits[-1]
    assert waits[:4] == [30_000, 60_000, 120_000, 240_000]
    assert waits == sorted(waits)
    assert (waits[-1], wait_ms(10**6)) == (WAIT_MOST_MS, WAIT_MOST_MS)
    kind.breaks_at = set()
    await run.look()
    assert (jobs(house)["a"], job_row_of(house, "a").failed_count) == (("done", 3, "host-a"), 0)


async def test_a_silence_is_no_failure_of_the_job_and_its_wait_does_not_grow(house: MemoryHost) -> None:
    kind = Count(house, "a")
    kind.breaks_at, kind.breaks_with = {"a"}, Silent
    run = runner(house, {"count": kind.asking})
    await run.look()
    for _ in range(3):
        await run.look_at(ASKED)
        row = next(row for row in house.store.rows.values() if type(row) is Job)
        assert (row.failed_count, row.due_ms - house.clock.now()) == (None, AFTER_SILENCE_MS)
        house.clock.at_ms += AFTER_SILENCE_MS


async def test_a_page_of_failing_jobs_does_not_keep_the_rest_from_its_turn(
    house: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "JOBS_AT_ONCE", 2)
    kind = Count(house, "a", "b", "c", "d", "e")
    kind.breaks_at = {"a", "b", "c"}
    await runner(house, {"count": kind.row}).look()
    assert [subject for subject, (state, *_) in jobs(house).items() if state == "done"] == ["d", "e"]


async def test_a_kind_of_a_newer_host_is_skipped_told_once_and_left_as_it_is(house: MemoryHost) -> None:
    kind = Count(house, "b")
    newer = replace(kind.job("a"), kind="newer")
    house.store.put(newer)
    run = runner(house, {"count": kind.row})
    with capture_logs() as logs:
        await run.look()
        await run.look()
    told = [line for line in logs if line["event"] == "job_kind_unknown"]
    assert [(line["kind"], line["log_level"]) for line in told] == [("newer", "warning")]
    assert jobs(house) == {"a": ("running", 0, ""), "b": ("done", 3, "host-a")}


async def test_a_kind_that_cannot_begin_keeps_no_other_from_beginning(house: MemoryHost) -> None:
    kind = Count(house, "b")

    async def broken(store: Store, now: UnixMs) -> AsyncGenerator[Sequence[Job], None]:
        yield []
        raise Fault("no list of shops")

    kinds = {"broken": JobKind(begin=broken, page=kind.page, needs=kind.needs, decide=kind.decide), "count": kind.row}
    before = watched.failures["jobs begun"]
    await runner(house, kinds).look()
    assert jobs(house) == {"b": ("done", 3, "host-a")}
    assert watched.failures["jobs begun"] == before + 1


async def test_of_two_hosts_at_the_same_step_the_second_finds_it_done_and_counts_nothing(house: MemoryHost) -> None:
    kind = Count(house, "a")
    read = kind.page

    async def overtaken(store: Store, job: Job) -> int:
        if not kind.pages:
            kind.pages.append("overtaken")
            await runner(house, {"count": kind.row}, "host-b").look()
        return await read(store, job)

    slow = JobKind(begin=kind.begin, page=overtaken, needs=kind.needs, decide=kind.decide)
    await runner(house, {"count": slow}, "host-a").look()
    assert jobs(house) == {"a": ("done", 3, "host-b")}
    assert counted(house) == 3


async def test_one_silence_ends_the_look_for_all_that_ask_and_the_next_look_begins_with_another(
    house: MemoryHost,
) -> None:
    kind = Count(house, "a", "b", "c")
    kind.breaks_at, kind.breaks_with, kind.begins = {"a", "b", "c"}, Silent, "planned"
    run = runner(house, {"count": kind.asking})
    await run.look()
    assert kind.pages == [], "its own look asks"
    await run.look_at(ASKED)
    await run.look_at(ASKED)
    assert kind.pages == ["a", "b"]
    due = {row.subject: row.due_ms for row in house.store.rows.values() if type(row) is Job}
    later = house.clock.now() + AFTER_SILENCE_MS
    assert due == {"a": later, "b": later, "c": house.clock.now()}
    kind.breaks_at = set()
    await run.look_at(ASKED)
    assert [subject for subject, (state, *_) in jobs(house).items() if state == "done"] == ["c"]
    house.clock.at_ms += AFTER_SILENCE_MS
    await run.look_at(ASKED)
    assert jobs(house) == dict.fromkeys("abc", ("done", 3, "host-a"))


async def test_another_failure_of_one_that_asks_puts_off_itself_alone(house: MemoryHost) -> None:
    kind = Count(house, "a", "b")
    kind.breaks_at = {"a"}
    run = runner(house, {"count": kind.asking})
    await run.look()
    await run.look_at(ASKED)
    assert jobs(house) == {"a": ("running", 0, ""), "b": ("done", 3, "host-a")}
    await run.look_at(ASKED)
    assert kind.pages.count("a") == 1


async def test_what_asks_nobody_is_done_while_one_that_asks_waits_for_its_answer(house: MemoryHost) -> None:
    asking, here = Count(house, "a"), Count(house, "b")
    asked, answer = asyncio.Event(), asyncio.Event()

    async def page(store: Store, job: Job) -> int:
        asked.set()
        await answer.wait()
        return await asking.page(store, job)

    kinds = {"ask": replace(asking.asking, page=page), "count": here.row}
    named = replace(asking.job("a"), kind="ask")
    house.store.put(named)
    run = runner(house, {**kinds, "ask": replace(kinds["ask"], begin=here.begin)})
    waiting = asyncio.create_task(run.look_at(ASKED))
    await asked.wait()
    await run.look()
    assert jobs(house) == {"a": ("running", 0, ""), "b": ("done", 3, "host-a")}
    answer.set()
    await waiting
    assert jobs(house)["a"] == ("done", 3, "host-a")
