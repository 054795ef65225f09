"""The job that makes a file of a list: each word of its writer is a step, and a file that breaks off, goes or is another's is told apart."""

from collections.abc import AsyncGenerator, Iterable

import pytest
from msgspec.structs import replace
from tests.worlds.memory_host import MERCHANT, NOON, MemoryHost

from zhanggui.acquirer.people.exporting import (
    ENDED,
    JOB,
    KEPT_MS,
    NUMBERS,
    OWN_MAX,
    FileOrder,
    decide_order_file,
    decide_take_file,
    files_needs,
)
from zhanggui.acquirer.policy.actors import CONSOLE
from zhanggui.acquirer.rows.records import WHOLE_HOST, ApiToken, ExportFile, Job, Person, PersonState
from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.host.acts import perform
from zhanggui.host.commit import Sheet
from zhanggui.host.export_acts import file_dropped
from zhanggui.host.jobs.durable import AFTER_SILENCE_MS, DurableJobs, wait_ms
from zhanggui.host.jobs.export_job import NO_ROOM, WRITER, NobodyWrites, Written, export_kind


class Folder:
    """Files of a folder that is none: what is told of them is written down before."""

    place = "here"

    def __init__(self, *words: Written | Fault) -> None:
        self.words = list(words)
        self.dropped: list[str] = []

    def new_id(self) -> str:
        return "f1"

    async def write_on(self, file: ExportFile) -> Written:
        word = self.words.pop(0)
        if isinstance(word, Fault):
            raise word
        return word

    async def has(self, file_id: str) -> bool:
        return False

    async def contents(self, file_id: str) -> AsyncGenerator[bytes, None]:
        yield b""

    async def drop(self, file_id: str) -> None:
        self.dropped.append(file_id)


@pytest.fixture
def house() -> MemoryHost:
    return MemoryHost()


def run_with(house: MemoryHost, folder: Folder) -> DurableJobs:
    return DurableJobs({JOB: export_kind(folder)}, house.store, house.door, house.clock)


async def order(
    house: MemoryHost, place: str = "here", file_id: str = "f1", *, name: str = "", token_id: str = ""
) -> str:
    """Order a file, each by somebody else where nobody is named; the reason where it was refused."""

    def decide(sheet: Sheet) -> str:
        asked = FileOrder("payments", "payments", "csv", "csv", "zh", "", file_id, place, token_id)
        by = replace(CONSOLE, name=name or f"console:{file_id}")
        decision = decide_order_file(sheet.state, MERCHANT, asked, by, sheet.now)
        sheet.take(decision.changes)
        return decision.reason

    return await house.door.commit(files_needs(MERCHANT), decide)


def file_of(house: MemoryHost) -> ExportFile | None:
    found = [row for row in house.store.rows.values() if isinstance(row, ExportFile)]
    return found[0] if found else None


def job_of(house: MemoryHost) -> Job:
    (found,) = [row for row in house.store.rows.values() if isinstance(row, Job)]
    return found


async def test_each_word_is_a_step_and_the_last_one_makes_it_ready(house: MemoryHost) -> None:
    folder = Folder(Written(0, 9), Written(5, 9), Fault("the process broke off"), Written(0, 9), Written(9, 9, 120))
    run = run_with(house, folder)
    await order(house)
    await run.look_at(WRITER)
    assert (job_of(house).state, job_of(house).done_count, job_of(house).failed_count) == ("running", 5, 1)
    house.clock.at_ms += wait_ms(1)
    await run.look_at(WRITER)
    file, job = file_of(house), job_of(house)
    assert file is not None
    assert (file.state, file.rows, file.size_bytes, file.ready_ms) == ("ready", 9, 120, house.clock.now())
    assert (job.state, job.done_count, job.total_count) == ("waiting", 9, 9)
    assert file.until_ms <= job.due_ms < file.until_ms + DAY_MS
    house.clock.at_ms = job.due_ms
    await run.look_at(WRITER)
    assert (file_of(house), job_of(house).state, folder.dropped) == (None, "done", ["f1"])


@pytest.mark.parametrize("fault", ["sheet", NO_ROOM])
async def test_why_there_is_no_file_is_kept_as_a_word_and_goes_too(house: MemoryHost, fault: str) -> None:
    folder = Folder(Written(0, 0, fault=fault))
    await order(house)
    await run_with(house, folder).look_at(WRITER)
    file = file_of(house)
    assert file is not None
    assert (file.state, file.fault, job_of(house).state) == ("failed", fault, "waiting")


async def test_a_file_of_another_folder_is_left_to_its_host(house: MemoryHost) -> None:
    await order(house, place="elsewhere")
    before = job_of(house)
    await run_with(house, Folder()).look_at(WRITER)
    assert job_of(house) == before


async def test_where_no_process_can_begin_it_waits_and_nothing_is_counted_against_it(house: MemoryHost) -> None:
    await order(house)
    await run_with(house, Folder(NobodyWrites("no memory"))).look_at(WRITER)
    job = job_of(house)
    assert (job.failed_count, job.due_ms) == (None, house.clock.now() + AFTER_SILENCE_MS)


async def test_one_that_is_never_made_is_over_after_its_days(house: MemoryHost) -> None:
    folder = Folder(Fault("again and again"))
    run = run_with(house, folder)
    await order(house)
    await run.look_at(WRITER)
    house.clock.at_ms += KEPT_MS + DAY_MS
    folder.words = [Fault("again and again")]
    await run.look_at(WRITER)
    house.clock.at_ms += DAY_MS
    await run.look_at(WRITER)
    assert (file_of(house), job_of(house).state, folder.dropped) == (None, "done", ["f1"])


