"""Who keeps the chains: signs in time, after many links, at the end, and after a power cut only what holds together."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from structlog.testing import capture_logs
from tests.worlds.proof_shop import MORNING, SHOP, attempt

from zhanggui.acquirer.proof.audit import CHECKPOINT_EVERY_MS, CHECKPOINT_LINKS, Audit, Outcome
from zhanggui.acquirer.rows.records import Checkpoint
from zhanggui.acquirer.rows.state import Change, Insert, Needs
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Defect, Fault, Misuse
from zhanggui.basics.numbers import UnixMs
from zhanggui.host.commit import Door
from zhanggui.host.jobs import checkpoints
from zhanggui.host.jobs.checkpoint_file import CheckpointFile, read_checkpoint_file
from zhanggui.host.jobs.checkpoints import ChainKeeper, LongChains
from zhanggui.store.open import open_proof_rows, open_store
from zhanggui.store.port import ChainedStore
from zhanggui.vault.signature import signature_fits
from zhanggui.vault.software import SoftwareHsm


class HandClock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.ms = MORNING

    def now(self) -> UnixMs:
        return self.ms

    def elapsed_s(self) -> float:
        return self.ms / 1000


class Place:
    """A store, its file of checkpoints and a vault; keepers come and go as hosts do."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "host.db"
        self.file = CheckpointFile(folder / "checkpoints.jsonl")
        self.clock = HandClock()
        self.hsm = SoftwareHsm(bytes(range(32)), SeededChance(4))
        self.key = self.hsm.new_signing_key()
        self.store: ChainedStore = open_store(str(self.database))
        self.keeper = self.new_keeper()

    def new_keeper(self) -> ChainKeeper:
        self.long_chains = LongChains()
        self.door = Door(self.store, self.clock, SeededChance(5), self.long_chains.committed)
        return ChainKeeper(
            self.store, self.door, lambda data: self.hsm.sign(self.key, data), self.clock, self.long_chains, self.file
        )

    async def sign_in(self, *numbers: int) -> None:
        """Sign-ins in one transaction, as the engine writes them."""
        changes: list[Change] = [Insert(attempt(number)) for number in numbers]
        await self.door.commit(Needs(), lambda sheet: sheet.take(changes))

    def signed(self) -> list[int]:
        """Links with a checkpoint in the database."""
        with open_proof_rows(str(self.database)) as rows:
            return [checkpoint.link_no for checkpoint in rows.checkpoints()]

    def in_file(self) -> list[int]:
        return [one.link_no for one in read_checkpoint_file(self.file.path)]

    def audit(self) -> Outcome:
        audit = Audit(partial(signature_fits, self.hsm.public_key(self.key)))
        for anchor in read_checkpoint_file(self.file.path) if self.file.path.exists() else []:
            audit.checkpoint(anchor, is_anchor=True)
        with open_proof_rows(str(self.database)) as rows:
            for checkpoint in rows.checkpoints():
                audit.checkpoint(checkpoint)
            for link in rows.links():
                audit.link(link)
            for record in rows.records():
                audit.record(record)
        return audit.finish()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(tmp_path)
    yield place
    await place.keeper.stop()
    await place.store.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job looks every millisecond; the clock of the test says what is due."""
    monkeypatch.setattr(checkpoints, "LOOK_EVERY_S", 0.001)


async def until_signed(place: Place, links: list[int]) -> None:
    async with asyncio.timeout(10):
        while place.signed() != links:  # noqa: ASYNC110  # a database tells nobody of a commit
            await asyncio.sleep(0.001)


async def test_the_end_signs_what_is_unsigned_in_table_and_file(place: Place) -> None:
    await place.keeper.start()
    await place.sign_in(1, 2)
    assert place.signed() == []
    await place.keeper.stop()
    assert place.signed() == place.in_file() == [2]
    assert place.audit().ok


async def test_a_chain_that_grew_is_signed_when_the_time_has_come_and_then_not_again(place: Place, hasty: None) -> None:
    await place.keeper.start()
    await place.sign_in(1)
    await asyncio.sleep(0.01)
    assert place.signed() == []
    place.clock.ms = UnixMs(MORNING + CHECKPOINT_EVERY_MS)
    await until_signed(place, [1])
    place.clock.ms = UnixMs(MORNING + 5 * CHECKPOINT_EVERY_MS)
    await asyncio.sleep(0.01)
    assert place.signed() == place.in_file() == [1]


async def test_many_links_are_signed_at_once(place: Place) -> None:
    await place.keeper.start()
    await place.sign_in(*range(1, CHECKPOINT_LINKS))
    await asyncio.sleep(0.01)
    assert place.signed() == []
    await place.sign_in(CHECKPOINT_LINKS)
    await until_signed(place, [CHECKPOINT_LINKS])


async def test_after_a_power_cut_the_tail_is_signed_at_the_next_start(place: Place) -> None:
    await place.keeper.start()
    await place.sign_in(1)
    await place.keeper.stop()
    await place.sign_in(2, 3)
    place.keeper = place.new_keeper()
    await place.keeper.start()
    assert place.signed() == place.in_file() == [1, 3]
    assert place.audit().ok


async def test_a_tail_that_does_not_hold_together_is_never_signed(place: Place) -> None:
    await place.keeper.start()
    await place.sign_in(1)
    await place.keeper.stop()
    await place.sign_in(2, 3)
    with dbapi2.connect(str(place.database)) as thief:
        thief.execute("UPDATE links SET record_no = 9 WHERE link_no = 2")
    place.keeper = place.new_keeper()
    with capture_logs() as logs:
        await place.keeper.start()
    assert [entry["event"] for entry in logs] == ["chain_broken"]
    await place.keeper.stop()
    assert place.signed() == [1]
    assert "link_altered" in {problem.what for problem in place.audit().problems}


async def test_a_checkpoint_stands_in_the_file_before_it_stands_in_the_table(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a power cut between the two leaves a file that knows more, never less."""
    seen: list[list[int]] = []
    append = place.file.append

    def append_and_look(made: list[Checkpoint]) -> None:
        append(made)
        seen.append(place.signed())

    monkeypatch.setattr(place.file, "append", append_and_look)
    await place.sign_in(1)
    await place.keeper.sign_all()
    assert seen == [[]]
    assert place.signed() == place.in_file() == [1]