async def test_one_person_has_a_few_places_and_who_finds_none_learns_whose_they_are(house: MemoryHost) -> None:
    for count in range(OWN_MAX):
        assert await order(house, file_id=f"a{count}", name="person:zhao") == ""
    assert await order(house, file_id="a", name="person:zhao") == "too_many_own_exports"
    for count in range(len(NUMBERS) - OWN_MAX):
        assert await order(house, file_id=f"b{count}", name=f"person:p{count % 3}") == ""
    assert await order(house, file_id="c", name="person:li") == "too_many_exports:p0 5, p1 5, p2 5, zhao 5"


def person(state: PersonState, tokens: str | None) -> Person:
    return Person(
        merchant_no=WHOLE_HOST,
        login="zhao",
        name="某人",
        shop_no=MERCHANT,
        role="owner",
        state=state,
        made_ms=NOON,
        made_by="console",
        tokens=tokens,
    )


TOKEN = ApiToken(
    merchant_no=WHOLE_HOST,
    token_id="t1",  # its name, which is no secret
    mark="m",
    shop_no=MERCHANT,
    login="zhao",
    name="报表",
    scopes="payments:export",
    made_ms=NOON,
    made_by="person:zhao",
    expires_ms=UnixMs(NOON + DAY_MS),
)


@pytest.mark.parametrize(
    ("token_id", "state", "tokens", "revoked_ms", "goes_on"),
    [
        ("", "active", None, None, True),
        ("", "disabled", None, None, False),
        ("t1", "active", f"t1:{NOON + DAY_MS}", None, True),
        ("t1", "active", None, NOON, False),
        ("t1", "disabled", None, NOON, False),
        ("t1", "active", None, None, False),
    ],
)
async def test_a_file_of_a_token_or_person_that_was_ended_is_not_made_further(
    house: MemoryHost, token_id: str, state: PersonState, tokens: str | None, revoked_ms: UnixMs | None, goes_on: bool
) -> None:
    house.store.put(person("active", f"t1:{NOON + DAY_MS}"), TOKEN)
    folder = Folder(Written(0, 9), Fault("later"), Written(0, 9), Written(9, 9, 120))
    run = run_with(house, folder)
    await order(house, name="person:zhao", token_id=token_id)
    await run.look_at(WRITER)
    house.store.put(person(state, tokens), replace(TOKEN, revoked_ms=revoked_ms))
    house.clock.at_ms += wait_ms(1)
    await run.look_at(WRITER)
    file = file_of(house)
    assert file is not None
    assert (file.state, file.fault) == (("ready", "") if goes_on else ("failed", ENDED))
    assert folder.dropped == ([] if goes_on else ["f1"])


def full(numbers: Iterable[int]) -> str:
    """Why nobody else has a file: each of these has one."""
    return "too_many_exports:" + ", ".join(sorted(f"console:f{number} 1" for number in numbers))


async def test_a_place_is_free_when_its_file_was_taken_and_is_gone(house: MemoryHost) -> None:
    folder = Folder(*(Written(9, 9, 120) for _ in NUMBERS))
    for number in NUMBERS:
        await order(house, file_id=f"f{number}", name=CONSOLE.name if number == 1 else "")
    await run_with(house, folder).look_at(WRITER)
    others = full(NUMBERS).replace("console:f1 1", "").removeprefix("too_many_exports:, ")
    all_taken = f"too_many_exports:{CONSOLE.name} 1, {others}"

    async def take() -> str:
        def decide(sheet: Sheet) -> str:
            decision = decide_take_file(sheet.state, MERCHANT, 1, CONSOLE, sheet.now)
            sheet.take(decision.changes)
            return decision.reason

        return await house.door.commit(files_needs(MERCHANT), decide)

    # Whoever hangs up has not taken it: it lies there, counts, and can be taken again.
    assert [await take(), await take(), await order(house, file_id="more")] == ["", "", all_taken]
    await perform(file_dropped(MERCHANT, 1, "another one", None), house.door)
    await perform(file_dropped(MERCHANT, 2, "f2", None), house.door)
    assert await order(house, file_id="more") == all_taken
    await perform(file_dropped(MERCHANT, 1, "f1", None), house.door)
    assert [await take(), await order(house, file_id="more")] == ["export_not_there", ""]
    await perform(file_dropped(MERCHANT, 1, "f1", None), house.door)
    states = {row.file_id: row.state for row in house.store.rows.values() if isinstance(row, ExportFile)}
    assert (states["more"], "f1" in states) == ("making", False)


async def test_places_are_few_and_the_longest_over_is_given_again(house: MemoryHost) -> None:
    folder = Folder(*(Written(0, 0, fault="sheet") for _ in range(2)))
    run = run_with(house, folder)
    assert [await order(house, file_id=f"f{number}") for number in NUMBERS] == [""] * len(NUMBERS)
    assert await order(house, file_id="too many") == full(NUMBERS)
    folder.words += [Fault("later")] * len(NUMBERS)
    await run.look_at(WRITER)
    house.clock.at_ms += 1
    assert await order(house, file_id="again") == ""
    (again,) = [row for row in house.store.rows.values() if isinstance(row, ExportFile) and row.file_id == "again"]
    assert (again.export_no, again.state, again.fault) == (1, "making", "")
    jobs = {row.subject: row for row in house.store.rows.values() if isinstance(row, Job)}
    old = jobs["here/1/f1"]
    house.clock.at_ms = old.due_ms
    folder.words += [Written(0, 0, fault="sheet")] * (2 * len(NUMBERS))
    await run.look_at(WRITER)
    assert "f1" in folder.dropped
    assert (MERCHANT, 1) in {
        (row.merchant_no, row.export_no) for row in house.store.rows.values() if isinstance(row, ExportFile)
    }