async def test_a_disk_that_refuses_costs_no_sign_in_and_is_tried_again(place: Place, hasty: None) -> None:
    place.file.path.mkdir()
    await place.keeper.start()
    await place.sign_in(1)
    place.clock.ms = UnixMs(MORNING + CHECKPOINT_EVERY_MS)
    with capture_logs() as logs:
        async with asyncio.timeout(10):
            while not logs:  # noqa: ASYNC110  # nor does a log
                await asyncio.sleep(0.001)
    assert logs[0]["event"] == "checkpoint_failed"
    assert place.signed() == []
    await place.sign_in(2)
    place.file.path.rmdir()
    await until_signed(place, [2])


async def test_chains_are_signed_on_when_the_clock_went_back(place: Place, hasty: None) -> None:
    """Once, and then again after half an hour by the clock as it is now."""
    await place.keeper.start()
    await place.sign_in(1)
    place.clock.ms = UnixMs(MORNING + CHECKPOINT_EVERY_MS)
    await until_signed(place, [1])
    day_before = MORNING - 2 * 24 * 3_600_000
    place.clock.ms = UnixMs(day_before)
    await place.sign_in(2)
    await until_signed(place, [1, 2])
    for half_hour in range(1, 7):
        await place.sign_in(2 + half_hour)
        place.clock.ms = UnixMs(day_before + half_hour * CHECKPOINT_EVERY_MS)
        await until_signed(place, list(range(1, 3 + half_hour)))
    await place.sign_in(9)
    assert place.audit().ok
    await place.keeper.stop()
    assert place.signed() == place.in_file() == list(range(1, 10))
    assert place.audit().ok


async def test_a_start_signs_what_an_earlier_host_left_whose_clock_was_ahead(place: Place) -> None:
    await place.sign_in(1)
    await place.keeper.sign_all()
    place.clock.ms = UnixMs(MORNING - 24 * 3_600_000)
    await place.sign_in(2)
    place.keeper = place.new_keeper()
    await place.keeper.start()
    assert place.signed() == place.in_file() == [1, 2]


async def test_an_unsigned_tail_from_a_time_that_is_not_yet_is_looked_at_too(place: Place) -> None:
    await place.sign_in(1)
    await place.keeper.sign_all()
    place.clock.ms = UnixMs(MORNING - 24 * 3_600_000)
    await place.sign_in(2, 3)
    with dbapi2.connect(str(place.database)) as thief:
        thief.execute("UPDATE links SET record_no = 9 WHERE link_no = 2")
    place.keeper = place.new_keeper()
    with capture_logs() as logs:
        await place.keeper.start()
    assert [entry["event"] for entry in logs] == ["chain_broken"]
    assert place.signed() == [1]


@pytest.mark.parametrize("error", [Fault("the disk failed"), Defect("a rule broke"), RuntimeError("a bug")])
async def test_whatever_fails_is_logged_and_a_long_chain_is_signed_at_the_next_look(
    place: Place, hasty: None, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    append, failures = place.file.append, [error]

    def fail_once(made: list[Checkpoint]) -> None:
        if failures:
            raise failures.pop()
        append(made)

    monkeypatch.setattr(place.file, "append", fail_once)
    await place.keeper.start()
    with capture_logs() as logs:
        await place.sign_in(*range(1, CHECKPOINT_LINKS + 1))
        await until_signed(place, [CHECKPOINT_LINKS])
    assert [(entry["event"], entry["error"]) for entry in logs] == [("checkpoint_failed", type(error).__name__)]
    assert "bug" not in str(logs), "only our own errors are sure to carry no secret"


def test_half_a_line_at_the_end_of_the_file_is_passed_over_and_closed(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path / "checkpoints.jsonl")
    checkpoint = Checkpoint(merchant_no=SHOP, link_no=1, head_hash=bytes(32), made_ms=MORNING, signature=bytes(64))
    file.append([checkpoint])
    whole = file.path.read_bytes()
    file.path.write_bytes(whole + whole[:40])
    file.append([checkpoint])
    assert read_checkpoint_file(file.path) == [checkpoint, checkpoint]


@pytest.mark.processes
def test_a_disk_that_is_full_in_the_middle_of_a_line_is_a_fault_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """In a process of its own, whose files may not grow beyond half of the second line."""
    file = CheckpointFile(tmp_path / "checkpoints.jsonl")
    checkpoint = Checkpoint(merchant_no=SHOP, link_no=1, head_hash=bytes(32), made_ms=MORNING, signature=bytes(64))
    file.append([checkpoint])
    before = file.path.read_bytes()
    program = """
import resource, sys
from pathlib import Path
from zhanggui.basics.errors import Fault
from zhanggui.host.jobs.checkpoint_file import CheckpointFile, read_checkpoint_file
path = Path(sys.argv[1])
kept = read_checkpoint_file(path)
size = path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + size // 2, resource.RLIM_INFINITY))
try:
    CheckpointFile(path).append(kept)
except Fault as fault:
    print("fault:", fault)
"""
    source = str(Path(__file__).parents[3] / "src")
    ran = subprocess.run(
        [sys.executable, "-c", program, str(file.path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": source},
    )
    assert ran.stdout.startswith(f"fault: can't append to {file.path}"), ran.stderr
    assert file.path.read_bytes() == before
    file.append([checkpoint])
    assert file.path.read_bytes() == before + before


@pytest.mark.parametrize("text", ["no checkpoint", '{"type":"head"}', '{"type":"checkpoint","link_no":"1"}'])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(Misuse, match="line 1"):
        read_checkpoint_file(path)
